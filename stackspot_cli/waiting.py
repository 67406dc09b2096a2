"""A wait of our own accord, before the next request, and how it is told. Pure.

Knows the two reasons: an attempt has failed, or a quota has no turn left. Refuses to know who waits and where it is
shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from stackspot_cli.translation import _

NOTED_SECONDS = 2.0  # what is shorter needs no line that stays


@dataclass(frozen=True, slots=True)
class Waiting:
    """seconds: from now. why: in a word or two; `long` as a sentence.

    attempt: the number of the attempt that comes then, from 1; None where nothing has failed.
    """

    seconds: float
    why: str
    long: str = ""
    attempt: int | None = None
    attempts: int = 1

    def left(self, seconds: float) -> str:
        """On a line that moves: so long it lasts yet."""
        if self.attempt is None:
            return _("{why}: {seconds} s").format(why=self.why, seconds=ceil(seconds))
        return _("{why}, again in {seconds} s ({attempt} of {attempts})").format(
            why=self.why, seconds=ceil(seconds), attempt=self.attempt, attempts=self.attempts
        )

    @property
    def sentence(self) -> str:
        """On a line that stays."""
        if self.attempt is None:
            return _("{why}, {seconds} s").format(why=self.why, seconds=ceil(self.seconds))
        return _("{why}; trying again in {seconds} s (attempt {attempt} of {attempts})").format(
            why=self.long, seconds=ceil(self.seconds), attempt=self.attempt, attempts=self.attempts
        )
