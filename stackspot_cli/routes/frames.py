"""What the chat and agent routes share: one event-stream frame's JSON, leniently read into events.

Knows the field names that both use. Where the protocol is uncertain it accepts every known shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import Refused
from stackspot_cli.routes import fields
from stackspot_cli.routes.refusals import said_in
from stackspot_cli.safe_text import mended
from stackspot_cli.translation import _

_DOINGS = ("tools_id", "agent_info", "knowledge_source_id", "tokens")
_loads = json.JSONDecoder(strict=False).decode


class FrameReader:
    """Frames of one answer to events: text joined over split surrogate pairs, errors raised, the end recognised.

    text_field: where this route's incremental text is (`answer` or `message`); the other is accepted as well.
    finished: whether the service has said its last word. frames: how many meant something; one without text that
    tells nothing new is a sign of life, and no more than a comment.
    """

    def __init__(self, text_field: str) -> None:
        self._fields = (text_field, "message" if text_field == "answer" else "answer")
        self._text_field = text_field
        self._high = ""
        self._text: str | None = None  # the data that `whole` has parsed
        self._parsed: Any = None
        self._usage: Usage | None = None
        self._sources: set[Source] = set()
        self._conversation_id: str | None = None
        self._message_id: str | None = None
        self._doings: dict[str, Any] = {}
        self.finished = False
        self.frames = 0

    def whole(self, data: str) -> bool:
        """Whether this data is a frame by itself, whatever follows. Its parsing is kept for `read`."""
        if data == "[DONE]":
            return True
        try:
            frame = _loads(data)
        except (ValueError, RecursionError):
            return False
        self._text, self._parsed = data, frame
        return isinstance(frame, dict)

    def read(self, event: str, data: str) -> list[Event]:
        """The events of one frame. Raises Refused for an error frame."""
        if self.finished:
            return []
        if event == "end_event":
            events = self._from_last(data)
            return events if self.finished else [*events, *self.end("stop")]
        if data.strip() == "[DONE]":
            return self.end("stop")
        if event == "error":
            raise _refused(_parsed_or_text(data))
        if event not in ("new_message", "message"):
            return []
        if data is self._text:
            return self.read_object(self._parsed)
        try:
            frame = _loads(data)
        except (ValueError, RecursionError):
            return self._read_lines(event, data)
        return self.read_object(frame)

    def _from_last(self, data: str) -> list[Event]:
        try:
            frame = _loads(data)
        except (ValueError, RecursionError):
            return []
        return self.read_object(frame) if isinstance(frame, dict) else []

    def _read_lines(self, event: str, data: str) -> list[Event]:
        # One newline between frames makes the decoder join them: then each line is its own JSON (protocol page).
        lines = data.split("\n")
        if len(lines) > 1:
            return [read for line in lines if line.strip() for read in self.read(event, line)]
        return []

    def read_object(self, frame: Any) -> list[Event]:
        """The events of one frame's JSON, or of a whole answer's in the place of a stream."""
        if self.finished or not isinstance(frame, dict):
            return []
        text = frame.get(self._text_field)
        if isinstance(text, str) and len(frame) == 1:  # the common frame, on the shortest way
            self.frames += bool(text)
            if text.isascii() and not self._high:
                return [Delta(text)] if text else []
            joined = self._join(text)
            return [Delta(joined)] if joined else []
        if is_error(frame):
            raise _refused(frame)
        events: list[Event] = []
        text = _first_text(frame, self._fields)
        joined = self._join(text)
        if joined:
            events.append(Delta(joined))
        events += [source for source in sources(frame) if source not in self._sources]
        self._sources.update(event for event in events if isinstance(event, Source))
        self._usage = usage(frame.get("tokens")) or self._usage
        self._conversation_id = fields.text(frame, "conversation_id") or self._conversation_id
        self._message_id = fields.text(frame, "message_id") or self._message_id
        stop_reason = frame.get("stop_reason")
        if isinstance(stop_reason, str) and stop_reason:
            events += self.end(stop_reason)
        self.frames += bool(text or events or self._does_something_else(frame))
        return events

    def _does_something_else(self, frame: dict[str, Any]) -> bool:
        """Whether an agent tells by an empty text that it has gone on to something: another tool, more tokens."""
        doings = {name: frame[name] for name in _DOINGS if frame.get(name)}
        before, self._doings = self._doings, doings or self._doings
        return bool(doings) and doings != before

    def end(self, stop_reason: str) -> list[Event]:
        """The last word: what is held back, the token counts, Done."""
        self.finished = True
        events: list[Event] = [Delta("\N{REPLACEMENT CHARACTER}")] if self._high else []
        self._high = ""
        if self._usage is not None:
            events.append(self._usage)
        events.append(Done(stop_reason, self._conversation_id, self._message_id))
        return events

    def _join(self, text: str) -> str:
        """Text without lone surrogates: a pair split over two frames is one character."""
        if self._high:
            text, self._high = self._high + text, ""
        if not text or text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return mended(text)


def _first_text(frame: dict[str, Any], names: Iterable[str]) -> str:
    for name in names:
        value = frame.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def is_error(frame: dict[str, Any]) -> bool:
    """Every shape of an error frame that is known or feared (protocol page: none was ever captured)."""
    if frame.get("type") == "error" or frame.get("error"):
        return True
    return "type" in frame and "code" in frame and "details" in frame


def _parsed_or_text(data: str) -> Any:
    try:
        return _loads(data)
    except (ValueError, RecursionError):
        return data


def _refused(frame: Any) -> Refused:
    words, code = said_in(frame)
    what = _("StackSpot broke off with an error")
    return Refused(
        f"{what}: {words}" if words else what,
        _("try again; if it stays so, shorten the prompt or ask StackSpot's support with this text"),
        service_code=code,
    )


def usage(tokens: Any) -> Usage | None:
    """Prompt tokens = `input`, else `user + enrichment`; a null part is 0 (both shapes: protocol page, agents)."""
    if not isinstance(tokens, dict):
        return None
    prompt = fields.count(tokens.get("input"))
    if prompt is None and ("user" in tokens or "enrichment" in tokens):
        parts = [tokens.get("user"), tokens.get("enrichment")]
        if any(fields.count(part) is not None for part in parts):
            prompt = sum(fields.count(part) or 0 for part in parts)
    output = tokens.get("output")
    completion = fields.count(output)
    if completion is None and "output" in tokens and output is None and prompt is not None:
        completion = 0
    if prompt is None and "input" in tokens and tokens["input"] is None and completion is not None:
        prompt = 0
    return None if prompt is None and completion is None else Usage(prompt, completion)


def sources(frame: dict[str, Any]) -> list[Source]:
    """`source` and `cross_account_source`: objects, or plain strings."""
    found: list[Source] = []
    for key in ("source", "sources", "cross_account_source"):
        entries = frame.get(key)
        for entry in entries if isinstance(entries, list) else ():
            read = source(entry)
            if read is not None and read not in found:
                found.append(read)
    return found


def source(entry: Any) -> Source | None:
    if isinstance(entry, str):
        return Source(name=entry) if entry.strip() else None
    if not isinstance(entry, dict):
        return None
    read = Source(
        name=fields.text(entry, "name"),
        slug=fields.text(entry, "slug"),
        type=fields.text(entry, "type"),
        document_type=fields.text(entry, "document_type"),
        document_score=_score(entry.get("document_score")),
        document_id=fields.text(entry, "document_id"),
        id=fields.text(entry, "id"),
    )
    return None if read == Source() else read


def _score(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None  # NaN and Infinity, which Python's JSON reads, could not be written as JSON again
    return float(value)
