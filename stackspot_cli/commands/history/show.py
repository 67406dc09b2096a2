"""`stackspot history show`: one conversation, every word of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shell_values
from stackspot_cli.commands.history.choice import chosen
from stackspot_cli.commands.history.looks import safe, shown, typeset
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.terminal import pager
from stackspot_cli.translation import _


class ShowFormat(StrEnum):
    """What a conversation can be read as."""

    text = "text"
    markdown = "markdown"
    json = "json"


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help=_("The beginning of an id; the last conversation otherwise."),
            autocompletion=shell_values.conversations,
        ),
    ] = None
    format: Annotated[
        ShowFormat | None,
        typer.Option(
            "--format", help=_("Default: markdown on a terminal, text elsewhere; json for scripts.")
        ),
    ] = None


def run(options: Options, app: App) -> None:
    """Raises UsageError for an id that is none, LocalError."""
    conversation = chosen(app, options.id)
    terminal = app.terminal
    match options.format or ("markdown" if terminal.stdout_is_terminal else "text"):
        case "json":
            from stackspot_cli.history.export import as_object

            terminal.write_json(as_object(conversation))
        case "markdown":
            pager.put(terminal, typeset(terminal, conversation))
        case _:
            pager.put(terminal, safe(terminal, shown(conversation)))
