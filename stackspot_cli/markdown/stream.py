"""Markdown on a terminal while it streams in: finished lines are printed once, the open block is redrawn.

Knows the cursor and the clock that it is given, and when a frame is due; refuses to know streams, threads and
signals. The caller writes and flushes what `write` gets, a whole frame each time.

The law: what stands in the terminal and its scrollback at the end is what one `feed` of the whole text would
have left. So lines are decided in `blocks` and `typeset`, which know neither time nor the window's height.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Final

from rich.cells import cell_len

from stackspot_cli.markdown.block_parser import Block, BlockSplitter
from stackspot_cli.markdown.render import ASCII, UNICODE, Marks, Typesetter
from stackspot_cli.safe_text import TextFilter

FRAME: Final = 1 / 15  # seconds between two frames, at least
SHARE: Final = 0.2  # of one core, at most, for drawing
SLOWEST: Final = 1.0  # seconds between two frames, at most
PENDING: Final = 16_384  # characters that wait for a frame; more are set at once, so that memory stays flat
TAB: Final = 8

# Never "erase to the end of the screen" (ED 0): in the screen's first cell, tmux makes history of what it erases.
_WIPE: Final = "\x1b[2K"
_UP_AND_WIPE: Final = "\x1b[A" + _WIPE
_SGR: Final = re.compile(r"\x1b\[[0-9;]*m")


class MarkdownStream:
    """One answer. `live`: the open block is drawn, which takes a terminal that can move its cursor."""

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        size: Callable[[], tuple[int, int]],
        color: bool,
        live: bool,
        now: Callable[[], float] = time.monotonic,
        encoding: str = "utf-8",
    ) -> None:
        """size: (columns, rows), asked anew for each frame.

        encoding: the terminal's. What it cannot show is written as an escape before lines are measured.
        """
        self._write, self._size, self._now, self._live = write, size, now, live
        self._filter = TextFilter("terminal")
        self._splitter = BlockSplitter()
        self._encoding = encoding
        self._typesetter = Typesetter(color=color, marks=UNICODE if _shows(encoding, UNICODE) else ASCII)
        self._screen = Screen()
        self._pending: list[str] = []
        self._waiting = 0  # characters in it
        self._due = 0.0
        self._columns = 0  # the width that the open block is set to

    def feed(self, text: str) -> None:
        """The next characters of the answer, raw. Draws nothing, unless very much has come without a tick."""
        if text:
            self._pending.append(text)
            self._waiting += len(text)
            if self._waiting > PENDING:
                self._frame()

    def tick(self) -> float | None:
        """Draws what is new, if a frame is due. Seconds until the next call; None: nothing is left."""
        if not self._pending:
            return None
        begun = self._now()
        if begun < self._due:
            return self._due - begun
        self._frame()
        ended = self._now()
        self._due = begun + min(SLOWEST, max(FRAME, (ended - begun) / SHARE))
        return None

    def close(self) -> None:
        """Draws the rest. The cursor is then at the start of a fresh line. Further calls do nothing."""
        self._frame(last=True)

    def _frame(self, *, last: bool = False) -> None:
        text = self._filter.feed("".join(self._pending))
        if last:
            text += self._filter.finish()
        if not text.isascii():
            text = text.encode(self._encoding, "backslashreplace").decode(self._encoding)
        blocks = self._splitter.feed(text)
        self._pending.clear()
        self._waiting = 0
        if last:
            blocks += self._splitter.close()
            self._splitter = BlockSplitter()
        columns, rows = self._size()
        columns, rows = max(columns, 1), max(rows, 2)
        if not self._columns or not self._screen.drawn:
            self._columns = columns
        finished: list[str] = []
        for block in blocks:
            finished += self._typesetter.lines(block, self._columns)
            if block.ends:
                self._columns = columns
        live: list[str] = []
        if self._live and not last:
            live = self._open(self._splitter.peek())
        text = self._screen.frame(finished, live, columns, rows)
        if text:
            self._write(text)

    def _open(self, blocks: list[Block]) -> list[str]:
        typesetter = self._typesetter.copy()
        return [line for block in blocks for line in typesetter.lines(block, self._columns)]


def _shows(encoding: str, marks: Marks) -> bool:
    try:
        "".join((*marks.bullets, *marks[1:])).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


class Screen:
    """The part of a terminal that may still be redrawn, and the characters that change it.

    Lines are as `typeset` gives them: styled on their own, without newlines. One that is wider than the
    terminal takes several rows.
    """

    def __init__(self) -> None:
        self.drawn: list[str] = []  # the cursor stands behind the last one
        self._size = (0, 0)
        self._cropped = False  # the open block's beginning does not fit

    def frame(self, finished: list[str], live: list[str], columns: int, rows: int) -> str:
        """What to write so that `finished` stands for good, and `live` below it until the next frame."""
        resized = bool(self.drawn) and columns != self._size[0]
        shrunk = bool(self.drawn) and rows < self._size[1]
        shown = _tail(live, columns, rows - 1)
        if resized or shrunk:
            text = self._after_resize(finished, live, shown, columns, rows)
        else:
            text = self._change(finished + shown, ends=not shown, columns=columns)
        self.drawn, self._size = shown, (columns, rows)
        self._cropped = len(shown) < len(live) or shown[:1] != live[:1]
        return text

    def _change(self, wanted: list[str], *, ends: bool, columns: int) -> str:
        """Rewrites from the first line that differs. ends: the cursor goes to the line after the last one."""
        drawn = self.drawn
        same = 0
        while same < min(len(drawn), len(wanted)) and drawn[same] == wanted[same]:
            same += 1
        if same == len(drawn) and same == len(wanted):
            return "\n" if drawn and ends else ""
        tail = "\n" if ends else ""
        if same == len(drawn):
            return ("\n" if drawn else "") + "\n".join(wanted[same:]) + tail
        if same == len(drawn) - 1 and same < len(wanted) and _extends(drawn[same], wanted[same]):
            return (
                wanted[same][len(drawn[same]) :] + "".join("\n" + line for line in wanted[same + 1 :]) + tail
            )
        if same == len(wanted) and same and not ends:
            same -= 1
        if same == len(wanted):
            tail = ""
        rows = sum(height(line, columns) for line in drawn[same:])
        return _WIPE + _UP_AND_WIPE * (rows - 1) + "\r" + "\n".join(wanted[same:]) + tail

    def _after_resize(
        self, finished: list[str], live: list[str], shown: list[str], columns: int, rows: int
    ) -> str:
        """Some terminals wrap old lines anew, some cut them: where the old lines now are cannot be known.

        So they stay as they are, and only the last one, where the cursor is, may be completed. If a block's
        beginning was not shown, the whole window is drawn anew.
        """
        if self._cropped:
            self.drawn = []
            wiped = f"\x1b[{rows};1H" + _WIPE + _UP_AND_WIPE * (rows - 1)
            return wiped + self._change(finished + shown, ends=not shown, columns=columns)
        wanted = finished + shown if finished or len(shown) == len(live) else live
        kept = len(self.drawn) - 1
        last = self.drawn[-1]
        if len(wanted) <= kept:
            return "" if shown else "\n"
        self.drawn = [last] if height(last, columns) == 1 or _extends(last, wanted[kept]) else []
        text = "" if self.drawn else "\n"
        return text + self._change(wanted[kept:], ends=not shown, columns=columns)


def _extends(line: str, longer: str) -> bool:
    """Whether the longer line is the line with more behind it, so that the line can stay."""
    if not line or not longer.startswith(line):
        return False
    following = longer[len(line) : len(line) + 1]
    return following == "\x1b" or cell_len(following) > 0  # else it would change the character before it


def _tail(lines: list[str], columns: int, rows: int) -> list[str]:
    """The last lines, as many as fit into so many rows; of a line that alone is too tall, its end."""
    left = rows
    for index in range(len(lines) - 1, -1, -1):
        left -= height(lines[index], columns)
        if left < 0:
            if index < len(lines) - 1:
                return lines[index + 1 :]
            text = _SGR.sub("", lines[-1]).replace("\t", " " * TAB)
            return [text[-(rows * columns) // 2 :]]
    return lines


def height(line: str, columns: int) -> int:
    """The rows that a terminal of so many columns needs for the line."""
    if "\x1b" in line:
        line = _SGR.sub("", line)
    if "\t" not in line and cell_len(line) <= columns:
        return 1
    rows, column = 1, 0
    for char in line:
        if char == "\t":
            column = min(columns - 1, (column // TAB + 1) * TAB)
            continue
        cells = cell_len(char)
        if column + cells > columns:
            rows, column = rows + 1, 0
        column += cells
    return rows
