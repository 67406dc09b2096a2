"""`stackspot status`: the doctor. What every value is and where it came from, and how far the network reaches.

Knows that what is learned is told at once (`examination` looks, `page` shows). Nothing here is a secret: the whole may
go into a ticket. Ends with 0 when a token can be had, else as every command would that needs one.
"""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import ExitCode, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _, untranslated

HELP = _(
    "Find out what is wrong: where every value came from, and which service is reached.\n\n"
    "Ends with 0 when a token can be had, with 4 where it is the credentials' fault, with 6 where it is the "
    "network's. Holds no secret: it can be pasted into a ticket."
)


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `status`, as it was typed."""

    offline: Annotated[bool, typer.Option("--offline", help=_("Ask nothing of the network."))] = False
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> int:
    """The exit code. Raises UsageError where the settings themselves cannot be read."""
    from stackspot_cli.commands.status.examination import examine
    from stackspot_cli.commands.status.page import Page
    from stackspot_cli.commands.status.report import Report
    from stackspot_cli.terminal.progress import progress_line

    as_json = options.format is ListingFormat.json
    page, part = Page(app.terminal), None
    try:
        with progress_line(app.terminal, app.now) as line:
            for part in examine(app, offline=options.offline):
                if not as_json:
                    line.clear()
                    page.tell(part)
                if not isinstance(part, Report):
                    line.show(_("looking"))
    except UsageError as problem:
        if as_json:
            app.terminal.write_json(_settings_unreadable(problem, options))
        raise
    assert isinstance(part, Report), "an examination ends with the whole"
    if as_json:
        from stackspot_cli.commands.status.report import as_object

        app.terminal.write_json(untranslated(as_object(part)))
    if part.failure is None:
        return ExitCode.OK
    app.terminal.error(part.failure)
    return ExitCode.of(part.failure)


def _settings_unreadable(problem: UsageError, options: Options) -> object:
    """What a script reads where there is nothing else to tell."""
    shown = {"ok": False, "problem": problem.message, "hint": problem.hint, "offline": options.offline}
    return untranslated(shown)
