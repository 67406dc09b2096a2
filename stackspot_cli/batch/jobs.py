"""Work done side by side by a bounded number of threads, its results in the order in which they are done.

Knows threads. Refuses to know what is worked on. Nothing runs ahead of who takes the results, so that memory holds
a few of them, however many tasks there are.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LOOK_SECONDS = 0.2  # how soon a job that waits notices that it is to end
JOIN_SECONDS = 5.0  # for what a job must not leave half done
READY = 64  # results that nobody has taken yet


class Left(BaseException):
    """This job is to end: not an error, and not to be swallowed on its way out."""


class _End:
    pass


_END = _End()


class Jobs(Generic[T, R]):
    """An iterator of results. Made, iterated and closed by one thread or several.

    tasks: taken from one at a time, as jobs become free. work: what is done with each, in a thread of its own; what
    it raises ends everything: tasks that have begun are finished first, then it is raised to who takes the results.
    jobs: how many at once.
    """

    def __init__(self, tasks: Iterator[T], work: Callable[[T, Jobs[T, R]], R], jobs: int) -> None:
        self._tasks = tasks
        self._work = work
        self._most = jobs
        self._taking = threading.Lock()  # a generator is asked by one thread at a time
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._running = 0
        self._ready: deque[R] = deque()
        self._error: BaseException | None = None
        self._stopping = False
        self._closed = False
        self._begun = False

    # --- who takes the results ---------------------------------------------------------------------

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> R:
        result = self.take()
        assert result is not None, "without a time limit there is a result, or the end"
        return result

    def take(self, longest_seconds: float | None = None) -> R | None:
        """The next result; None after so long. Raises StopIteration at the end, and what a job raised before it."""
        ends = None if longest_seconds is None else time.monotonic() + longest_seconds
        with self._changed:
            self._begin()
            while not self._ready and self._running and not self._closed:
                left = None if ends is None else ends - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._changed.wait(left)
            if self._closed:
                raise StopIteration
            if self._ready:
                self._changed.notify_all()
                return self._ready.popleft()
            error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopIteration

    def stop(self) -> None:
        """No further task begins. What has begun is finished."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def close(self) -> None:
        """Ends it: what waits for an answer is left. Whoever writes one down does so first."""
        with self._changed:
            self._stopping = self._closed = True
            self._changed.notify_all()
            threads = list(self._threads)
        ends = time.monotonic() + JOIN_SECONDS
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, ends - time.monotonic()))

    # --- who works ---------------------------------------------------------------------------------

    @property
    def stopping(self) -> bool:
        return self._stopping

    def look(self, *, begun: bool) -> float:
        """For `Patience.idle`: a job is about to wait. begun: whether it has asked anything yet. Raises Left."""
        if self._closed or (self._stopping and not begun):
            raise Left
        return LOOK_SECONDS

    def rest(self, seconds: float) -> bool:
        """Waits. False where everything is to end instead."""
        ends = time.monotonic() + seconds
        with self._changed:
            while not self._stopping and (left := ends - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._stopping

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._start_one()

    def _start_one(self) -> None:
        if len(self._threads) < self._most and not self._stopping:
            thread = threading.Thread(target=self._run, name="stackspot-batch", daemon=True)
            self._threads.append(thread)
            self._running += 1
            thread.start()

    def _run(self) -> None:
        try:
            while not isinstance(task := self._next(), _End):
                self._put(self._work(task, self))
        except Left:
            pass
        except BaseException as error:  # noqa: BLE001  # raised again by `take`
            with self._changed:
                self._stopping = True
                self._error = self._error or error
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _next(self) -> T | _End:
        """The next task; another job is begun for the one after it."""
        with self._taking:
            if self._stopping:
                return _END
            task = next(self._tasks, _END)
        if not isinstance(task, _End):
            with self._changed:
                self._start_one()
        return task

    def _put(self, result: R) -> None:
        with self._changed:
            while len(self._ready) >= READY and not self._closed:
                self._changed.wait()
            self._ready.append(result)
            self._changed.notify_all()
