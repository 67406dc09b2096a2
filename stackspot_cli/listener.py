"""Who hears what happens while something is on its way, and of a wait of our own accord. Pure.

A wait has two reasons: an attempt has failed, or a quota has no turn left. Refuses to know who says it, and how it
is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from stackspot_cli.domain import Progress
from stackspot_cli.lean_dataclasses import dataclass
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


def ignore(_said: object) -> None:
    """Hears whatever is said, and does nothing."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears what happens while something is on its way; whoever says nothing else hears nothing.

    note: what a person should know. step: each step of the way, for `-v`. progress: how far a quick command is.
    waiting: we are about to wait of our own accord. wire: the headers, for `--debug`, redacted; None spares the
    redacting. All texts are made safe before.
    """

    note: Callable[[str], None] = ignore
    step: Callable[[str], None] = ignore
    progress: Callable[[Progress], None] = ignore
    waiting: Callable[[Waiting], None] = ignore
    wire: Callable[[str], None] | None = None
