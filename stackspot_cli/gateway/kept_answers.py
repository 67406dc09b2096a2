"""Answers that a program may go on from by their ids: what was said, and the answer as it was given.

In memory, so that nobody else reads them and nothing is left of them: bounded in size and age, oldest out first. The
conversation is ours and not the service's, because clients rewrite theirs. Refuses to know any API.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.tools.inquiry import Call, Item

MOST_BYTES = 64 * 1024 * 1024
LONGEST_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """items: what was said up to this answer, the answer included. body: the answer as JSON."""

    items: tuple[Item, ...]
    body: bytes
    at: float

    @property
    def size(self) -> int:
        texts = (item.arguments if isinstance(item, Call) else item.text for item in self.items)
        return len(self.body) + sum(map(len, texts))


class KeptAnswers:
    """Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._most = most_bytes
        self._by_id: dict[str, Kept] = {}  # oldest first
        self._size = 0
        self._lock = threading.Lock()

    def keep(self, answer_id: str, items: Sequence[Item], body: bytes) -> None:
        """Not at all, where it alone is more than may be kept."""
        kept = Kept(tuple(items), body, self._clock())
        with self._lock:
            self._remove(answer_id)
            self._by_id[answer_id] = kept
            self._size += kept.size
            self._clear()

    def find(self, answer_id: str) -> Kept | None:
        with self._lock:
            self._clear()
            return self._by_id.get(answer_id)

    def delete(self, answer_id: str) -> bool:
        """Whether it was there."""
        with self._lock:
            return self._remove(answer_id)

    def _remove(self, answer_id: str) -> bool:
        kept = self._by_id.pop(answer_id, None)
        self._size -= kept.size if kept else 0
        return kept is not None

    def _clear(self) -> None:
        oldest = self._clock() - LONGEST_SECONDS
        while self._by_id:
            answer_id, kept = next(iter(self._by_id.items()))
            if self._size <= self._most and kept.at >= oldest:
                return
            self._remove(answer_id)
