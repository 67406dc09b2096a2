"""The text in a message's content, whatever it is made of; and a line in the place of what is no text. Pure.

The models take text. What is no text in an earlier message or in a tool's result must not make a conversation
unusable for good, so a line says what was there; what is asked about now is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackspot_cli.dialects.asked import FieldError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

_TEXTS = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "summary_text": "text",
    "refusal": "refusal",
}
_PICTURES = {"image", "image_url", "input_image"}
_SOUNDS = {"input_audio", "audio"}
_FILES = {"file", "input_file", "document", "container_upload"}
_UNSEEN = {"thinking", "redacted_thinking", "reasoning", "reasoning_text"}


@dataclass(frozen=True, slots=True)
class Content:
    """unread: what of it is no text ("an image"), if anything."""

    text: str
    unread: str = ""


def content_of(content: Any, where: str, param: str) -> Content:
    """where: the place in the request, for who made a mistake. Raises FieldError."""
    match content:
        case None:
            return Content("")
        case str():
            return Content(content)
        case list():
            parts = [_part(part, f"{where}[{place}]", param) for place, part in enumerate(content)]
            unread = next((part.unread for part in parts if part.unread), "")
            return Content(_joined(parts), unread)
        case dict():
            return _part(content, where, param)
        case _:
            raise FieldError(
                _("{where}: the content is a text or a list of parts").format(where=where), param=param
            )


def _joined(parts: list[Content]) -> str:
    """Texts as they are; lines about what is no text stand by themselves."""
    text = ""
    for part in parts:
        if part.unread and text and not text.endswith("\n"):
            text += "\n"
        text += part.text + ("\n" if part.unread else "")
    return text.removesuffix("\n") if parts and parts[-1].unread else text


def _part(part: Any, where: str, param: str) -> Content:
    if isinstance(part, str):
        return Content(part)
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(kind, str):
        example = '{"type": "text", "text": "…"}'
        raise FieldError(
            _("{where} is an object such as {example}").format(where=where, example=example), param=param
        )
    if kind in _TEXTS:
        text = part.get(_TEXTS[kind])
        if not isinstance(text, str):
            raise FieldError(_("{where}: the text is missing").format(where=where), param=param)
        return Content(text)
    if kind in _UNSEEN:
        return Content("")
    return _not_text(part, kind)


def _not_text(part: Mapping[str, Any], kind: str) -> Content:
    if kind == "document":
        source = part.get("source")
        if isinstance(source, dict) and source.get("type") == "text" and isinstance(source.get("data"), str):
            return Content(source["data"])
        if isinstance(source, dict) and source.get("type") == "content":
            return content_of(source.get("content"), "content", "messages")
    if kind == "search_result":
        return content_of(part.get("content"), "content", "messages")
    if kind in _PICTURES:
        return _line("an image")
    if kind in _SOUNDS:
        return _line("a sound")
    if kind in _FILES:
        return _line("a file")
    return _line(safe_line(kind, 60))


def _line(what: str) -> Content:
    return Content(f"[{what} was here: only text can be read]", what)


def refuse_unread(last: Content | None, param: str) -> None:
    """What the user asks about now must be text. Raises FieldError."""
    if last is not None and last.unread:
        raise FieldError(
            _("StackSpot's models read text, and the last message holds {what}: leave it out").format(
                what=last.unread
            ),
            param=param,
        )


def as_text(value: Any) -> str:
    """Some JSON that stands where text is expected."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
