"""The body of one answer as events: a stream of frames, or one document in its place.

Knows when an answer is whole: after the service's own last word, and not before. Refuses to know JSON field names
(`routes`), sockets (`network`) and what is done with the events.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from stackspot_cli.domain import Event
from stackspot_cli.errors import AnswerTooLarge, LocalError, NotAnAnswer, StackSpotError
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes import in_between
from stackspot_cli.routes.frames import FrameReader
from stackspot_cli.routes.sse import Decoder, EventTooLarge
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.network.incoming import Incoming

ANSWER_BYTES = 16 * 1024 * 1024  # one event, or a plain JSON body
_BLANK = b"\xef\xbb\xbf \t\r\n"  # a byte order mark and white space


def read(
    answer: Incoming,
    reader: FrameReader,
    patience: Patience,
    longest_bytes: int,
) -> Generator[Event, None, None]:
    """The events of an answer. Raises StackSpotError where it is none, or breaks off before its last word.

    longest_bytes: of its body, in all, whatever that is made of.
    """
    patience.touch()
    chunks = _bounded(answer.chunks(), longest_bytes)
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


def _bounded(chunks: Iterator[bytes], longest_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > longest_bytes:
            raise AnswerTooLarge(
                _("it is larger than {limit} bytes").format(limit=longest_bytes),
                _(
                    "no answer is as long as that; where one is, allow it: "
                    "`stackspot config set max_answer_bytes {more}`"
                ).format(more=4 * longest_bytes),
            )
        yield chunk


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
        raise in_between.not_an_answer(body, answer.content_type, answer.url)
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
            except LocalError:
                raise  # what came could not be written: the answer is not to blame
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
