"""`stackspot knowledge add`: files into a knowledge source, until they can be found in it.

Knows options and how the answers look; refuses to know how files travel and are indexed (`client`).
"""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_options
from stackspot_cli.commands.knowledge.slug import Slug, checked
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import CommandFailed, Refused, StillRunning
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.knowledge import Added
    from stackspot_cli.client.uploads import LocalFile, Show
    from stackspot_cli.terminal.progress import ProgressLine

SENT = 0.5  # of a file's way into a knowledge source


class Strategy(StrEnum):
    """How StackSpot cuts a file into pieces: the service's own names."""

    none = "none"
    lines = "lines"
    tokens = "tokens"
    characters = "characters"
    syntactic = "syntactic"
    endpoint = "endpoint"


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed. wait, poll: seconds; None for what is usual."""

    slug: Slug
    files: Annotated[tuple[str, ...], typer.Argument(metavar="FILE...", help=_("Files of up to 10 MB each."))]
    split: Annotated[
        Strategy, typer.Option("--split", help=_("How StackSpot cuts each file into pieces."))
    ] = Strategy.none
    split_quantity: Annotated[
        int,
        typer.Option("--split-quantity", metavar="N", min=1, help=_("Lines, tokens or characters a piece.")),
    ] = 500
    split_overlap: Annotated[
        int,
        typer.Option("--split-overlap", metavar="N", min=0, help=_("How many of them two pieces share.")),
    ] = 50
    wait: Annotated[
        float | None, shared_options.wait_option(_("Longest time to wait for each file; default 600."))
    ] = None
    poll: shared_options.Poll = None
    send_secrets: shared_options.SendSecrets = False
    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Reports each file as it ends. Raises CommandFailed where one could not be added, after trying all."""
    from stackspot_cli.client.uploads import look_at_all
    from stackspot_cli.settings.settings import Overrides
    from stackspot_cli.terminal.progress import progress_line

    shared_checks.check_waiting(options.wait, options.poll)
    app.override(Overrides(send_secrets=options.send_secrets or None))
    slug = checked(options.slug)
    files = look_at_all(options.files)
    added: list[Added] = []
    late: list[StillRunning] = []
    try:
        with progress_line(app.terminal, app.now) as line:
            for number, file in enumerate(files):
                added.append(_added(options, app, slug, file, late, part_of(line, number, len(files))))
                if options.format is ListingFormat.text:
                    line.clear()
                    app.terminal.write(report(added[-1]))
                    app.terminal.flush()
    finally:
        if options.format is ListingFormat.json:
            app.terminal.write_json([asdict(one) for one in added], indent=None)
    failed = [one for one in added if not one.indexed]
    if late and len(failed) == sum(one.status == "RUNNING" for one in failed):
        raise late[-1]
    if failed:
        raise CommandFailed(
            _("not added to {slug}: {files}").format(
                slug=slug, files=", ".join(f"{one.file} ({one.status})" for one in failed)
            ),
            _("try those again, perhaps with another --split; an empty file cannot be indexed"),
        )


def _added(
    options: Options, app: App, slug: str, file: LocalFile, late: list[StillRunning], show: Show
) -> Added:
    """One file: what became of it. late: hears of one that takes longer than was to be waited."""
    from stackspot_cli.client import knowledge

    split = knowledge.Split(options.split.value, options.split_quantity, options.split_overlap)
    plan = shared_checks.poll_plan(app, options.wait, options.poll)
    try:
        return knowledge.add(app.client, app.new_uploads(), file, slug, split, plan, show)
    except StillRunning as error:
        late.append(error)
        return knowledge.Added(file.name, "", "RUNNING", False)
    except Refused as refusal:
        app.terminal.note(f"{file.name}: {refusal.message}")
        return knowledge.Added(file.name, "", "REFUSED", False)


def part_of(line: ProgressLine, number: int, count: int) -> Show:
    """What shows one file's way on the bar of all of them. Nobody tells how far its indexing is: it is the half."""
    if count == 1:
        return line.show

    def show(words: str, sent: float | None) -> None:
        part = SENT if sent is None else SENT * sent
        line.show(
            _("{words} ({number} of {count})").format(words=words, number=number + 1, count=count),
            (number + part) / count,
        )

    return show


def report(one: Added) -> str:
    """One file's line: its status, then its name."""
    from stackspot_cli.safe_text import safe_line

    return f"{safe_line(one.status, 40)}  {safe_line(one.file)}\n"
