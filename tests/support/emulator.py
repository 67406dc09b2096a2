"""A terminal in memory, with its scrollback, for tests of what a person would see."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

import pyte
from pyte.screens import Char
from wcwidth import wcwidth

# What some terminals draw in two cells: flags, toned and joined emoji, emoji by selector.
JOINED = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|.[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d.[\ufe0f\U0001f3fb-\U0001f3ff]*)+"
    "|.[\ufe0f\U0001f3fb-\U0001f3ff]"
)


class Screen(pyte.HistoryScreen):
    """As pyte's, with the habits of real terminals.

    A wide character that does not fit the row goes to the next one whole; a combining one never does. As in tmux, what
    is erased from the first cell on is pushed into the scrollback. A row knows whether its text goes on in the next.
    """

    def draw(self, data: str) -> None:
        for char in data:
            size = wcwidth(char)
            if size == 0 and self.cursor.x == self.columns:
                row = self.buffer[self.cursor.y]
                last = max(x for x in range(self.columns) if row[x].data)
                row[last] = row[last]._replace(data=row[last].data + char)
                continue
            if size == 2 and self.cursor.x == self.columns - 1:
                self.cursor.x = self.columns
            if self.cursor.x == self.columns:
                self.buffer[self.cursor.y].goes_on = True
            super().draw(char)

    def erase_in_line(self, how: int = 0, *args: object, **more: object) -> None:
        super().erase_in_line(how, *args, **more)
        self.buffer[self.cursor.y].goes_on = False

    def erase_in_display(self, how: int = 0, *args: object, **more: object) -> None:
        if how == 0 and (self.cursor.x, self.cursor.y) == (0, 0):
            self.history.top.extend(self.buffer[y].copy() for y in range(self.lines))
        super().erase_in_display(how, *args, **more)


class Habits(NamedTuple):
    """What a terminal does when its window changes. wraps: old lines anew, else they are cut. pulls: lines back from
    the scrollback into a window that has grown.
    """

    wraps: bool
    pulls: bool


TMUX = Habits(wraps=True, pulls=True)
XTERM = Habits(wraps=False, pulls=False)
HABITS = [TMUX, XTERM, Habits(wraps=True, pulls=False), Habits(wraps=False, pulls=True)]


class Terminal:
    """pyte's screen of so many columns and rows; knows what has scrolled away.

    joins: draws flags and joined emoji in two cells, as some terminals do; others draw their parts.
    """

    def __init__(self, columns: int, rows: int, *, habits: Habits = TMUX, joins: bool = False) -> None:
        self._habits, self._joins = habits, joins
        self._new_screen(columns, rows)

    def _new_screen(self, columns: int, rows: int) -> None:
        self.screen = Screen(columns, rows, history=100_000, ratio=0.5)
        self._stream = pyte.Stream(self.screen)

    def write(self, text: str) -> None:
        """What a program writes: the line discipline makes CR LF of a newline."""
        self.receive(text.replace("\n", "\r\n"))

    def receive(self, text: str) -> None:
        """What arrives behind the line discipline."""
        self._stream.feed(JOINED.sub("🔶", text) if self._joins else text)

    def resize(self, columns: int, rows: int) -> None:
        """The window changes: rows are set anew, and the cursor stays at its place in the text."""
        old = self.screen
        lines, cursor = self._logical(old)
        placed: list[list[Char]] = []
        goes_on: list[bool] = []
        at = (0, 0)
        for index, cells in enumerate(lines):
            pieces = _pieces(cells, columns) if self._habits.wraps else [cells[:columns]]
            if index == cursor[0]:
                at = _place(pieces, cursor[1], columns)
                at = (len(placed) + at[0], at[1])
            placed += pieces
            goes_on += [True] * (len(pieces) - 1) + [False]
        top = max(0, min(len(placed) - rows, at[0])) if self._habits.pulls else max(0, at[0] - rows + 1)
        if not self._habits.pulls and not self._habits.wraps:
            top = max(top, min(len(old.history.top), at[0]))
        self._new_screen(columns, rows)
        for y, (cells, more) in enumerate(zip(placed, goes_on, strict=True), -top):
            row = type(self.screen.buffer[0])(Char(" "))
            row.update(dict(enumerate(cells)))
            row.goes_on = more
            if y < 0:
                self.screen.history.top.append(row)
            elif y < rows:
                self.screen.buffer[y] = row
        self.screen.cursor.y, self.screen.cursor.x = at[0] - top, at[1]

    def _logical(self, screen: Screen) -> tuple[list[list[Char]], tuple[int, int]]:
        """The lines as they were written, and the cursor's line and cell in it. Cut lines: each row is one."""
        rows = [*screen.history.top, *(screen.buffer[y] for y in range(screen.cursor.y + 1))]
        lines: list[list[Char]] = [[]]
        for row, below in pairwise(rows):
            cells = [row[x] for x in range(screen.columns)]
            if not (self._habits.wraps and getattr(row, "goes_on", False)):
                lines[-1] += _trimmed(cells)
                lines.append([])
            elif cells[-1] == Char(" ") and wcwidth(below[0].data[:1] or " ") == 2:
                lines[-1] += cells[:-1]  # where the wide character had no room
            else:
                lines[-1] += cells
        start = len(lines[-1])
        lines[-1] += _trimmed([rows[-1][x] for x in range(screen.columns)])
        return lines, (len(lines) - 1, start + screen.cursor.x)

    @property
    def lines(self) -> list[str]:
        """Scrollback and screen, without the empty rows below the text."""
        screen = self.screen
        rows = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
        lines = ["".join(row[x].data for x in range(screen.columns)).rstrip() for row in rows]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def styled(self) -> list[list[tuple[str, ...]]]:
        """As `lines`, each cell with its colour and weight."""
        screen = self.screen
        rows = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
        return [
            [(c.data, c.fg, str(c.bold), str(c.underscore)) for c in (row[x] for x in range(screen.columns))]
            for row in rows[: len(self.lines)]
        ]

    @property
    def cursor(self) -> tuple[int, int]:
        """(column, line from the beginning of the scrollback)."""
        return self.screen.cursor.x, len(self.screen.history.top) + self.screen.cursor.y


def _trimmed(cells: list[Char]) -> list[Char]:
    """Without the blanks at the end that nobody wrote."""
    while cells and cells[-1] == Char(" "):
        cells = cells[:-1]
    return cells


def _pieces(cells: list[Char], columns: int) -> list[list[Char]]:
    pieces: list[list[Char]] = [[]]
    for index, cell in enumerate(cells):
        wide = index + 1 < len(cells) and cells[index + 1].data == ""
        if len(pieces[-1]) + 1 + wide > columns and cell.data != "":
            pieces.append([])
        pieces[-1].append(cell)
    return pieces


def _place(pieces: list[list[Char]], offset: int, columns: int) -> tuple[int, int]:
    """The row and column of a cell of the line."""
    for y, piece in enumerate(pieces):
        if offset <= len(piece) or y == len(pieces) - 1:
            return y, min(offset, columns)
        offset -= len(piece)
    return 0, 0
