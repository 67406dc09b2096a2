"""All parts looked at, several at once: what was remembered, what was asked, what failed, and when to stop.

Knows threads. The one who iterates owns the screen and the keyboard; the threads ask and nothing else. Refuses to
know prompts, models and files.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence

from stackspot_cli.errors import AuthError, ConfigError, RateLimited, StackSpotError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.review.findings import Claim
from stackspot_cli.review.parts import Part

TICK_SECONDS = 0.1
LEAVE_SECONDS = 2.0  # for the threads to put down what they have, after the reader has had enough


class Stopped(BaseException):
    """Raised within a thread that waits for an answer nobody wants any more. Like KeyboardInterrupt: no error."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One part, and what was claimed of it; or why nothing could be. remembered: nobody was asked."""

    part: Part
    claims: tuple[Claim, ...] = ()
    error: StackSpotError | None = None
    remembered: bool = False


class Looking:
    """Look at every part, as an iterator in the order in which they are done. `stop` ends it from any thread.

    look: asks about one part, in a thread. Raises StackSpotError. finished: everything that is done, also what came
    when the reader had been interrupted already.
    """

    def __init__(self, parts: Sequence[Part], look: Callable[[Part], Looked], jobs: int) -> None:
        self._parts: queue.SimpleQueue[Part] = queue.SimpleQueue()
        for part in parts:
            self._parts.put(part)
        self._count = len(parts)
        self._look = look
        self._done: queue.SimpleQueue[Looked | BaseException] = queue.SimpleQueue()
        self.finished: list[Looked] = []
        self._stopped = threading.Event()
        self._refused: StackSpotError | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"review-{number}", daemon=True)
            for number in range(min(jobs, self._count))
        ]

    def each(self, tick: Callable[[], object] = lambda: None) -> Generator[Looked, None, None]:
        """tick: called about ten times a second while nothing is done. Raises what is no StackSpotError."""
        for thread in self._threads:
            thread.start()
        try:
            for _number in range(self._count):
                yield self._next(tick)
        finally:
            self.stop()
            ends = time.monotonic() + LEAVE_SECONDS
            for thread in self._threads:
                thread.join(max(0.0, ends - time.monotonic()))

    def stop(self) -> None:
        self._stopped.set()

    def check(self) -> None:
        """Called where a thread would wait. Raises Stopped in one that should not."""
        if self._stopped.is_set():
            raise Stopped

    def _next(self, tick: Callable[[], object]) -> Looked:
        while True:
            try:
                done = self._done.get(timeout=TICK_SECONDS)
            except queue.Empty:
                tick()
                continue
            if isinstance(done, BaseException):
                raise done
            return done

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                part = self._parts.get_nowait()
            except queue.Empty:
                return
            try:
                looked = self._one(part)
                self.finished.append(looked)
                self._done.put(looked)
            except Stopped:
                return
            except BaseException as error:  # noqa: BLE001  # told where somebody reads: in the iterating thread
                self._done.put(error)
                return

    def _one(self, part: Part) -> Looked:
        """A refusal to all comes once: after it nobody else is asked."""
        if self._refused is not None:
            return Looked(part, error=self._refused)
        try:
            return self._look(part)
        except (AuthError, ConfigError, RateLimited) as error:
            self._refused = error
            return Looked(part, error=error)
        except StackSpotError as error:
            return Looked(part, error=error)
