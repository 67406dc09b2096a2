"""The options that several commands have, each said once: its letters, its value's name, its help."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.commands import shell_values
from stackspot_cli.settings import references
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.uploads import LocalFile


class AnswerFormat(StrEnum):
    """What an answer can be printed as."""

    text = "text"
    markdown = "markdown"
    json = "json"
    jsonl = "jsonl"


class ListingFormat(StrEnum):
    """What a listing or a report can be printed as."""

    text = "text"
    json = "json"


Model = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        metavar="REF",
        help=_("A model name, {references}.").format(references=references.forms()),
        autocompletion=shell_values.models,
    ),
]
Temperature = Annotated[
    float | None, typer.Option("-t", "--temperature", metavar="N", help=_("0.0 to 1.0, default 0.7."))
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", metavar="N", help=_("Longest answer, in tokens."))
]
Continue = Annotated[bool, typer.Option("-c", "--continue", help=_("Go on with the last conversation."))]
Conversation = Annotated[
    str | None,
    typer.Option(
        "--conversation",
        metavar="ID",
        help=_("Go on with the named conversation."),
        autocompletion=shell_values.conversations,
    ),
]
Upload = Annotated[
    list[str] | None,
    typer.Option("--upload", metavar="FILE", help=_("Attach a file by upload; repeatable.")),
]
Knowledge = Annotated[
    list[str] | None,
    typer.Option("--knowledge", metavar="ID", help=_("A knowledge source for an agent; repeatable.")),
]
StackSpotKnowledge = Annotated[
    bool, typer.Option("--stackspot-knowledge", help=_("Let an agent use StackSpot's own knowledge."))
]
DeepSearch = Annotated[
    bool, typer.Option("--deep-search", help=_("Let an agent search its knowledge deeply."))
]
AgentVersion = Annotated[
    int | None, typer.Option("--agent-version", metavar="N", help=_("A version of the agent."))
]
SelectModel = Annotated[
    str | None,
    typer.Option("--select-model", metavar="NAME", help=_("The LLM that an agent should use.")),
]
Extract = Annotated[bool, typer.Option("-x", "--extract", help=_("Print only the first fenced code block."))]
ExtractLast = Annotated[
    bool, typer.Option("--extract-last", help=_("Print only the last fenced code block."))
]
NoStream = Annotated[bool, typer.Option("--no-stream", help=_("Wait for the whole answer, then print it."))]
Raw = Annotated[bool, typer.Option("--raw", help=_("Text exactly as received, control characters included."))]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="S", help=_("Longest silence tolerated; default 180.")),
]
Deadline = Annotated[
    float | None, typer.Option("--deadline", metavar="S", help=_("Longest total time; default none."))
]
Retries = Annotated[
    int | None,
    typer.Option("--retries", metavar="N", help=_("Further attempts after the first; default 2.")),
]
NoStdin = Annotated[bool, typer.Option("--no-stdin", help=_("Leave stdin alone."))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Print the request as JSON and send nothing."))]


def looked_at(uploads: Sequence[str]) -> tuple[LocalFile, ...]:
    """The files of `--upload`, each looked at once, before anything is read or sent. Raises UsageError."""
    if not uploads:
        return ()
    from stackspot_cli.client.uploads import look_at_all  # deferred: most calls upload nothing

    return look_at_all(uploads)
