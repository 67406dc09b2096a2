"""The part of a terminal that may still be redrawn, as a value: lines in, characters out.

Knows where the cursor is, and what a changed window does there; refuses to know Markdown, time and streams. It wipes
only rows that it wrote, and only where it is sure of finding them.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from rich.cells import cell_len

TAB: Final = 8
# Never "erase to the end of the screen" (ED 0): in the screen's first cell, tmux makes history of what it erases.
_WIPE, _UP_AND_WIPE = "\x1b[2K", "\x1b[A\x1b[2K"
_SGR: Final = re.compile(r"\x1b\[[0-9;]*m")
# What some terminals join to the character before it: the selector of emoji, the joiner, half flags, tones of skin.
JOINED: Final = re.compile("\ufe0f|[\u200d\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")


class Screen:
    """Lines are styled on their own, without newlines. One that is wider than the window takes several rows."""

    def __init__(self) -> None:
        self.drawn: list[str] = []  # what may be wiped; the cursor stands behind the last one
        self.above: list[str] = []  # lines of the open block that stand before those, for good
        self._behind = False  # nothing is drawn, and the cursor stands behind a line that stays
        self._cropped = False  # lines between `_above` and `drawn` are not on the screen
        self._size = (0, 0)

    def frame(self, finished: list[str], live: list[str], columns: int, rows: int) -> str:
        """What to write so that `finished` stands for good, and `live` below it until the next frame."""
        if self._size != (columns, rows):
            self._resize(columns, rows)
        # What takes another number of rows where characters are joined is not drawn before it is finished.
        sure = takewhile(lambda line: not JOINED.search(line) or height(line, columns) == 1, live)
        wanted = finished + list(sure)
        text, count = self._standing(wanted)
        rest, final = wanted[count:], max(0, len(finished) - count)
        shown = _tail(rest[final:], columns, rows - 1)
        self.above = wanted[len(finished) : count]
        ends = not shown and not self.above
        if self._behind and (shown or final or ends):
            text, self._behind = text + "\n", False
        text += self._change(rest[:final] + shown, ends=ends)
        self.drawn, self._cropped = shown, shown != rest[final:]
        return text

    def leave(self) -> str:
        """Somebody else will use the terminal: what takes the cursor to a fresh line. Nothing drawn is wiped later."""
        text = "\n" if self.drawn or self._behind else ""
        self.drawn, self.above, self._behind = [], [], False
        return text

    def _resize(self, columns: int, rows: int) -> None:
        """Some terminals wrap old lines anew, some cut them, and what has left the window cannot be reached: from the
        first line that may take other rows than it took, up from the cursor, all stay for good.
        """
        sure, (before, _rows), self._size = len(self.drawn), self._size, (columns, rows)
        for line in reversed(self.drawn):
            tall = height(line, columns)
            rows -= tall
            if rows < 0 or tall != height(line, before):
                self.above += [] if self._cropped else self.drawn[:sure]
                self._behind, self.drawn = sure == len(self.drawn), self.drawn[sure:]
                return
            sure -= 1

    def _standing(self, wanted: list[str]) -> tuple[str, int]:
        """What completes the last of the lines that stand for good above what is drawn, and how many fit still."""
        same = 0
        while wanted[same : same + 1] == self.above[same : same + 1] != []:
            same += 1
        last, line = self.above[same:], wanted[same : same + 1]
        if self._behind and len(last) == len(line) == 1 and _extends(last[0], line[0]):
            return line[0][len(last[0]) :], same + 1
        return "", same

    def _change(self, wanted: list[str], *, ends: bool) -> str:
        """Rewrites from the first line that differs. ends: the cursor goes to the line after the last one."""
        drawn, same = self.drawn, 0
        while drawn[same : same + 1] == wanted[same : same + 1] != []:
            same += 1
        more, tail = "".join("\n" + line for line in wanted[same:]), "\n" if ends and wanted else ""
        if same == len(drawn):
            return (more if drawn else more[1:]) + tail
        if same == len(drawn) - 1 and more and _extends(drawn[same], wanted[same]):
            return more[1 + len(drawn[same]) :] + tail
        if not more and same and not ends:
            same -= 1  # for the cursor to stand behind it
            more = "\n" + wanted[same]
        rows = sum(height(line, self._size[0]) for line in drawn[same:])
        return _WIPE + _UP_AND_WIPE * (rows - 1) + "\r" + (more[1:] + tail if more else "")


def _extends(line: str, longer: str) -> bool:
    """Whether the longer line is the line with more behind it, so that the line can stay."""
    following = longer[len(line) : len(line) + 1]  # must not change the character before it
    return bool(line) and longer.startswith(line) and (following == "\x1b" or cell_len(following) > 0)


def _tail(lines: list[str], columns: int, rows: int) -> list[str]:
    """The last lines, as many as fit into so many rows; of a line that alone is too tall, its end."""
    shown, left = len(lines), rows
    while shown and (left := left - height(lines[shown - 1], columns)) >= 0:
        shown -= 1
    if not lines or shown < len(lines):
        return lines[shown:]
    return [_SGR.sub("", lines[-1]).replace("\t", " " * TAB)[-(rows * columns) // 2 :]]


def height(line: str, columns: int) -> int:
    """The rows that a terminal of so many columns needs for the line, at most."""
    line = _SGR.sub("", line) if "\x1b" in line else line
    if "\t" not in line and (line.isascii() or cells(line) <= columns):
        return max(1, -(-len(line) // columns)) if line.isascii() else 1
    rows, column = 1, 0
    for char in line:
        size = cells(char) if char != "\t" else min(columns - 1, (column // TAB + 1) * TAB) - column
        if column + size > columns:
            rows, column = rows + 1, 0
        column += size
    return rows


def cells(text: str) -> int:
    """The most cells that a terminal takes for the text, whether or not it joins characters."""
    if text.isascii() or not JOINED.search(text):
        return cell_len(text)
    return sum(
        {"\u200d": 0, "\ufe0f": 1}.get(char, 2) if JOINED.match(char) else cell_len(char) for char in text
    )
