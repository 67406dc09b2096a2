"""How long may be waited for one request: a silence, a deadline, and the last moment for another attempt.

Knows a clock and what is left of it. Refuses to know sockets, requests and what is waited for: who waits asks
before each wait how long it may last, and says afterwards how long nothing came.

Two things could not be had from a time-out per read. One is a *silence* that comment keep-alives and dripping
headers cannot stretch, and a deadline for the whole. The other is a moment to draw: `idle` is called just before a
read would wait, so that what one read brought is written at once, and the screen is served while nothing comes.
No threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def _never() -> float | None:
    return None


class Patience:
    """The patience with one request; another request of the same command has `another`.

    silence_seconds: the longest wait for the next meaningful thing; `touch()` starts it anew. Only time spent
    waiting for the network counts: a slow reader of our output uses none of it up.
    deadline: `now()`-time at which everything ends, or None.
    retries_end: `now()`-time beyond which no further attempt begins, or None.
    idle: called before each wait; returns the seconds after which it wants to be called again, or None.
    attempts: how many have begun under it.
    """

    __slots__ = ("_waited_seconds", "attempts", "deadline", "idle", "now", "retries_end", "silence_seconds")

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
        self.idle = idle
        self.now = now
        self.attempts = 0
        self._waited_seconds = 0.0

    def another(
        self,
        *,
        ends: float | None = None,
        retries_end: float | None = None,
        idle: Callable[[], float | None] | None = None,
        silence_seconds: float | None = None,
    ) -> Patience:
        """One for a further request of the same command, which has waited for nothing yet.

        ends, silence_seconds: count where they are shorter than our own deadline and silence.
        """
        silences = (
            [self.silence_seconds] if silence_seconds is None else [self.silence_seconds, silence_seconds]
        )
        return Patience(
            min(silences),
            deadline=_first(self.deadline, ends),
            retries_end=retries_end,
            idle=idle or self.idle,
            now=self.now,
        )

    def touch(self) -> None:
        """Something meaningful came: the silence begins anew."""
        self._waited_seconds = 0.0

    def waited(self, seconds: float) -> None:
        """So long nothing came, or nothing that meant anything yet."""
        self._waited_seconds += seconds

    def remaining_seconds(self) -> float:
        """How long a wait may last from now; zero or less when patience has ended."""
        silence = self.silence_seconds - self._waited_seconds
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
