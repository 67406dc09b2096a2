"""`stackspot history search`: the conversations in which all the words were said."""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.history.choice import named_profile, several_profiles
from stackspot_cli.commands.history.looks import (
    USUAL_LIMIT,
    Limit,
    hit_lines,
    shown_ids,
    summary_object,
)
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.terminal import pager
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    words: Annotated[
        tuple[str, ...], typer.Argument(metavar="WORDS…", help=_("All of them, or how they begin."))
    ]
    limit: Limit = USUAL_LIMIT
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises UsageError without a word, LocalError."""
    words = [word for argument in options.words for word in argument.split()]
    if not words:
        raise UsageError(_("no word to search for"), _("stackspot history search factorial"))
    hits = app.history.search(words, options.limit, named_profile(app))
    if options.format is ListingFormat.json:
        app.terminal.write_json(
            [{**summary_object(hit.conversation), "excerpt": hit.excerpt} for hit in hits]
        )
    elif hits:
        ids = shown_ids(app, [hit.conversation.id for hit in hits])
        pager.put(app.terminal, hit_lines(app.terminal, hits, ids, several=several_profiles(app)))
    else:
        app.terminal.note(_("nothing found"))
