"""Text in aligned columns, a line a row, for people and for `awk`. Pure; every cell is made safe."""

from __future__ import annotations

from collections.abc import Sequence

from stackspot_cli.safe_text import safe_line

GAP = "  "


def aligned(rows: Sequence[Sequence[str]], *, longest_cell: int = 120) -> str:
    """All rows have the same number of cells. An empty cell is shown as `-`, so that fields can be counted."""
    safe = [[safe_line(cell, longest_cell) or "-" for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*safe, strict=True)]
    lines = [
        GAP.join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        for row in safe
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _width(text: str) -> int:
    """In cells of a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)
