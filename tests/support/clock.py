"""The one clock of the tests: time passes only where somebody sleeps, or where a test moves it."""

from __future__ import annotations


class Clock:
    """slept: each wait, in seconds, in the order in which they were asked for."""

    def __init__(self, seconds: float = 1_000.0) -> None:
        self.seconds = seconds
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
