"""`stackspot history list`: the newest conversations, a line each."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.history.choice import named_profile, none_yet, several_profiles
from stackspot_cli.commands.history.looks import (
    USUAL_LIMIT,
    Limit,
    shown_ids,
    summary_object,
    table,
)
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.terminal import pager


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    limit: Limit = USUAL_LIMIT
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises LocalError."""
    summaries = app.history.summaries(options.limit, named_profile(app))
    if options.format is ListingFormat.json:
        app.terminal.write_json([summary_object(summary) for summary in summaries])
    elif summaries:
        ids = shown_ids(app, [one.id for one in summaries])
        pager.put(app.terminal, table(app.terminal, summaries, ids, several=several_profiles(app)))
    else:
        app.terminal.note(none_yet(app))
