"""The names of lines, a great many of them, in eight bytes each. Pure.

A line's id is a text or a number: `1` and `"1"` are two. What is kept of it is a digest of 64 bits: among a
million lines two that differ look alike once in forty million batches.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b
from typing import TypeAlias

Id: TypeAlias = str | int | float


def digest(id_: Id) -> int:
    return int.from_bytes(blake2b(json.dumps(id_).encode(), digest_size=8).digest())


class Ids:
    """A set of digests: first filled, then asked."""

    __slots__ = ("_digests", "_sorted")

    def __init__(self) -> None:
        self._digests = array("Q")
        self._sorted = True

    def add(self, one: int) -> None:
        self._digests.append(one)
        self._sorted = False

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, one: int) -> bool:
        self._sort()
        place = bisect_left(self._digests, one)
        return place < len(self._digests) and self._digests[place] == one

    def repeated(self) -> Iterator[int]:
        """Those that were added more than once."""
        self._sort()
        before = None
        for one in self._digests:
            if one == before:
                yield one
            before = one

    def _sort(self) -> None:
        if not self._sorted:
            self._digests = array("Q", sorted(self._digests))
            self._sorted = True
