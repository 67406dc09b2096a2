"""Text that grows by very small pieces and is kept as larger ones: a delta a string would cost 50 bytes each.

Pure. One thread appends; another may read what has come so far, and let go of what is safe elsewhere.
"""

from __future__ import annotations

import threading
from bisect import bisect_right

LONGEST_KEPT_ANSWER = 4 * 1024 * 1024
"""Characters, a million tokens: an endless answer passes, and is not kept."""
_PIECES = 512  # so many small ones become a larger one
_LARGE = 65_536  # characters of one piece


class GrowingText:
    """`append` is as cheap as a list's; `str()` is the whole; `since(position)` what came after.

    longest: characters after which nothing more is kept (a little more may be); None keeps all. passing: nobody asks
    for the whole at the end, so that `let_go` may take the beginning away.
    """

    __slots__ = ("_ends", "_full", "_lock", "_longest", "_parts", "_small", "passing", "start")

    def __init__(self, longest: int | None = None, *, passing: bool = False) -> None:
        self.passing = passing
        self.start = 0  # the position of the first character that is still here
        self._longest = longest
        self._full = longest == 0
        self._parts: list[str] = []
        self._ends: list[int] = []  # where each part ends, in characters
        self._small: list[str] = []
        self._lock = threading.Lock()

    def append(self, piece: str) -> None:
        if self._full:
            return
        small = self._small
        small.append(piece)
        if len(small) >= _PIECES or len(piece) >= _LARGE:
            with self._lock:  # a reader sees the pieces as small ones or as a part, never neither
                part = "".join(small)
                self._parts.append(part)
                self._ends.append((self._ends[-1] if self._ends else self.start) + len(part))
                small.clear()
                self._full = self._longest is not None and self._ends[-1] >= self._longest

    def since(self, position: int) -> str:
        """All characters from that position on, as far as they are still here."""
        with self._lock:
            first = bisect_right(self._ends, position)
            start = self._ends[first - 1] if first else self.start
            return "".join([*self._parts[first:], *self._small])[max(0, position - start) :]

    def let_go(self, position: int) -> None:
        """What came before is kept elsewhere: no more of it is held than the part that it ends in."""
        assert self.passing, "somebody will ask for the whole"
        with self._lock:
            count = bisect_right(self._ends, position)
            if count:
                self.start = self._ends[count - 1]
                del self._parts[:count], self._ends[:count]

    def __str__(self) -> str:
        return self.since(0)

    def __bool__(self) -> bool:
        return bool(self.start or self._parts or self._small)
