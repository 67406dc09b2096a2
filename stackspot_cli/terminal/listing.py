"""Rows before a person or a script: on a terminal they fit it, in a pipe they are aligned and whole.

    text = listing(terminal, rows, (Column(_("NAME")), Column(_("BEST FOR"))))

Knows which of the two is wanted. Refuses to know what is listed, and how a table is drawn (`rich_table`, which a pipe
never loads). Every cell is made safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import Column, aligned

LONGEST_CELL = 1001  # of a column, and the "…" with it
SHORTEST_ID = 10  # a ULID's first ten characters are its time, to the millisecond


def listing(
    terminal: Terminal,
    rows: Iterable[Sequence[str]],
    columns: Sequence[Column],
    *,
    empty: str = "-",
    said: bool = False,
) -> str:
    """The rows as text with a newline. empty: what stands in a pipe for an empty cell, so that fields can be counted.

    said: it goes to stderr, by `say`, which shows escapes instead of colours.
    """
    cells = [
        [safe_line(cell, column.longest) for cell, column in zip(row, columns, strict=True)] for row in rows
    ]
    if terminal.stderr_is_terminal if said else terminal.stdout_is_terminal:
        from stackspot_cli.terminal.rich_table import drawn

        return drawn(columns, cells, terminal.size()[0], color=terminal.color and not said)
    heads = [column.head for column in columns]
    least = [column.least for column in columns]
    return aligned(
        [*([heads] if any(heads) else []), *cells], empty=empty, longest_cell=LONGEST_CELL, least=least
    )


def fitted(terminal: Terminal, text: str, *, indent: int = 0, most_lines: int | None = None) -> str:
    """A safe text for stdout with a newline, in lines that fit a terminal; a pipe takes it as it is.

    indent: before all lines but the first. most_lines: "…" stands for the rest.
    """
    if terminal.stdout_is_terminal:
        from stackspot_cli.terminal.rendering import wrapped

        text = wrapped(text, terminal.size()[0], indent=indent, most_lines=most_lines)
    return f"{text}\n"


def short_ids(ids: Sequence[str], among: Iterable[str], least: int = SHORTEST_ID) -> list[str]:
    """Each id's beginning, as long as it takes to be the only one that begins so. among: all that there are."""
    ordered = sorted({*among, *ids})
    lengths = dict.fromkeys(ordered, least)
    for one, other in pairwise(ordered):
        shared = 0
        while one[shared : shared + 1] == other[shared : shared + 1] != "":
            shared += 1
        lengths[one] = max(lengths[one], shared + 1)
        lengths[other] = max(lengths[other], shared + 1)
    return [id_[: lengths[id_]] for id_ in ids]
