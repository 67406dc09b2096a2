"""`stackspot history show`: one conversation, every word of it."""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options, shell_values
from stackspot_cli.commands.history.choice import chosen
from stackspot_cli.commands.history.looks import put, shown
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help=_("The beginning of an id; the last conversation otherwise."),
            autocompletion=shell_values.conversations,
        ),
    ] = None
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises UsageError for an id that is none, LocalError."""
    conversation = chosen(app, options.id)
    if options.format is ListingFormat.json:
        from stackspot_cli.history.export import as_object

        app.terminal.write_json(as_object(conversation))
    else:
        put(app, shown(conversation))
