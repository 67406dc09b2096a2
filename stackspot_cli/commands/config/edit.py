"""`stackspot config edit`: the file in the person's own editor; only a text that can be read is kept.

The editor works on a private copy: whatever happens in it, the file itself is whole at every moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.terminal.editor import Draft

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
    from stackspot_cli.settings import config_edit, config_file
    from stackspot_cli.terminal.editor import Draft

    path = app.places.config_path.value
    _refuse_without_terminal(app)
    before = config_file.read_text(path, required=False)
    with Draft(TEMPLATE if before is None else before, app.environ, suffix=".yaml") as draft:
        text = _edited(draft, path, app)
        if text == draft.text:
            app.terminal.say(_("nothing was changed"))
            return
        config_edit.save(path, text)
        app.terminal.say(_("saved {path}").format(path=path))


def _edited(draft: Draft, path: Path, app: App) -> str:
    """A text that can be read, or the one there was. What can be neither read nor mended is kept beside."""
    while True:
        text = draft.edit()
        if text == draft.text:
            return text
        try:
            _check(text, path, app)
        except ConfigError as problem:
            if _wants_to_mend(app, problem):
                continue
            raise ConfigError(
                _("{problem}; {path} is as it was").format(problem=problem.message, path=path),
                _("your text is kept in {draft}").format(draft=draft.keep()),
            ) from problem
        return text


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


def _check(text: str, path: Path, app: App) -> None:
    from stackspot_cli.settings import config_file, config_keys

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
