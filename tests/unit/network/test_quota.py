"""When the next request may begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.network.quota import (
    DAY,
    MINUTE,
    Damaged,
    Full,
    Go,
    Ledger,
    Limits,
    Pace,
    decide,
    dump,
    load,
    refused,
    spent,
    used,
)

NOW = 1_700_000_040.0


def starts(limits: Limits, asked: list[float], ledger: Ledger | None = None) -> list[float]:
    """When each of the requests begins that are asked for at these times."""
    ledger = ledger or Ledger()
    begun = []
    for now in asked:
        decision = decide(ledger, limits, now)
        assert isinstance(decision, Go)
        ledger = decision.ledger
        begun.append(decision.at)
    return begun


def test_without_limits_everything_begins_at_once() -> None:
    assert starts(Limits(), [NOW, NOW, NOW + 1]) == [NOW, NOW, NOW + 1]


def test_a_full_minute_waits_until_the_first_of_it_is_a_minute_ago() -> None:
    begun = starts(Limits(per_minute=2), [NOW, NOW + 10, NOW + 20, NOW + 21, NOW + 22])
    assert begun == pytest.approx([NOW, NOW + 10, NOW + 60, NOW + 70, NOW + 120], abs=0.05)


@given(
    st.integers(1, 20),
    st.lists(st.floats(0, 30), min_size=1, max_size=60),
)
def test_no_window_of_a_minute_holds_more_than_the_limit(limit: int, gaps: list[float]) -> None:
    asked = [NOW + sum(gaps[: place + 1]) for place in range(len(gaps))]
    begun = starts(Limits(per_minute=limit), asked)
    assert begun == sorted(begun)
    assert all(at >= now for at, now in zip(begun, asked, strict=True))
    assert all(later - earlier > MINUTE for earlier, later in zip(begun, begun[limit:], strict=False))


@given(st.integers(1, 10), st.lists(st.floats(0, 20_000), min_size=1, max_size=60))
def test_no_window_of_a_day_holds_more_than_the_limit(limit: int, gaps: list[float]) -> None:
    ledger, begun, now = Ledger(), [], NOW
    for gap in gaps:
        now += gap
        decision = decide(ledger, Limits(per_day=limit), now)
        if isinstance(decision, Go):
            ledger = decision.ledger
            begun.append(decision.at)
        else:
            assert now < decision.opens_at <= now + DAY + MINUTE
            assert isinstance(decide(ledger, Limits(per_day=limit), decision.opens_at), Go)
    assert all(later - earlier > DAY for earlier, later in zip(begun, begun[limit:], strict=False))


def test_a_full_day_says_when_it_opens() -> None:
    ledger = Ledger(minutes=((int(NOW // 60) - 100, 3, 0), (int(NOW // 60) - 50, 2, 0)))
    assert decide(ledger, Limits(per_day=5), NOW) == Full((int(NOW // 60) - 99) * 60.0 + DAY)
    assert isinstance(decide(ledger, Limits(per_day=6), NOW), Go)


def test_after_a_refusal_the_pace_is_half_of_what_the_last_minute_saw() -> None:
    ledger = Ledger(starts=tuple(NOW - 50 + number for number in range(20)))
    slowed = refused(ledger, Limits(), NOW)
    assert slowed.pace == Pace(20, NOW)
    begun = starts(Limits(), [NOW] * 4, slowed)
    assert begun == pytest.approx([NOW, NOW + 6, NOW + 12, NOW + 18])


def test_several_refusals_at_one_moment_are_one() -> None:
    ledger = refused(Ledger(starts=(NOW - 1,) * 8), Limits(), NOW)
    assert refused(ledger, Limits(), NOW + 1) == ledger
    assert refused(ledger, Limits(), NOW + 10).pace == Pace(8, NOW + 10)


def test_the_pace_recovers_slowly_and_then_is_forgotten() -> None:
    pace = Pace(20, NOW)
    assert [pace.per_minute(NOW + 60 * minutes) for minutes in (0, 1, 5, 10)] == [10.0, 11.0, 15.0, None]
    assert Pace(1, NOW).per_minute(NOW) == 1.0


def test_a_quota_holds_whatever_the_pace_allows() -> None:
    ledger = Ledger(starts=(NOW - 1, NOW - 0.5), pace=Pace(600, NOW))
    assert starts(Limits(per_minute=2), [NOW], ledger) == pytest.approx([NOW + 59], abs=0.05)


def test_what_was_used_is_told() -> None:
    ledger = spent(Ledger(), 0, NOW)
    for _ in range(3):
        decision = decide(ledger, Limits(), NOW)
        assert isinstance(decision, Go)
        ledger = spent(decision.ledger, 100, NOW)
    told = used(ledger, Limits(), NOW + 1)
    assert (told.minute_requests, told.day_requests, told.minute_tokens, told.day_tokens) == (3, 3, 300, 300)
    later = used(ledger, Limits(), NOW + 3_600)
    assert (later.minute_requests, later.day_requests, later.minute_tokens, later.day_tokens) == (
        0,
        3,
        0,
        300,
    )
    assert used(ledger, Limits(), NOW + 2 * DAY).day_requests == 0


def test_a_clock_that_was_set_back_does_not_stop_anybody() -> None:
    ledger = Ledger(starts=(NOW + 10_000,) * 5, pace=Pace(1, NOW + 10_000))
    assert starts(Limits(per_minute=2), [NOW], ledger) == [NOW]


@given(st.integers(1, 5), st.lists(st.floats(0, 30), max_size=20))
def test_a_ledger_comes_back_from_its_text(limit: int, gaps: list[float]) -> None:
    ledger = Ledger(pace=Pace(3, NOW))
    for gap in gaps:
        decision = decide(ledger, Limits(per_minute=limit), NOW + gap)
        assert isinstance(decision, Go)
        ledger = decision.ledger
    assert load(dump(ledger)) == Ledger(tuple(sorted(ledger.starts)), ledger.minutes, ledger.pace)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version":1,"starts":["x"],"minutes":[],"pace":null}',
        "[" * 9_999,
    ],
)
def test_what_is_no_ledger_is_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        load(text)
