"""`stackspot agents`: the agents of the account, and how each is asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands.shared_options import ListingFormat as Format
from stackspot_cli.translation import _

HELP = _("List the agents of the account; -m agent:ID asks one.")


def command(
    ctx: typer.Context,
    visibility: Annotated[
        list[str] | None,
        typer.Option(
            "--visibility", metavar="NAME", help=_("personal, account or another; repeatable. Default: both.")
        ),
    ] = None,
    format_: Annotated[Format | None, typer.Option("--format", help=_("text, or json for scripts."))] = None,
) -> None:
    run(ctx.obj, tuple(visibility or ()), format_ or Format.text)


def run(app: App, visibilities: tuple[str, ...], format_: Format) -> None:
    """Raises StackSpotError; where the list is refused, its hint says how to find an agent's id."""
    from stackspot_cli.client import account
    from stackspot_cli.output.present import put_object
    from stackspot_cli.terminal.progress import progress_line
    from stackspot_cli.terminal.table import aligned

    with progress_line(app.terminal, app.now) as line:
        line.show(_("asking for the agents"))
        agents = account.agents(app.client, visibilities or account.VISIBILITIES)
    if format_ is Format.json:
        put_object(app.terminal, [{**asdict(agent), "model": f"agent:{agent.id}"} for agent in agents])
    elif not agents:
        app.terminal.note(_("the account has no agents that this credential may see"))
    else:
        rows = [(_("ID"), _("NAME"), _("VISIBILITY"), _("DESCRIPTION"))]
        rows += [
            (agent.id, agent.name or agent.slug or "", agent.visibility or "", agent.description or "")
            for agent in agents
        ]
        app.terminal.write(aligned(rows))
