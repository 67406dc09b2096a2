"""`stackspot agents`: the agents of the account, and how each is asked."""

from __future__ import annotations

from dataclasses import asdict

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_checks import check_text
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

HELP = _("List the agents of the account; -m agent:ID asks one.")


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `agents`, as it was typed."""

    visibilities: shared_options.Visibilities = ()
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises StackSpotError; where the list is refused, its hint says how to find an agent's id."""
    from stackspot_cli.client import account
    from stackspot_cli.terminal.listing import listing
    from stackspot_cli.terminal.progress import progress_line
    from stackspot_cli.terminal.table import Column

    for visibility in options.visibilities:
        check_text(visibility, "--visibility")
    with progress_line(app.terminal, app.now) as line:
        line.wait(_("asking for the agents"))
        agents = account.agents(app.client, options.visibilities or account.VISIBILITIES)
    if options.format is ListingFormat.json:
        app.terminal.write_json(
            [{**asdict(agent), "model": f"agent:{agent.id}"} for agent in agents], indent=None
        )
    elif not agents:
        app.terminal.note(_("the account has no agents that this credential may see"))
    else:
        heads = (_("ID"), _("NAME"), _("VISIBILITY"), _("DESCRIPTION"))
        rows = [
            (agent.id, agent.name or agent.slug or "", agent.visibility or "", agent.description or "")
            for agent in agents
        ]
        app.terminal.write(listing(app.terminal, rows, [Column(head) for head in heads]))
