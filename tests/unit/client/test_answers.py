"""A body as events: in any slicing the same, and no answer without the service's own last word."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from clock import Clock
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.client.answers import ANSWER_BYTES, from_stream, read
from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import AnswerTooLarge, NotAnAnswer, OutputUnwritable, StackSpotError, TimedOut
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes import chat

BODY = (
    b": hello\r\n\r\nevent: new_message\r\ndata: {\"answer\": \"Ol\xc3\xa1 \\ud83d\"}\r\n\r\n"
    b"event: ping\ndata: {}\n\nevent: new_message\ndata: {\"answer\": \"\\ude00\\r\"}\n\n"
    b"data: {\"answer\": \"\\n::error::x\\u001b[0m\", \"source\": [\"Guide\"]}\r\rdata: junk\n\n"
    b"data: {\"tokens\": {\"input\": 3, \"output\": null}}\ndata: {\"message\": \"\xe2\x80\x93\"}\n\n"
    b"event: end_event\ndata: {\"message_id\": \"01K\"}\n\nafter the end"
)  # fmt: skip
LONGEST = 1 << 30
EVENTS: list[Event] = [
    Delta("Olá "),
    Delta("😀\r"),
    Delta("\n::error::x\x1b[0m"),
    Source(name="Guide"),
    Delta("–"),
    Usage(3, 0),
    Done("stop", None, "01K"),
]


def pieces(cuts: set[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(BODY)]
    return [BODY[start:end] for start, end in pairwise(places)]


def events(chunks: list[bytes]) -> list[Event]:
    return list(from_stream(chunks[0], iter(chunks[1:]), chat.reader(), Patience(1.0)))


@given(st.sets(st.integers(1, len(BODY) - 1)))
def test_in_any_slicing_the_events_are_the_same(cuts: set[int]) -> None:
    assert events(pieces(cuts)) == EVENTS


def test_one_byte_at_a_time_too() -> None:
    assert events(pieces(set(range(1, len(BODY))))) == EVENTS


# --- one whole body ----------------------------------------------------------------------------------------


class Body:
    """An answer in memory: its chunks, of which an exception is raised."""

    url = "https://api.example/v3/chat"

    def __init__(self, *chunks: bytes | StackSpotError, content_type: str = "") -> None:
        self._chunks = chunks
        self.content_type = content_type

    def chunks(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, StackSpotError):
                raise chunk
            yield chunk


def whole(*chunks: bytes | StackSpotError, content_type: str = "") -> list[Event]:
    body: Any = Body(*chunks, content_type=content_type)
    return list(read(body, chat.reader(), Patience(1.0), LONGEST))


def test_a_stream_is_its_events() -> None:
    assert whole(BODY[:5], BODY[5:]) == EVENTS
    assert whole(b"\xef\xbb\xbf\n \n", BODY) == EVENTS


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b'{"answer": "Hi", "message_id": "M"}', [Delta("Hi"), Done("stop", None, "M")]),
        (b' \n{"answer": "Hi", "stop_reason": "length"}', [Delta("Hi"), Done("length")]),
    ],
)
def test_one_json_object_in_place_of_a_stream_is_a_whole_answer(body: bytes, events: list[Event]) -> None:
    assert whole(body[:9], body[9:]) == events


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"", "", "https://api.example/v3/chat answered with nothing"),
        (b"<html>", "", "https://api.example/v3/chat answered with a web page instead of an answer"),
        (b"{}", "application/json", "https://api.example/v3/chat answered with something that is no answer"),
        (b"[1]", "", "https://api.example/v3/chat answered with something that is no answer"),
        (b'{"answer": ', "", "https://api.example/v3/chat answered with something that is no answer"),
        (b"junk", "", "https://api.example/v3/chat broke off before its last word"),
        (b'data: {"answer": "Hi"}\n\n', "", "https://api.example/v3/chat broke off before its last word"),
    ],
)
def test_what_is_no_whole_answer_is_none(body: bytes, content_type: str, message: str) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        whole(body, content_type=content_type)
    assert caught.value.message == message


def test_the_last_word_may_come_without_its_blank_line() -> None:
    assert whole(b'data: {"answer": "Hi"}\n\nevent: end_event\ndata: {}') == [Delta("Hi"), Done()]
    assert whole(b"data: [DONE]\n", TimedOut("silent")) == [Done()]


def test_what_came_before_a_loss_is_told_before_it() -> None:
    body: Any = Body(b'data: {"answer": "Hi"}\n\ndata: {"answer": " you"}\n', TimedOut("silent"))
    events = read(body, chat.reader(), Patience(1.0), LONGEST)
    assert [next(events), next(events)] == [Delta("Hi"), Delta(" you")]
    with pytest.raises(TimedOut, match="silent"):
        next(events)


def test_an_event_without_end_is_no_answer() -> None:
    piece = b"x" * (ANSWER_BYTES // 4)
    with pytest.raises(NotAnAnswer, match="one event of more than 16777216 bytes"):
        whole(b"data: ", *[piece] * 5)


NOTHING = [
    b": alive\n\n",
    b"event: ping\ndata: {}\n\n",
    b"data:\n\n",
    b'data: {"answer": ""}\n\n',
    b"data: [1]\n\n",
]


@pytest.mark.parametrize("nothing", NOTHING)
def test_only_what_means_something_begins_the_silence_anew(nothing: bytes) -> None:
    clock = Clock(1_000.0)
    patience = Patience(10.0, now=clock.now)
    body: Any = Body(nothing, nothing, b'data: {"answer": "Hi"}\n\n', b"event: end_event\n\n")

    def slow(chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            clock.seconds += 1.0
            yield chunk

    events = from_stream(b"", slow(body.chunks()), chat.reader(), patience)
    assert next(events) == Delta("Hi")
    assert patience.remaining_seconds() == 7.0
    clock.seconds += 3_600.0  # whoever shows it took a break
    assert next(events) == Done()
    assert patience.remaining_seconds() == 9.0


@pytest.mark.parametrize(
    ("chunks", "deltas"),
    [
        ([b'data: {"answer": "Hi"}\n\n'] * 9, 4),
        ([b": nothing\n\n" * 9, b"x"], 0),
        ([b'{"answer": "', b"x" * 100], 0),
    ],
)
def test_an_answer_has_a_bound_whatever_it_is_made_of(chunks: list[bytes], deltas: int) -> None:
    body: Any = Body(*chunks)
    came = []
    with pytest.raises(AnswerTooLarge) as caught:
        for event in read(body, chat.reader(), Patience(1.0), longest_bytes=99):
            came.append(event)
    assert came == [Delta("Hi")] * deltas
    assert (caught.value.message, caught.value.hint) == (
        "it is larger than 99 bytes",
        "no answer is as long as that; where one is, allow it: `stackspot config set max_answer_bytes 396`",
    )


def test_a_screen_that_cannot_be_written_is_no_loss_of_the_service() -> None:
    body: Any = Body(b'data: {"answer": "Hi"}\n\n', OutputUnwritable("cannot write to stdout: it is full"))
    events = read(body, chat.reader(), Patience(1.0), LONGEST)
    assert next(events) == Delta("Hi")
    with pytest.raises(OutputUnwritable):
        next(events)
