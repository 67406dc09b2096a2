"""The same question again: when it is asked, and when no more."""

from typing import Any

import pytest
from scripted_client import ScriptedClient

from stackspot_cli.client.polling import Polling, PollPlan
from stackspot_cli.errors import (
    QuotaExceeded,
    RateLimited,
    StackSpotError,
    StillRunning,
    TimedOut,
    Unavailable,
)
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes.call import Call

CALL = Call("GET", "api", "/v1/how-far", repeatable=True)


def polling(client: ScriptedClient, plan: PollPlan, deadline: float | None = None) -> Polling:
    return Polling(client, CALL, plan, client.patience(deadline=deadline), late=lambda: StillRunning("late"))


def test_answers_come_for_as_long_as_somebody_wants_another() -> None:
    client = ScriptedClient(1, 2, 3)
    answers = polling(client, PollPlan()).answers(at_once=True)
    assert [next(answers), next(answers)] == [1, 2]
    answers.close()
    assert (client.calls, client.asked) == ([CALL, CALL], [1_000, 1_005])


@pytest.mark.parametrize(
    ("plan", "at_once", "asked"),
    [
        (PollPlan(0, 5), True, [1_000]),
        (PollPlan(0, 5), False, [1_000]),
        (PollPlan(10, 5), True, [1_000, 1_005, 1_010]),
        (PollPlan(10, 5), False, [1_005, 1_010]),
        (PollPlan(3, 5), False, [1_003]),
        (
            PollPlan(30, 2),
            True,
            [1_000, 1_002, 1_004.5, 1_007.625, 1_011.53125, 1_016.4140625, 1_022.517578125],
        ),
    ],
)
def test_the_intervals_grow_and_the_last_question_is_asked_at_the_end_of_the_wait(
    plan: PollPlan, at_once: bool, asked: list[float]
) -> None:
    client = ScriptedClient("working")
    with pytest.raises(StillRunning, match="late"):
        list(polling(client, plan).answers(at_once=at_once))
    assert client.asked[: len(asked)] == asked
    assert client.asked[-1] == 1_000 + plan.wait_seconds


def test_an_interval_never_grows_beyond_four_times_the_first() -> None:
    client = ScriptedClient("working")
    with pytest.raises(StillRunning):
        list(polling(client, PollPlan(600, 1)).answers(at_once=True))
    assert max(client.clock.slept) == 4


def test_what_was_waited_is_known() -> None:
    client = ScriptedClient("working")
    asking = polling(client, PollPlan())
    answers = asking.answers(at_once=False)
    next(answers)
    assert asking.waited_seconds == 5


@pytest.mark.parametrize("deadline", [1_003.0, 1_000.0, 990.0])
def test_a_deadline_that_comes_first_ends_the_pause_before_it(deadline: float) -> None:
    client = ScriptedClient("working")
    with pytest.raises(TimedOut) as caught:
        list(polling(client, PollPlan(600, 5), deadline).answers(at_once=False))
    assert client.asked == []
    assert client.clock.seconds == max(1_000.0, deadline)
    assert caught.value.hint == "give it longer with --deadline"


def test_a_question_may_be_answered_a_moment_after_the_wait() -> None:
    seen: list[tuple[float | None, float | None]] = []

    def answer(_call: Call, patience: Patience) -> Any:
        seen.append((patience.deadline, patience.retries_end))
        return "done"

    next(polling(ScriptedClient(answer), PollPlan(60, 5)).answers(at_once=True))
    assert seen == [(1_062.0, 1_060.0)]


def test_a_question_that_outlasts_the_wait_is_late_and_one_that_fails_is_not() -> None:
    def silent(_call: Call, patience: Patience) -> TimedOut:
        client.clock.seconds += patience.remaining_seconds()
        return TimedOut("silent")

    client = ScriptedClient(silent)
    with pytest.raises(StillRunning, match="late"):
        next(polling(client, PollPlan(60, 5)).answers(at_once=True))
    with pytest.raises(Unavailable, match="lost"):
        next(polling(ScriptedClient(Unavailable("lost")), PollPlan(60, 5)).answers(at_once=True))


def test_a_silence_or_the_deadline_of_the_command_is_told_as_what_it_is() -> None:
    def silent(_call: Call, patience: Patience) -> TimedOut:
        client.clock.seconds += patience.remaining_seconds()
        return TimedOut("silent")

    client = ScriptedClient(silent)
    with pytest.raises(TimedOut, match="silent"):
        next(polling(client, PollPlan(600, 5)).answers(at_once=True))
    assert client.clock.seconds == 1_180
    client = ScriptedClient(silent)
    with pytest.raises(TimedOut, match="silent"):
        next(polling(client, PollPlan(60, 5), deadline=1_050.0).answers(at_once=True))
    assert client.clock.seconds == 1_050


TURN_TOO_LATE = RateLimited("the quota of this minute is used up", retry_after_seconds=50)


def test_a_turn_that_comes_after_the_wait_is_late() -> None:
    client = ScriptedClient("working", TURN_TOO_LATE)
    with pytest.raises(StillRunning, match="late"):
        list(polling(client, PollPlan(20, 5)).answers(at_once=True))
    assert client.clock.seconds == 1_020


@pytest.mark.parametrize(
    ("failure", "deadline"),
    [
        (TURN_TOO_LATE, 1_010.0),
        (QuotaExceeded("the quota of this day is used up", retry_after_seconds=5_000), None),
        (RateLimited("429", status=429, retry_after_seconds=5_000), None),
    ],
)
def test_a_quota_that_stops_more_than_this_question_is_told_as_what_it_is(
    failure: StackSpotError, deadline: float | None
) -> None:
    with pytest.raises(RateLimited) as caught:
        next(polling(ScriptedClient(failure), PollPlan(20, 5), deadline).answers(at_once=True))
    assert caught.value is failure
