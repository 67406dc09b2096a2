"""OpenAI's `messages` as ours: what the Python API and the gateway take.

Pure. Knows the roles and content parts that OpenAI's clients send, and which of them cannot be served;
refuses to know what becomes of the text (`conversation.text_of`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stackspot_cli.domain import Message, Role
from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",  # OpenAI's newer word for it
    "user": "user",
    "assistant": "assistant",
}

_EXAMPLE = _("for example {example}").format(example='[{"role": "user", "content": "Say hi"}]')


def read_messages(messages: Any) -> tuple[Message, ...]:
    """Each message with its role and its text. Raises UsageError, naming the message."""
    if not isinstance(messages, Sequence) or isinstance(messages, str | bytes | bytearray) or not messages:
        raise UsageError(_("`messages` is a list of at least one message"), _EXAMPLE)
    read = tuple(_message(place, message) for place, message in enumerate(messages))
    if not any(message.text.strip() for message in read if message.role != "system"):
        raise UsageError(_("`messages` holds no text to answer"), _EXAMPLE)
    return read


def _message(place: int, message: Any) -> Message:
    where = f"messages[{place}]"
    role = message.get("role") if isinstance(message, Mapping) else None
    if not isinstance(role, str):
        raise UsageError(_("{where} is an object with `role` and `content`").format(where=where))
    if role in ("tool", "function") or message.get("tool_calls") or message.get("function_call"):
        raise UsageError(_("{where}: StackSpot takes no tools").format(where=where))
    if role not in ROLES:
        raise UsageError(
            _("{where}: the role is one of {roles}, not {role}").format(
                where=where, roles=", ".join(ROLES), role=safe_line(repr(role), 60)
            )
        )
    return Message(ROLES[role], _content(where, message.get("content"), role))


def _content(where: str, content: Any, role: str) -> str:
    match content:
        case str():
            return content
        case Sequence() if not isinstance(content, bytes | bytearray):
            return "".join(_part(f"{where}.content[{place}]", part) for place, part in enumerate(content))
        case None if role == "assistant":
            return ""
        case _:
            raise UsageError(_("{where}: the content is a text or a list of parts").format(where=where))


def _part(where: str, part: Any) -> str:
    match part:
        case str():
            return part
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": str(kind)} if kind != "text":
            raise UsageError(
                _("{where}: StackSpot takes text, no {kind}").format(
                    where=where, kind=safe_line(repr(kind), 60)
                )
            )
        case _:
            raise UsageError(
                _("{where} is an object such as {example}").format(
                    where=where, example='{"type": "text", "text": "…"}'
                )
            )
