"""One request with patience: its end, what is told of it, and the quota that it counts against."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from exchange_world import ASKED, URL, World, busy, counted, ok

from stackspot_cli.domain import DOTS
from stackspot_cli.errors import (
    RateLimited,
    ServerFailed,
    StackSpotError,
    TimedOut,
)
from stackspot_cli.listener import Waiting
from stackspot_cli.network.attempt import Attempt

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
