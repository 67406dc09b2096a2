"""How far a batch is: a bar on a terminal, one note a minute elsewhere.

Knows the terminal's line. Refuses to know what is counted (`batch.tally`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from stackspot_cli.batch.tally import Tally
from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting
from stackspot_cli.terminal.progress import FRAME, ProgressLine
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

NOTE_SECONDS = 60.0
BEFORE_END = 5.0  # a note so shortly before the end says nothing that the summary does not


class BatchDrawing:
    """What stands on the terminal while a batch runs. Made by the thread that waits for the jobs."""

    def __init__(self, terminal: Terminal, tally: Tally, now: Callable[[], float]) -> None:
        self._terminal = terminal
        self._tally = tally
        self._now = now
        self._line = ProgressLine.of(terminal, now, estimates=False)  # the tally knows better
        self._moves = terminal.stderr_is_terminal and not terminal.dumb
        self._noted = now()
        self._lock = threading.Lock()
        self._waiting: Waiting | None = None
        self._waiting_ends = 0.0

    def tick(self) -> float:
        """Draws, or notes, what is due; `Terminal.idle` calls it. Seconds until it is wanted again."""
        now = self._now()
        if self._moves:
            self._line.show(self._words(now), self._tally.fraction)
            self._line.tick()
            return FRAME
        if now - self._noted >= NOTE_SECONDS:
            self._noted = now
            left = self._tally.seconds_left(now)
            if left is None or left > BEFORE_END:
                self._terminal.note(self._words(now))
        return self._noted + NOTE_SECONDS - now

    def _words(self, now: float) -> str:
        """A wait takes the place of the rate, which it makes untrue; a narrow terminal has no room for both."""
        with self._lock:
            waiting, left = self._waiting, self._waiting_ends - now
        if waiting is None or left <= 0:
            return self._tally.words(now)
        return _("{words}; {waiting}").format(words=self._tally.numbers, waiting=waiting.left(left))

    @property
    def draws(self) -> bool:
        return self._line.draws

    def clear(self) -> None:
        self._line.clear()

    def leave(self) -> str:
        return self._line.leave()

    def progress(self, progress: Progress) -> None:
        """How far one of many quick commands is: nobody could read them all."""

    def waiting(self, waiting: Waiting) -> bool:
        """Of one job: it stands beside the numbers, and is no note of its own."""
        ends = self._now() + waiting.seconds
        with self._lock:
            if self._waiting is None or ends > self._waiting_ends:
                self._waiting, self._waiting_ends = waiting, ends
        return True

    def stop(self) -> None:
        self._line.stop()
