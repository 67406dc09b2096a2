"""`stackspot config edit`: the file in the person's own editor; only a text that can be read is kept.

The editor works on a private copy: whatever happens in it, the file itself is whole at every moment.
"""

from __future__ import annotations

from pathlib import Path

from stackspot_cli.app import App
from stackspot_cli.lean_dataclasses import dataclass
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
    from stackspot_cli.settings import config_edit, config_file
    from stackspot_cli.terminal.editor import Draft, edited, refuse_without_terminal

    path = app.places.config_path.value
    refuse_without_terminal(
        app.terminal,
        _("`stackspot config set KEY VALUE` changes one value; or set EDITOR to a command that needs none"),
    )
    config_file.refuse_doubtful(path)
    before = config_file.read_text(path, required=False)
    with Draft(TEMPLATE if before is None else before, app.environ, suffix=".yaml") as draft:
        text = edited(draft, path, lambda text: _check(text, path, app), app.terminal)
        if text == draft.text:
            app.terminal.tell(_("nothing was changed"))
            return
        config_edit.save(path, text)
        app.terminal.tell(_("saved {path}").format(path=path))


def _check(text: str, path: Path, app: App) -> None:
    from stackspot_cli.settings import config_file, config_keys

    config = config_file.parse(text, path)
    config_keys.check(config, app.environ)
    unknown = [config_keys.join(keys) for keys, _node in config_keys.unknown_keys(config.root)]
    if unknown:
        app.terminal.note(_("keys that mean nothing here: {keys}").format(keys=", ".join(unknown)))
