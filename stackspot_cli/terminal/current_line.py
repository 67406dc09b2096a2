"""What stands on the terminal's current line, and moves while the network is waited for.

Knows that one thing stands there at a time, and that several threads may want to draw. Refuses to know how it looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import RLock
from typing import TYPE_CHECKING, Protocol

from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting

if TYPE_CHECKING:

    class Drawing(Protocol):
        @property
        def draws(self) -> bool:
            """Whether anything will ever stand there."""

        def tick(self) -> float | None:
            """Draws what is due. Seconds until the next call is wanted; None: no wish."""

        def clear(self) -> None:
            """Makes room for somebody else's words."""

        def leave(self) -> str:
            """What takes the cursor to a fresh line, for somebody else who will have the terminal. What was drawn is
            forgotten.
            """

        def progress(self, progress: Progress) -> None:
            """Something that is followed has got so far."""

        def waiting(self, waiting: Waiting) -> bool:
            """We wait of our own accord. Whether that stands there now."""


class CurrentLine:
    """lock: who draws, or says something, does so alone. terminal: the descriptor of the one that is drawn on, where
    nobody but us reads its keys.
    """

    def __init__(self, terminal: Callable[[], int | None] = lambda: None) -> None:
        self.lock = RLock()
        self._terminal = terminal
        self._drawings: list[Drawing] = []  # the last one is what stands there

    @contextmanager
    def drawing(self, line: Drawing) -> Iterator[None]:
        """While the body runs this line stands there, instead of the one that stood there before. No key is echoed
        into it.
        """
        self._drawings.append(line)
        try:
            with self._undisturbed(line):
                yield
        finally:
            self._drawings.remove(line)

    def _undisturbed(self, line: Drawing) -> AbstractContextManager[None]:
        descriptor = self._terminal() if line.draws else None
        if descriptor is None:
            return nullcontext()
        from stackspot_cli.terminal.echo import undisturbed  # deferred: a pipe echoes nothing

        return undisturbed(descriptor, self._leave)

    def _leave(self) -> str:
        return "".join([line.leave() for line in self._drawings])

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
