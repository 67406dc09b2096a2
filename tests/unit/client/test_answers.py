"""The law of slicing for a whole answer: bytes in any pieces are the same events, and the same text for a reader."""

import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.client.answers import from_stream
from stackspot_cli.conversation.answer import Answer, Start, added_up
from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.network.patience import Patience
from stackspot_cli.output.sink import deliver
from stackspot_cli.output.text import TextSink
from stackspot_cli.routes import chat

BODY = (
    b": hello\r\n\r\nevent: new_message\r\ndata: {\"answer\": \"Ol\xc3\xa1 \\ud83d\"}\r\n\r\n"
    b"event: ping\ndata: {}\n\nevent: new_message\ndata: {\"answer\": \"\\ude00\\r\"}\n\n"
    b"data: {\"answer\": \"\\n::error::x\\u001b[0m\", \"source\": [\"Guide\"]}\r\rdata: junk\n\n"
    b"data: {\"tokens\": {\"input\": 3, \"output\": null}}\ndata: {\"message\": \"\xe2\x80\x93\"}\n\n"
    b"event: end_event\ndata: {\"message_id\": \"01K\"}\n\nafter the end"
)  # fmt: skip
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


@given(st.lists(st.text(max_size=5), max_size=8), st.booleans(), st.booleans())
def test_a_readers_text_does_not_depend_on_the_deltas(parts: list[str], terminal: bool, guard: bool) -> None:
    def shown(texts: list[str], stream: bool) -> str:
        out = io.StringIO()
        sink = TextSink(out, for_terminal=terminal, guard=guard, stream=stream)
        answer = Answer()
        deliver(added_up([*map(Delta, texts), Done()], answer), sink, Start("m", "c"), answer)
        return out.getvalue()

    whole = shown(["".join(parts)], stream=True) if "".join(parts) else shown([], stream=True)
    assert shown(parts, stream=True) == shown(parts, stream=False)
    assert shown(parts, stream=True).rstrip("\n") == whole.rstrip("\n")
