"""`stackspot config edit`: the file in the person's own editor; only a text that can be read is kept.

The editor works on a private copy: whatever happens in it, the file itself is whole at every moment.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stackspot_cli.app import App
from stackspot_cli.errors import ConfigError, LocalError, UsageError
from stackspot_cli.settings import config_edit, config_file, config_keys
from stackspot_cli.translation import _

TEMPLATE = f"""\
# {_("Settings of stackspot. `stackspot config show` prints what applies, and where it came from.")}
#
# default_profile: stackspot
# default_model: stackspot-ai-code
# providers:
#   stackspot:
#     client_realm: your-account
#     models:
#       reviewer: {{agent: 01K45T82PF8QC64C9DNHGQWHY2, description: "Our reviewer"}}
"""


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing may be said."""


def run(_options: Options, app: App) -> None:
    """Raises ConfigError with the place of what is broken, LocalError, UsageError without an editor."""
    path = app.places.config_path.value
    _refuse_without_terminal(app)
    command = _editor(app.environ)
    before = config_file.read_text(path, required=False)
    draft = _draft(before if before is not None else TEMPLATE)
    keep_draft = False
    try:
        while True:
            _open(command, draft)
            text = config_file.read_text(draft, required=True) or ""
            if text == (before if before is not None else TEMPLATE):
                app.terminal.say(_("nothing was changed"))
                return
            try:
                _check(text, path, app)
            except ConfigError as problem:
                if _wants_to_mend(app, problem):
                    continue
                keep_draft = True
                raise ConfigError(
                    _("{problem}; {path} is as it was").format(problem=problem.message, path=path),
                    _("your text is kept in {draft}").format(draft=draft),
                ) from problem
            config_edit.save(path, text)
            app.terminal.say(_("saved {path}").format(path=path))
            return
    finally:
        if not keep_draft:
            draft.unlink(missing_ok=True)


def _refuse_without_terminal(app: App) -> None:
    """The usual editor would wait for keys that nobody can type. One that a script names may need none."""
    if app.environ.get("VISUAL") or app.environ.get("EDITOR"):
        return
    if app.terminal.stdin_kind != "terminal" or not app.terminal.stdout_is_terminal:
        raise UsageError(
            _("there is no terminal for an editor"),
            _(
                "`stackspot config set KEY VALUE` changes one value; or set EDITOR to a command that needs none"
            ),
        )


def _editor(environ: Mapping[str, str]) -> list[str]:
    named = environ.get("VISUAL") or environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    try:
        command = shlex.split(named, posix=os.name != "nt")
    except ValueError:
        command = []
    if not command or shutil.which(command[0], path=environ.get("PATH")) is None:
        raise UsageError(
            _("there is no editor {name}").format(name=named),
            _("set EDITOR, for example: EDITOR=nano stackspot config edit"),
        )
    return command


def _draft(text: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="stackspot-config-", suffix=".yaml")  # 0600 from the start
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
    return Path(name)


def _open(command: list[str], draft: Path) -> None:
    try:
        done = subprocess.run([*command, str(draft)], check=False)  # noqa: S603  # the person's own editor
    except OSError as problem:
        raise LocalError(
            _("cannot start the editor {name}: {why}").format(name=command[0], why=problem.strerror),
            _("set EDITOR, for example: EDITOR=nano stackspot config edit"),
        ) from problem
    if done.returncode:
        raise LocalError(
            _("the editor {name} ended with {status}, so nothing was changed").format(
                name=command[0], status=done.returncode
            )
        )


def _check(text: str, path: Path, app: App) -> None:
    config = config_file.parse(text, path)
    config_keys.check(config, app.environ)
    unknown = [config_keys.join(keys) for keys, _node in config_keys.unknown_keys(config.root)]
    if unknown:
        app.terminal.note(_("keys that mean nothing here: {keys}").format(keys=", ".join(unknown)))


def _wants_to_mend(app: App, problem: ConfigError) -> bool:
    """A person is asked; a script is not."""
    terminal = app.terminal
    if terminal.stdin_kind != "terminal" or terminal.stdin is None:
        return False
    terminal.say(f"error: {problem.message}")
    terminal.write_stderr(_("edit again? [Y/n]") + " ")
    answer = terminal.stdin.readline()
    return bool(answer) and not answer.strip().lower().startswith(b"n")
