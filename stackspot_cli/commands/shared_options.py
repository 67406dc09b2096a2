"""The options that several commands have, each said once: its letters, its value's name, its help, its type."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from stackspot_cli.commands import shell_values
from stackspot_cli.commands.parameters import Spread
from stackspot_cli.domain import AgentOptions
from stackspot_cli.settings import references
from stackspot_cli.translation import _, number

# --- what is asked ---------------------------------------------------------------------------------

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
System = Annotated[
    str | None,
    typer.Option("-s", "--system", metavar="TEXT", help=_("Instructions placed before the prompt.")),
]
Temperature = Annotated[
    float | None,
    typer.Option("-t", "--temperature", metavar="N", parser=number, help=_("0.0 to 1.0, default 0.7.")),
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
Uploads = Annotated[
    tuple[str, ...],
    typer.Option("--upload", metavar="FILE", help=_("Attach a file by upload; repeatable.")),
]
Agent = Annotated[
    AgentOptions,
    Spread(
        knowledge_source_ids=typer.Option(
            "--knowledge", metavar="ID", help=_("A knowledge source for an agent; repeatable.")
        ),
        stackspot_knowledge=typer.Option(
            "--stackspot-knowledge", help=_("Let an agent use StackSpot's own knowledge.")
        ),
        deep_search=typer.Option("--deep-search", help=_("Let an agent search its knowledge deeply.")),
        agent_version=typer.Option("--agent-version", metavar="N", help=_("A version of the agent.")),
        selected_model=typer.Option(
            "--select-model", metavar="NAME", help=_("The LLM that an agent should use.")
        ),
    ),
]


def file_option(help_: str) -> Any:
    """`-f`: a chat's files go with its first message, all others' with the prompt."""
    return typer.Option("-f", "--file", metavar="PATH", help=help_)


Files = Annotated[
    tuple[str, ...], file_option(_("Add a text file; repeatable; globs in quotes: 'src/*.py'; - is stdin."))
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding", metavar="NAME", help=_("Of files and stdin; default: UTF-8, or what is found out.")
    ),
]
NoStdin = Annotated[bool, typer.Option("--no-stdin", help=_("Leave stdin alone."))]
SendSecrets = Annotated[
    bool,
    typer.Option("--send-secrets", help=_("Send it even where your own client key or token is in it.")),
]
NoHistory = Annotated[bool, typer.Option("--no-history", help=_("Keep nothing of this call on disk."))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Print the request as JSON and send nothing."))]

# --- what is asked of an answer besides ------------------------------------------------------------

Schema = Annotated[
    str | None,
    typer.Option(
        "--schema",
        metavar="SCHEMA",
        help=_("One JSON value of this schema: a file, JSON, or 'name, line int, why: the reason'."),
    ),
]
SchemaMulti = Annotated[
    str | None,
    typer.Option("--schema-multi", metavar="SCHEMA", help=_("A list of objects of this schema.")),
]
FailIf = Annotated[
    tuple[str, ...],
    typer.Option(
        "--fail-if", metavar="REGEX", help=_("Exit code 8 where the answer matches this; repeatable.")
    ),
]
FailUnless = Annotated[
    tuple[str, ...],
    typer.Option(
        "--fail-unless",
        metavar="REGEX",
        help=_("Exit code 8 where the answer does not match this; repeatable."),
    ),
]
Template = Annotated[
    str | None,
    typer.Option(
        "-T",
        "--template",
        metavar="NAME",
        help=_("A prompt from a file: its name, or its path."),
        autocompletion=shell_values.prompts,
    ),
]
Parameters = Annotated[
    tuple[str, ...],
    typer.Option(
        "-p",
        "--param",
        metavar="KEY=VALUE",
        help=_("A parameter of the prompt; KEY=@FILE reads it; repeatable."),
        autocompletion=shell_values.prompt_parameters,
    ),
]

# --- how it is shown -------------------------------------------------------------------------------


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


def answer_format() -> Any:
    """`--format` of an answer."""
    return typer.Option("--format", help=_("Default: markdown on a terminal, text elsewhere."))


Format = Annotated[AnswerFormat | None, answer_format()]
Listing = Annotated[ListingFormat, typer.Option("--format", help=_("text, or json for scripts."))]
Extract = Annotated[bool, typer.Option("-x", "--extract", help=_("Print only the first fenced code block."))]
ExtractLast = Annotated[
    bool, typer.Option("--extract-last", help=_("Print only the last fenced code block."))
]
Output = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="FILE", help=_("Write it to this file; whole, or not at all.")),
]
NoStream = Annotated[bool, typer.Option("--no-stream", help=_("Wait for the whole answer, then print it."))]
Raw = Annotated[bool, typer.Option("--raw", help=_("Text exactly as received, control characters included."))]
Usage = Annotated[bool, typer.Option("--usage", help=_("Token counts on stderr after each answer."))]

# --- how long is waited ----------------------------------------------------------------------------

Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="S", parser=number, help=_("Longest silence tolerated; default 180.")),
]


def deadline_option(help_: str) -> Any:
    """`--deadline`: a chat's is of one turn, all others' of the call."""
    return typer.Option("--deadline", metavar="S", parser=number, help=help_)


Deadline = Annotated[float | None, deadline_option(_("Longest total time; default none."))]
Retries = Annotated[
    int | None,
    typer.Option("--retries", metavar="N", help=_("Further attempts after the first; default 2.")),
]


def wait_option(help_: str) -> Any:
    """`--wait`: for the end of something that runs at StackSpot."""
    return typer.Option("--wait", metavar="S", parser=number, help=help_)


Poll = Annotated[
    float | None,
    typer.Option(
        "--poll", metavar="S", parser=number, help=_("First time between two questions; default 5.")
    ),
]

# --- the account, and this machine -----------------------------------------------------------------

Visibilities = Annotated[
    tuple[str, ...],
    typer.Option(
        "--visibility", metavar="NAME", help=_("personal, account or another; repeatable. Default: both.")
    ),
]
Yes = Annotated[bool, typer.Option("-y", "--yes", help=_("Do not ask."))]
InsecureStorage = Annotated[
    bool,
    typer.Option("--insecure-storage", help=_("Store in a private file, on a machine without a keyring.")),
]
