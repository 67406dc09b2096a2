"""When the next request may begin."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.network.quota import (
    DAY,
    MINUTE,
    SPAN,
    Damaged,
    Full,
    Go,
    Ledger,
    Limits,
    Pace,
    Used,
    decide,
    dump,
    joined,
    load,
    refused,
    returned,
    slowed,
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
    assert begun == pytest.approx([NOW, NOW + 10, NOW + 60.5, NOW + 70.5, NOW + 121])


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
            assert now < decision.opens_at <= now + DAY + SPAN
            assert isinstance(decide(ledger, Limits(per_day=limit), decision.opens_at), Go)
    assert all(later - earlier > DAY for earlier, later in zip(begun, begun[limit:], strict=False))


@given(st.integers(1, 6), st.lists(st.tuples(st.floats(0, 30), st.sampled_from([0, 0, 4, 9]))))
def test_a_turn_that_is_wanted_later_breaks_no_rule(limit: int, asked: list[tuple[float, float]]) -> None:
    ledger, begun, now = Ledger(), [], NOW
    for gap, wait in asked:
        now += gap
        decision = decide(ledger, Limits(per_minute=limit), now, now + wait)
        assert isinstance(decision, Go)
        assert decision.at >= now + wait
        ledger = decision.ledger
        begun.append(decision.at)
    begun.sort()
    assert all(later - earlier > MINUTE for earlier, later in zip(begun, begun[limit:], strict=False))


def test_a_full_day_says_when_it_opens() -> None:
    span = int(NOW // SPAN)
    ledger = Ledger(spans=((span - 100, 3), (span - 50, 2)))
    assert decide(ledger, Limits(per_day=5), NOW) == Full((span - 99) * SPAN + DAY)
    assert isinstance(decide(ledger, Limits(per_day=6), NOW), Go)


def test_who_does_not_take_a_turn_gives_it_back() -> None:
    limits = Limits(per_minute=2, per_day=9)
    ledger = Ledger()
    for _ in range(3):
        decision = decide(ledger, limits, NOW)
        assert isinstance(decision, Go)
        ledger = decision.ledger
    assert decision.at == NOW + 60.5
    given_back = returned(ledger, decision.at)
    again = decide(given_back, limits, NOW)
    assert again == decision
    assert returned(given_back, decision.at) == given_back


# --- after a refusal ---------------------------------------------------------------------------------


def busy_minute(answered: int = 20) -> Ledger:
    """And one more, which will be refused."""
    return Ledger(starts=tuple(NOW - 50 + number for number in range(answered + 1)))


def test_after_a_refusal_the_pace_is_half_of_what_the_last_minute_saw() -> None:
    slowed = refused(busy_minute(), Limits(), NOW)
    assert slowed == replace(busy_minute(), pace=Pace(20, NOW), refusals=(NOW,))
    later = [NOW + 15] * 4  # when the minute has room again
    assert starts(Limits(), later, replace(slowed, starts=(NOW + 15,))) == pytest.approx(
        [NOW + 15 + 60 / 10.25 * number for number in range(1, 5)]
    )


def test_no_minute_sees_more_again_than_were_answered() -> None:
    slowed = refused(busy_minute(), Limits(), NOW)
    assert starts(Limits(), [NOW], slowed) == [NOW - 49 + 60.5]


def test_several_refusals_at_one_moment_are_one() -> None:
    ledger = refused(Ledger(starts=(NOW - 1,) * 9), Limits(), NOW)
    again = refused(ledger, Limits(), NOW + 1)
    assert again == replace(ledger, refusals=(NOW, NOW + 1))
    assert refused(ledger, Limits(), NOW + 10).pace == Pace(7, NOW + 10)


def test_who_had_next_to_nothing_answered_is_refused_for_others_and_does_not_slow_down() -> None:
    assert refused(busy_minute(3), Limits(), NOW) == replace(busy_minute(3), refusals=(NOW,))
    lone = Ledger()
    for second in range(10):  # one request, refused again and again
        lone = refused(joined(lone, Limits(), [NOW + second]), Limits(), NOW + second)
    assert lone.pace is None


def test_where_nobody_counted_a_minute_ago_the_service_s_own_limit_is_taken_to_be_used_up() -> None:
    own = [NOW - number / 10 for number in range(5)]
    young = joined(Ledger(since=NOW - 30), Limits(), own)
    slowed = refused(young, Limits(), NOW)
    assert (slowed.pace, slowed.closed_until) == (Pace(20, NOW), NOW + 60.5)
    assert starts(Limits(), [NOW, NOW], slowed) == pytest.approx([NOW + 60.5, NOW + 60.5 + 60 / 10])


def test_a_turn_is_over_when_a_refusal_came_after_it_was_given() -> None:
    slow = refused(busy_minute(), Limits(), NOW)
    assert [slowed(slow, NOW - 1), slowed(slow, NOW), slowed(busy_minute(), NOW)] == [True, False, False]


def test_the_pace_recovers_slowly_and_then_is_forgotten() -> None:
    pace = Pace(20, NOW)
    assert [pace.per_minute(NOW + 60 * minutes) for minutes in (0, 1, 5, 10)] == [10.0, 11.0, 15.0, None]


def test_a_quota_holds_whatever_the_pace_allows() -> None:
    ledger = Ledger(starts=(NOW - 1, NOW - 0.5), pace=Pace(600, NOW))
    assert starts(Limits(per_minute=2), [NOW], ledger) == pytest.approx([NOW + 59.5])


# --- what was used -----------------------------------------------------------------------------------


def test_what_was_used_is_told() -> None:
    ledger = Ledger()
    for _ in range(3):
        decision = decide(ledger, Limits(per_minute=2), NOW)
        assert isinstance(decision, Go)
        ledger = spent(decision.ledger, Limits(), 100, NOW)
    seen = [used(ledger, Limits(per_minute=2), NOW + later) for later in (1, 61, 3_600, 2 * DAY)]
    assert seen == [
        Used(2, 2, 300, 300, None),  # the third has not begun
        Used(1, 3, 0, 300, None),
        Used(0, 3, 0, 300, None),
        Used(0, 0, 0, 0, None),
    ]


def test_a_busy_day_makes_no_long_ledger() -> None:
    ledger = Ledger()
    for second in range(0, int(DAY), 3):
        decision = decide(ledger, Limits(), NOW + second)
        assert isinstance(decision, Go)
        ledger = spent(decision.ledger, Limits(), 100, NOW + second)
    assert len(dump(ledger)) < 10_000


def test_a_clock_that_was_set_back_does_not_stop_anybody() -> None:
    ledger = Ledger(starts=(NOW + 100_000,) * 5, pace=Pace(8, NOW + 10_000))
    assert starts(Limits(per_minute=2), [NOW], ledger) == [NOW]


@given(st.integers(1, 5), st.lists(st.floats(0, 30), max_size=20).map(sorted))
def test_a_ledger_comes_back_from_its_text(limit: int, gaps: list[float]) -> None:
    ledger = Ledger(pace=Pace(3, NOW))
    for gap in gaps:
        decision = decide(ledger, Limits(per_minute=limit), NOW + gap)
        assert isinstance(decision, Go)
        ledger = spent(decision.ledger, Limits(), 7, NOW + gap)
    assert load(dump(ledger)) == ledger


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version":1,"starts":["x"],"spans":[],"costs":[],"recent":[],"pace":null}',
        '{"version":1,"starts":[NaN],"spans":[],"costs":[],"recent":[],"pace":null}',
        "[" * 9_999,
    ],
)
def test_what_is_no_ledger_is_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        load(text)
