"""A quiet sign on stderr while nothing has come yet. Knows seconds; draws nothing where it is not enabled."""

from __future__ import annotations

from collections.abc import Callable


class Spinner:
    """start, tick (returns when it wants to be called again), stop (leaves no trace)."""

    def __init__(self, write: Callable[[str], None], *, now: Callable[[], float], enabled: bool) -> None:
        self._write = write
        self._now = now
        self._enabled = enabled
        self._began = now()

    def start(self) -> None:
        self._began = self._now()

    def tick(self) -> float | None:
        if not self._enabled:
            return None
        self._write(f"\r{self._now() - self._began:.0f} s\x1b[K")
        return 0.5

    def stop(self) -> None:
        if self._enabled:
            self._write("\r\x1b[K")
