"""One request until it is answered or hopeless: over a scripted transport, with a clock and chance of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from clock import Clock

from stackspot_cli.domain import DOTS
from stackspot_cli.errors import (
    CannotConnect,
    CertificateRejected,
    NotAnAnswer,
    RateLimited,
    Refused,
    ServerFailed,
    StackSpotError,
    TimedOut,
    Unavailable,
)
from stackspot_cli.listener import Listener, Waiting
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.exchange import Exchange, Outgoing
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.quota import Limits
from stackspot_cli.network.retry import RetryPolicy
from stackspot_cli.network.shared_quota import SharedQuota
from stackspot_cli.network.tls import CertificatesUnreadable

URL = "https://api.example/v3/chat?key=s3cr3t"
NOON = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT
Step = httpx.Response | Exception | Callable[[Attempt], "httpx.Response | Exception"]


class Service(httpx.BaseTransport):
    """Answers with what is next in the script. A function among it sees the attempt."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0)
        answer = step if isinstance(step, httpx.Response | Exception) else step(request.extensions["attempt"])
        if isinstance(answer, Exception):
            raise answer
        return answer


class World:
    """An exchange with a service in memory; time passes where it sleeps."""

    def __init__(self, *script: Step, retries: int = 2, debug: bool = False) -> None:
        self.clock = Clock()
        self.service = Service(*script)
        self.steps: list[str] = []
        self.wire: list[str] = []
        self.waits: list[Waiting] = []
        self.exchange = Exchange(
            self.service,
            RetryPolicy(retries, 0.5),
            user_agent="stackspot-cli/1.2.3",
            listener=Listener(
                step=self.steps.append,
                waiting=self.waits.append,
                wire=self.wire.append if debug else None,
            ),
            sleep=self.clock.sleep,
            uniform=lambda _low, high: high,
            wall_clock=lambda: NOON,
        )

    def patience(self, deadline: float | None = None, **how: object) -> Patience:
        return Patience(180.0, deadline=deadline, now=self.clock.now, **how)  # type: ignore[arg-type]

    def fetch(
        self, outgoing: Outgoing | None = None, deadline: float | None = None, limit: int = 100
    ) -> bytes:
        return self.exchange.fetch(outgoing or ASKED, self.patience(deadline), limit=limit)

    def fails(self, outgoing: Outgoing | None = None, deadline: float | None = None) -> StackSpotError:
        with pytest.raises(StackSpotError) as caught:
            self.fetch(outgoing, deadline)
        return caught.value


def explain(status: int, body: bytes, headers: Mapping[str, str], url: str) -> StackSpotError:
    kind = {429: RateLimited, 503: ServerFailed}.get(status, Refused)
    return kind(
        f"{status} {body.decode()} {headers.get('x-why', '')} {url}", "the explainer's hint", status=status
    )


ASKED = Outgoing("POST", URL, explain, {"Authorization": "Bearer t0ken"}, b"{}", repeatable=True)
ONCE = replace(ASKED, repeatable=False)


def ok(body: bytes = b"Hi") -> httpx.Response:
    return httpx.Response(200, content=body)


def busy(status: int = 503, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


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


def test_a_kept_connection_that_had_been_closed_is_replaced_at_once_and_does_not_count_as_a_wait() -> None:
    def closed(attempt: Attempt) -> Exception:
        attempt.reused = True
        return httpx.RemoteProtocolError("Server disconnected without sending a response.")

    world = World(closed, ok(), retries=0)
    assert world.fetch(ONCE) == b"Hi"
    assert world.clock.slept == []


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


# --- the end of patience -----------------------------------------------------------------------------


def test_a_wait_that_would_outlast_the_deadline_is_not_begun() -> None:
    world = World(busy())
    failure = world.fails(deadline=world.clock.seconds + 0.5)
    assert (type(failure), world.clock.slept) == (ServerFailed, [])


def test_after_the_deadline_no_attempt_is_made() -> None:
    world = World()

    def late(_attempt: Attempt) -> Exception:
        world.clock.seconds += 5
        return httpx.ReadTimeout("patience ended")

    world.service.script = [late]
    failure = world.fails(deadline=world.clock.seconds + 5)
    assert (type(failure), failure.message) == (
        TimedOut,
        "the deadline passed before the whole answer of api.example had come",
    )


def test_each_attempt_begins_the_silence_anew() -> None:
    world = World()
    left: list[float] = []

    def silent(attempt: Attempt) -> Exception:
        left.append(attempt.patience.remaining_seconds())
        world.clock.seconds += 180.0
        return httpx.ReadTimeout("patience ended")

    world.service.script = [silent, silent, silent]
    world.fails()
    assert left == [180.0, 180.0, 180.0]


@pytest.mark.parametrize(
    ("answer", "deadline", "kind", "come_back"),
    [
        (busy(429, retry_after="3600"), None, RateLimited, 3_600.0),
        (busy(503, retry_after="3600"), None, RateLimited, 3_600.0),
        (busy(503, retry_after="30"), 1_010.0, RateLimited, 30.0),
    ],
)
def test_who_is_asked_to_come_back_much_later_is_told_when(
    answer: httpx.Response, deadline: float | None, kind: type[StackSpotError], come_back: float
) -> None:
    world = World(answer)
    failure = world.fails(deadline=deadline)
    assert (type(failure), failure.hint, failure.retry_after_seconds, failure.status, world.clock.slept) == (
        kind,
        f"come back in {come_back:.0f} s, as StackSpot asked",
        come_back,
        answer.status_code,
        [],
    )


def test_after_the_last_attempt_the_service_s_wish_is_told_and_the_failure_stays_what_it_is() -> None:
    failure = World(busy(503, retry_after="9"), retries=0).fails()
    assert (type(failure), failure.hint, failure.retry_after_seconds) == (
        ServerFailed,
        "come back in 9 s, as StackSpot asked",
        9.0,
    )


def test_who_draws_is_served_while_we_wait() -> None:
    world = World()
    wishes = iter([0.25, 0.5, None])
    world.exchange.pause(1.0, world.patience(idle=lambda: next(wishes)))
    assert world.clock.slept == [0.25, 0.5, 0.25]


# --- what is told of it ------------------------------------------------------------------------------


def test_each_step_is_told_without_secrets() -> None:
    world = World(busy(x_request_id="req-7\x1b"), ok())
    world.fetch()
    assert world.steps == [
        f"POST https://api.example/v3/chat?key={DOTS} (1/3)",
        "503 Service Unavailable, request id req-7␛",
        f"503   {URL}; trying again in 0.5 s (1 of 2)",
        f"POST https://api.example/v3/chat?key={DOTS} (2/3)",
        "200 OK",
    ]
    assert world.wire == []


def test_the_wire_is_told_header_by_header_with_dots_for_what_may_be_secret() -> None:
    world = World(httpx.Response(200, headers={"Set-Cookie": "s3cr3t", "Server": "x"}), debug=True)
    world.fetch(replace(ASKED, content=b""))
    assert world.wire == [
        "> host: api.example",
        "> content-length: 0",
        "> user-agent: stackspot-cli/1.2.3",
        "> accept: application/json",
        "> accept-encoding: gzip, deflate",
        f"> authorization: {DOTS}",
        f"< set-cookie: {DOTS}",
        "< server: x",
    ]


def test_a_wait_is_told_with_its_seconds_its_reason_and_the_attempt_that_follows() -> None:
    world = World(busy(429), busy(), ok())
    world.fetch()
    assert world.waits == [
        Waiting(2.0, "429", f"429   {URL}", 2, 3),
        Waiting(1.0, "503", f"503   {URL}", 3, 3),
    ]


# --- the quota ---------------------------------------------------------------------------------------


def counted(world: World, folder: Path, **limits: int) -> Outgoing:
    def wall_clock() -> float:
        return NOON + world.clock.seconds

    notes: list[str] = []
    quota = SharedQuota(folder / "count.json", Limits(**limits), notes.append, wall_clock=wall_clock)
    return replace(ASKED, quota=quota)


def test_every_attempt_counts_and_waits_for_its_turn(tmp_path: Path) -> None:
    world = World(ok(), busy(), ok())
    asked = counted(world, tmp_path, per_minute=2)
    world.fetch(asked)
    world.fetch(asked)
    assert world.clock.slept == [pytest.approx(60.5)]  # the retry's own half second is within
    assert world.waits == [Waiting(pytest.approx(60.5), "503", f"503   {URL}", 2, 3)]


def test_how_many_attempts_were_made_is_known() -> None:
    world = World(busy(), ok())
    patience = world.patience()
    world.exchange.fetch(ASKED, patience, limit=100)
    assert patience.attempts == 2


def test_a_wait_for_the_quota_is_told_as_one(tmp_path: Path) -> None:
    world = World(ok(), ok())
    asked = counted(world, tmp_path, per_minute=1)
    world.fetch(asked)
    world.fetch(asked)
    assert world.waits == [Waiting(pytest.approx(60.5), "waiting for the quota")]
    assert "the quota lets the next request begin in 60.5 s" in world.steps


def test_a_turn_after_the_deadline_ends_it_and_counts_nothing(tmp_path: Path) -> None:
    world = World(ok())
    asked = counted(world, tmp_path, per_minute=1)
    world.fetch(asked)
    failure = world.fails(asked, deadline=world.clock.seconds + 10)
    assert (type(failure), failure.message) == (
        RateLimited,
        "the quota of this minute is used up, and opens in 60 s",
    )
    assert asked.quota is not None and asked.quota.used().minute_requests == 1  # type: ignore[union-attr]


def test_after_a_refusal_whose_retry_comes_too_late_the_service_s_own_words_are_told(tmp_path: Path) -> None:
    world = World(*[ok()] * 4, busy(429, x_why="slow down"))
    asked = counted(world, tmp_path)
    for _ in range(4):
        world.fetch(asked)
    failure = world.fails(asked, deadline=world.clock.seconds + 3)
    assert failure.message == f"429  slow down {URL}"
    assert (failure.hint, failure.retry_after_seconds) == ("come back in 60 s, as StackSpot asked", 60.5)


def test_after_a_refusal_everybody_waits_longer(tmp_path: Path) -> None:
    world = World(*[ok()] * 4, busy(429), ok(), ok())
    asked = counted(world, tmp_path)
    for _ in range(6):
        world.fetch(asked)
    # What other processes did is not known yet: a minute, then ten a minute, and a little more each minute.
    assert world.clock.slept == pytest.approx([60.5, 60 / 11], rel=0.01)


def test_a_turn_that_was_given_before_a_refusal_is_asked_for_anew(tmp_path: Path) -> None:
    world = World(*[ok()] * 6)
    asked = counted(world, tmp_path, per_minute=5)
    for _ in range(5):
        world.fetch(asked)
    elsewhere = counted(world, tmp_path, per_minute=5).quota
    assert elsewhere is not None
    began = world.clock.seconds

    def refused_meanwhile() -> float:
        if world.clock.seconds == began + 20.0:
            elsewhere.refused()
        return 20.0

    world.exchange.fetch(asked, world.patience(idle=refused_meanwhile), limit=100)
    # Its turn came after 60.5 s, and the service opens a minute after the refusal.
    assert world.clock.seconds == pytest.approx(began + 20.0 + 60.5)


def test_who_is_interrupted_while_waiting_gives_the_turn_back(tmp_path: Path) -> None:
    world = World(ok(), ok())
    asked = counted(world, tmp_path, per_minute=1)
    world.fetch(asked)

    def interrupt() -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.exchange.fetch(asked, world.patience(idle=interrupt), limit=100)
    world.fetch(asked)
    assert world.clock.slept == [pytest.approx(60.5)]
