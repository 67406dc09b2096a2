"""When the next request may begin: what is decided about a quota. Pure: no clock, no file, no sleep.

Two rules. A quota that was set holds for any 60 seconds and any 24 hours. After a refusal (429) the pace is half of
what the last minute saw, and recovers by a twentieth of that a minute.

A request gets its time when it asks, and the next one a later time: so nobody is overtaken, and nobody polls.
Times are seconds since 1970.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

MINUTE, DAY = 60.0, 86_400.0
RECOVERY = 0.05  # of what was seen before the refusal, a minute
ONE_BURST_SECONDS = 5.0  # refusals so close together are one
MARGIN_SECONDS = 0.01  # beyond a minute's edge: clocks are coarse
FARTHEST_SECONDS = 3_600.0  # a time further ahead is damage, or a clock that was set back


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute and a day, None for no limit. minute_seconds: another length of the minute, for tests."""

    per_minute: int | None = None
    per_day: int | None = None
    minute_seconds: float = MINUTE

    @property
    def are_set(self) -> bool:
        return self.per_minute is not None or self.per_day is not None


@dataclass(frozen=True, slots=True)
class Pace:
    """After a refusal: how many requests the minute before it saw, and when it came."""

    seen: int
    at: float

    def per_minute(self, now: float) -> float | None:
        """None when it has recovered."""
        rate = max(1.0, self.seen * (0.5 + RECOVERY * max(0.0, now - self.at) / MINUTE))
        return None if rate >= self.seen and now - self.at >= MINUTE else rate


@dataclass(frozen=True, slots=True)
class Ledger:
    """What all processes together did. starts: of the last minute, in order; some may lie ahead.

    minutes: (number since 1970, requests, tokens) of the last day, in order.
    """

    starts: tuple[float, ...] = ()
    minutes: tuple[tuple[int, int, int], ...] = ()
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """The request may begin then; it is in the ledger."""

    at: float
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Full:
    """The day is used up. opens_at: when the next request may begin."""

    opens_at: float


Decision: TypeAlias = Go | Full


def decide(ledger: Ledger, limits: Limits, now: float) -> Decision:
    ledger = _of_now(ledger, limits, now)
    opens = _day_opens(ledger, limits, now)
    if opens is not None:
        return Full(opens)
    at = max(now, _minute_opens(ledger, limits), _pace_opens(ledger, limits, now))
    return Go(at, replace(ledger, starts=(*ledger.starts, at), minutes=_counted(ledger.minutes, at, 1, 0)))


def refused(ledger: Ledger, limits: Limits, now: float) -> Ledger:
    """After a 429: everybody slows down. Several at one moment count once."""
    if ledger.pace is not None and now - ledger.pace.at < ONE_BURST_SECONDS * limits.minute_seconds / MINUTE:
        return ledger
    seen = sum(now - limits.minute_seconds < start <= now for start in ledger.starts)
    return replace(_of_now(ledger, limits, now), pace=Pace(max(1, seen), now))


def spent(ledger: Ledger, tokens: int, now: float) -> Ledger:
    """What an answer cost, as far as the service told."""
    return replace(ledger, minutes=_counted(ledger.minutes, now, 0, tokens))


@dataclass(frozen=True, slots=True)
class Used:
    """What the last minute and the last day saw, of this machine. per_minute: the pace after a refusal, if any."""

    minute_requests: int
    day_requests: int
    minute_tokens: int
    day_tokens: int
    per_minute: float | None


def used(ledger: Ledger, limits: Limits, now: float) -> Used:
    recent = _of_now(ledger, limits, now)
    last = [entry for entry in recent.minutes if entry[0] >= _minute_of(now) - 1]
    return Used(
        sum(start <= now for start in recent.starts),
        sum(requests for _number, requests, _tokens in recent.minutes),
        sum(tokens for _number, _requests, tokens in last),
        sum(tokens for _number, _requests, tokens in recent.minutes),
        None if recent.pace is None else recent.pace.per_minute(now),
    )


# --- the rules -------------------------------------------------------------------------------------


def _of_now(ledger: Ledger, limits: Limits, now: float) -> Ledger:
    """Without what is over, and without times that cannot be meant."""
    window = limits.minute_seconds
    starts = tuple(start for start in ledger.starts if now - window < start < now + FARTHEST_SECONDS)
    first, last = _minute_of(now - DAY), _minute_of(now + FARTHEST_SECONDS)
    minutes = tuple(entry for entry in ledger.minutes if first <= entry[0] <= last)
    pace = ledger.pace
    if pace is not None and (pace.at > now or pace.per_minute(now) is None):
        pace = None
    return Ledger(starts, minutes, pace)


def _day_opens(ledger: Ledger, limits: Limits, now: float) -> float | None:
    """When the day has room again; None where it has. A minute counts until its last second is a day ago."""
    if limits.per_day is None:
        return None
    total = sum(requests for _number, requests, _tokens in ledger.minutes)
    if total < limits.per_day:
        return None
    for number, requests, _tokens in ledger.minutes:
        total -= requests
        if total < limits.per_day:
            return (number + 1) * MINUTE + DAY
    return now + DAY


def _minute_opens(ledger: Ledger, limits: Limits) -> float:
    if limits.per_minute is None or len(ledger.starts) < limits.per_minute:
        return 0.0
    return ledger.starts[-limits.per_minute] + limits.minute_seconds + MARGIN_SECONDS


def _pace_opens(ledger: Ledger, limits: Limits, now: float) -> float:
    """At a pace the requests are spread evenly, for nobody knows where the service's minute begins."""
    rate = None if ledger.pace is None else ledger.pace.per_minute(now)
    if rate is None or not ledger.starts:
        return 0.0
    return ledger.starts[-1] + limits.minute_seconds / rate


def _counted(
    minutes: Iterable[tuple[int, int, int]], at: float, requests: int, tokens: int
) -> tuple[tuple[int, int, int], ...]:
    counts = {number: (old, cost) for number, old, cost in minutes}
    old, cost = counts.get(_minute_of(at), (0, 0))
    counts[_minute_of(at)] = (old + requests, cost + tokens)
    return tuple((number, *counts[number]) for number in sorted(counts))


def _minute_of(at: float) -> int:
    return math.floor(at / MINUTE)


# --- as text -----------------------------------------------------------------------------------------


class Damaged(ValueError):
    """The text is no ledger."""


def dump(ledger: Ledger) -> str:
    pace = None if ledger.pace is None else [ledger.pace.seen, ledger.pace.at]
    return json.dumps({"version": 1, "starts": ledger.starts, "minutes": ledger.minutes, "pace": pace})


def load(text: str) -> Ledger:
    """Raises Damaged."""
    try:
        read = json.loads(text)
        if read["version"] != 1:
            raise Damaged(f"version {read['version']!r}")
        pace = read["pace"]
        return Ledger(
            tuple(sorted(float(start) for start in read["starts"])),
            tuple(sorted((int(number), int(count), int(cost)) for number, count, cost in read["minutes"])),
            None if pace is None else Pace(int(pace[0]), float(pace[1])),
        )
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise Damaged(str(error)) from error
