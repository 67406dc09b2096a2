"""`stackspot history path`: where the history is kept."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.commands.history.looks import put
from stackspot_cli.lean_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing may be said."""


def run(_options: Options, app: App) -> None:
    put(app, f"{app.settings.places.history_path}\n")
