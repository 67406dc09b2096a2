from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.network.retry import (
    RETRIED_STATUSES,
    GiveUp,
    RetryPolicy,
    Wait,
    backoff_seconds,
    decide,
    http_date,
    retry_after_seconds,
)

NOW = 784_111_777.0  # 1994-11-06T08:49:37Z, the example of RFC 9110
FIXDATE, RFC_850, ASCTIME = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
)


def longest(low: float, high: float) -> float:
    assert (low, high) == (0.5, 1.0)
    return high


def shortest(low: float, high: float) -> float:
    return low


@pytest.mark.parametrize(
    ("base", "rate_limited", "delays"),
    [
        (0.5, False, [0.5, 1, 2, 4, 8, 8, 8]),
        (0.5, True, [2, 4, 8, 16, 20, 20, 20]),
        (1.0, False, [1, 2, 4, 8, 8, 8, 8]),
        (0.01, True, [0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56]),
        (0.0, True, [0, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_delays_double_up_to_their_limit(base: float, rate_limited: bool, delays: list[float]) -> None:
    policy = RetryPolicy(base_seconds=base)
    for uniform, share in ((longest, 1.0), (shortest, 0.5)):
        assert [
            backoff_seconds(policy, attempt, rate_limited=rate_limited, uniform=uniform)
            for attempt in range(7)
        ] == pytest.approx([delay * share for delay in delays])


def asked(
    attempt: int = 0,
    status: int | None = 503,
    retry_after: float | None = None,
    remaining: float | None = None,
    retries: int = 2,
    uniform: Callable[[float, float], float] = longest,
) -> Wait | GiveUp:
    return decide(
        RetryPolicy(retries=retries),
        attempt=attempt,
        status=status,
        retry_after_seconds=retry_after,
        remaining_seconds=remaining,
        uniform=uniform,
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (asked(attempt=0), Wait(0.5)),
        (asked(attempt=1), Wait(1.0)),
        (asked(attempt=2), GiveUp("exhausted")),
        (asked(attempt=0, retries=0), GiveUp("exhausted")),
        (asked(attempt=0, status=None), Wait(0.5)),
        (asked(attempt=0, status=429), Wait(2.0)),
        (asked(attempt=1, status=429), Wait(4.0)),
        (asked(attempt=0, status=400), GiveUp("definite")),
        # Retry-After
        (asked(status=429, retry_after=7), Wait(7)),
        (asked(status=503, retry_after=60), Wait(60)),
        (asked(status=500, retry_after=0), Wait(0)),
        (asked(status=503, retry_after=60.5), GiveUp("later", 60.5)),
        (asked(status=429, retry_after=3600, retries=0), GiveUp("later", 3600)),
        (asked(status=429, retry_after=7, attempt=2), GiveUp("exhausted", 7)),
        (asked(status=404, retry_after=7), GiveUp("definite", 7)),
        # the deadline
        (asked(remaining=0.6), Wait(0.5)),
        (asked(remaining=0.5), GiveUp("deadline")),
        (asked(status=429, retry_after=30, remaining=31), Wait(30)),
        (asked(status=429, retry_after=30, remaining=29), GiveUp("deadline", 30)),
        (asked(remaining=-1), GiveUp("deadline")),
    ],
)
def test_a_failure_is_decided(answer: Wait | GiveUp, expected: Wait | GiveUp) -> None:
    assert answer == expected


def test_the_statuses_of_the_contract_are_retried_and_no_other() -> None:
    waited = {status for status in range(100, 600) if isinstance(asked(status=status), Wait)}
    assert waited == RETRIED_STATUSES == {408, 429, 500, 502, 503, 504, 522, 524}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("007", 7),
        ("1.5", 1.5),
        ("9" * 5000, 1e9),
        ("-5", None),
        ("+5", None),
        ("1e3", None),
        ("1_000", None),
        ("٣", None),
        ("", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("sun, 06 nov 1994 08:50:37 gmt", 60),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
        ("Sun, 06 Nov 1994 08:50:37 +0000", None),
        ("Sun, 06 Nov 1994 25:50:37 GMT", None),
        ("Sun, 31 Feb 1994 08:50:37 GMT", None),
        ("Sun, 06 Dez 1994 08:50:37 GMT", None),
    ],
)
def test_retry_after_is_read(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, now=NOW) == seconds
    assert retry_after_seconds(value, date="never", now=NOW) == seconds


@pytest.mark.parametrize("date", [FIXDATE, RFC_850, ASCTIME])
def test_a_date_is_measured_against_the_answers_own_date(date: str) -> None:
    assert retry_after_seconds("Sun, 06 Nov 1994 08:50:07 GMT", date=date, now=NOW + 86_400) == 30
    assert retry_after_seconds("12", date=date, now=NOW + 86_400) == 12


@pytest.mark.parametrize("date", [FIXDATE, RFC_850, ASCTIME])
def test_the_three_forms_are_one_moment(date: str) -> None:
    assert http_date(date, now=NOW) == NOW


@pytest.mark.parametrize(
    ("value", "now", "expected"),
    [
        ("Wednesday, 06-Nov-44 08:49:37 GMT", NOW, NOW + (50 * 365 + 13) * 86_400),  # 2044
        ("Sunday, 06-Nov-94 08:49:37 GMT", 1_800_000_000.0, NOW),  # 2027: not 2094
        ("Saturday, 01-Jan-00 00:00:00 GMT", 946_684_700.0, 946_684_800.0),  # 1999: not 1900
        ("Sat, 31 Dec 2016 23:59:60 GMT", NOW, 1_483_228_800.0),  # a leap second
        ("Sat, 31 Dec 2016 23:59:61 GMT", NOW, None),
        ("Sat, 31 Dec 0000 23:59:59 GMT", NOW, None),
    ],
)
def test_the_corners_of_the_calendar(value: str, now: float, expected: float | None) -> None:
    assert http_date(value, now=now) == expected


# --- laws ---------------------------------------------------------------------------------------------

SECONDS = st.floats(0, 1e9)


@given(
    attempt=st.integers(0, 10_000),
    retries=st.integers(0, 10_000),
    base=st.floats(0, 1e6),
    status=st.none() | st.sampled_from(sorted(RETRIED_STATUSES)) | st.integers(100, 599),
    retry_after=st.none() | SECONDS,
    remaining=st.none() | SECONDS,
    share=st.floats(0.5, 1.0),
)
def test_every_wait_stays_within_its_bounds(
    attempt: int,
    retries: int,
    base: float,
    status: int | None,
    retry_after: float | None,
    remaining: float | None,
    share: float,
) -> None:
    verdict = decide(
        RetryPolicy(retries, base),
        attempt=attempt,
        status=status,
        retry_after_seconds=retry_after,
        remaining_seconds=remaining,
        uniform=lambda low, high: share,
    )
    if isinstance(verdict, GiveUp):
        assert verdict.come_back_seconds == retry_after
        return
    assert attempt < retries
    assert status is None or status in RETRIED_STATUSES
    assert remaining is None or verdict.seconds < remaining
    if retry_after is not None:
        assert verdict.seconds == retry_after <= 60
    else:
        assert 0 <= verdict.seconds <= (20 if status == 429 else 8)


@given(st.text(max_size=40), st.none() | st.text(max_size=40), st.floats(0, 4e9))
def test_no_header_does_harm(value: str, date: str | None, now: float) -> None:
    seconds = retry_after_seconds(value, date=date, now=now)
    assert seconds is None or 0 <= seconds <= 1e9


WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)))
def test_every_moment_survives_its_three_forms(moment: datetime) -> None:
    weekday, month = WEEKDAYS[moment.weekday()], MONTHS[moment.month - 1]
    moment = moment.replace(microsecond=0)  # far away, the last of them are rounded up to a second
    seconds, clock = int(moment.timestamp()), f"{moment:%H:%M:%S}"
    for form in (
        f"{weekday[:3]}, {moment.day:02} {month} {moment.year} {clock} GMT",
        f"{weekday}, {moment.day:02}-{month}-{moment.year % 100:02} {clock} GMT",
        f"{weekday[:3]} {month} {moment.day:2} {clock} {moment.year}",
    ):
        assert http_date(form, now=seconds) == seconds
