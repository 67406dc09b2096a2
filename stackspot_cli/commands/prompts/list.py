"""`stackspot prompts list`: the prompts there are, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options, shared_templates
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import StackSpotError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.prompts.library import Entry


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """A prompt that cannot be read is listed with what is wrong with it."""
    from stackspot_cli.terminal.listing import listing
    from stackspot_cli.terminal.table import Column

    found = [described(entry) for entry in shared_templates.library(app).entries()]
    if options.format is ListingFormat.json:
        app.terminal.write_json(found, indent=None)
        return
    heads = (_("NAME"), _("FROM"), _("PARAMETERS"), _("DESCRIPTION"))
    rows = [
        (one["name"], one["origin"], ",".join(one["parameters"]), one["description"] or one["error"] or "")
        for one in found
    ]
    app.terminal.write(listing(app.terminal, rows, [Column(head) for head in heads]))


def described(entry: Entry) -> dict[str, Any]:
    """One prompt for scripts. parameters: name to default, null for one that has to be given."""
    from stackspot_cli.prompts import library

    described: dict[str, Any] = {
        "name": entry.name,
        "origin": entry.place.origin,
        "path": str(entry.path),
        "description": "",
        "model": None,
        "parameters": {},
        "error": None,
    }
    try:
        template = library.load(entry)
    except StackSpotError as error:
        return {**described, "error": error.message}
    return {
        **described,
        "description": template.description,
        "model": template.model,
        "parameters": template.parameters,
    }
