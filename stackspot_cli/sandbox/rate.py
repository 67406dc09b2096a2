"""A limit as an account has one: so many requests a minute, and a 429 for each one more. Pure but for the clock."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock


class Rate:
    """Any `seconds` see `most` requests at most; refused ones do not count. Safe to share between threads.

    refused: when the last of those were, by the clock.
    """

    def __init__(self, most: int, seconds: float = 60.0, now: Callable[[], float] = time.monotonic) -> None:
        if most < 1:
            raise ValueError("per_minute must be 1 or more")
        self._admitted: deque[float] = deque(maxlen=most)
        self.refused: deque[float] = deque(maxlen=1_000)
        self._seconds = seconds
        self._now = now
        self._lock = Lock()

    def admits(self) -> bool:
        with self._lock:
            now = self._now()
            full = len(self._admitted) == self._admitted.maxlen
            if full and self._admitted[0] > now - self._seconds:
                self.refused.append(now)
                return False
            self._admitted.append(now)
            return True
