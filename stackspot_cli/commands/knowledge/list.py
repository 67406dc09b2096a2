"""`stackspot knowledge list`: the knowledge sources of the account."""

from __future__ import annotations

from dataclasses import asdict

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_checks import check_text
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    visibilities: shared_options.Visibilities = ()
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.client import account
    from stackspot_cli.terminal.listing import listing
    from stackspot_cli.terminal.progress import progress_line
    from stackspot_cli.terminal.table import Column

    for visibility in options.visibilities:
        check_text(visibility, "--visibility")
    with progress_line(app.terminal, app.now) as line:
        line.wait(_("asking for the knowledge sources"))
        found = account.knowledge_sources(app.client, options.visibilities or account.VISIBILITIES)
    if options.format is ListingFormat.json:
        app.terminal.write_json([asdict(source) for source in found], indent=None)
    elif not found:
        app.terminal.note(_("the account has no knowledge sources that this credential may see"))
    else:
        heads = (_("SLUG"), _("NAME"), _("TYPE"), _("VISIBILITY"), _("DESCRIPTION"))
        rows = [
            (one.slug, one.name or "", one.type or "", one.visibility or "", one.description or "")
            for one in found
        ]
        app.terminal.write(listing(app.terminal, rows, [Column(head) for head in heads]))
