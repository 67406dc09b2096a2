"""How long may be waited, as numbers: no socket, no clock but the test's."""

import pytest
from clock import Clock

from stackspot_cli.network.patience import Patience


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


def left(patience: Patience) -> tuple[float, float | None, float | None, bool]:
    return (
        patience.remaining_seconds(),
        patience.deadline_seconds(),
        patience.retry_seconds(),
        patience.deadline_passed(),
    )


def test_silence_is_measured_by_the_clock_whether_anybody_waits_or_not(clock: Clock) -> None:
    patience = Patience(60.0, now=clock.now)
    assert left(patience) == (60.0, None, None, False)
    clock.seconds += 59.0
    assert left(patience) == (1.0, None, None, False)
    clock.seconds += 2.0
    assert left(patience) == (-1.0, None, None, False)


def test_what_is_excused_is_no_silence(clock: Clock) -> None:
    patience = Patience(60.0, now=clock.now)
    clock.seconds += 3_600  # a suspended process
    patience.excuse(3_590.0)
    assert left(patience) == (50.0, None, None, False)


def test_what_drawing_takes_is_no_silence_and_counts_for_the_deadline(clock: Clock) -> None:
    def draw() -> float:
        clock.seconds += 30.0  # the reader of our stdout took a break
        return 0.5

    patience = Patience(60.0, deadline=1_040.0, idle=draw, now=clock.now)
    clock.seconds += 1.0
    assert patience.idle() == 0.5
    assert left(patience) == (9.0, 9.0, 9.0, False)
    assert patience.silence_seconds - Patience(60.0, now=clock.now).remaining_seconds() == 0.0


def test_drawing_that_fails_is_no_silence_either(clock: Clock) -> None:
    def fail() -> float:
        clock.seconds += 30.0
        raise BrokenPipeError

    patience = Patience(60.0, idle=fail, now=clock.now)
    with pytest.raises(BrokenPipeError):
        patience.idle()
    assert patience.remaining_seconds() == 60.0


def test_a_touch_begins_the_silence_anew(clock: Clock) -> None:
    patience = Patience(60.0, now=clock.now)
    clock.seconds += 59.0
    patience.touch()
    assert patience.remaining_seconds() == 60.0


def test_a_deadline_counts_everything_and_a_touch_does_not_move_it(clock: Clock) -> None:
    patience = Patience(60.0, deadline=1_005.0, now=clock.now)
    assert left(patience) == (5.0, 5.0, 5.0, False)
    clock.seconds = 1_005.0
    patience.touch()
    assert left(patience) == (0.0, 0.0, 0.0, True)
    clock.seconds = 1_006.0
    assert left(patience) == (-1.0, -1.0, -1.0, True)


def test_asking_changes_nothing(clock: Clock) -> None:
    patience = Patience(60.0, deadline=1_005.0, retries_end=1_002.0, now=clock.now)
    assert [left(patience) for _time in range(3)] == [(5.0, 5.0, 2.0, False)] * 3
    clock.seconds = 1_005.0
    assert patience.deadline_passed()
    clock.seconds = 1_004.0
    assert not patience.deadline_passed()


@pytest.mark.parametrize(
    ("deadline", "retries_end", "seconds"),
    [
        (None, None, None),
        (1_009.0, None, 9.0),
        (None, 1_007.0, 7.0),
        (1_009.0, 1_007.0, 7.0),
        (1_003.0, 1_007.0, 3.0),
    ],
)
def test_the_last_moment_for_another_attempt_is_the_earlier_one(
    clock: Clock, deadline: float | None, retries_end: float | None, seconds: float | None
) -> None:
    assert (
        Patience(60.0, deadline=deadline, retries_end=retries_end, now=clock.now).retry_seconds() == seconds
    )


@pytest.mark.parametrize(
    ("deadline", "ends", "expected"),
    [
        (None, None, None),
        (1_005.0, None, 1_005.0),
        (None, 1_002.0, 1_002.0),
        (1_005.0, 1_002.0, 1_002.0),
        (1_001.0, 1_002.0, 1_001.0),
    ],
)
def test_another_request_has_the_earlier_deadline(
    clock: Clock, deadline: float | None, ends: float | None, expected: float | None
) -> None:
    assert Patience(60.0, deadline=deadline, now=clock.now).another(ends=ends).deadline == expected


@pytest.mark.parametrize(("silence_seconds", "expected"), [(None, 60.0), (10.0, 10.0), (90.0, 60.0)])
def test_another_request_may_be_more_impatient_and_never_less(
    clock: Clock, silence_seconds: float | None, expected: float
) -> None:
    patience = Patience(60.0, now=clock.now)
    assert patience.another(silence_seconds=silence_seconds).remaining_seconds() == expected


def test_another_request_begins_its_own_silence_and_the_first_goes_on(clock: Clock) -> None:
    first = Patience(60.0, retries_end=1_090.0, now=clock.now)
    clock.seconds += 50.0
    second = first.another()
    assert (second.remaining_seconds(), second.retries_end, first.remaining_seconds()) == (60.0, None, 10.0)


def test_who_draws_is_handed_on_unless_somebody_else_draws() -> None:
    first = Patience(60.0, idle=lambda: 1.0)
    assert [Patience(60.0).idle(), first.another().idle(), first.another(idle=lambda: 2.0).idle()] == [
        None,
        1.0,
        2.0,
    ]
