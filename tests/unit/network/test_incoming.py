"""An answer's body: in chunks whose failures are ours, whole within a bound, or as far as it came."""

import gzip
from collections.abc import Iterator

import httpx
import pytest
from clock import Clock

from stackspot_cli.errors import NotAnAnswer, StackSpotError, TimedOut
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.incoming import END_SECONDS, Incoming, beginning, whole
from stackspot_cli.network.patience import Patience

URL = "https://api.example/v3/chat?key=s3cr3t"
LOST = httpx.ReadError("Connection reset by peer")


class Body(httpx.SyncByteStream):
    """Pieces as they come; an exception among them is raised. Remembers whether it was closed, and after how many."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.given = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            self.given += 1
            yield piece

    def close(self) -> None:
        self.closed = True


def response(body: Body, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, headers=named, stream=body, request=httpx.Request("POST", URL))


def incoming(body: Body, **headers: str) -> Incoming:
    return Incoming(response(body, **headers), Attempt(Patience(180.0)))


def test_chunks_are_what_came() -> None:
    answer = incoming(Body(b"one", b"two"), content_type="text/event-stream")
    assert (answer.url, answer.content_type) == (URL, "text/event-stream")
    assert list(answer.chunks()) == [b"one", b"two"]


def test_packed_chunks_are_unpacked() -> None:
    packed = gzip.compress(b"one two")
    answer = incoming(Body(packed[:9], packed[9:]), content_encoding="gzip")
    assert b"".join(answer.chunks()) == b"one two"


def test_an_answer_need_not_say_what_it_is() -> None:
    assert incoming(Body()).content_type == ""


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (Body(b"one", LOST), {}, "the connection to api.example was lost: the other side hung up"),
        (
            Body(b"no gzip"),
            {"content_encoding": "gzip"},
            "the answer of api.example cannot be read: it cannot be unpacked",
        ),
        (
            Body(gzip.compress(gzip.compress(b"one"))),
            {"content_encoding": "gzip, gzip"},
            "the answer of api.example cannot be read: it is packed more than once, which nobody asked for",
        ),
    ],
)
def test_a_body_that_breaks_off_raises_our_error_and_chains_the_librarys(
    body: Body, headers: dict[str, str], message: str
) -> None:
    chunks = incoming(body, **headers).chunks()
    with pytest.raises(StackSpotError) as caught:
        list(chunks)
    assert caught.value.message == message
    assert isinstance(caught.value.__cause__, httpx.HTTPError)


def test_what_the_reader_itself_raises_is_not_taken_for_a_lost_connection() -> None:
    chunks = incoming(Body(b"one", b"two")).chunks()
    assert next(chunks) == b"one"
    with pytest.raises(KeyboardInterrupt):
        chunks.throw(KeyboardInterrupt())  # type: ignore[attr-defined]  # a generator


@pytest.mark.parametrize("pieces", [(b"bye",), (b"x" * 100_000, b"never asked for"), (b"bye", LOST)])
def test_draining_reads_a_little_fails_never_and_closes(pieces: tuple[bytes | Exception, ...]) -> None:
    body = Body(*pieces)
    incoming(body).drain()
    assert (body.given, body.closed) == (1, True)


def test_a_flood_ends_when_patience_does_although_nothing_is_ever_waited_for() -> None:
    clock = Clock(1_000.0)
    answer = Incoming(response(Body(*[b":\n"] * 9)), Attempt(Patience(3.0, now=clock.now)))
    came = []
    with pytest.raises(TimedOut, match=r"api.example was silent for 3 s"):
        for chunk in answer.chunks():
            came.append(chunk)
            clock.seconds += 1.0
    assert came == [b":\n"] * 3


def test_one_packed_piece_is_such_a_flood_too() -> None:
    clock = Clock(1_000.0)
    packed = Body(gzip.compress(b":\n" * 5_000_000))
    attempt = Attempt(Patience(3.0, now=clock.now))
    with pytest.raises(TimedOut):
        for _chunk in Incoming(response(packed, content_encoding="gzip"), attempt).chunks():
            clock.seconds += 1.0


def test_finishing_reads_the_rest_for_a_moment_and_closes() -> None:
    body = Body(b"one", b"last", b"")
    answer = incoming(body)
    next(answer.chunks())
    answer.finish()
    assert (body.given, body.closed) == (3, True)


@pytest.mark.parametrize("rest", [(LOST,), (b"x" * 100_000, b"never asked for"), (httpx.ReadTimeout(""),)])
def test_finishing_fails_never_and_wants_no_more_than_the_end(rest: tuple[bytes | Exception, ...]) -> None:
    body = Body(b"one", *rest)
    answer = incoming(body)
    next(answer.chunks())
    answer.finish()
    assert (body.given <= 2, body.closed) == (True, True)


def test_finishing_waits_no_longer_than_a_moment() -> None:
    clock = Clock(1_000.0)
    attempt = Attempt(Patience(180.0, now=clock.now))
    answer = Incoming(response(Body()), attempt)
    answer.finish()
    assert attempt.patience.remaining_seconds() == pytest.approx(END_SECONDS)


def test_closing_closes() -> None:
    body = Body(b"one")
    incoming(body).close()
    assert (body.given, body.closed) == (0, True)


# --- bounded -----------------------------------------------------------------------------------------


def test_a_whole_body_up_to_the_limit_is_given() -> None:
    body = Body(b"abc", b"def")
    assert (whole(response(body), 6), body.closed) == (b"abcdef", True)


def test_a_body_over_the_limit_is_no_answer_and_is_not_read_to_its_end() -> None:
    body = Body(b"abc", b"def", b"never asked for")
    with pytest.raises(NotAnAnswer) as caught:
        whole(response(body), 5)
    assert (caught.value.message, caught.value.hint) == (
        "the answer of https://api.example/v3/chat?key=•••••••• is larger than 5 bytes",
        "a proxy or captive portal may stand in between: look with `stackspot status`",
    )
    assert (body.given, body.closed) == (2, True)


def test_a_whole_body_that_breaks_off_is_for_the_exchange_to_judge() -> None:
    body = Body(b"abc", LOST)
    with pytest.raises(httpx.ReadError):
        whole(response(body), 6)
    assert body.closed


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [((b"abc", b"def"), b"abcde"), ((b"abc", LOST), b"abc"), ((LOST,), b""), ((), b"")],
)
def test_the_beginning_of_a_body_is_as_much_as_came_within_the_limit(
    pieces: tuple[bytes | Exception, ...], expected: bytes
) -> None:
    body = Body(*pieces)
    assert (beginning(response(body), 5), body.closed) == (expected, True)
