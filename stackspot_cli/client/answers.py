"""The body of one answer as events: a stream of frames, or one document in its place.

Knows when an answer is whole: after the service's own last word, and not before. Refuses to know JSON field names
(`routes`), sockets (`network`) and what is done with the events.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator

from stackspot_cli.domain import Event
from stackspot_cli.errors import NotAnAnswer, StackSpotError
from stackspot_cli.network.incoming import Incoming
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes import refusals
from stackspot_cli.routes.frames import FrameReader
from stackspot_cli.routes.sse import Decoder, EventTooLarge
from stackspot_cli.translation import _

ANSWER_BYTES = 16 * 1024 * 1024  # one event, or a plain JSON body
_BLANK = b"\xef\xbb\xbf \t\r\n"  # a byte order mark and white space


def read(answer: Incoming, reader: FrameReader, patience: Patience) -> Generator[Event, None, None]:
    """The events of an answer. Raises StackSpotError where it is none, or breaks off before its last word."""
    patience.touch()
    chunks = answer.chunks()
    start = _start(chunks)
    if start.lstrip(_BLANK)[:1] in (b"", b"<", b"{", b"["):
        yield from _from_body(start, chunks, answer, reader)
    else:
        yield from from_stream(start, chunks, reader, patience)
        if not reader.finished:
            raise NotAnAnswer(
                _("{url} broke off before its last word").format(url=answer.url),
                _("try again; a proxy that cuts long answers may stand in between"),
            )


def _start(chunks: Iterator[bytes]) -> bytes:
    """The body up to its first meaningful byte, which tells a stream from a document."""
    start = b""
    for chunk in chunks:
        start += chunk
        if start.lstrip(_BLANK) or len(start) > 4096:
            break
    return start


def _from_body(
    start: bytes, chunks: Iterator[bytes], answer: Incoming, reader: FrameReader
) -> Generator[Event, None, None]:
    """A plain body in place of a stream: one JSON object that is the answer, or no answer at all."""
    parts = [start]
    size = len(start)
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > ANSWER_BYTES:
            break
    body = b"".join(parts)
    try:
        frame = json.loads(body)
        events = reader.read_object(frame)
    except (ValueError, RecursionError):
        events = []
    if not events and not reader.finished:
        raise refusals.not_an_answer(body, answer.content_type, answer.url)
    yield from events
    if not reader.finished:
        yield from reader.end("stop")


def from_stream(
    start: bytes, chunks: Iterator[bytes], reader: FrameReader, patience: Patience
) -> Generator[Event, None, None]:
    """The events of a body that is a stream, of which `start` has come; in any slicing the same.

    Raises StackSpotError where it breaks off before the service's own last word.
    """
    decoder = Decoder(max_event_bytes=ANSWER_BYTES, whole=reader.whole)
    feed, read = decoder.feed, reader.read
    chunk: bytes | None = start
    lost: StackSpotError | None = None
    try:
        while chunk is not None:
            meant = reader.frames
            for frame in feed(chunk):
                yield from read(frame.event, frame.data)
            if reader.finished:
                return
            if reader.frames != meant:
                patience.touch()
            try:
                chunk = next(chunks, None)
            except StackSpotError as error:
                chunk, lost = None, error
        for frame in decoder.rest():  # the last frame, where the service closes without its blank line
            yield from read(frame.event, frame.data)
    except EventTooLarge as error:
        raise NotAnAnswer(
            _("the service sent one event of more than {limit} bytes").format(limit=ANSWER_BYTES),
            _("ask for a shorter answer; if it stays so, tell StackSpot's support"),
        ) from error
    if lost is not None and not reader.finished:
        raise lost
