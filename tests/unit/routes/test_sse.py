"""The decoder against the standard: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.routes.sse import Decoder, EventTooLarge, ServerEvent


def events(stream: bytes, **options: int) -> list[ServerEvent]:
    return Decoder(**options).feed(stream)


def message(data: str, event: str = "message", last_id: str = "", retry: int | None = None) -> ServerEvent:
    return ServerEvent(event, data, last_id, retry)


CASES: dict[str, tuple[bytes, list[ServerEvent]]] = {
    # The standard's own examples.
    "a message of three lines": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [message("YHOO\n+2\n10")]),
    "the example of four blocks": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [message("first event", last_id="1"), message("second event"), message(" third event")],
    ),
    "the example of empty data": (b"data\n\ndata\ndata\n\ndata:", [message(""), message("\n")]),
    "the example of the optional space": (b"data:test\n\ndata: test\n\n", [message("test"), message("test")]),
    "named events": (
        b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
        [message("73857293", "add"), message("2153", "remove"), message("113411", "add")],
    ),
    # Lines.
    "CR alone ends a line": (b"data: a\rdata: b\r\r", [message("a\nb")]),
    "CRLF ends a line": (b"data: a\r\ndata: b\r\n\r\n", [message("a\nb")]),
    "the ends may be mixed": (b"data: a\ndata: b\r\ndata: c\r\n\r", [message("a\nb\nc")]),
    "LF CR is two line ends": (b"data: a\n\rdata: b\n\n", [message("a"), message("b")]),
    "no other character ends a line": (
        "data: a\u2028b\u0085c\vd\fe\x1cf\n\n".encode(),
        [message("a\u2028b\u0085c\vd\fe\x1cf")],
    ),
    "a leading BOM is dropped": (b"\xef\xbb\xbfdata: a\n\n", [message("a")]),
    "only one leading BOM is dropped": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [message("b")]),
    "a later BOM is data": (b"data: a\n\ndata: \xef\xbb\xbfb\n\n", [message("a"), message("\ufeffb")]),
    "a BOM before a blank line": (b"\xef\xbb\xbf\n\ndata: a\n\n", [message("a")]),
    # Fields.
    "a comment is nothing": (b":data: x\n: \n:\n\ndata: a\n:b\n\n", [message("a")]),
    "an unknown field is nothing": (b"Data: x\n data: y\ndata : z\ndatas: w\n\ndata: a\n\n", [message("a")]),
    "only one space is removed": (b"data:   a \n\n", [message("  a ")]),
    "a tab is not a space": (b"data:\ta\n\n", [message("\ta")]),
    "a value may hold colons": (b"data:a:b: c\n\n", [message("a:b: c")]),
    "the last event name counts": (b"event: a\nevent: b\ndata: x\n\n", [message("x", "b")]),
    "an empty event name is message": (
        b"event: a\nevent\ndata: x\n\nevent:\ndata: y\n\n",
        [message("x"), message("y")],
    ),
    "a name without data is forgotten": (b"event: a\n\ndata: x\n\n", [message("x")]),
    "an event name does not last": (b"event: a\ndata: x\n\ndata: y\n\n", [message("x", "a"), message("y")]),
    "an event name may hold anything": (
        "event: olá mundo\ndata: x\n\n".encode(),
        [message("x", "olá mundo")],
    ),
    "an id lasts": (b"id: 7\ndata: x\n\ndata: y\n\n", [message("x", last_id="7"), message("y", last_id="7")]),
    "an id without data lasts, too": (b"id: 7\n\ndata: x\n\n", [message("x", last_id="7")]),
    "an empty id clears it": (
        b"id: 7\ndata: x\n\nid\ndata: y\n\n",
        [message("x", last_id="7"), message("y")],
    ),
    "an id with NUL is nothing": (b"id: 7\nid: 8\x009\ndata: x\n\n", [message("x", last_id="7")]),
    "data with NUL is data": (b"data: a\x00b\n\n", [message("a\x00b")]),
    "retry lasts": (
        b"retry: 1500\n\ndata: x\n\ndata: y\n\n",
        [message("x", retry=1500), message("y", retry=1500)],
    ),
    "retry takes ASCII digits alone": (
        "retry: 1a\nretry:-1\nretry: +1\nretry: 1.5\nretry:  1\nretry\nretry:\nretry:٣\ndata: x\n\n".encode(),
        [message("x")],
    ),
    "retry zero": (b"retry: 000\ndata: x\n\n", [message("x", retry=0)]),
    "retry with leading zeros": (b"retry: 0000000000000000000000042\ndata: x\n\n", [message("x", retry=42)]),
    "a giant retry does no harm": (
        b"retry: " + b"9" * 5000 + b"\ndata: x\n\n",
        [message("x", retry=10**18 - 1)],
    ),
    # The end, and the encoding.
    "an unfinished event is dropped": (b"data: a\n\ndata: b\n", [message("a")]),
    "an unfinished line is dropped": (b"data: a\n\ndata: b", [message("a")]),
    "blank lines are nothing": (b"\n\n\r\r\n\r\n\n", []),
    "nothing is nothing": (b"", []),
    "text in UTF-8": ("data: Olá 🎉\n\n".encode(), [message("Olá 🎉")]),
    "bytes that are no UTF-8 are replaced": (b"data: a\xffb\xc3\n\n", [message("a\ufffdb\ufffd")]),
    "a broken sequence cannot swallow a line end": (
        b"data: a\xf0\x9f\ndata: \x8e\x89\n\n",
        [message("a\ufffd\n\ufffd\ufffd")],
    ),
    "a surrogate in UTF-8 is three replacements": (
        b"data: \xed\xa0\x80\n\n",
        [message("\ufffd\ufffd\ufffd")],
    ),
    "a frame of the service": (
        b'event: new_message\r\ndata: {"answer": "Ol\xc3\xa1"}\r\n\r\n',
        [message('{"answer": "Olá"}', "new_message")],
    ),
    "one newline between frames makes one event": (
        b'data: {"a":1}\ndata: {"b":2}\n\n',
        [message('{"a":1}\n{"b":2}')],
    ),
}


@pytest.mark.parametrize(("stream", "expected"), CASES.values(), ids=CASES.keys())
def test_the_standard_is_followed(stream: bytes, expected: list[ServerEvent]) -> None:
    assert events(stream) == expected


@pytest.mark.parametrize(("stream", "expected"), CASES.values(), ids=CASES.keys())
def test_one_byte_at_a_time_gives_the_same(stream: bytes, expected: list[ServerEvent]) -> None:
    decoder = Decoder()
    assert [event for i in range(len(stream)) for event in decoder.feed(stream[i : i + 1])] == expected


def test_a_blank_line_dispatches_at_its_carriage_return() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\r\n\r") == [message("a")]
    assert decoder.feed(b"\ndata: b\r\n\r") == [message("b")]


def test_an_empty_chunk_between_cr_and_lf_changes_nothing() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\r") == []
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\n\r") == [message("a")]


# --- the bound ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * 100,  # a line without end
        b":" + b"x" * 100,  # a comment without end
        b"unknown: " + b"x" * 100 + b"\n",
        b"data: 123456789\n" * 10,  # an event without end
        b"data\n" * 50,
        b"event: 123456789\n" * 10,
    ],
)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_what_is_over_the_bound_is_refused(stream: bytes, step: int) -> None:
    decoder = Decoder(max_event_bytes=64)
    with pytest.raises(EventTooLarge):
        for start in range(0, len(stream), step):
            decoder.feed(stream[start : start + step])
    with pytest.raises(EventTooLarge):
        decoder.feed(b"data: a\n\n")


def test_many_small_events_are_never_over_the_bound() -> None:
    stream = b": keep-alive\n\ndata: 0123456789\n\n" * 100
    assert events(stream, max_event_bytes=24) == [message("0123456789")] * 100


def test_an_event_of_exactly_the_bound_passes() -> None:
    assert events(b"data: 0123456789\n\n", max_event_bytes=17) == [message("0123456789")]
    with pytest.raises(EventTooLarge):
        events(b"data: 0123456789\n\n", max_event_bytes=16)


def test_a_byte_order_mark_is_no_part_of_the_bound() -> None:
    stream = b"\xef\xbb\xbfdata: abcd\n\n"
    decoder = Decoder(max_event_bytes=11)
    assert [event for byte in stream for event in decoder.feed(bytes([byte]))] == [message("abcd")]


def test_events_before_the_one_over_the_bound_are_not_lost() -> None:
    decoder = Decoder(max_event_bytes=16)
    assert decoder.feed(b"data: a\n\ndata: b\n\ndata: " + b"x" * 100 + b"\n\n") == [
        message("a"),
        message("b"),
    ]
    with pytest.raises(EventTooLarge, match="larger than 16 bytes"):
        decoder.feed(b"")


def test_a_large_event_in_many_chunks_arrives_whole() -> None:
    decoder = Decoder()
    chunks = [b"data: ", *[b"x" * 65_536] * 100, b"\n"]
    assert [decoder.feed(chunk) for chunk in chunks] == [[]] * len(chunks)
    assert decoder.feed(b"\n") == [message("x" * 6_553_600)]


# --- laws ---------------------------------------------------------------------------------------------

PIECES = [
    b"data: ",
    b"data:",
    b"data",
    b"event: e",
    b"id: 1",
    b"id",
    b"retry: 5",
    b":",
    b" ",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xef\xbb\xbf",
    "é🎉".encode(),
    b"\xf0\x9f",
    b"\x8e\x89",
    b"\xff",
    b"x",
]
streams = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=30).map(b"".join)


def outcome(chunks: list[bytes], bound: int) -> tuple[list[ServerEvent], bool]:
    decoder, seen = Decoder(bound), []
    try:
        for chunk in [*chunks, b""]:
            seen += decoder.feed(chunk)
    except EventTooLarge:
        return seen, True
    return seen, False


@given(streams, st.lists(st.integers(0, 120)), st.sampled_from([8, 20, 1000]))
def test_slicing_changes_nothing(stream: bytes, cuts: list[int], bound: int) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert b"".join(chunks) == stream
    assert outcome(chunks, bound) == outcome([stream], bound)


def reference(stream: bytes) -> list[ServerEvent]:
    """The standard's paragraphs, word for word and slowly, on the whole text at once."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    out: list[ServerEvent] = []
    data = kind = last_id = ""
    retry = None
    for line in text.split("\n")[:-1]:
        if line == "":
            if data != "":
                out.append(ServerEvent(kind or "message", data.removesuffix("\n"), last_id, retry))
            data = kind = ""
            continue
        if line.startswith(":"):
            continue
        name, colon, value = line.partition(":")
        value = value[1:] if colon and value.startswith(" ") else value
        match name:
            case "event":
                kind = value
            case "data":
                data += value + "\n"
            case "id" if "\0" not in value:
                last_id = value
            case "retry" if value.isascii() and value.isdigit():
                retry = int(value)
    return out


@given(streams)
def test_every_stream_reads_as_the_standard_says(stream: bytes) -> None:
    assert events(stream) == reference(stream)


# --- lenient, for services that are careless --------------------------------------------------------


def lenient(*chunks: bytes) -> list[tuple[str, str]]:
    decoder = Decoder(whole=lambda data: data.startswith("{") and data.endswith("}"))
    events = [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.rest()
    return [(event.event, event.data) for event in events]


def test_whole_data_is_an_event_without_a_blank_line() -> None:
    assert lenient(b"data: {1}\ndata: {2}\n") == [("message", "{1}"), ("message", "{2}")]
    assert lenient(b"event: a\ndata: {1}\nevent: b\ndata: {2}\n\n") == [("a", "{1}"), ("b", "{2}")]
    assert lenient(b"data: {1\ndata: 2}\n\n") == [("message", "{1\n2}")]


def test_a_named_event_needs_no_data() -> None:
    assert lenient(b"event: end\n\n") == [("end", "")]
    assert lenient(b"event: a\ndata: {1}\n\n\n") == [("a", "{1}")]


def test_the_rest_is_what_the_standard_discards() -> None:
    assert lenient(b"data: {1}") == [("message", "{1}")]
    assert lenient(b"data: half") == [("message", "half")]
    assert lenient(b"event: end") == [("end", "")]
    assert Decoder().rest() == []


@given(
    st.lists(
        st.sampled_from(
            [
                b"data: {1}",
                b"data: {",
                b"data: }",
                b"data:",
                b"event: a",
                b"event:",
                b"",
                b": c",
                b"\n",
                b"\r\n",
                b"\r",
            ]
        ),
        max_size=20,
    ).map(b"".join),
    st.lists(st.integers(0, 100)),
)
def test_slicing_a_careless_stream_changes_nothing(stream: bytes, cuts: list[int]) -> None:
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    pieces = [stream[start:end] for start, end in itertools.pairwise(places)]
    assert lenient(*pieces) == lenient(stream)
