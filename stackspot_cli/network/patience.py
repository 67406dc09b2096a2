"""How long may be waited for one request: a silence, a deadline, and the last moment for another attempt.

Knows a clock and what is left of it. Refuses to know sockets, requests and what is waited for: who waits asks
before each wait how long it may last.

Two things could not be had from a time-out per read. One is a *silence* that nothing without meaning can stretch,
whether it drips or floods (a flood never waits, so it is the clock that counts), and a deadline for the whole. The
other is a moment to draw: `idle` is called just before a read would wait, so that what one read brought is written at
once, and the screen is served while nothing comes. No threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def _never() -> float | None:
    return None


class Patience:
    """The patience with one request; another request of the same command has `another`.

    silence_seconds: the longest time until the next meaningful thing; `touch()` starts it anew. What is spent on a
    slow reader of our output does not count: not within `idle`, nor what `excuse` was told.
    deadline: `now()`-time at which everything ends, or None.
    retries_end: `now()`-time beyond which no further attempt begins, or None.
    idle: called before each wait; returns the seconds after which it wants to be called again, or None.
    attempts: how many have begun under it.
    """

    __slots__ = ("_idle", "_since", "attempts", "deadline", "now", "retries_end", "silence_seconds")

    def __init__(
        self,
        silence_seconds: float,
        *,
        deadline: float | None = None,
        retries_end: float | None = None,
        idle: Callable[[], float | None] = _never,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.silence_seconds = silence_seconds
        self.deadline = deadline
        self.retries_end = retries_end
        self.now = now
        self.attempts = 0
        self._idle = idle
        self._since = now()

    def another(
        self,
        *,
        ends: float | None = None,
        retries_end: float | None = None,
        idle: Callable[[], float | None] | None = None,
        silence_seconds: float | None = None,
    ) -> Patience:
        """One for a further request of the same command, whose silence begins now.

        ends, silence_seconds: count where they are shorter than our own deadline and silence.
        """
        silences = (
            [self.silence_seconds] if silence_seconds is None else [self.silence_seconds, silence_seconds]
        )
        return Patience(
            min(silences),
            deadline=_first(self.deadline, ends),
            retries_end=retries_end,
            idle=idle or self._idle,
            now=self.now,
        )

    def touch(self) -> None:
        """Something meaningful came: the silence begins anew."""
        self._since = self.now()

    def excuse(self, seconds: float) -> None:
        """So much of the time was ours, or nobody's: it is no silence."""
        self._since += seconds

    def idle(self) -> float | None:
        """A moment to draw, just before a wait: the seconds until the next one is wanted, or None."""
        if self._idle is _never:
            return None
        began = self.now()
        try:
            return self._idle()
        finally:
            self.excuse(self.now() - began)

    def next_wait_seconds(self, longest: float) -> float:
        """How long the next of many waits for something other than the network may last; draws before it."""
        until_idle = self.idle()
        waits = [longest, until_idle, self.deadline_seconds()]
        return max(0.0, min(wait for wait in waits if wait is not None))

    def remaining_seconds(self) -> float:
        """How long a wait may last from now; zero or less when patience has ended."""
        silence = self.silence_seconds - (self.now() - self._since)
        deadline = self.deadline_seconds()
        return silence if deadline is None else min(silence, deadline)

    def deadline_seconds(self) -> float | None:
        """How long until the deadline, or None without one."""
        return None if self.deadline is None else self.deadline - self.now()

    def deadline_passed(self) -> bool:
        return self.deadline is not None and self.deadline <= self.now()

    def retry_seconds(self) -> float | None:
        """How long until the last moment for another attempt, or None without one."""
        end = _first(self.deadline, self.retries_end)
        return None if end is None else end - self.now()


def _first(one: float | None, other: float | None) -> float | None:
    """The earlier moment; None never comes."""
    moments = [moment for moment in (one, other) if moment is not None]
    return min(moments, default=None)
