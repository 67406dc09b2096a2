"""`stackspot status`: the doctor. What every value is and where it came from, and how far the network reaches.

Knows the order of looking (`examination` looks, `report` shows). Nothing here is a secret: the whole may go into
a ticket. Ends with 0 when a token can be had, else with 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import ExitCode, UsageError
from stackspot_cli.translation import _, untranslated

HELP = _(
    "Find out what is wrong: where every value came from, and which service is reached.\n\n"
    "Ends with 0 when a token can be had, else with 4. Holds no secret: it can be pasted into a "
    "ticket."
)


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `status`, as it was typed."""

    offline: Annotated[bool, typer.Option("--offline", help=_("Ask nothing of the network."))] = False
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> int:
    """The exit code. Raises UsageError where the settings themselves cannot be read; a script is told on stdout
    as well."""
    from stackspot_cli.commands.status.examination import examine
    from stackspot_cli.commands.status.report import as_object, as_text

    terminal, as_json = app.terminal, options.format is ListingFormat.json
    try:
        report, failure = examine(app, offline=options.offline)
    except UsageError as problem:
        if as_json:
            shown = {
                "ok": False,
                "problem": problem.message,
                "hint": problem.hint,
                "offline": options.offline,
            }
            terminal.write_json(untranslated(shown))
        raise
    if as_json:
        terminal.write_json(untranslated(as_object(report)))
    else:
        terminal.write(as_text(report))
    terminal.flush()
    if failure is not None:
        terminal.error(failure)
    return ExitCode.OK if report.token_can_be_had else ExitCode.AUTH
