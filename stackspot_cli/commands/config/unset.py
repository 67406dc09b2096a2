"""`stackspot config unset`: one value goes from the config file. Twice is no error."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.commands.config import file
from stackspot_cli.commands.config.keys import Key, known_kind
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    key: Key


def run(options: Options, app: App) -> None:
    """Raises UsageError for a key that nobody knows and that is not there."""
    from stackspot_cli.settings import config_edit, config_file, config_keys

    keys = config_keys.split(options.key)
    config_file.refuse_doubtful(app.places.config_path.value)
    config = file.read(app)
    if config.root.at(*keys) is None:
        if not config_keys.is_group(keys):
            known_kind(keys, app.options.profile)
        app.terminal.note(_("{key} was not set in {path}").format(key=options.key, path=config.path))
        return
    config_edit.apply(config.path, [config_edit.Change(keys, None)])
    app.listener.step(_("{key} is gone from {path}").format(key=options.key, path=config.path))
    file.note_what_passes(app)
