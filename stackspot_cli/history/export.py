"""A conversation as Markdown for people, and as an object for programs.

Knows the words and the keys; refuses to know where the conversation came from and where the text goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.exact_json import dumps
from stackspot_cli.translation import _

FormatName = Literal["md", "json", "jsonl"]


def export(
    conversations: Iterable[Conversation], format_: FormatName, *, ascii_only: bool = False
) -> Iterator[str]:
    """The text, a conversation at a time. json: one array; jsonl: one object a line."""
    separator = ""
    if format_ == "json":
        yield "["
    for conversation in conversations:
        match format_:
            case "md":
                yield separator + markdown(conversation)
                separator = "\n---\n\n"
            case "json":
                text = dumps(as_object(conversation), indent=2, ascii_only=ascii_only)
                yield separator + "\n" + text
                separator = ","
            case "jsonl":
                yield dumps(as_object(conversation), ascii_only=ascii_only) + "\n"
    if format_ == "json":
        yield "\n]\n" if separator else "]\n"


def json_document(conversation: Conversation) -> str:
    """One conversation as one object, for people to read, too."""
    return dumps(as_object(conversation), indent=2) + "\n"


def as_object(conversation: Conversation) -> dict[str, object]:
    """Everything that is kept, under the names that scripts rely on. Times are ISO 8601, UTC."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "profile": conversation.account.profile,
        "model": conversation.model,
        "system": conversation.system,
        "created_at": iso(conversation.created_at),
        "updated_at": iso(conversation.updated_at),
        "turns": [turn_object(turn) for turn in conversation.turns],
    }


def turn_object(turn: Turn) -> dict[str, object]:
    return {
        "prompt": turn.prompt,
        "answer": turn.answer,
        "state": turn.state,
        "complete": turn.state == "complete",
        "model": turn.model,
        "started_at": iso(turn.started_at),
        "finished_at": iso(turn.finished_at),
        "usage": turn.usage.counts(),
        "message_id": turn.message_id,
        "sources": [source.fields() for source in turn.sources],
    }


def iso(seconds: float | None) -> str | None:
    """2026-01-31T09:30:00.000Z"""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def markdown(conversation: Conversation) -> str:
    """A document: the facts, then each message under a heading. Texts stand as they were."""
    parts = [
        f"# {conversation.title or conversation.id}",
        f"{conversation.id} · {conversation.model} · {iso(conversation.created_at)}",
    ]
    if conversation.system:
        parts += [_("## Instructions"), conversation.system]
    for turn in conversation.turns:
        parts += [_("## You"), turn.prompt.rstrip("\n")]
        parts.append(f"## {turn.model}")
        parts += [
            text for text in (turn.answer.rstrip("\n"), f"*{ending(turn)}*" if ending(turn) else "") if text
        ]
    return "\n\n".join(parts) + "\n"


def ending(turn: Turn) -> str:
    """What a person should know of how the answer ended; nothing where it is whole."""
    match turn.state:
        case "complete":
            return ""
        case "cut":
            return _("cut off here")
        case "interrupted":
            return _("interrupted here")
        case "failed":
            return _("failed")
