"""`stackspot knowledge show`: one knowledge source, and what is in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.knowledge.slug import Slug, checked
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.knowledge import Knowledge, KnowledgeObject


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    slug: Slug
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.output.present import put_object
    from stackspot_cli.terminal.progress import progress_line

    slug = checked(options.slug)
    with progress_line(app.terminal, app.now) as line:
        line.show(_("asking for the knowledge source"))
        source, objects = knowledge.show(app.client, slug)
    if options.format is ListingFormat.json:
        put_object(app.terminal, {**asdict(source), "objects": [asdict(one) for one in objects]})
    else:
        app.terminal.write(details(source, objects))


def details(source: Knowledge, objects: list[KnowledgeObject]) -> str:
    """One knowledge source, a line a fact, then a line an object."""
    from stackspot_cli.safe_text import safe_line

    facts = [
        (_("slug"), source.slug),
        (_("name"), source.name),
        (_("description"), source.description),
        (_("type"), source.type),
        (_("visibility"), source.visibility),
        (_("objects"), str(len(objects))),
    ]
    width = max(len(name) for name, _value in facts)
    lines = [f"{name.ljust(width)}  {safe_line(value) if value else '-'}\n" for name, value in facts]
    for one in objects:
        start = safe_line(one.content or "", 60)
        lines.append(f"- {safe_line(one.name or one.id or '', 100)}{': ' if start else ''}{start}\n")
    return "".join(lines)
