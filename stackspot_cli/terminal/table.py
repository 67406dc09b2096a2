"""Text in aligned columns, a line a row, for people and for `awk`; times as people read them.

Pure: knows how wide a character stands on a terminal. Refuses to know terminals: `listing` asks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """head: above it, or "" where no column has one. aside: may stand below the column before it.

    most_lines: of a cell on a terminal; "…" stands for the rest. longest: in characters, everywhere.
    least: cells that it takes anyhow, so that rows which come one by one stand below one another.
    """

    head: str = ""
    aside: bool = False
    most_lines: int | None = None
    longest: int = 120
    least: int = 0


FACTS = (Column(longest=1000), Column(longest=1000))
FOUND = (*FACTS, Column(aside=True, longest=1000))  # a value, and where it came from


def aligned(
    rows: Sequence[Sequence[str]], *, empty: str = "-", longest_cell: int = 120, least: Sequence[int] = ()
) -> str:
    """All rows have the same number of cells; each is made safe, and an empty one is shown: fields can be counted.

    least: how wide each column is at least.
    """
    shown = [[safe_line(cell, longest_cell) or empty for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    widths = [max(pair) for pair in zip(widths, least or widths, strict=True)]
    lines = [
        GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
    return "".join(f"{line}\n" for line in lines)


def width(text: str) -> int:
    """In cells of a terminal: East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def moment(seconds: float) -> str:
    """Local time, to the minute."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _cells(character: str) -> int:
    from unicodedata import combining, east_asian_width  # deferred: most tables are ASCII

    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
