"""Text in aligned columns, a line a row, for people and for `awk`; lines that fit; times as people read them.

Pure: knows how wide a character stands on a terminal. Every cell is made safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from stackspot_cli.safe_text import safe_line

GAP = "  "


def aligned(
    rows: Sequence[Sequence[str]], *, empty: str = "-", longest_cell: int = 120, columns: int | None = None
) -> str:
    """All rows have the same number of cells. An empty one is shown as `-`, so that fields can be counted.

    columns: how wide a line may be; None for any width.
    """
    safe = [[safe_line(cell, longest_cell) or empty for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*safe, strict=True)]
    lines = [
        GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in safe
    ]
    return "".join(f"{line if columns is None else fitting(line, columns)}\n" for line in lines)


def width(text: str) -> int:
    """In cells of a terminal: East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def fitting(line: str, columns: int, mark: str = "…") -> str:
    """The line, cut to so many cells; the mark, in them, says that it was cut."""
    if len(line) * 2 <= columns or width(line) <= columns:
        return line
    left = columns - width(mark)
    for place, character in enumerate(line):
        left -= _cells(character)
        if left < 0:
            return line[:place] + mark
    return line


def moment(seconds: float) -> str:
    """Local time, to the minute."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _cells(character: str) -> int:
    from unicodedata import combining, east_asian_width  # deferred: most tables are ASCII

    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
