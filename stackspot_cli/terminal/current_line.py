"""What stands on the terminal's current line, and moves while the network is waited for.

Knows that one thing stands there at a time, and that several threads may want to draw. Refuses to know how it looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Protocol

from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting


class Drawing(Protocol):
    def tick(self) -> float | None:
        """Draws what is due. Seconds until the next call is wanted; None: no wish."""

    def clear(self) -> None:
        """Makes room for somebody else's words."""

    def progress(self, progress: Progress) -> None:
        """Something that is followed has got so far."""

    def waiting(self, waiting: Waiting) -> bool:
        """We wait of our own accord. Whether that stands there now."""


class CurrentLine:
    """lock: who draws, or says something, does so alone."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._drawings: list[Drawing] = []  # the last one is what stands there

    @contextmanager
    def drawing(self, line: Drawing) -> Iterator[None]:
        """While the body runs this line stands there, instead of the one that stood there before."""
        self._drawings.append(line)
        try:
            yield
        finally:
            self._drawings.remove(line)

    def idle(self) -> float | None:
        """Called before each wait for the network: see `Drawing.tick`."""
        with self.lock:
            return self._drawings[-1].tick() if self._drawings else None

    def clear(self) -> None:
        if self._drawings:
            self._drawings[-1].clear()

    def progress(self, progress: Progress) -> None:
        if self._drawings:
            self._drawings[-1].progress(progress)

    def waiting(self, waiting: Waiting) -> bool:
        """Whether somebody sees it."""
        return bool(self._drawings) and self._drawings[-1].waiting(waiting)
