"""`stackspot config path`: where the config file is, or would be."""

from __future__ import annotations

from dataclasses import dataclass

from stackspot_cli.app import App


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing may be said."""


def run(_options: Options, app: App) -> None:
    app.terminal.write(f"{app.places.config_path.value}\n")
