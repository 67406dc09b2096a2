"""Finished Markdown blocks to the lines that a terminal shows.

Knows how each kind of block looks at a width, with colour and without; refuses to know time and the cursor.
What a line looks like depends on the blocks before it and the width alone. Nothing is put around code, and
nothing before it: not even the indentation of the list it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final, NamedTuple

from stackspot_cli.markdown.block_parser import Block, Container, Item, Quote
from stackspot_cli.markdown.highlight import CodeColours
from stackspot_cli.markdown.inline import ADDRESS, Inline, Line, Run, line_cells, painted, wrapped

NARROWEST: Final = 8  # cells of text, whatever stands before it
COLUMN: Final = 3  # cells of a table's column, at least
HEADINGS: Final = ("", "1;4;35", "1;35", "1;36", "1", "1;3", "3")
MARK: Final = "36"
PALE: Final = "2"
CODE: Final = "36"  # of a language that is not known


class Marks(NamedTuple):
    """The characters that are drawn."""

    bullets: tuple[str, ...]
    rule: str
    column: str
    crossing: str


UNICODE: Final = Marks(("•", "◦", "▪"), "─", " │ ", "─┼─")
ASCII: Final = Marks(("*", "-", "+"), "-", " | ", "-+-")


class Typesetter:
    """Turns the blocks of one document, in order, into lines without newlines."""

    __slots__ = (
        "_code",
        "_color",
        "_columns",
        "_gap",
        "_header",
        "_inline",
        "_marks",
        "_rest",
        "_shown",
        "_width",
    )

    def __init__(self, *, color: bool, marks: Marks = UNICODE) -> None:
        self._color = color
        self._marks = marks
        self._inline = Inline(color=color)
        self._width = 80
        self._shown = False  # a line has been given
        self._gap = False  # a blank line goes before the next one
        self._rest: Line = []  # the last line of a paragraph that goes on
        self._code = CodeColours("")
        self._columns: tuple[int, ...] = ()  # the open table's widths
        self._header: list[list[Run]] = []  # and its header, where its rows are set below each other

    def copy(self) -> Typesetter:
        """A twin that can run ahead, over blocks that are not finished."""
        twin = Typesetter(color=self._color, marks=self._marks)
        for name in ("_width", "_shown", "_gap", "_rest", "_columns", "_header"):
            setattr(twin, name, getattr(self, name))
        twin._code = self._code.copy()
        twin._inline = self._inline.copy()
        return twin

    def lines(self, block: Block, width: int) -> list[str]:
        """The block's lines on a terminal of so many columns."""
        self._width = width
        if block.gap:
            self._gap = True
        found = [painted(line, color=self._color) for line in self._set(block)]
        if found and self._gap:
            shared = block.containers[: len(block.containers) - block.opened]
            if self._shown:
                found.insert(0, "".join(_later(c) for c in shared).rstrip())
            self._gap = False
        self._shown = self._shown or bool(found)
        return found

    def _set(self, block: Block) -> Iterator[Line]:
        match block.kind:
            case "paragraph":
                yield from self._paragraph(block)
            case "heading":
                marks = "" if self._color else "#" * block.level + " "
                runs = self._inline.runs(block.text, HEADINGS[block.level])
                yield from self._placed(block, [Run(marks), *runs] if marks else runs)
            case "code":
                yield from self._coded(block)
            case "html" | "math":
                yield from self._bare(block)
                for line in block.lines:
                    yield [Run(line, PALE if block.kind == "html" else "")]
            case "table":
                yield from self._table(block)
            case "rule":
                yield from self._prefixed(block, [[Run(self._marks.rule * min(self._room(block), 40), PALE)]])
            case "definition":
                self._inline.define(block.info, block.url)
                yield from self._placed(block, [Run(block.text, ADDRESS)])

    # --- text ------------------------------------------------------------------------------------------

    def _room(self, block: Block) -> int:
        return max(NARROWEST, self._width - sum(len(_later(c)) for c in block.containers))

    def _placed(self, block: Block, runs: list[Run]) -> Iterator[Line]:
        yield from self._prefixed(block, wrapped(runs, self._room(block)))

    def _prefixed(self, block: Block, lines: list[Line]) -> Iterator[Line]:
        """The lines behind the marks of the quotes and items around them."""
        first, later = self._before(block)
        for line in lines:
            before, first = first, later
            yield [*before, *line] if line else _bare_prefix(before)

    def _before(self, block: Block) -> tuple[Line, Line]:
        """What stands before the first line, and before the others."""
        known = len(block.containers) - block.opened
        first: Line = []
        later: Line = []
        bullets = 0
        for index, container in enumerate(block.containers):
            blank = Run(_later(container), MARK if isinstance(container, Quote) else "")
            mark = blank
            if isinstance(container, Item):
                if container.number is None:
                    bullets += 1
                if index >= known:
                    mark = Run(self._mark(container, bullets), MARK)
            first.append(mark)
            later.append(blank)
        return first, later

    def _mark(self, item: Item, depth: int) -> str:
        if item.number is not None:
            return f"{item.number}{item.mark} "
        return self._marks.bullets[min(depth, len(self._marks.bullets)) - 1] + " "

    def _paragraph(self, block: Block) -> Iterator[Line]:
        text = block.text
        runs = self._inline.runs(text.rstrip(" \n"))
        lines = wrapped([*self._rest, *runs], self._room(block))
        if not block.ends:
            self._rest = lines.pop()
            if text[-1:] in " \n":
                self._rest.append(Run(" "))
        else:
            self._rest = []
        yield from self._prefixed(block, lines)

    # --- code ------------------------------------------------------------------------------------------

    def _bare(self, block: Block) -> Iterator[Line]:
        """The marks alone, where an item begins with something that takes no indentation."""
        if (
            block.starts
            and block.opened
            and any(isinstance(c, Item) for c in block.containers[-block.opened :])
        ):
            yield _bare_prefix(self._before(block)[0])

    def _coded(self, block: Block) -> Iterator[Line]:
        yield from self._bare(block)
        language = block.info.partition(" ")[0].partition("{")[0].strip(".,")
        fence = bool(block.fence) and not self._color  # without colour, only the marks tell code from text
        if block.starts:
            self._code = CodeColours(language if self._color else "")
            if fence:
                yield [Run(f"{block.fence}{block.info}")]
        for line in block.lines:
            if self._code.known:
                yield [Run(text, style) for style, text in self._code.line(line)]
            else:
                yield [Run(line, CODE)]
        if block.ends and fence:
            yield [Run(block.fence)]

    # --- tables ----------------------------------------------------------------------------------------

    def _table(self, block: Block) -> Iterator[Line]:
        rows = [[self._inline.runs(cell) for cell in row] for row in block.rows]
        count = len(block.align)
        if COLUMN * count + 3 * (count - 1) > self._room(block):
            yield from self._records(block, rows)
            return
        if block.starts:
            self._columns = self._widths(rows, self._room(block), count)
        lines: list[Line] = []
        for index, row in enumerate(rows):
            heads = block.starts and index == 0
            lines.extend(self._cells(row, block.align, heads))
            if heads:
                rule = self._marks.crossing.join(self._marks.rule * width for width in self._columns)
                lines.append([Run(rule, PALE)])
        yield from self._prefixed(block, lines)

    def _widths(self, rows: list[list[list[Run]]], room: int, count: int) -> tuple[int, ...]:
        """Each column as wide as its widest cell; where that is too much, the widest give way first."""
        wanted = [COLUMN] * count
        for row in rows:
            for index, cell in enumerate(row):
                wanted[index] = max(wanted[index], *(line_cells(line) for line in wrapped(cell, 10_000)))
        room -= 3 * (count - 1)
        left, share = room, room // count
        order = sorted(range(count), key=wanted.__getitem__)
        for place, index in enumerate(order):
            share = left // (count - place)
            wanted[index] = min(wanted[index], max(share, COLUMN))
            left -= wanted[index]
        return tuple(wanted)

    def _cells(self, row: list[list[Run]], align: tuple[str, ...], heads: bool) -> Iterator[Line]:
        """The lines of one row; a cell that is too wide goes on below itself."""
        columns = [_fitted(cell, width) for cell, width in zip(row, self._columns, strict=True)]
        for index in range(max(map(len, columns))):
            line: Line = []
            for column, width, side in zip(columns, self._columns, align, strict=True):
                if line:
                    line.append(Run(self._marks.column, PALE))
                cell = column[index] if index < len(column) else []
                space = max(0, width - line_cells(cell))
                before = space if side == "right" else space // 2 if side == "center" else 0
                line.append(Run(" " * before))
                line.extend(Run(run.text, run.style or "1") if heads else run for run in cell)
                line.append(Run(" " * (space - before)))
            yield _stripped(line)

    def _records(self, block: Block, rows: list[list[list[Run]]]) -> Iterator[Line]:
        """A table with more columns than there is room for: each row as lines "header: cell" below a rule."""
        if block.starts:
            self._header = [
                [Run(run.text, run.style or "1", run.code) for run in cell] for cell in rows.pop(0)
            ]
        lines: list[Line] = []
        empty: list[Run] = []
        for row in rows or ([[]] if block.starts and block.ends else []):
            lines.append([Run(self._marks.rule * COLUMN, PALE)])
            for name, cell in zip_longest(self._header, row, fillvalue=empty):
                colon = [Run(": ")] if name and cell else []
                lines.extend(wrapped([*name, *colon, *cell], self._room(block)))
        yield from self._prefixed(block, lines)


def _fitted(cell: list[Run], width: int) -> list[Line]:
    """The cell's lines; a word that is wider than the column is cut, or the table would not be one."""
    lines: list[Line] = []
    for line in wrapped(cell, width):
        if line_cells(line) <= width:
            lines.append(line)
            continue
        column, part = 0, []  # type: int, Line
        for run in line:
            for char in _clusters(run.text):
                cells = line_cells([Run(char)])
                if column + cells > width and column:
                    lines.append(part)
                    column, part = 0, []
                part.append(run._replace(text=char))
                column += cells
        lines.append(part)
    return lines


def _clusters(text: str) -> Iterator[str]:
    """Characters with what combines with them."""
    cluster = ""
    for char in text:
        if cluster and (line_cells([Run(char)]) == 0 or cluster.endswith("\u200d")):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster = char
    if cluster:
        yield cluster


def _later(container: Container) -> str:
    """What stands before the later lines of what the container holds."""
    if isinstance(container, Quote):
        return "> "
    return "  " if container.number is None else " " * (len(str(container.number)) + 2)


def _bare_prefix(before: Line) -> Line:
    """Marks without text behind them: without the space that would divide them."""
    return _stripped(list(before))


def _stripped(line: Line) -> Line:
    while line and not line[-1].text.strip(" "):
        line.pop()
    if line:
        line[-1] = line[-1]._replace(text=line[-1].text.rstrip(" "))
    return line
