"""Finished Markdown blocks to the lines that a terminal shows, by Rich's `Text`: at a width, with colour and without.

Refuses to know time and the cursor: what a line looks like depends on the blocks before it and the width alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from stackspot_cli.markdown.blocks import Block, Path
from stackspot_cli.markdown.highlight import Highlighter
from stackspot_cli.markdown.inline import BOLD, CODE, LONGEST, PALE, PLAIN, Inline, painted, words, wrapped
from stackspot_cli.markdown.screen import cells

NARROWEST, COLUMN, RULE = 8, 3, 40  # cells: of text and of a table's column at least, of a rule at most
MARK: Final = Style(color="cyan")
_HEADINGS: Final = ("bold underline magenta", "bold magenta", "bold cyan", "bold", "bold italic", "italic")
# The characters that are drawn: bullets by depth, a rule, what stands between columns, and between their rules.
UNICODE: Final = ("•◦▪", "─", " │ ", "─┼─")
ASCII: Final = ("*-+", "-", " | ", "-+-")


class Renderer:
    def __init__(self, *, color: bool, marks: tuple[str, str, str, str] = UNICODE) -> None:
        self._bullets, self._dash, self._between, self._crossing = marks
        self._color, self._inline, self._code = color, Inline(color=color), Highlighter("")
        self._width = 80  # of the open block: it keeps the one that it began with
        self._rest = Text()  # the last line of a paragraph that goes on
        self._header, self._align = list[Text](), tuple[str, ...]()  # of the open table
        self._columns: tuple[int, ...] = ()  # its widths; none where its rows are set as records

    def copy(self) -> Renderer:
        twin = copy(self)
        twin._inline, twin._code = copy(self._inline), copy(self._code)
        return twin

    def lines(self, block: Block, width: int) -> list[str]:
        """The next block's lines on a terminal of so many columns, as it takes them, without newlines."""
        self._width = width if block.starts else self._width
        found = list(self._set(block))
        if found and block.gap:
            found.insert(0, _bare(self._before(block.path[: len(block.path) - block.opened])))
        return [painted(line) if self._color else line.plain for line in found]

    def _set(self, block: Block) -> Iterator[Text]:
        room = max(NARROWEST, self._width - len(self._before(block.path)))
        match block.kind:
            case "fence" | "code_block" | "html_block" | "math":
                yield from self._verbatim(block)
                return
            case "heading":
                level = int(block.token.tag[1])
                text = self._inline.text(block.text, Style.parse(_HEADINGS[level - 1]))
                lines = wrapped(Text("" if self._color else "#" * level + " ").append_text(text), room)
            case "table":
                lines = list(self._table(block, room))
            case "hr":
                lines = [Text(self._dash * min(room, RULE), PALE)]
            case "definition":
                self._inline.define(block.token.meta["label"], block.token.meta["url"])
                lines = wrapped(Text(block.text, PALE), room)
            case _:
                lines = self._paragraph(block, room)
        before = self._before(block.path, block.opened)
        for line in lines:
            yield _bare(before.append_text(line))
            before = self._before(block.path)

    def _before(self, path: Path, opened: int = 0) -> Text:
        """What stands before a line; the innermost `opened` containers begin with it."""
        before, bullets = Text(), 0
        for index, container in enumerate(path, opened - len(path)):
            bullets += container.mark in "*+-"
            mark = "> " if container.number is None else f"{container.number}{container.mark} "
            if container.mark in "*+-":
                mark = self._bullets[min(bullets, len(self._bullets)) - 1] + " "
            shown = index >= 0 or container.mark == ">"
            before.append(mark if shown else " " * len(mark), MARK if shown else PLAIN)
        return before

    def _paragraph(self, block: Block, room: int) -> list[Text]:
        lines = wrapped(self._rest.copy().append_text(self._inline.text(block.text)), room)
        self._rest = Text() if block.ends else lines.pop()
        if not block.ends and block.text[-1:] in (" ", "\n"):
            self._rest.append(" ")
        if len(self._rest) > LONGEST:  # a word without end
            lines, self._rest = [*lines, self._rest], Text()
        return lines

    def _verbatim(self, block: Block) -> Iterator[Text]:
        """Nothing stands before its lines; the marks alone, where an item begins with it."""
        if any(container.mark != ">" for container in block.path[len(block.path) - block.opened :]):
            yield _bare(self._before(block.path, block.opened))
        info = block.token.info.strip()
        fence = "" if self._color or block.kind != "fence" else block.token.markup  # the colour tells as much
        style = {"math": PLAIN, "html_block": PALE}.get(block.kind)
        if block.starts:
            language = info.partition(" ")[0].partition("{")[0].strip(".,")
            self._code = Highlighter(language if self._color else "")
            yield from [Text(fence + info)] if fence else ()
        for line in block.text.split("\n")[:-1]:
            yield self._code.line(line, CODE) if style is None else Text(line, style)
        yield from [Text(fence)] if fence and block.ends else ()

    def _table(self, block: Block, room: int) -> Iterator[Text]:
        rows = [[self._inline.text(cell) for cell in row] for row in block.rows]
        if block.starts:
            rows[0] = self._header = [self._inline.text(cell, BOLD) for cell in block.rows[0]]
            self._align = block.align
            self._columns = self._widths(rows, room)
        for row in rows:
            if self._columns:
                yield from self._row(row, room)
            elif row is not self._header or (len(rows) == 1 and block.ends):
                yield from self._record([] if row is self._header else row, room)
            if self._columns and row is self._header:
                rule = self._crossing.join(self._dash * width for width in self._columns)
                yield Text(rule, PALE)

    def _widths(self, rows: list[list[Text]], room: int) -> tuple[int, ...]:
        """None where columns would be too narrow to read. Where words can stay whole they do, the shortest first."""
        columns = [
            [line for cell in column for line in cell.plain.split("\n")] for column in zip(*rows, strict=True)
        ]
        longest = [max(COLUMN, *(cells(word) for line in lines for word in words(line))) for lines in columns]
        widest = [max(map(cells, lines)) for lines in columns]
        widths = [min(most, NARROWEST) for most in longest]
        left = room - len(self._between) * (len(widths) - 1) - sum(widths)
        for index in sorted(range(len(widths)), key=longest.__getitem__):
            more = longest[index] - widths[index]
            widths[index], left = (longest[index], left - more) if more <= left else (widths[index], left)
        while left > 0 and (narrow := [index for index, most in enumerate(widest) if widths[index] < most]):
            widths[min(narrow, key=widths.__getitem__)] += 1
            left -= 1
        return tuple(widths) if left >= 0 else ()

    def _row(self, row: list[Text], room: int) -> Iterator[Text]:
        """The lines of one row; a cell that is too wide goes on below itself."""
        columns = [wrapped(cell, width, fold=True) for cell, width in zip(row, self._columns, strict=True)]
        for line in zip_longest(*columns, fillvalue=Text()):
            for measured in (cell_len, cells):  # as wide as it looks; if that may be too wide, as it may look
                joined = Text()
                for cell, width, side in zip(line, self._columns, self._align, strict=True):
                    space = max(0, width - measured(cell.plain))
                    before = space if side == "right" else space // 2 if side == "center" else 0
                    joined.append(self._between if joined else "", PALE).append(" " * before)
                    joined.append_text(cell).append(" " * (space - before))
                if cells(joined.plain) <= room:
                    break
            yield joined

    def _record(self, row: list[Text], room: int) -> Iterator[Text]:
        """A row of a table with more columns than there is room for: lines "header: cell" below a rule."""
        yield Text(self._dash * COLUMN, PALE)
        for name, cell in zip_longest(self._header, row, fillvalue=Text()):
            colon = ": " if name and row else ""
            yield from wrapped(Text().append_text(name).append(colon).append_text(cell), room)


def _bare(line: Text) -> Text:
    """Without spaces at its end, as behind marks that no text follows."""
    line.rstrip()
    return line
