"""One request until it is answered or hopeless: over a scripted transport, with a clock and chance of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from exchange_world import ASKED, ONCE, URL, Step, World, busy, ok

from stackspot_cli.errors import (
    CannotConnect,
    CertificateRejected,
    NotAnAnswer,
    ServerFailed,
    Unavailable,
)
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.tls import CertificatesUnreadable

# --- what is sent ------------------------------------------------------------------------------------


def test_a_request_has_our_name_and_its_own_headers_come_before_ours() -> None:
    world = World(ok())
    world.fetch(replace(ASKED, headers={"Accept": "text/event-stream"}))
    (sent,) = world.service.requests
    assert (sent.method, str(sent.url), sent.read()) == ("POST", URL, b"{}")
    assert sorted(sent.headers.items()) == [
        ("accept", "text/event-stream"),
        ("accept-encoding", "gzip, deflate"),
        ("content-length", "2"),
        ("host", "api.example"),
        ("user-agent", "stackspot-cli/1.2.3"),
    ]


def test_each_attempt_sends_the_same_and_is_seen_by_itself() -> None:
    world = World(busy(), httpx.ReadError("cut"), ok())
    assert world.fetch() == b"Hi"
    requests = world.service.requests
    assert len({(one.method, str(one.url), one.read(), tuple(one.headers.raw)) for one in requests}) == 1
    assert len({id(one.extensions["attempt"]) for one in requests}) == 3


def test_who_wants_to_know_how_much_is_out_is_told_by_each_attempt() -> None:
    def sends(attempt: Attempt) -> httpx.Response:
        attempt.on_sent(7)
        return ok()

    sent: list[int] = []
    World(sends).fetch(replace(ASKED, on_sent=sent.append))
    assert sent == [7]


@pytest.mark.parametrize("url", ["http://[::1", "http://x:port/", "http://\x00/"])
def test_what_is_no_address_is_told_before_anything_is_sent(url: str) -> None:
    world = World()
    failure = world.fails(replace(ASKED, url=url))
    assert type(failure) is CannotConnect and failure.message.endswith(" is not an address")
    assert world.service.requests == []


# --- what comes back ---------------------------------------------------------------------------------


def test_a_good_answer_comes_open_and_in_chunks() -> None:
    world = World(httpx.Response(201, stream=httpx.ByteStream(b"created")))
    answer = world.exchange.send(ASKED, world.patience())
    assert (answer.url, list(answer.chunks())) == (URL, [b"created"])


def test_a_body_over_the_limit_is_no_answer_and_not_asked_for_again() -> None:
    world = World(ok(b"x" * 101))
    assert type(world.fails()) is NotAnAnswer
    assert len(world.service.requests) == 1


@pytest.mark.parametrize("status", [301, 400, 401, 404, 418, 501])
def test_a_definite_no_is_explained_at_once(status: int) -> None:
    world = World(httpx.Response(status, content=b"why", headers={"X-Why": "because"}))
    failure = world.fails()
    assert (failure.message, failure.hint) == (f"{status} why because {URL}", "the explainer's hint")
    assert (world.clock.slept, len(world.service.requests)) == ([], 1)


def test_what_a_refusal_says_is_read_to_a_bound_and_a_cut_in_it_is_no_other_failure() -> None:
    class Endless(httpx.SyncByteStream):
        given = 0

        def __iter__(self) -> Iterator[bytes]:
            while True:
                self.given += 1
                yield b"x" * 1_024

    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"half"
            raise httpx.ReadError("cut")

    endless = Endless()
    messages = [World(httpx.Response(400, stream=body)).fails().message for body in (endless, Cut())]
    assert messages == [f"400 {'x' * 65_536}  {URL}", f"400 half  {URL}"]
    assert endless.given == 65


# --- again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        ([busy()], [0.5]),
        ([busy(), busy(500)], [0.5, 1.0]),
        ([busy(429)], [2.0]),
        ([busy(429, retry_after="7"), busy(retry_after="0")], [7.0]),
        ([busy(429, retry_after="Sun, 06 Nov 1994 08:49:47 GMT")], [10.0]),
        (
            [busy(429, retry_after="Sun, 06 Nov 1994 08:49:47 GMT", date="Sun, 06 Nov 1994 08:49:44 GMT")],
            [3.0],
        ),
        ([httpx.ConnectError("refused"), httpx.ReadTimeout("")], [0.5, 1.0]),
        ([httpx.DecodingError("half")], [0.5]),
    ],
)
def test_what_may_pass_is_asked_for_again_after_a_wait(failures: list[Step], waits: list[float]) -> None:
    world = World(*failures, ok())
    assert world.fetch() == b"Hi"
    assert world.clock.slept == waits


def test_a_body_that_breaks_off_is_fetched_again() -> None:
    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"half"
            raise httpx.RemoteProtocolError("peer closed connection")

    world = World(httpx.Response(200, stream=Cut()), ok())
    assert world.fetch() == b"Hi"


def test_attempts_end_and_the_last_failure_is_told() -> None:
    world = World(busy(), busy(), httpx.ConnectError("refused"))
    failure = world.fails()
    assert (type(failure), failure.message) == (
        CannotConnect,
        "cannot connect to api.example: nobody says why",
    )
    assert world.clock.slept == [0.5, 1.0]


def test_a_request_that_may_arrive_once_is_not_sent_again_after_it_was_sent() -> None:
    world = World(httpx.ReadError("cut"))
    assert type(world.fails(ONCE)) is Unavailable
    assert len(world.service.requests) == 1


def test_a_request_that_may_arrive_once_is_sent_again_where_it_never_arrived_or_was_refused() -> None:
    world = World(httpx.ConnectError("refused"), busy(429), ok())
    assert world.fetch(ONCE) == b"Hi"


def closed(attempt: Attempt) -> Exception:
    """What a request meets on a kept connection that the other side has closed."""
    attempt.reused = True
    return httpx.RemoteProtocolError("Server disconnected without sending a response.")


def test_a_kept_connection_that_had_been_closed_is_replaced_at_once_and_does_not_count_as_a_wait() -> None:
    world = World(closed, ok(), retries=0)
    assert world.fetch(ONCE) == b"Hi"
    assert world.clock.slept == []
    assert world.steps[1] == "the kept connection had been closed: asking on a new one"


def test_the_request_on_the_new_connection_is_no_retry() -> None:
    fresh: list[bool] = []

    def seen(answer: httpx.Response) -> Callable[[Attempt], httpx.Response]:
        def step(attempt: Attempt) -> httpx.Response:
            fresh.append(attempt.fresh)
            return answer

        return step

    world = World(closed, seen(busy()), seen(busy()), seen(ok()), retries=2)
    assert world.fetch() == b"Hi"
    assert fresh == [True, False, False]
    assert len(world.clock.slept) == 2


def test_a_second_connection_that_is_closed_is_a_failure() -> None:
    world = World(closed, closed, retries=2)
    assert type(world.fails(ONCE)) is Unavailable


def test_without_retries_there_is_one_attempt_and_the_original_is_as_it_was() -> None:
    world = World(busy(), busy(), ok())
    with pytest.raises(ServerFailed):
        world.exchange.without_retries().fetch(ASKED, world.patience(), limit=100)
    assert len(world.service.requests) == 1
    assert world.fetch() == b"Hi"


def test_certificates_that_cannot_be_read_are_told_at_once() -> None:
    unreadable = CertificatesUnreadable("SSL_CERT_FILE", "/ca.pem")
    unreadable.__cause__ = FileNotFoundError(2, "No such file or directory")
    world = World(unreadable)
    assert type(world.fails()) is CertificateRejected
    assert len(world.service.requests) == 1
