"""`stackspot knowledge show`: one knowledge source, and what is in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.knowledge.slug import Slug, checked
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.knowledge import Knowledge, KnowledgeObject
    from stackspot_cli.terminal.streams import Terminal


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    slug: Slug
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.terminal.progress import progress_line

    slug = checked(options.slug)
    with progress_line(app.terminal, app.now) as line:
        line.wait(_("asking for the knowledge source"))
        source, objects = knowledge.show(app.client, slug)
    if options.format is ListingFormat.json:
        app.terminal.write_json({**asdict(source), "objects": [asdict(one) for one in objects]}, indent=None)
    else:
        app.terminal.write(details(app.terminal, source, objects))


def details(terminal: Terminal, source: Knowledge, objects: list[KnowledgeObject]) -> str:
    """One knowledge source, a line a fact, then a line an object."""
    from stackspot_cli.safe_text import safe_line
    from stackspot_cli.terminal.listing import fitted, listing
    from stackspot_cli.terminal.table import FACTS

    facts = [
        (_("slug"), source.slug),
        (_("name"), source.name or ""),
        (_("description"), source.description or ""),
        (_("type"), source.type or ""),
        (_("visibility"), source.visibility or ""),
        (_("objects"), str(len(objects))),
    ]
    lines = [listing(terminal, facts, FACTS)]
    for one in objects:
        start = safe_line(one.content or "", 60)
        words = f"- {safe_line(one.name or one.id or '', 100)}{': ' if start else ''}{start}"
        lines.append(fitted(terminal, words, indent=2))
    return "".join(lines)
