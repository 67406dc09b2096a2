"""Bytes to server-sent events, as the standard's section on parsing an event stream says.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

Knows bytes, lines and fields. Refuses to know sockets, JSON, and what any event means.
However the bytes are sliced, the events are the same, and none is held back: the first character of a
blank line's end dispatches. What one stream can make us keep has a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"
_LF, _CR = 0x0A, 0x0D
_LONGEST_RETRY_DIGITS = 18  # more than that many milliseconds is 30 million years


class ServerEvent(NamedTuple):
    """One dispatched event.

    event: its type, "message" where the stream named none.
    data: the data lines, joined by LF; may be empty.
    id: the last event id that the stream has set so far, "" before.
    retry: the reconnection time in milliseconds that the stream has set so far, None before.
    """

    event: str
    data: str
    id: str = ""
    retry: int | None = None


_make = tuple.__new__  # one event a token: 0.3 us this way, 0.7 us through the class's own __new__


# What JSON objects and `[DONE]` end with; more lines than that in one event are joined at its end alone.
_WHOLE_ENDS, _WHOLE_LINES = (b"}", b"]"), 32


class EventTooLarge(ValueError):
    """A line or an event is larger than the bound. Its decoder is of no use afterwards."""

    def __init__(self, max_event_bytes: int) -> None:
        super().__init__(f"an event is larger than {max_event_bytes} bytes")
        self.max_event_bytes = max_event_bytes


class Decoder:
    """One stream's decoder: `feed` it the chunks as they come, in any slicing.

    An event that is unfinished when the stream ends is never dispatched: the standard discards it.
    max_event_bytes: the bound of any one line, and of one event's lines together.
    whole: given, the decoder is lenient where services are careless: data for which it is true is an event at
    once, though no blank line has come; an event with a name and no data is one, too; and `rest` gives what the
    standard discards. Slicing changes nothing then either.
    """

    def __init__(
        self, max_event_bytes: int = 16 * 1024 * 1024, *, whole: Callable[[str], bool] | None = None
    ) -> None:
        self._max = max_event_bytes
        self._whole = whole
        self._given = False  # this event's data has been given already
        self._tail = bytearray()  # the line whose end has not come yet
        self._after_cr = False  # the last byte was CR: an LF now belongs to it
        self._at_start = True  # no line has been read yet: a BOM may lead
        self._data: list[bytes] = []
        self._size = 0  # bytes of the open event's lines
        self._event = ""
        self._id = ""
        self._retry: int | None = None
        self._too_large = False

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that this chunk completes, often none.

        Raises EventTooLarge; where the same chunk completed events before, these are returned first and the
        next call raises, so that slicing cannot lose them.
        """
        if self._too_large:
            raise EventTooLarge(self._max)
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == _LF:
                chunk = chunk[1:]
        if not chunk:
            return []
        lines = chunk.splitlines()  # of bytes: at CR, LF and CRLF alone
        last, rest = chunk[-1], b""
        if last == _CR:
            self._after_cr = True
        elif last != _LF:
            rest = lines.pop()
        roomy = self._size + len(self._tail) + len(chunk) <= self._max
        if lines:
            if self._tail:
                lines[0] = bytes(self._tail) + lines[0]
                self._tail = bytearray()
            if self._at_start:
                self._at_start = False
                lines[0] = lines[0].removeprefix(_BOM)
        if rest:
            self._tail += rest
        if roomy:
            return self._read(lines) if lines else []
        return self._read_within_bound(lines)

    def rest(self) -> list[ServerEvent]:
        """At the stream's end: the event whose blank line, or line end, never came. The standard discards it."""
        lines = [bytes(self._tail), b""] if self._tail else [b""]
        self._tail.clear()
        return [] if self._too_large else self._read(lines)

    def _read(self, lines: list[bytes]) -> list[ServerEvent]:
        events: list[ServerEvent] = []
        data, size, whole = self._data, self._size, self._whole
        for line in lines:
            if line[:6] == b"data: ":  # with the next one: nearly every line
                data.append(line[6:])
                size += len(line) + 1
            elif line[:7] == b"event: ":
                self._event = line[7:].decode("utf-8", "replace")
                self._given = False
                size += len(line) + 1
                continue
            elif line:
                size += self._field(line)
            else:
                if data or (whole is not None and self._event and not self._given):
                    # Decoded after joining: LF is never part of a sequence, so no line can spoil another.
                    text = b"\n".join(data).decode("utf-8", "replace")
                    events.append(_make(ServerEvent, (self._event or "message", text, self._id, self._retry)))
                    data.clear()
                self._event = ""
                self._given = False
                size = 0
                continue
            if whole is None or line[-1:] not in _WHOLE_ENDS or not 0 < len(data) <= _WHOLE_LINES:
                continue
            text = b"\n".join(data).decode("utf-8", "replace")
            if whole(text):
                events.append(_make(ServerEvent, (self._event or "message", text, self._id, self._retry)))
                data.clear()
                self._given = True
                size = 0
        self._size = size
        return events

    def _read_within_bound(self, lines: list[bytes]) -> list[ServerEvent]:
        """Line by line, looking at the sizes: the way of the few chunks that might go over the bound."""
        events: list[ServerEvent] = []
        for line in lines:
            self._too_large = len(line) > self._max
            if not self._too_large:
                events += self._read([line])
                self._too_large = self._size > self._max
            if self._too_large:
                break
        else:
            self._too_large = len(self._tail) > self._max + len(_BOM)
        if self._too_large:
            self._tail.clear()
            self._data.clear()
            if not events:
                raise EventTooLarge(self._max)
        return events

    def _field(self, line: bytes) -> int:
        """Reads a line that is neither blank nor of the commonest form; gives the bytes it adds to the event.

        A comment is a field without a name.
        """
        name, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"event":
            self._event = value.decode("utf-8", "replace")
            return len(line) + 1
        if name == b"data":
            self._data.append(value)
            return len(line) + 1
        if name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():  # of bytes: one or more ASCII digits
            digits = value.lstrip(b"0")[:_LONGEST_RETRY_DIGITS]  # int() refuses more than 4,300
            self._retry = int(digits or b"0")
        return 0
