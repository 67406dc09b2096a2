"""`stackspot prompts path`: where a prompt is, or where prompts are looked for, in that order."""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_templates, shell_values
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help=_("A prompt; without one, the folders in which prompts are looked for."),
            autocompletion=shell_values.prompts,
        ),
    ] = None


def run(options: Options, app: App) -> None:
    """Raises UsageError for a prompt that is not there."""
    library = shared_templates.library(app)
    if options.name is not None:
        app.terminal.write(f"{library.find(options.name).path}\n")
        return
    for place in library.places:
        app.terminal.write(f"{place.folder}\n")
