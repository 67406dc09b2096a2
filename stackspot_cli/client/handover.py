"""A stream of events out of a thread and into asyncio: in batches, bounded, and left when nobody listens.

Knows threads and one event loop. Refuses to know what asks and what is answered.

The events of one read of the wire are handed over together, just before the thread would wait for the next
(`idle`, the hook of `network.patience`): so one wake-up of the loop serves many. The same hook is where the
thread notices that nobody listens any more; leaving closes its generator, and with it the connection.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from typing import Generic, TypeVar

from stackspot_cli.domain import Delta
from stackspot_cli.errors import LocalError
from stackspot_cli.translation import _

E = TypeVar("E")

POLL_SECONDS = 0.2  # how soon a thread that waits for the network notices that nobody listens
BATCH_CHARACTERS = 4 * 1024  # handed over at the latest
WAITING_CHARACTERS = 1024  # handed over and not yet taken: more holds the thread, and so the service
_EVENT_CHARACTERS = 64  # what an event counts beside its text: many are tokens of four


class _Left(BaseException):
    """Nobody listens: not an error, and not to be swallowed on its way out of the stream."""


class Handover(Generic[E]):
    """One stream in a thread of its own, its events taken by one task.

    handover = Handover(asyncio.get_running_loop())
    handover.start(client.stream(model, prompt, client.patience(handover.idle)))
    try:
        while (events := await handover.take()) is not None: ...
    finally:
        handover.leave()
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wake = asyncio.Event()
        self._changed = threading.Condition()
        self._own: list[E] = []  # the thread's
        self._own_characters = 0
        self._ready: list[E] = []  # between both; guarded by `_changed`
        self._ready_characters = 0
        self._called = False
        self._left = False
        self._ended = False
        self._error: BaseException | None = None

    # --- the task's side ---------------------------------------------------------------------------

    def start(self, events: Generator[E, None, None]) -> None:
        thread = threading.Thread(target=self._run, args=(events,), name="stackspot-stream", daemon=True)
        try:
            thread.start()
        except RuntimeError as problem:
            raise LocalError(
                _("this machine gives no thread to ask in"), _("fewer calls at one time need fewer threads")
            ) from problem

    async def ready(self, wait_seconds: float | None) -> bool:
        """Whether there is something to take, the end and our leaving included; waits so long for it."""
        if self._wake.is_set():
            return True
        try:
            async with asyncio.timeout(wait_seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def take(self, wait_seconds: float | None = None) -> list[E] | None:
        """What has come: at least one event, or [] after `wait_seconds`; None at the end and after `leave`.

        Raises what broke the stream, after everything before it was taken.
        """
        if not await self.ready(wait_seconds):
            return []
        if self._left:
            return None
        with self._changed:
            events, self._ready = self._ready, []
            self._ready_characters = 0
            self._called = self._ended
            if not self._ended:
                self._wake.clear()
            self._changed.notify()
        if events:
            return events
        if not self._ended:
            return []
        if self._error is not None:
            raise self._error
        return None

    def leave(self) -> None:
        """Nobody listens any more. Called in the loop's thread; harmless after the end."""
        with self._changed:
            self._left = True
            self._changed.notify()
        self._wake.set()

    # --- the thread's side -------------------------------------------------------------------------

    def idle(self) -> float:
        """For `Patience.idle`: the thread is about to wait."""
        if self._left:
            raise _Left
        if self._own:
            self._hand_over()
        return POLL_SECONDS

    def _run(self, events: Generator[E, None, None]) -> None:
        try:
            try:
                for event in events:
                    self._own.append(event)
                    self._own_characters += _EVENT_CHARACTERS
                    if isinstance(event, Delta):
                        self._own_characters += len(event.text)
                    if self._own_characters >= BATCH_CHARACTERS:
                        self._hand_over()
            finally:
                events.close()
        except _Left:
            return
        except BaseException as error:  # noqa: BLE001  # raised again in the task, by `take`
            self._error = error
        try:
            self._hand_over(last=True)
        except _Left:
            return

    def _hand_over(self, *, last: bool = False) -> None:
        with self._changed:
            while self._ready_characters >= WAITING_CHARACTERS and not self._left:
                self._changed.wait()
            if self._left:
                raise _Left
            self._ready += self._own
            self._ready_characters += self._own_characters
            self._own, self._own_characters = [], 0
            self._ended = last
            wake, self._called = not self._called, True
        if wake:
            try:
                self._loop.call_soon_threadsafe(self._wake.set)
            except RuntimeError as closed:  # the loop has ended without us
                raise _Left from closed
