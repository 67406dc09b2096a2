"""A table that fits a terminal, drawn by Rich.

Knows in which order columns give way: text is broken between words; what stands aside goes below its neighbour; each
row becomes a few lines of its own. A word is broken only where it is wider than the terminal. Refuses to know what is
in the cells: they are safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stackspot_cli.terminal.rendering import lines_of, longest_word, rendered, shortened
from stackspot_cli.terminal.table import GAP, Column

LEAST_TEXT = 12  # cells; a narrower column of text is hard to read
INDENT = 2
HEAD, TITLE, ASIDE = "bold", "bold", "dim"

Columns: TypeAlias = Sequence[Column]
Row: TypeAlias = list[Text]


def drawn(columns: Columns, rows: Sequence[Sequence[str]], room: int, *, color: bool) -> str:
    """The rows in lines of at most so many cells."""
    if not rows:
        return ""
    texts = [
        [_text(cell, ASIDE if column.aside else "") for column, cell in zip(columns, row, strict=True)]
        for row in rows
    ]
    return rendered(_table(columns, texts, room), room, color=color)


def _table(columns: Columns, rows: Sequence[Row], room: int) -> Table:
    """In the first form that breaks no word."""
    widths = _widths(columns, rows, room)
    if widths is None and any(column.aside for column in columns):
        columns, rows = _stacked(columns, rows, room)
        widths = _widths(columns, rows, room)
    return _records(columns, rows, room) if widths is None else _grid(columns, rows, widths)


def _widths(columns: Columns, rows: Sequence[Row], room: int) -> list[int] | None:
    """Each column's; None where a word would have to be broken."""
    widths, least = [], []
    for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
        texts = [column.head, *(cell.plain for cell in cells)]
        wanted = max(column.least, *(cell_len(line) for text in texts for line in text.split("\n")))
        widths.append(wanted)
        readable = wanted if column.aside else min(wanted, LEAST_TEXT)
        whole = (
            texts if column.most_lines is None else [column.head]
        )  # of a mere beginning any word may break
        least.append(max(column.least, readable, *map(longest_word, whole)))
    room -= len(GAP) * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda at: (widths[at] > least[at], widths[at]))
        widths[widest] -= 1
    return widths


def _stacked(columns: Columns, rows: Sequence[Row], room: int) -> tuple[Columns, list[Row]]:
    """What stands aside behind its neighbour where that has room for it, else below it."""
    kept = [column for column in columns if not column.aside]
    others = (max(cell_len(row[at].plain) for row in rows) for at in range(len(kept) - 1))
    left = room - sum(max(column.least, wide) + len(GAP) for column, wide in zip(kept, others, strict=False))
    stacked = []
    for row in rows:
        new: Row = []
        for column, cell in zip(columns, row, strict=True):
            if not column.aside:
                new.append(cell)
            elif cell:
                beside = cell_len(new[-1].plain) + len(GAP) + cell_len(cell.plain) <= left
                new[-1] = Text(GAP if beside else "\n").join([new[-1], cell])
        stacked.append(new)
    return kept, stacked


def _grid(columns: Columns, rows: Sequence[Row], widths: Sequence[int]) -> Table:
    """With a column for each gap: where padding counts, and where not, differs from Rich to Rich."""
    grid = Table.grid(pad_edge=False)
    for at, wide in enumerate(widths):
        if at:
            grid.add_column(width=len(GAP))
        grid.add_column(width=wide, overflow="fold")
    heads = [_text(column.head, HEAD) for column in columns]
    for row in [*([heads] if any(heads) else []), *rows]:
        cells = [
            cell if column.most_lines is None else shortened(cell, wide, column.most_lines)
            for column, cell, wide in zip(columns, row, widths, strict=True)
        ]
        grid.add_row(*[part for cell in cells for part in ("", cell)][1:])
    return grid


def _records(columns: Columns, rows: Sequence[Row], room: int) -> Table:
    """Each row in lines of its own: its first cell, and below it the others with their heads."""
    records = Table.grid(pad_edge=False)
    records.add_column(width=room, overflow="fold")
    inner = max(1, room - INDENT)
    for title, *cells in rows:
        title.stylize(TITLE)
        line = Text(GAP).join([title, *filter(None, cells)])
        if not any(column.head for column in columns) and cell_len(line.plain) <= room:
            records.add_row(line)
            continue
        records.add_row(_broken(title, room))
        for column, cell in zip(columns[1:], cells, strict=True):
            if cell:
                named = Text(f"{column.head.lower()}: ").append_text(cell) if column.head else cell
                fitting = named if column.most_lines is None else shortened(named, inner, column.most_lines)
                records.add_row(Padding(_broken(fitting, inner), (0, 0, 0, INDENT)))
    return records


def _broken(text: Text, room: int) -> Text:
    return Text("\n").join(lines_of(text, room))


def _text(text: str, style: str) -> Text:
    """The style is the words' own: not that of the blanks behind them."""
    return Text(overflow="fold").append(text, style or None)
