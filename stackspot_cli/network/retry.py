"""When to try again, and when to stop: a decision, never a wait.

Knows statuses, attempts, `Retry-After` and what is left of the deadline. Never sleeps, reads no clock, knows
no HTTP library. The caller's loop is:

    for attempt in itertools.count():
        …send…; on a good answer, return
        match decide(policy, attempt=attempt, status=503, retry_after_seconds=…, …):
            case Wait(seconds):
                sleep(seconds)
            case GiveUp(reason, come_back_seconds):
                raise …
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from stackspot_cli.lean_dataclasses import dataclass

# 522 and 524 are Cloudflare's: its connection to the service timed out, the service's answer timed out.
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
TOO_MANY_REQUESTS = 429

LONGEST_BACKOFF_SECONDS = 8.0
LONGEST_RATE_LIMIT_BACKOFF_SECONDS = 20.0
LONGEST_RETRY_AFTER_SECONDS = 60.0  # asked to wait longer, a person is better served by an answer now
_ABSURD_SECONDS = 1e9  # 32 years: whoever asks for more is taken at this


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """retries: further attempts after the first. base_seconds: the first delay's upper end, `B`."""

    retries: int = 2
    base_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after this many seconds; may be 0."""

    seconds: float


# definite: this status is never retried. exhausted: no attempt is left. later: the service said to come back
# later than is sensible to wait for. deadline: the wait would leave no time for an attempt.
Reason: TypeAlias = Literal["definite", "exhausted", "later", "deadline"]


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again. come_back_seconds: when the service said to, where it did."""

    reason: Reason
    come_back_seconds: float | None = None


def decide(
    policy: RetryPolicy,
    *,
    attempt: int,
    status: int | None,
    retry_after_seconds: float | None = None,
    remaining_seconds: float | None = None,
    uniform: Callable[[float, float], float],
) -> Wait | GiveUp:
    """What to do after attempt number `attempt` (0 is the first) has failed.

    status: of the answer; None for a failure of the connection that the caller knows to be repeatable.
    retry_after_seconds: what `retry_after_seconds()` made of the header. remaining_seconds: what the deadline
    leaves, None without one. uniform: as `random.uniform`.
    """
    if status is not None and status not in RETRIED_STATUSES:
        return GiveUp("definite", retry_after_seconds)
    if retry_after_seconds is not None and retry_after_seconds > LONGEST_RETRY_AFTER_SECONDS:
        return GiveUp("later", retry_after_seconds)
    if attempt >= policy.retries:
        return GiveUp("exhausted", retry_after_seconds)
    wait = retry_after_seconds
    if wait is None:
        wait = backoff_seconds(policy, attempt, rate_limited=status == TOO_MANY_REQUESTS, uniform=uniform)
    if remaining_seconds is not None and wait >= remaining_seconds:
        return GiveUp("deadline", retry_after_seconds)
    return Wait(wait)


def backoff_seconds(
    policy: RetryPolicy, attempt: int, *, rate_limited: bool, uniform: Callable[[float, float], float]
) -> float:
    """The delay after attempt number `attempt`, where the service asked for none.

    uniform(0.5, 1.0) × min(8, B × 2ⁿ); rate limits refill slowly, so after 429 it is min(20, 4B × 2ⁿ): up to
    2 s, 4 s, 8 s … with the usual B of 0.5.
    """
    growth = 2.0 ** min(attempt, 64)
    if rate_limited:
        full = min(LONGEST_RATE_LIMIT_BACKOFF_SECONDS, 4 * policy.base_seconds * growth)
    else:
        full = min(LONGEST_BACKOFF_SECONDS, policy.base_seconds * growth)
    return uniform(0.5, 1.0) * full


def retry_after_seconds(value: str | None, *, date: str | None = None, now: float) -> float | None:
    """What `Retry-After` says, in seconds from the answer; None where it is absent or junk.

    value: the header: seconds, or a date in any of HTTP's three forms (RFC 9110, sections 10.2.3 and 5.6.7).
    date: the same answer's `Date` header, which a date is measured against, so that one clock tells both.
    Where it is no date, `now` (seconds since the epoch) is taken. A date in the past is 0.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and re.fullmatch(r"\d+(\.\d*)?", value):  # decimals: not in the standard, but seen
        return min(float(value), _ABSURD_SECONDS)
    then = http_date(value, now=now)
    if then is None:
        return None
    answered = None if date is None else http_date(date.strip(), now=now)
    return min(max(0.0, then - (now if answered is None else answered)), _ABSURD_SECONDS)


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATE_FORMS = (
    rf"[a-z]{{3}}, (?P<day>\d\d) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_TIME} (?:gmt|utc)",  # IMF-fixdate
    rf"[a-z]{{6,9}}, (?P<day>\d\d)-(?P<month>[a-z]{{3}})-(?P<year>\d\d) {_TIME} (?:gmt|utc)",  # RFC 850
    rf"[a-z]{{3}} (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",  # C's asctime
)


def http_date(value: str, *, now: float) -> float | None:
    """An HTTP date as seconds since the epoch, or None. Whatever the locale.

    now: decides the century of a year in two digits: the one at most 50 years ahead (RFC 9110, 5.6.7).
    """
    from datetime import UTC, datetime  # deferred: needed after a failure only

    for form in _DATE_FORMS:
        match = re.fullmatch(form, value, re.ASCII | re.IGNORECASE)
        if match is None:
            continue
        part = match.groupdict()
        month, year = part["month"].lower(), int(part["year"])
        if month not in _MONTHS:
            return None
        if len(part["year"]) == 2:
            this_year = datetime.fromtimestamp(now, UTC).year
            year += this_year - this_year % 100
            if year > this_year + 50:
                year -= 100
            elif year <= this_year - 50:
                year += 100
        hour, minute, second = int(part["hour"]), int(part["minute"]), int(part["second"])
        try:
            # A leap second is written :60, and is the next second for every clock that has none.
            day = datetime(year, _MONTHS.index(month) + 1, int(part["day"]), hour, minute, tzinfo=UTC)
        except ValueError:
            return None
        return day.timestamp() + second if second <= 60 else None
    return None
