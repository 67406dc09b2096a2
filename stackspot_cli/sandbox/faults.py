"""The bad days that can be ordered: their names, and how often each one strikes.

Knows when a fault strikes; refuses to know how it looks on a socket (`server` does).
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

FAULTS = ("rate-limit", "server-error", "cut", "slow", "hang", "expired-token", "refused", "forbidden")


class Faults:
    """Which faults were ordered, and how many strikes each has left.

    times: strikes of each fault; None for always. Safe to share between threads.
    Raises ValueError for a name that is not in FAULTS, naming those that are, and for times below 1.
    """

    def __init__(self, names: Iterable[str] = (), times: int | None = None) -> None:
        self.names = tuple(dict.fromkeys(names))
        for name in self.names:
            if name not in FAULTS:
                raise ValueError(f"unknown fault {name!r}: the known ones are {', '.join(FAULTS)}")
        if times is not None and times < 1:
            raise ValueError("times must be 1 or more")
        self._left: dict[str, int | None] = dict.fromkeys(self.names, times)
        self._lock = Lock()

    def strikes(self, name: str) -> bool:
        """Whether this fault strikes now; takes one strike away when it does."""
        with self._lock:
            left = self._left.get(name, 0)
            if left is None:
                return True
            if left == 0:
                return False
            self._left[name] = left - 1
            return True

    def first_of(self, candidates: Iterable[str]) -> str | None:
        """The first ordered fault among the candidates that strikes now, in the order of the order."""
        wanted = frozenset(candidates)
        return next((name for name in self.names if name in wanted and self.strikes(name)), None)
