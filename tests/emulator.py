"""A terminal in memory, with its scrollback, for tests of what a person would see."""

from __future__ import annotations

import pyte


class Terminal:
    """pyte's screen of so many columns and rows; knows what has scrolled away."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=100_000, ratio=0.5)
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
