"""`stackspot config path`: where the config file is, or would be."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.lean_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing may be said."""


def run(_options: Options, app: App) -> None:
    app.terminal.write(f"{app.places.config_path.value}\n")
