"""How `slow` is slow: gaps to be noticed, each below one second, and some three seconds in all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

PIECES = 12
ALL_SECONDS = 3.0
SHORTEST_SECONDS, LONGEST_SECONDS = 0.25, 0.6


def merged(pieces: Sequence[str], count: int = PIECES) -> tuple[str, ...]:
    """The same text in at most `count` pieces."""
    if len(pieces) <= count:
        return tuple(pieces)
    edges = [len(pieces) * place // count for place in range(count + 1)]
    return tuple("".join(pieces[start:end]) for start, end in pairwise(edges))


def gap_seconds(count: int) -> float:
    return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, ALL_SECONDS / max(1, count)))
