"""How far a batch is."""

import pytest

from stackspot_cli.batch.result import BatchResult
from stackspot_cli.batch.tally import RECENT, Tally, span
from stackspot_cli.domain import Usage
from stackspot_cli.errors import UsageError

GOOD, BAD = BatchResult(1, "x", usage=Usage(10, 2)), BatchResult(2, error=UsageError("no"))


def test_at_first_there_is_nothing_to_tell() -> None:
    assert Tally(10, 0, 100.0).words(100.0) == "0 of 10 done"


def test_done_failed_rate_and_time_left() -> None:
    tally = Tally(100, 20, 0.0)
    for second in range(1, 5):
        tally.add(BAD if second == 2 else GOOD, second * 3.0)
    assert tally.words(12.0) == "24 of 100 done, 1 failed, 20 a minute, 4 min left"
    assert tally.fraction == 0.24
    assert tally.summary(12.0, 2) == (
        "3 answered, 20 done before, 1 failed, 2 left out, 76 left, 30 tokens in, 6 out, 12 s"
    )


def test_the_rate_is_that_of_late() -> None:
    tally = Tally(10_000, 0, 0.0)
    for number in range(500):
        tally.add(GOOD, 0.01 * number)
    for number in range(RECENT + 1):
        tally.add(GOOD, 1_000.0 + 60 * number)
    assert tally.per_minute(1_000.0 + 60 * RECENT) == pytest.approx(1.0)


def test_at_the_end_no_time_is_left() -> None:
    tally = Tally(1, 0, 0.0)
    tally.add(GOOD, 2.0)
    assert tally.words(2.0) == "1 of 1 done, 30 a minute"
    assert Tally(0, 0, 0.0).fraction == 1.0


def test_a_span_is_as_precise_as_anybody_wants_to_know() -> None:
    assert [span(seconds) for seconds in (0.4, 99, 100, 5_000, 30_000)] == [
        "0 s",
        "99 s",
        "2 min",
        "83 min",
        "8 h 20 min",
    ]
