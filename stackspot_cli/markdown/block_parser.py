"""Splits Markdown text into finished blocks while it arrives.

Knows the block structure of CommonMark 0.31 (https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy)
and GitHub's tables. Refuses to know inline markup, colours, widths and terminals: it gives the leaves of the
document, each with the quotes and list items it stands in.

    splitter = BlockSplitter()
    for piece in answer:
        for block in splitter.feed(piece): ...      # finished: will never change
        for block in splitter.peek(): ...           # how the open rest would end if it ended here
    for block in splitter.close(): ...

Each whole line is looked at once: the cost is linear, and slicing cannot matter. What a line cannot wait for
is decided on the spot; these are the choices where CommonMark would look further ahead:

- Code, HTML and `$$` mathematics come out line by line, as parts of one block (`starts`, `ends`).
- A table is held until it ends or has `TABLE_ROWS` rows; its later rows come one by one.
- A paragraph longer than `PARAGRAPH` characters comes in parts, cut between words outside inline markup, and
  can no longer become a setext heading.
- A list comes item by item: a blank line between two items is a gap between those two, nowhere else.
- A link definition is a block of its own, one line each, to be shown. It serves the text after it.
- `[^name]:` at the start of a line starts a paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple, TypeAlias

from stackspot_cli.markdown.block_rules import (
    DEFINITION,
    FOOTNOTE,
    Cursor,
    Fence,
    atx_heading,
    cells,
    delimiter_row,
    fence_start,
    html_end,
    html_start,
    list_marker,
    math_end,
    paragraph_cut,
    setext_level,
    thematic_break,
)

TABLE_ROWS: Final = 30
PARAGRAPH: Final = 1_200
DEPTH: Final = 32  # quotes and items inside each other; deeper ones are text, which bounds a line's cost

Kind: TypeAlias = Literal["paragraph", "heading", "code", "table", "rule", "html", "math", "definition"]

_ROOMY: Final = frozenset({"heading", "code", "table", "rule", "html", "math"})  # blank lines around, always
_VERBATIM: Final = frozenset({"code", "html", "math"})


@dataclass(frozen=True, slots=True)
class Quote:
    """A block quote."""


@dataclass(frozen=True, slots=True)
class Item:
    """A list item. number: None for a bullet; mark: the bullet, or the `.` or `)` after the number."""

    mark: str
    number: int | None = None


Container: TypeAlias = Quote | Item


@dataclass(frozen=True, slots=True)
class Block:
    """One finished leaf of the document, or a part of one.

    containers: the quotes and items around it, outermost first; the innermost `opened` of them begin with it.
    gap: whether a blank line stands before it. starts, ends: whether this is its first, its last part.
    text: paragraphs (lines joined by newlines, inline markup as written), headings, definitions.
    lines: code, HTML and mathematics, without newlines. rows: a table's, the header first in its first part.
    info: a fence's words after the marks. fence: the marks themselves, empty for indented code.
    url: a definition's address; its label is in `info`.
    """

    kind: Kind
    text: str = ""
    containers: tuple[Container, ...] = ()
    opened: int = 0
    gap: bool = False
    starts: bool = True
    ends: bool = True
    level: int = 0
    lines: tuple[str, ...] = ()
    info: str = ""
    fence: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    align: tuple[str, ...] = ()
    url: str = ""


class _Place(NamedTuple):
    """What tells two open containers apart, and which of them are items of one list."""

    serial: int
    sequence: int  # of the list; 0 for a quote


@dataclass(slots=True)
class _Open:
    """A container that may go on."""

    container: Container
    place: _Place
    offset: int = 0  # columns that an item's content is indented by
    used: bool = False  # something stands in it
    shown: bool = False  # a block that names it has been given out

    @property
    def item(self) -> bool:
        return isinstance(self.container, Item)


@dataclass(slots=True)
class _Leaf:
    """The open leaf. block: what its next part will look like."""

    block: Block
    first: bool = False  # of the document
    fence: Fence | None = None
    html: int = 0
    blanks: int = 0  # of indented code, held until a line follows them
    rows: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return self.block.kind


class BlockSplitter:
    """Takes text in any slices, gives finished blocks; the same ones for every slicing."""

    __slots__ = ("_before", "_blank", "_ghost", "_leaf", "_middle", "_out", "_partial", "_serial", "_stack")

    def __init__(self) -> None:
        self._partial = ""  # the line that has not ended
        self._middle = False  # its beginning has already been taken into a paragraph
        self._stack: list[_Open] = []
        self._leaf: _Leaf | None = None
        self._ghost: tuple[int, _Open] | None = None  # an empty item that a blank line ended, and its depth
        self._before: tuple[Kind, tuple[_Place, ...]] | None = None
        self._blank = False  # a blank line since the last leaf
        self._serial = 0
        self._out: list[Block] = []

    def feed(self, text: str) -> list[Block]:
        """The blocks that these next characters finish. Newlines are `\\n`."""
        *whole, last = (self._partial + text).split("\n")
        for line in whole:
            self._piece(self._long(line), ends=True)
        self._partial = self._long(last)
        return self._taken()

    def peek(self) -> list[Block]:
        """The open rest as blocks, as if the text ended here; changes nothing.

        A last line that may yet become a mark of structure (`-`, `==`, `` ``` ``) is left out.
        """
        twin = self._copy()
        marks = " \t`~#*+-_=>|:.)$[\\"
        if self._middle:
            marks = ""
        elif self._leaf and self._leaf.kind in _VERBATIM:
            marks = self._leaf.block.fence[:1] + " "
        elif self._leaf:
            marks += "0123456789"
        if not self._partial.strip(marks or None):
            twin._partial = ""
        return twin.close()

    def close(self) -> list[Block]:
        """The rest. The text has ended; a fence that is still open ends with it."""
        if self._partial:
            self._piece(self._partial, ends=True)
            self._partial = ""
        self._close_to(0)
        return self._taken()

    # --- lines -----------------------------------------------------------------------------------------

    def _taken(self) -> list[Block]:
        taken, self._out = self._out, []
        return taken

    def _copy(self) -> BlockSplitter:
        twin = BlockSplitter()
        for name in ("_partial", "_middle", "_ghost", "_before", "_blank", "_serial"):
            setattr(twin, name, getattr(self, name))
        twin._stack = [replace(o) for o in self._stack]
        if self._leaf:
            twin._leaf = replace(self._leaf, rows=list(self._leaf.rows))
        return twin

    def _long(self, line: str) -> str:
        """Takes the beginning of a line of text that is too long to wait for its end."""
        while len(line) >= PARAGRAPH and (self._leaf is None or self._leaf.kind == "paragraph"):
            cut = paragraph_cut(line[:PARAGRAPH])
            self._piece(line[:cut], ends=False)
            line = line[cut:]
        return line

    def _piece(self, text: str, *, ends: bool) -> None:
        if self._middle and self._leaf:
            self._leaf.block = replace(self._leaf.block, text=self._leaf.block.text + text)
        else:
            self._line(text)
        self._middle = not ends and self._leaf is not None and self._leaf.kind == "paragraph"
        self._spill()

    def _line(self, raw: str) -> None:
        """One line, by the standard's parsing strategy: match containers, start blocks, add text."""
        cursor = Cursor(raw)
        matched = self._match(cursor)
        whole = matched == len(self._stack)
        if whole and self._leaf and self._leaf.kind in _VERBATIM and self._verbatim(self._leaf, cursor):
            return
        fresh = False
        while not cursor.blank and len(self._stack) < DEPTH:
            if cursor.indent >= 4:
                if fresh or self._leaf is None or self._leaf.kind != "paragraph":
                    self._close_to(matched)
                    self._indented(cursor)
                    return
                break
            started = self._container(cursor, matched, whole, fresh)
            if started:
                matched, whole, fresh = len(self._stack), True, True
            elif self._start(cursor, matched, whole and not fresh):
                return
            else:
                break
        self._text(cursor, matched, whole, fresh)

    def _match(self, cursor: Cursor) -> int:
        """How many of the open containers this line goes on with; moves the cursor behind their marks."""
        for depth, o in enumerate(self._stack):
            if not o.item:
                if cursor.indent >= 4 or cursor.peek() != ">":
                    return depth
                cursor.skip_indent()
                cursor.take(1)
                cursor.skip(1)
            elif cursor.blank:
                if not o.used:
                    self._ghost = (depth, o)
                    return depth
            elif cursor.indent >= o.offset:
                cursor.skip(o.offset)
            else:
                return depth
        return len(self._stack)

    def _text(self, cursor: Cursor, matched: int, whole: bool, fresh: bool) -> None:
        """A line that starts no block: blank, lazy, more of a paragraph or table, or a new paragraph."""
        leaf = self._leaf
        if cursor.blank and fresh:
            return
        if cursor.blank:
            if leaf and leaf.kind in ("paragraph", "table"):
                self._end_leaf()
            self._close_to(matched, leaf=not whole)
            self._blank = True
            return
        self._ghost = None
        if leaf and leaf.kind == "paragraph" and not fresh:  # lazy where not whole
            if not (whole and FOOTNOTE.match(cursor.rest.lstrip(" \t"))):
                text = leaf.block.text + "\n" + cursor.rest.lstrip(" \t")
                leaf.block = replace(leaf.block, text=text)
                return
            self._end_leaf()
            self._begin("paragraph", text=cursor.rest.lstrip(" \t"), gap=False)
            return
        if leaf and leaf.kind == "table" and whole and not fresh and cursor.indent < 4:
            self._row(leaf, cursor.rest)
            return
        self._close_to(matched)
        self._begin("paragraph", text=cursor.rest.lstrip(" \t"))

    # --- starts ----------------------------------------------------------------------------------------

    def _container(self, cursor: Cursor, matched: int, whole: bool, fresh: bool) -> bool:
        """Opens a quote or an item where the line has its mark."""
        if cursor.peek() == ">":
            self._close_to(matched)
            cursor.skip_indent()
            cursor.take(1)
            cursor.skip(1)
            self._push(Quote(), sequence=0)
            return True
        if thematic_break(cursor.rest) and cursor.peek() in "*-":
            return False
        interrupts = whole and not fresh and self._leaf is not None and self._leaf.kind == "paragraph"
        marker = list_marker(cursor, interrupts)
        if marker is None:
            return False
        before = None if fresh else self._sibling(matched)
        item = Item(marker.mark, marker.number)
        sequence = 0
        if before and isinstance(before.container, Item) and before.container.mark == item.mark:
            sequence = before.place.sequence
            if before.container.number is not None:
                item = Item(item.mark, before.container.number + 1)
        self._ghost = None
        self._close_to(matched)
        self._push(item, sequence=sequence or self._serial + 1, offset=marker.offset)
        return True

    def _sibling(self, depth: int) -> _Open | None:
        if depth < len(self._stack):
            return self._stack[depth]
        return self._ghost[1] if self._ghost and self._ghost[0] == depth else None

    def _push(self, container: Container, *, sequence: int, offset: int = 0) -> None:
        if self._stack:
            self._stack[-1].used = True
        self._serial += 1
        self._stack.append(_Open(container, _Place(self._serial, sequence), offset))

    def _start(self, cursor: Cursor, matched: int, goes_on: bool) -> bool:
        """Starts a leaf where the line has its mark; True when the line is used up.

        goes_on: the line belongs to all open containers, so that it may belong to the open paragraph.
        """
        rest, leaf = cursor.rest.lstrip(" \t"), self._leaf
        paragraph = leaf if goes_on and leaf and leaf.kind == "paragraph" else None
        if heading := atx_heading(rest):
            self._close_to(matched)
            self._begin("heading", text=heading.text, level=heading.level)
            self._end_leaf()
        elif fence := fence_start(rest, cursor.indent):
            self._close_to(matched)
            kind: Kind = "math" if fence.math else "code"
            started = self._begin(kind, info=fence.info, fence=fence.marks, ends=False)
            started.fence = fence
            self._part(started, ())
            if fence.math:
                self._part(started, (rest.rstrip(),))
        elif number := html_start(rest, interrupts=leaf is not None and leaf.kind in ("paragraph", "table")):
            self._close_to(matched)
            started = self._begin("html", ends=False)
            started.html = number
            self._html(started, cursor.rest)
        elif paragraph and (level := setext_level(rest)) and self._setext(paragraph, level):
            self._end_leaf()
        elif paragraph and (align := delimiter_row(rest, paragraph.block.text)):
            self._table(paragraph, align)
        elif thematic_break(rest):
            self._close_to(matched)
            self._begin("rule")
            self._end_leaf()
        else:
            return False
        self._ghost = None
        return True

    def _setext(self, leaf: _Leaf, level: int) -> bool:
        """Makes a heading of the paragraph, if any text of it is left."""
        if not leaf.block.starts:
            return False
        self._definitions(leaf)
        text = leaf.block.text.rstrip(" \t")
        if not text:
            self._leaf = None
            return False
        leaf.block = replace(leaf.block, kind="heading", text=text, level=level, gap=not leaf.first)
        self._before = ("heading", self._places())
        return True

    def _table(self, leaf: _Leaf, align: tuple[str, ...]) -> None:
        """The paragraph's last line is a header; the lines before it stay a paragraph."""
        above, _, header = leaf.block.text.rpartition("\n")
        block = leaf.block
        if above:
            leaf.block = replace(block, text=above)
            self._end_leaf()
            block = replace(block, opened=0)
        gap = bool(above) or not leaf.first
        started = _Leaf(replace(block, kind="table", text="", align=align, starts=True, gap=gap))
        started.rows.append(cells(header, len(align)))
        self._leaf = started
        self._before = ("table", self._places())

    def _row(self, leaf: _Leaf, line: str) -> None:
        leaf.rows.append(cells(line, len(leaf.block.align)))
        if len(leaf.rows) > TABLE_ROWS or not leaf.block.starts:
            self._out.append(replace(leaf.block, rows=tuple(leaf.rows), ends=False))
            leaf.rows.clear()
            leaf.block = _rest(leaf.block)

    def _indented(self, cursor: Cursor) -> None:
        cursor.skip(4)
        leaf = self._begin("code", ends=False)
        self._part(leaf, ())
        self._part(leaf, (cursor.rest,))

    # --- leaves ----------------------------------------------------------------------------------------

    def _verbatim(self, leaf: _Leaf, cursor: Cursor) -> bool:
        """The line in an open code, HTML or mathematics leaf; False when the leaf has ended before it."""
        fence = leaf.fence
        if fence and fence.math:
            self._part(leaf, (cursor.rest,))
            if math_end(cursor.rest, fence.marks):
                self._end_leaf()
        elif fence:
            if cursor.indent < 4 and fence.closed_by(cursor.rest.strip(" \t")):
                self._end_leaf()
            else:
                cursor.skip(fence.indent)
                self._part(leaf, (cursor.rest,))
        elif leaf.html:
            if cursor.blank and leaf.html >= 6:
                self._end_leaf()
                return False
            self._html(leaf, cursor.rest)
        elif cursor.blank:
            leaf.blanks += 1
        elif cursor.indent >= 4:
            cursor.skip(4)
            self._part(leaf, ("",) * leaf.blanks + (cursor.rest,))
            leaf.blanks = 0
        else:
            self._blank = leaf.blanks > 0
            self._end_leaf()
            return False
        return True

    def _html(self, leaf: _Leaf, line: str) -> None:
        self._part(leaf, (line,))
        if html_end(leaf.html, line):
            self._end_leaf()

    def _part(self, leaf: _Leaf, lines: tuple[str, ...]) -> None:
        self._out.append(replace(leaf.block, lines=lines))
        leaf.block = _rest(leaf.block)

    def _spill(self) -> None:
        """Gives out the beginning of a paragraph that is longer than anyone should wait for."""
        leaf = self._leaf
        while leaf and leaf.kind == "paragraph" and len(leaf.block.text) >= PARAGRAPH:
            text = leaf.block.text
            cut = paragraph_cut(text[:PARAGRAPH])
            self._out.append(replace(leaf.block, text=text[:cut], ends=False))
            leaf.block = replace(_rest(leaf.block), text=text[cut:])

    def _begin(self, kind: Kind, *, gap: bool | None = None, **fields: object) -> _Leaf:
        self._end_leaf()
        places = self._places()
        block = Block(
            kind,
            containers=tuple(o.container for o in self._stack),
            opened=sum(not o.shown for o in self._stack),
            gap=self._gap(kind, places) if gap is None else gap,
        )
        for o in self._stack:
            o.shown = o.used = True
        first = self._before is None
        self._before, self._blank = (kind, places), False
        self._leaf = _Leaf(replace(block, **fields), first)  # type: ignore[arg-type]  # fields of Block, from here
        return self._leaf

    def _places(self) -> tuple[_Place, ...]:
        return tuple(o.place for o in self._stack)

    def _gap(self, kind: Kind, places: tuple[_Place, ...]) -> bool:
        """Inside a list as the author left it, elsewhere always."""
        if self._before is None:
            return False
        before, earlier = self._before
        if kind in _ROOMY or before in _ROOMY:
            return True
        for old, new, o in zip(earlier, places, self._stack, strict=False):
            if old.sequence and old.sequence == new.sequence:
                return self._blank
            if old.serial != new.serial:
                break
            if o.item:
                return self._blank
        return self._blank or not kind == before == "definition"

    def _end_leaf(self) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        match leaf.kind:
            case "paragraph":
                self._definitions(leaf)
                if leaf.block.text or not leaf.block.starts or leaf.block.opened:
                    self._out.append(replace(leaf.block, text=leaf.block.text.rstrip(" \t"), ends=True))
            case "table":
                self._out.append(replace(leaf.block, rows=tuple(leaf.rows), ends=True))
            case "code" | "html" | "math":
                self._out.append(replace(leaf.block, lines=(), ends=True))
            case _:
                self._out.append(leaf.block)

    def _definitions(self, leaf: _Leaf) -> None:
        """Takes the link definitions that a paragraph begins with."""
        while leaf.block.starts and leaf.block.text.startswith("["):
            line, _, text = leaf.block.text.partition("\n")
            found = DEFINITION.match(line)
            if not found:
                return
            label, url = found["label"], found["url"] or found["bare"]
            self._out.append(replace(leaf.block, kind="definition", text=line.rstrip(), info=label, url=url))
            leaf.block = replace(leaf.block, text=text, opened=0, gap=bool(text) and not text.startswith("["))
            if not text and self._before:
                self._before = ("definition", self._before[1])

    def _close_to(self, depth: int, *, leaf: bool = True) -> None:
        """Ends the open leaf and the containers deeper than `depth`; an item without content still shows."""
        if leaf:
            self._end_leaf()
        while len(self._stack) > depth:
            o = self._stack[-1]
            if o.item and not o.shown:
                self._begin("paragraph")
                self._end_leaf()
            self._stack.pop()


def _rest(block: Block) -> Block:
    """What a later part of the block looks like."""
    return replace(block, starts=False, opened=0, gap=False)
