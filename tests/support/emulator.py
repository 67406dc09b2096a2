"""A terminal in memory, with its scrollback, for tests of what a person would see."""

from __future__ import annotations

import pyte
from wcwidth import wcwidth


class Screen(pyte.HistoryScreen):
    """As pyte's, with two habits of real terminals.

    A wide character that does not fit the row goes to the next one whole. As in tmux, what is erased from the
    first cell on is pushed into the scrollback.
    """

    def draw(self, data: str) -> None:
        if data.isascii():
            super().draw(data)
            return
        for char in data:
            if self.cursor.x == self.columns - 1 and wcwidth(char) == 2:
                self.cursor.x = self.columns
            super().draw(char)

    def erase_in_display(self, how: int = 0, *args: object, **more: object) -> None:
        if how == 0 and (self.cursor.x, self.cursor.y) == (0, 0):
            self.history.top.extend(self.buffer[y].copy() for y in range(self.lines))
        super().erase_in_display(how, *args, **more)


class Terminal:
    """pyte's screen of so many columns and rows; knows what has scrolled away."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = Screen(columns, rows, history=100_000, ratio=0.5)
        self._stream = pyte.Stream(self.screen)

    def write(self, text: str) -> None:
        """What a program writes: the line discipline makes CR LF of a newline."""
        self.receive(text.replace("\n", "\r\n"))

    def receive(self, text: str) -> None:
        """What arrives behind the line discipline."""
        self._stream.feed(text)

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
