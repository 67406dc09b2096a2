"""Markdown on a terminal while it streams in: finished lines are printed once, the open block is redrawn.

Knows the clock that it is given, and when a frame is due; refuses to know streams, threads and signals. The law: what
stands in the terminal and its scrollback at the end is what one `feed` of the whole text would have left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from stackspot_cli.markdown.block_parser import BlockParser
from stackspot_cli.markdown.render import ASCII, UNICODE, Renderer
from stackspot_cli.markdown.screen import Screen
from stackspot_cli.safe_text import TextFilter

FRAME, SLOWEST = 1 / 15, 1.0  # seconds between two frames, at least and at most
SHARE: Final = 0.2  # of one core, at most, for drawing
PENDING: Final = 16_384  # characters that wait for a frame; more are set at once, so that memory stays flat
WIDEST: Final = 500  # cells of a line: nobody can read a longer one
Size = Callable[[], tuple[int, int]]  # columns and rows, asked anew for each frame


class MarkdownStream:
    """One answer. `live`: the open block is drawn, which takes a terminal that can move its cursor."""

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        size: Size,
        window: Size | None = None,
        color: bool,
        live: bool,
        now: Callable[[], float] = time.monotonic,
        encoding: str = "utf-8",
    ) -> None:
        """window: the real one, which counts for what is wiped. What `encoding` lacks is written as an escape."""
        self._write, self._size, self._window, self._now, self._live = write, size, window or size, now, live
        self._encoding, self._filter, self._parser = encoding, TextFilter("terminal"), BlockParser()
        shown = "".join(UNICODE).encode(encoding, "replace").decode(encoding)
        self._renderer = Renderer(color=color, marks=UNICODE if shown == "".join(UNICODE) else ASCII)
        self._screen = Screen()
        self._pending, self._due = "", 0.0
        self._widths: list[int] = []  # that the blocks which are drawn are set to, also in another window

    def feed(self, text: str) -> None:
        """The next characters of the answer, raw. Draws nothing, unless very much has come without a tick."""
        self._pending += text
        if len(self._pending) > PENDING:
            self._frame()

    def tick(self) -> float | None:
        """Draws what is new, if a frame is due. Seconds until the next call; None: nothing is left."""
        if not self._pending:
            return None
        begun = self._now()
        if begun < self._due:
            return self._due - begun
        self._frame()
        self._due = begun + min(SLOWEST, max(FRAME, (self._now() - begun) / SHARE))
        return None

    def close(self) -> None:
        """Draws the rest. The cursor is then at the start of a fresh line. Further calls do nothing."""
        self._frame(last=True)

    def leave(self) -> str:
        """Others use the terminal next: what takes the cursor to a fresh line. Then the open block is drawn anew."""
        return self._screen.leave()

    def _frame(self, *, last: bool = False) -> None:
        text, self._pending = self._filter.feed(self._pending) + (self._filter.finish() if last else ""), ""
        blocks = self._parser.feed(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
        if last:
            blocks += self._parser.close()
            self._parser = BlockParser()
        columns = min(max(self._size()[0], 1), WIDEST)
        if not (self._screen.drawn or self._screen.above):
            self._widths = []
        finished, live = list[str](), list[str]()
        for block in blocks:
            self._widths = self._widths or [columns]
            finished += self._renderer.lines(block, self._widths[0])
            del self._widths[: block.ends]
        twin, place = self._renderer.copy(), 0
        for block in self._parser.peek() if self._live and not last else ():
            self._widths += [columns] if place == len(self._widths) else []
            live += twin.lines(block, self._widths[place])
            place += block.ends
        del self._widths[place:]
        wide, tall = self._window()
        if drawing := self._screen.frame(finished, live, max(wide, 1), max(tall, 2)):
            self._write(drawing)
