"""`stackspot history export`: conversations as Markdown, JSON or JSON Lines, on stdout or in a file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options, shell_values
from stackspot_cli.commands.history.choice import chosen, named_profile
from stackspot_cli.commands.history.looks import put
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


class ExportFormat(StrEnum):
    md = "md"
    json = "json"
    jsonl = "jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    ids: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="ID…",
            help=_("Beginnings of ids; the last conversation otherwise."),
            autocompletion=shell_values.conversations,
        ),
    ] = ()
    all: Annotated[bool, typer.Option("--all", help=_("Every conversation, oldest first."))] = False
    format: Annotated[
        ExportFormat, typer.Option("--format", help=_("Markdown, one JSON array, or JSON Lines."))
    ] = ExportFormat.md
    output: shared_options.Output = None


def run(options: Options, app: App) -> None:
    """Raises UsageError for an id that is none, LocalError."""
    from pathlib import Path

    from stackspot_cli.history.export import export
    from stackspot_cli.output.file import WholeFile

    if options.ids and options.all:
        raise UsageError(_("--all exports everything, and an id was given too"), _("choose one"))
    if options.all:
        conversations = app.history.conversations(app.history.ids(named_profile(app)))
    else:  # all are found before anything is written
        conversations = iter([chosen(app, id_) for id_ in options.ids] or [chosen(app, None)])
    if options.output is None or options.output == "-":
        for text in export(conversations, options.format.value, ascii_only=not app.terminal.is_unicode):
            put(app, text) if options.format is ExportFormat.md else app.terminal.write(text)
        return
    with WholeFile(Path(options.output), app.terminal.note) as file:
        for text in export(conversations, options.format.value):
            file.write(text)
