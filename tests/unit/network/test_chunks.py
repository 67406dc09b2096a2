"""A chunked body read many chunks at once is the body that h11 reads one by one, and fails where that fails."""

from itertools import pairwise

import h11
import httpcore
import pytest
from h11._readers import ChunkedReader
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.network import chunks
from stackspot_cli.network.chunks import read_many_at_once, whole_chunks

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def encoded(contents: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in contents)


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (b"", (b"", 0)),
        (b"2\r\nHi\r\n", (b"Hi", 7)),
        (b"2\r\nHi\r\n1\r\n!\r\n", (b"Hi!", 13)),
        (b"A\r\n0123456789\r\n", (b"0123456789", 15)),
        (b"0002\r\nHi\r\n", (b"Hi", 10)),
        (b"2\r\nHi\r\n3\r\nyo", (b"Hi", 7)),  # the second one has not come whole
        (b"2\r\nHi\r\n3\r\nyou", (b"Hi", 7)),
        (b"2\r\nHi\r\n3\r\nyou\r", (b"Hi", 7)),
        (b"2\r\nHi\r\n0\r\n\r\n", (b"Hi", 7)),  # what ends a body, trailers perhaps, is left where it is
        (b"00\r\n\r\n", (b"", 0)),
        (b"2;a=b\r\nHi\r\n", (b"", 0)),  # for h11 to read
        (b"2 \r\nHi\r\n", (b"", 0)),
        (b"2\nHi\r\n", (b"", 0)),  # and from here on, to refuse
        (b"2\r\nHi!\r\n", (b"", 0)),
        (b"+2\r\nHi\r\n", (b"", 0)),
        (b"0x2\r\nHi\r\n", (b"", 0)),
        (b"1_0\r\n0123456789012345\r\n", (b"", 0)),
        (b"\xd9\xa2\r\nHi\r\n", (b"", 0)),  # a digit, in Arabic
        (b"-1\r\n\r\n", (b"", 0)),
        (b"%s2\r\nHi\r\n" % (b"0" * 20), (b"", 0)),
    ],
)
def test_only_plain_chunks_that_have_come_whole_are_taken(received: bytes, found: tuple[bytes, int]) -> None:
    assert whole_chunks(received) == found
    assert whole_chunks(bytearray(received)) == found


def outcome(parts: list[bytes], *, many: bool) -> tuple[bytes, object]:
    """The body that h11 makes of an answer in these parts, the connection's end behind them; and how it ended."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(HEAD)
    assert isinstance(connection.next_event(), h11.Response)
    assert type(connection._reader) is ChunkedReader
    if many:
        connection._reader = chunks._ManyAtOnce()
    body = b""
    for part in [*filter(None, parts), b""]:
        connection.receive_data(part)
        while True:
            try:
                event = connection.next_event()
            except h11.RemoteProtocolError as error:
                return body, (str(error), error.error_status_hint)
            if isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return body, (list(event.headers), connection.trailing_data)
            else:
                assert event is h11.NEED_DATA
                break
    raise AssertionError("the end of the connection ends a chunked body, one way or the other")


def sliced(wire: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(wire) + 1) for cut in cuts), len(wire)]
    return [wire[start:end] for start, end in pairwise(places)]


contents = st.lists(st.binary(min_size=1, max_size=40), max_size=12)
ends = st.sampled_from(
    [b"0\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"", b"0\r\n", b"2;x=y\r\nHi\r\n0\r\n\r\n", b"2 \r\nHi\r\n0\r\n\r\n"]
)
cuts = st.lists(st.integers(0, 2**16), max_size=12)


@given(contents, ends, cuts)
def test_a_body_is_the_same_in_any_slicing(contents: list[bytes], end: bytes, cuts: list[int]) -> None:
    parts = sliced(encoded(contents) + end, cuts)
    assert outcome(parts, many=True) == outcome(parts, many=False)


@given(
    contents,
    ends,
    cuts,
    st.integers(0, 2**16),
    st.sampled_from([b"", b"\r", b"\n", b"0", b";", b"\x00", b"x"]),
)
def test_a_damaged_body_fails_in_the_same_place_and_in_the_same_words(
    contents: list[bytes], end: bytes, cuts: list[int], place: int, damage: bytes
) -> None:
    wire = encoded(contents) + end
    place %= len(wire) + 1
    parts = sliced(wire[:place] + damage + wire[place + 1 :], cuts)
    assert outcome(parts, many=True) == outcome(parts, many=False)


@given(st.text("0123aAfF \r\n;x\x00", max_size=60), cuts)
def test_whatever_comes_in_the_place_of_chunks_is_judged_by_h11(text: str, cuts: list[int]) -> None:
    parts = sliced(text.encode(), cuts)
    assert outcome(parts, many=True) == outcome(parts, many=False)


def test_the_chunks_of_one_read_are_one_piece() -> None:
    """So that a release of httpcore or h11 that names its parts otherwise is noticed."""
    numbers = [b"%d" % number for number in range(100)]
    wire = [
        HEAD + encoded([b"first"]),
        encoded(numbers) + b"5\r\nla",
        b"st!\r\n" + encoded([b" or not"]),
        b"0\r\n\r\n",
    ]
    with (
        httpcore.ConnectionPool(network_backend=httpcore.MockBackend(wire)) as pool,
        pool.stream("GET", "http://service.example") as answer,
    ):
        read_many_at_once(answer)
        assert list(answer.iter_stream()) == [b"first", b"".join(numbers), b"la", b"st!", b" or not"]


def test_an_answer_that_is_no_body_of_chunks_is_left_as_it_is() -> None:
    wire = [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n2\r\nHi\r\n\r\n"]
    with (
        httpcore.ConnectionPool(network_backend=httpcore.MockBackend(wire)) as pool,
        pool.stream("GET", "http://service.example") as answer,
    ):
        read_many_at_once(answer)
        assert list(answer.iter_stream()) == [b"2\r\nHi\r\n\r\n"]
    read_many_at_once(httpcore.Response(200, content=b"not of a connection at all"))
