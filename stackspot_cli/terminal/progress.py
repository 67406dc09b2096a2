"""How far something is, on one line of stderr: a turning mark, words, and where it is known a bar and the time left.

Knows one line of a terminal, and when it is drawn; refuses to know how it looks (`rich_progress`, loaded when a wait
lasts), threads and what is waited for. `tick` turns the mark when the caller would otherwise just wait; `show` draws at
once what is new; `clear` wipes the line for somebody else's words, `stop` for good.

    with progress_line(terminal, now) as line:           # any number of things one after another
        line.show("41 of 200, 3 failed", 41 / 200)       # a bar, and the time that is left
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.streams import Terminal

if TYPE_CHECKING:
    from stackspot_cli.terminal.rich_progress import Picture

FRAME: Final = 0.1  # seconds
PATIENCE: Final = 0.3  # seconds; what comes sooner needs no sign of life
UNTIL_LOADED: Final = 0.1  # seconds; Rich loads while nothing comes, and not before what comes at once
LONGEST_WORDS: Final = 200
WIPE: Final = "\r\x1b[K"


class ProgressLine:
    """write: to the terminal, and flushed. enabled: False on anything else: then nothing is ever written.

    columns: how wide the terminal is now. encoding: of the stream behind `write`; a poor one gets ASCII.
    estimates: whether the time that is left is told; not where the words tell it.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        columns: Callable[[], int],
        now: Callable[[], float],
        enabled: bool,
        encoding: str = "utf-8",
        color: bool = False,
        estimates: bool = True,
    ) -> None:
        self._estimates = estimates
        self._write, self._columns, self._now, self._enabled = write, columns, now, enabled
        self._encoding, self._color = encoding, color
        self._picture: Picture | None = None
        self._began = now()
        self._alive = False  # whether there is anything to tell: a wait, or how far something is
        self._words = ""
        self._fraction: float | None = None
        self._waiting: Waiting | None = None
        self._waiting_ends = 0.0
        self._due = 0.0
        self._drawn = False

    @classmethod
    def of(
        cls, terminal: Terminal, now: Callable[[], float], *, alive: bool = True, estimates: bool = True
    ) -> ProgressLine:
        """On this terminal's stderr. alive: False shows nothing: who asks for plain text may hear the screen."""
        return cls(
            terminal.write_stderr,
            columns=terminal.stderr_columns,
            now=now,
            enabled=alive and terminal.stderr_is_terminal and not terminal.dumb,
            encoding=terminal.stderr_encoding,
            color=terminal.stderr_color,
            estimates=estimates,
        )

    def wait(self, words: str = "") -> None:
        """A wait begins, of which nothing more is known. Nothing is shown yet: it may be over soon."""
        self._words = safe_line(words, LONGEST_WORDS)
        self._alive, self._began = True, self._now()
        self._due = self._began + PATIENCE

    def show(self, words: str, fraction: float | None = None) -> None:
        """Draws at once what is new. fraction: 0..1; None where nobody knows."""
        words = safe_line(words, LONGEST_WORDS)
        if self._alive and (words, fraction) == (self._words, self._fraction):
            return
        self._words, self._fraction, self._alive = words, fraction, True
        if self._picture is not None:
            self._picture.move(fraction)
        self._draw()

    def progress(self, progress: Progress) -> None:
        """Where an execution stands, in words and hundredths."""
        words = f"{progress.status}: {progress.step}" if progress.step else progress.status
        self.show(words, progress.percentage)

    def waiting(self, waiting: Waiting) -> bool:
        """Counts its seconds down, in the place of everything else. Whether anybody sees it."""
        self._waiting, self._waiting_ends = waiting, self._now() + waiting.seconds
        self._alive = self._alive or self._enabled
        self._draw()
        return self._enabled

    def tick(self) -> float | None:
        """Turns the mark if it is time. Seconds until the next call is wanted; None: nothing to draw."""
        if not (self._alive and self._enabled):
            return None
        now = self._now()
        if now < self._due:
            if self._picture is None and now >= self._began + UNTIL_LOADED:
                self._new_picture()
            next_call = self._began + UNTIL_LOADED if self._picture is None else self._due
            return max(0.0, min(self._due, next_call) - now)
        self._draw()
        return FRAME

    def clear(self) -> None:
        """Wipes the line; the next `tick` draws it again."""
        if self._drawn:
            self._due = 0.0
            self._write(WIPE)
            self._drawn = False

    @property
    def draws(self) -> bool:
        return self._enabled

    def leave(self) -> str:
        """Wipes it by somebody else's hand; the next `tick` draws it again."""
        wipe, self._due, self._drawn = WIPE if self._drawn else "", 0.0, False
        return wipe

    def stop(self) -> None:
        """Wipes the line for good. May be called again and again."""
        self._alive = False
        self.clear()

    def _draw(self) -> None:
        if not self._enabled:
            return
        now = self._now()
        picture = self._picture or self._new_picture()
        room = self._columns() - 1  # a line that wraps cannot be wiped
        if self._waiting is not None and now < self._waiting_ends:
            line = picture.line(self._waiting.left(self._waiting_ends - now), None, room)
        else:
            line = picture.line(self._words, now - self._began, room)
        wipe = "\x1b[K" if self._drawn else ""
        self._drawn = True  # before: a Ctrl-C may arrive within the write
        self._write("\r" + line + wipe)
        self._due = now + FRAME

    def _new_picture(self) -> Picture:
        from stackspot_cli.terminal.rich_progress import (
            Picture,  # deferred: what comes soon needs no sign of life
        )

        self._picture = Picture(
            self._now, color=self._color, encoding=self._encoding, estimates=self._estimates
        )
        self._picture.move(self._fraction)
        return self._picture


@contextmanager
def progress_line(
    terminal: Terminal, now: Callable[[], float], *, alive: bool = True
) -> Iterator[ProgressLine]:
    """The line that stands on the terminal while the body runs, and waits. alive: see `ProgressLine.of`."""
    line = ProgressLine.of(terminal, now, alive=alive)
    line.wait()
    with terminal.drawing(line):
        try:
            yield line
        finally:
            line.stop()
