"""How far something is, on one line of stderr: a turning mark, a bar, a percentage, a word, the seconds that passed.

Knows one line of a terminal; refuses to know threads and what is waited for. It draws when told something new
and when asked by `tick`; `clear` wipes it for somebody else's words, `stop` for good.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.spinner import ASCII_FRAMES, FRAME, FRAMES, can

CELLS: Final = 20
LONGEST_WORDS: Final = 200
_FANCY: Final = (FRAMES, "█", "░")
_PLAIN: Final = (ASCII_FRAMES, "#", ".")


class ProgressLine:
    """write: to the terminal, and flushed. enabled: False on anything else: then nothing is ever written.

    columns: how wide the terminal is now. encoding: of the stream behind `write`; a poor one gets ASCII.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        columns: Callable[[], int],
        now: Callable[[], float] = time.monotonic,
        enabled: bool,
        encoding: str = "utf-8",
    ) -> None:
        self._write, self._columns, self._now, self._enabled = write, columns, now, enabled
        self._marks, self._full, self._empty = _FANCY if can(encoding, "".join(_FANCY)) else _PLAIN
        self._started = now()
        self._words = ""
        self._fraction: float | None = None
        self._told = False
        self._due = 0.0
        self._turn = 0
        self._drawn = ""

    def show(self, words: str, fraction: float | None = None) -> None:
        """Draws at once what is new. fraction: 0..1; None where nobody knows."""
        words = safe_line(words, LONGEST_WORDS)
        if self._told and (words, fraction) == (self._words, self._fraction):
            return
        self._words, self._fraction, self._told = words, fraction, True
        self._draw()

    def tick(self) -> float | None:
        """Turns the mark if it is time. Seconds until the next call is wanted; None: nothing to draw."""
        if not (self._told and self._enabled):
            return None
        now = self._now()
        if self._drawn and now < self._due:
            return self._due - now
        self._draw()
        return FRAME

    def clear(self) -> None:
        """Wipes the line; the next `tick` draws it again."""
        if self._drawn:
            self._drawn = ""
            self._write("\r\x1b[K")

    def stop(self) -> None:
        """Wipes the line for good. May be called again and again."""
        self._told = False
        self.clear()

    def _draw(self) -> None:
        if not self._enabled:
            return
        now = self._now()
        mark = self._marks[self._turn % len(self._marks)]
        parts = [mark]
        if self._fraction is not None:
            filled = round(CELLS * self._fraction)
            parts.append(self._full * filled + self._empty * (CELLS - filled))
            parts.append(f"{self._fraction * 100:3.0f} %")
        parts += [self._words, f"{now - self._started:.0f} s"]
        line = _fitting("  ".join(part for part in parts if part), self._columns() - 1)
        self._write("\r" + line + ("\x1b[K" if self._drawn else ""))
        self._drawn = line
        self._turn += 1
        self._due = now + FRAME


def _fitting(line: str, columns: int) -> str:
    """As much of the line as fits: one that wraps cannot be wiped."""
    if line.isascii():
        return line[: max(columns, 0)]
    from unicodedata import east_asian_width

    width = 0
    for place, character in enumerate(line):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > columns:
            return line[:place]
    return line
