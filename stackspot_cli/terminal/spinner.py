"""A quiet sign of life on stderr until the answer begins: a turning mark and the seconds that have passed.

Knows one line of a terminal; refuses to know threads and what is waited for. The caller asks `tick` when it
would otherwise just wait, and calls `stop` before anything else is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

FRAME: Final = 0.1  # seconds
PATIENCE: Final = 0.3  # seconds; an answer that comes sooner needs no spinner
FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ASCII_FRAMES: Final = "|/-\\"


class Spinner:
    """write: to the terminal, and flushed. enabled: False on anything else: then nothing is ever written."""

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        now: Callable[[], float] = time.monotonic,
        enabled: bool,
        encoding: str = "utf-8",
    ) -> None:
        """encoding: of the stream behind `write`; one that lacks the mark's characters gets ASCII."""
        self._write, self._now, self._enabled = write, now, enabled
        self._frames = FRAMES if can(encoding, FRAMES) else ASCII_FRAMES
        self._started: float | None = None
        self._due = 0.0
        self._turn = 0
        self._drawn = ""

    def start(self) -> None:
        """Starts the clock. Nothing is shown yet."""
        if self._enabled and self._started is None:
            self._started = self._now()
            self._due = self._started + PATIENCE

    def tick(self) -> float | None:
        """Turns the mark if it is time. Seconds until the next call is wanted; None: not turning."""
        if self._started is None:
            return None
        now = self._now()
        if now < self._due:
            return self._due - now
        text = f"{self._frames[self._turn % len(self._frames)]} {now - self._started:.0f} s"
        self._write("\r" + text + " " * (len(self._drawn) - len(text)))
        self._drawn = text
        self._turn += 1
        self._due = now + FRAME
        return FRAME

    def clear(self) -> None:
        """Wipes the line for somebody else's words; the mark comes back when it turns."""
        if self._drawn:
            self._drawn = ""
            self._write("\r\x1b[K")

    def stop(self) -> None:
        """Wipes the line, if anything stands in it. May be called again and again."""
        self._started = None
        self.clear()


def can(encoding: str, text: str) -> bool:
    """Whether the encoding has every character of the text."""
    try:
        text.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True
