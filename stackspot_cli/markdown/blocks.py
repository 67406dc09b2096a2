"""markdown-it, set to the Markdown that models write and bounded where it has no bound; the blocks that it reads.

Knows markdown-it's rules and tokens. To CommonMark it adds GitHub's tables and strikethrough, mathematics, and that a
footnote's text begins a paragraph; a link definition is one line. Refuses to know streams, and what a block looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from functools import cache
from typing import Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block, reference, table
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from stackspot_cli.lean_dataclasses import dataclass

GIVEN: Final = "\x01"  # stands for text that has been given out; no answer holds it behind `safe_text`
LONG: Final = 1_200  # characters of a line, or of a paragraph, that nobody should wait for the end of
COLUMNS: Final = 64  # of a table; markdown-it fills in 65,536 missing cells and then ends the table
DEPTH: Final = 32  # levels; a list takes two, a quote one. Deeper ones are text, which bounds a line's cost
LINKS: Final = 100  # brackets in one text; with more it is read without links, whose rule costs their square

_FOOTNOTE: Final = re.compile(r"\[\^[^\]\s]+\]:")
_MATH: Final = re.compile(r"(?s)\$\$.+?\$\$|\$(?![\s$])[^$\n]*?(?<![\s\\])\$(?!\d)|\\\(.+?\\\)|\\\[.+?\\\]")
_Rule = Callable[[StateBlock, int, int, bool], bool]


class _Blocks(ParserBlock):  # notes the column of a container's content in its token
    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803
        if state.tokens:
            state.tokens[-1].meta["column"] = state.blkIndent
        super().tokenize(state, startLine, endLine)


class _Dialect(MarkdownIt):  # shows an address as it was written
    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


@cache
def dialect(*, links: bool = True) -> MarkdownIt:
    parser = _Dialect("commonmark", {"maxNesting": 100, "inline_definitions": True})
    parser.block = _Blocks()
    rules, interrupts = parser.block.ruler, ["paragraph", "reference", "blockquote", "list"]
    rules.at("table", _table, {"alt": interrupts[:2]})
    rules.at("fence", _fence, {"alt": interrupts})
    rules.at("blockquote", _shallow(blockquote), {"alt": interrupts})
    rules.at("list", _shallow(list_block), {"alt": interrupts[:3]})
    rules.at("reference", _definition)
    rules.before("fence", "math", _math_block, {"alt": interrupts})
    rules.before("fence", "footnote", _footnote, {"alt": interrupts[:2]})
    parser.inline.ruler.before("escape", "math", _math)
    parser.enable("strikethrough")
    return parser if links else parser.disable(["link", "image"])


def _text(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _shallow(rule: _Rule) -> _Rule:
    return lambda state, start, end, silent: state.level < DEPTH and rule(state, start, end, silent)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A header that is so long that it was perhaps given out in parts is text."""
    header = _text(state, start) if table(state, start, end, True) else GIVEN
    if len(header) >= LONG or header.count("|") > COLUMNS or header.startswith(GIVEN):
        return False
    return silent or table(state, start, end, False)


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    found = fence(state, start, end, silent)
    if found and not silent:
        state.tokens[-1].meta["column"] = state.sCount[start]
    return found


def _definition(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """A token of its own, to be shown as it was written."""
    line = _text(state, start)
    if not line.startswith("[") or line.startswith("[^"):
        return False
    lines, state.lineMax = state.lineMax, start + 1
    found = reference(state, start, start + 1, silent)
    state.lineMax = lines
    if found and not silent:
        state.tokens[-1].content = line
    return found


def _footnote(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    return silent and bool(_FOOTNOTE.match(state.src, state.bMarks[start] + state.tShift[start]))


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$` or `\\[` alone on a line, to the line that ends with its counterpart, or a blank one."""
    ending = {"$$": "$$", "\\[": "\\]"}.get(_text(state, start))
    if ending is None or state.is_code_block(start):
        return False
    if silent:
        return True
    line = start + 1
    while line < end and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        line += 1
        if _text(state, line - 1).endswith(ending):
            break
    token = state.push("math", "", 0)
    token.content, token.map = state.getLines(start, line, state.blkIndent, True), [start, line]
    state.line = line
    return True


def _math(state: StateInline, silent: bool) -> bool:
    """Mathematics stays as it is written: TeX is full of Markdown's marks."""
    found = _MATH.match(state.src, state.pos, state.posMax)
    if found and not silent:
        state.push("math", "", 0).content = found[0]
    state.pos = found.end() if found else state.pos
    return bool(found)


@dataclass(frozen=True, slots=True)
class Container:
    """A block quote (`>`) or a list item. mark: `>`, the bullet, or what is behind the number; written: all of it;
    column: of its content; sequence: tells apart the lists that items are of.
    """

    mark: str
    number: int | None = None
    written: str = field(default="", compare=False)
    column: int = field(default=0, compare=False)
    sequence: object = field(default=None, compare=False)


Path: TypeAlias = tuple[Container, ...]  # outermost first


@dataclass(frozen=True, slots=True)
class Block:
    """One leaf of the document, or a part of one. kind: markdown-it's word; an empty item is a `list_item`.

    path: the quotes and items around it; the innermost `opened` of them begin with it.
    text: as written, a paragraph's lines joined by newlines; code and its kin with a newline behind each line.
    rows: a table's, the header first; align: `left`, `center`, `right` or nothing for each column.
    gap: whether a blank line stands before it. starts, ends: whether this is its first, its last part.
    """

    kind: str
    token: Token = field(compare=False, repr=False)
    path: Path = ()
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    align: tuple[str, ...] = ()
    opened: int = 0
    gap: bool = False
    starts: bool = True
    ends: bool = True

    @property
    def lines(self) -> tuple[int, int]:
        """The first one, and the one behind it."""
        first, end = self.token.map or (0, 0)
        return first, first + 1 if self.kind == "list_item" else end


def read(text: str, past: Path) -> list[Block]:
    """past: containers that the text begins with, a heading in each, which are none of the blocks."""
    parser, tokens = dialect(), list[Token]()
    parser.block.parse(text, parser, {}, tokens)
    blocks, own, known = list[Block](), list[Token](), [*reversed(past)]
    path, last_items, opened = list[Container](), list[Container](), list[tuple[Token, int]]()
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                number = int(token.attrs.get("start", 1)) - 1 if token.tag == "ol" else None
                last_items.append(Container(token.markup, number, sequence=object()))
            case "list_item_open":
                number = None if last_items[-1].number is None else last_items[-1].number + 1
                written, column = token.info + token.markup, token.meta.get("column", 0)
                item = Container(token.markup, number, written, column, last_items[-1].sequence)
                last_items[-1] = known.pop() if known else item
                path.append(last_items[-1])
                opened.append((token, len(blocks)))
            case "blockquote_open":
                path.append(known.pop() if known else Container(">"))
                opened.append((token, len(blocks)))
            case "list_item_close" | "blockquote_close":
                opening, before = opened.pop()
                if before == len(blocks) and opening.tag == "li":
                    blocks.append(_block([opening], tuple(path)))
                path.pop()
            case "bullet_list_close" | "ordered_list_close":
                last_items.pop()
            case _:
                own.append(token)
                if token.nesting <= 0 and token.level == own[0].level:
                    blocks.append(_block(own, tuple(path)))
                    own = []
    return blocks[len(past) :]


def _block(tokens: list[Token], path: Path) -> Block:
    rows, headers = list[list[str]](), [token for token in tokens if token.type == "th_open"]
    for token in tokens if headers else ():
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    align = (str(header.attrs.get("style", "")).removeprefix("text-align:") for header in headers)
    kind, text = tokens[0].type.removesuffix("_open"), next((t.content for t in tokens if t.content), "")
    return Block(kind, tokens[0], path, text, tuple(map(tuple, rows)), tuple(align))
