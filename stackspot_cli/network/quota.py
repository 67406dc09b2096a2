"""When the next request may begin: what is decided about a quota. Pure: no clock, no file, no sleep.

Two rules. A quota that was set holds for any 60 seconds and any 24 hours. After a refusal (429) the pace is half of
what the last minute saw, recovers by a twentieth of that a minute, and no minute sees as many as that one again.

A request gets its time when it asks, and the next one a later time: so nobody is overtaken, and nobody polls.
Times are seconds since 1970.
"""

from __future__ import annotations

import json
import math
from bisect import insort
from collections.abc import Iterable
from typing import TypeAlias

from stackspot_cli.lean_dataclasses import dataclass, replace

MINUTE, DAY = 60.0, 86_400.0
SPAN = 600.0  # a day is counted by these: 145 numbers, and it opens at most this much too late
RECOVERY = 0.05  # of what was seen before the refusal, a minute
ONE_BURST_SECONDS = 5.0  # refusals so close together are one
FEWEST = 4  # a minute: who had fewer answered is refused for others' sake, and slowing down would not help
DOCUMENTED = 20  # StackSpot's limit a minute (protocol page), for a machine that did not count before
MOST_STARTS = 1_000  # of one minute; more are counted, and not remembered one by one
FARTHEST_SECONDS = 86_400.0  # a time further ahead is damage, or a clock that was set back


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute and a day, None for no limit. minute_seconds: another length of the minute, for tests."""

    per_minute: int | None = None
    per_day: int | None = None
    minute_seconds: float = MINUTE

    @property
    def are_set(self) -> bool:
        return self.per_minute is not None or self.per_day is not None

    @property
    def window_seconds(self) -> float:
        """A minute and a little: two requests do not take equally long to arrive."""
        return self.minute_seconds + max(0.05, self.minute_seconds / 120)


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

    spans: (number since 1970, requests) of the last day. costs: (number since 1970, tokens) likewise, and `recent`
    those of the last minute: (when, tokens). All in order. since: when the count began; what the minute before saw is
    not known. closed_until: nothing begins before. refusals: when the last minute's were.
    """

    starts: tuple[float, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    costs: tuple[tuple[int, int], ...] = ()
    recent: tuple[tuple[float, int], ...] = ()
    pace: Pace | None = None
    since: float = 0.0
    closed_until: float = 0.0
    refusals: tuple[float, ...] = ()


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


def decide(ledger: Ledger, limits: Limits, now: float, earliest: float = 0.0) -> Decision:
    """earliest: when the request wants to begin, where that is later than now."""
    ledger = _of_now(ledger, limits, now)
    day_opens = _day_opens(ledger, limits, now)
    if day_opens is not None:
        return Full(day_opens)
    opens = max(ledger.closed_until, _minute_opens(ledger, limits), _pace_opens(ledger, limits, now))
    at = max(now, earliest, opens)
    return Go(at, _with_start(ledger, limits, at))


def returned(ledger: Ledger, at: float) -> Ledger:
    """Without a request that was to begin then, and will not."""
    starts = list(ledger.starts)
    if at not in starts:
        return ledger
    starts.remove(at)
    return replace(ledger, starts=tuple(starts), spans=_counted(ledger.spans, at, -1))


def joined(ledger: Ledger, limits: Limits, starts: Iterable[float]) -> Ledger:
    """With requests that a process began before anybody counted."""
    for start in starts:
        ledger = _with_start(ledger, limits, start)
    return ledger


def refused(ledger: Ledger, limits: Limits, now: float) -> Ledger:
    """After a 429: everybody slows down. Several at one moment count once.

    Where the count is younger than a minute, nobody knows what other processes began before: the service's own limit
    is taken to be used up, and the next request begins when it surely opens.
    """
    ledger = _of_now(ledger, limits, now)
    ledger = replace(ledger, refusals=(*ledger.refusals, now)[-MOST_STARTS:])
    began = sum(now - limits.minute_seconds < start <= now for start in ledger.starts)
    seen = began - len(ledger.refusals)
    burst = ONE_BURST_SECONDS * limits.minute_seconds / MINUTE
    if seen < FEWEST or (ledger.pace is not None and now - ledger.pace.at < burst):
        return ledger
    if now - ledger.since >= limits.minute_seconds:
        return replace(ledger, pace=Pace(seen, now))
    pace = Pace(max(seen, DOCUMENTED), now)
    return replace(ledger, pace=pace, closed_until=now + limits.window_seconds)


def slowed(ledger: Ledger, since: float) -> bool:
    """Whether there was a refusal after that moment: a turn that was given before is to be asked for anew."""
    return ledger.pace is not None and ledger.pace.at > since


def spent(ledger: Ledger, limits: Limits, tokens: int, now: float) -> Ledger:
    """What an answer cost, as far as the service told."""
    ledger = _of_now(ledger, limits, now)
    recent = (*ledger.recent, (now, tokens))[-MOST_STARTS:]
    return replace(ledger, costs=_counted(ledger.costs, now, tokens), recent=recent)


@dataclass(frozen=True, slots=True)
class Used:
    """What the last minute and the last day saw, of this machine. per_minute: the pace after a refusal, if any."""

    minute_requests: int
    day_requests: int
    minute_tokens: int
    day_tokens: int
    per_minute: float | None


def used(ledger: Ledger, limits: Limits, now: float) -> Used:
    ledger = _of_now(ledger, limits, now)
    return Used(
        sum(start <= now for start in ledger.starts),
        sum(requests for _number, requests in ledger.spans) - sum(start > now for start in ledger.starts),
        sum(tokens for _at, tokens in ledger.recent),
        sum(tokens for _number, tokens in ledger.costs),
        None if ledger.pace is None else ledger.pace.per_minute(now),
    )


# --- the rules -------------------------------------------------------------------------------------


def _of_now(ledger: Ledger, limits: Limits, now: float) -> Ledger:
    """Without what is over, and without times that cannot be meant."""
    begins, farthest = now - limits.window_seconds, now + FARTHEST_SECONDS
    first, last = _span_of(now - DAY), _span_of(farthest)
    pace = ledger.pace
    if pace is not None and (pace.at > now or pace.per_minute(now) is None):
        pace = None
    return Ledger(
        tuple(start for start in ledger.starts if begins < start < farthest),
        tuple(entry for entry in ledger.spans if first <= entry[0] <= last),
        tuple(entry for entry in ledger.costs if first <= entry[0] <= last),
        tuple(entry for entry in ledger.recent if now - limits.minute_seconds < entry[0] <= now),
        pace,
        ledger.since if ledger.since <= now else 0.0,
        ledger.closed_until if ledger.closed_until <= now + limits.window_seconds else 0.0,
        tuple(at for at in ledger.refusals if now - limits.minute_seconds < at <= now),
    )


def _with_start(ledger: Ledger, limits: Limits, at: float) -> Ledger:
    starts = list(ledger.starts)
    insort(starts, at)
    kept = max(limits.per_minute or 0, MOST_STARTS)
    return replace(ledger, starts=tuple(starts[-kept:]), spans=_counted(ledger.spans, at, 1))


def _day_opens(ledger: Ledger, limits: Limits, now: float) -> float | None:
    """When the day has room again; None where it has. A span counts until its last second is a day ago."""
    if limits.per_day is None:
        return None
    total = sum(requests for _number, requests in ledger.spans)
    if total < limits.per_day:
        return None
    for number, requests in ledger.spans:
        total -= requests
        if total < limits.per_day:
            return (number + 1) * SPAN + DAY
    return now + DAY


def _minute_opens(ledger: Ledger, limits: Limits) -> float:
    """When there is room in the minute: for no more than were answered before a refusal, while the pace lasts."""
    most = [limit for limit in (limits.per_minute, ledger.pace and ledger.pace.seen) if limit]
    if not most or len(ledger.starts) < min(most):
        return 0.0
    return ledger.starts[-min(most)] + limits.window_seconds


def _pace_opens(ledger: Ledger, limits: Limits, now: float) -> float:
    """At a pace the requests are spread evenly, for nobody knows where the service's minute begins."""
    rate = None if ledger.pace is None else ledger.pace.per_minute(now)
    if rate is None or not ledger.starts:
        return 0.0
    return ledger.starts[-1] + limits.minute_seconds / rate


def _counted(spans: Iterable[tuple[int, int]], at: float, more: int) -> tuple[tuple[int, int], ...]:
    counts = dict(spans)
    counts[_span_of(at)] = counts.get(_span_of(at), 0) + more
    return tuple(sorted(counts.items()))


def _span_of(at: float) -> int:
    return math.floor(at / SPAN)


# --- as text -----------------------------------------------------------------------------------------


class Damaged(ValueError):
    """The text is no ledger."""


def dump(ledger: Ledger) -> str:
    pace = None if ledger.pace is None else [ledger.pace.seen, ledger.pace.at]
    return json.dumps(
        {
            "version": 1,
            "starts": ledger.starts,
            "spans": ledger.spans,
            "costs": ledger.costs,
            "recent": ledger.recent,
            "pace": pace,
            "since": ledger.since,
            "closed_until": ledger.closed_until,
            "refusals": ledger.refusals,
        }
    )


def load(text: str) -> Ledger:
    """Raises Damaged."""
    try:
        read = json.loads(text)
        if read["version"] != 1:
            raise Damaged(f"version {read['version']!r}")
        pace = read["pace"]
        return Ledger(
            tuple(sorted(_finite(start) for start in read["starts"])),
            tuple(sorted((int(number), int(count)) for number, count in read["spans"])),
            tuple(sorted((int(number), int(cost)) for number, cost in read["costs"])),
            tuple(sorted((_finite(at), int(cost)) for at, cost in read["recent"])),
            None if pace is None else Pace(int(pace[0]), _finite(pace[1])),
            _finite(read["since"]),
            _finite(read["closed_until"]),
            tuple(sorted(_finite(at) for at in read["refusals"])),
        )
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise Damaged(str(error)) from error


def _finite(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]  # what is no number is a TypeError, and damage
    if not math.isfinite(number):
        raise Damaged(f"{number} is no time")
    return number
