"""`stackspot knowledge create`: a new knowledge source, still empty."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.knowledge.slug import Slug, checked
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


class Holds(StrEnum):
    """What a knowledge source holds: the service's own names."""

    api = "api"
    snippet = "snippet"
    custom = "custom"


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    slug: Slug
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help=_("Its name; else the slug."))
    ] = None
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help=_("What is in it; else its name."))
    ] = None
    holds: Annotated[Holds, typer.Option("--type", help=_("What it holds."))] = Holds.custom
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises StackSpotError; BadRequest where the slug exists."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.terminal.progress import progress_line

    slug = checked(options.slug)
    shown = options.name or slug
    description = options.description or shown
    with progress_line(app.terminal, app.now):
        made = knowledge.create(app.client, slug, shown, description, options.holds.value)
    if options.format is ListingFormat.json:
        app.terminal.write_json(asdict(made), indent=None)
    else:
        app.terminal.write(f"{slug}\n")
