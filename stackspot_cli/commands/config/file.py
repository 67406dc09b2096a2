"""The config file that the call is about: read, and said to pass where it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks

if TYPE_CHECKING:
    from stackspot_cli.settings.config_file import ConfigFile


def read(app: App) -> ConfigFile:
    """Raises ConfigError."""
    from stackspot_cli.settings import config_file

    return config_file.read(
        app.places.config_path.value, required=app.places.config_required, note=app.terminal.note
    )


def note_what_passes(app: App) -> None:
    """Said of the sandbox's own config file; one that was named is the person's and stays."""
    if app.places.config_path.source == "default":
        shared_checks.note_what_passes(app)
