"""How one line of Markdown begins: the marks of headings, fences, lists, tables, HTML and definitions.

Knows the patterns of CommonMark 0.31 and of GitHub's tables, a line at a time; refuses to know what is open.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ATX: Final = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_ATX_TAIL: Final = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
_FENCE: Final = re.compile(r"`{3,}(?!.*`)|~{3,}")
_RULE: Final = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$")
_SETEXT: Final = re.compile(r"(?:=+|-+)[ \t]*$")
_MARKER: Final = re.compile(r"([*+-])(?=[ \t]|$)|(\d{1,9})([.)])(?=[ \t]|$)")
_DELIMITER: Final = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_TAG_NAMES: Final = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt"
    "|fieldset|figcaption|figure|footer|form|frame|frameset|h[123456]|head|header|hr|html|iframe|legend|li|link|main"
    "|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead"
    "|title|tr|track|ul"
)
_ATTRIBUTE: Final = r"""\s+[a-zA-Z_:][\w:.-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?"""
# The seven kinds of HTML block, https://spec.commonmark.org/0.31.2/#html-blocks, in the standard's order.
# Compiled when the first line that begins with "<" comes: 8 ms.
_HTML_STARTS: Final = (
    r"<(?:script|pre|textarea|style)(?:\s|>|$)",
    r"<!--",
    r"<[?]",
    r"<![A-Za-z]",
    r"<!\[CDATA\[",
    rf"</?(?:{_TAG_NAMES})(?:\s|/?>|$)",
    rf"(?:<[a-z][a-z0-9-]*(?:{_ATTRIBUTE})*\s*/?>|</[a-z][a-z0-9-]*\s*>)\s*$",
)
_HTML_ENDS: Final = (r"</(?:script|pre|textarea|style)>", r"-->", r"\?>", r">", r"\]\]>")

DEFINITION: Final = re.compile(
    r"\[(?!\^)(?P<label>(?:[^\[\]\\]|\\.){1,999})\]:[ \t]*(?:<(?P<url>[^<>]*)>|(?P<bare>[^\s<]\S*))"
    r"""(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$"""
)
FOOTNOTE: Final = re.compile(r"\[\^[^\]\s]+\]:")


class Cursor:
    """A place in a line, in columns: tabs reach to multiples of four, and may be used up in part."""

    __slots__ = ("column", "rest")

    def __init__(self, line: str) -> None:
        self.rest = line
        self.column = 0

    @property
    def blank(self) -> bool:
        return not self.rest.strip(" \t")

    @property
    def indent(self) -> int:
        """Columns of white space ahead."""
        column = self.column
        for char in self.rest:
            if char == " ":
                column += 1
            elif char == "\t":
                column += 4 - column % 4
            else:
                break
        return column - self.column

    def peek(self) -> str:
        """The first character that is not white space, or nothing."""
        return self.rest.lstrip(" \t")[:1]

    def take(self, count: int) -> None:
        """Moves behind `count` characters that are not tabs."""
        self.rest = self.rest[count:]
        self.column += count

    def skip(self, columns: int) -> None:
        """Moves over at most so many columns of white space; what remains of a tab becomes spaces."""
        while columns > 0 and self.rest[:1] in (" ", "\t"):
            width = 1 if self.rest[0] == " " else 4 - self.column % 4
            used = min(width, columns)
            self.rest = " " * (width - used) + self.rest[1:]
            self.column += used
            columns -= used

    def skip_indent(self) -> None:
        self.skip(self.indent)


class Heading(NamedTuple):
    level: int
    text: str


class Fence(NamedTuple):
    """marks: the fence as written; indent: columns to remove from each line, at most."""

    marks: str
    indent: int
    info: str
    math: bool = False

    def closed_by(self, line: str) -> bool:
        """line: without white space around it."""
        return len(line) >= len(self.marks) and not line.strip(self.marks[0])


class Marker(NamedTuple):
    """offset: columns that the item's further lines are indented by, from the item's container."""

    mark: str
    number: int | None
    offset: int


def atx_heading(rest: str) -> Heading | None:
    found = _ATX.match(rest)
    if not found:
        return None
    return Heading(len(found[1]), _ATX_TAIL.sub("", rest[found.end() :]).strip(" \t"))


def fence_start(rest: str, indent: int) -> Fence | None:
    """A code fence, or `$$` or `\\[` alone on its line."""
    found = _FENCE.match(rest)
    if found:
        return Fence(found[0], indent, rest[found.end() :].strip(" \t"))
    alone = rest.rstrip(" \t")
    return Fence(alone, 0, "", math=True) if alone in ("$$", "\\[") else None


def math_end(line: str, marks: str) -> bool:
    return line.rstrip(" \t").endswith("$$" if marks == "$$" else "\\]")


def thematic_break(rest: str) -> bool:
    return bool(_RULE.match(rest.lstrip(" \t")))


def setext_level(rest: str) -> int:
    """1, 2, or 0 for none."""
    return (1 if rest[0] == "=" else 2) if _SETEXT.match(rest) else 0


def html_start(rest: str, *, interrupts: bool) -> int:
    """Which of the standard's seven kinds begins here, or 0. The seventh does not interrupt a paragraph."""
    if not rest.startswith("<"):
        return 0
    for number, pattern in enumerate(_HTML_STARTS, 1):
        if re.match(pattern, rest, re.IGNORECASE) and not (number == 7 and interrupts):
            return number
    return 0


def html_end(number: int, line: str) -> bool:
    """Whether the line ends a block of this kind; the last two kinds end at a blank line."""
    return number <= 5 and bool(re.search(_HTML_ENDS[number - 1], line, re.IGNORECASE))


def list_marker(cursor: Cursor, interrupts: bool) -> Marker | None:
    """A list item's mark; moves the cursor to the item's content.

    interrupts: an open paragraph would end here; then only a `1.`, and an item that is not empty, will do.
    """
    indent = cursor.indent
    rest = cursor.rest.lstrip(" \t")
    found = _MARKER.match(rest)
    if not found:
        return None
    number = None if found[1] else int(found[2])
    if interrupts and (number not in (None, 1) or not rest[found.end() :].strip(" \t")):
        return None
    cursor.skip_indent()
    cursor.take(found.end())
    spaces = cursor.indent
    if cursor.blank or spaces >= 5:
        cursor.skip(1)
        spaces = 1
    else:
        cursor.skip(spaces)
    return Marker(found[1] or found[3], number, indent + found.end() + spaces)


def delimiter_row(rest: str, paragraph: str) -> tuple[str, ...] | None:
    """The columns' alignments ("left", "center", "right", "") where the paragraph's last line is a header."""
    header = paragraph.rpartition("\n")[2]
    if "|" not in header or not ("|" in rest or ":" in rest) or not _DELIMITER.match(rest):
        return None
    marks = [mark.strip(" \t") for mark in rest.strip(" \t").strip("|").split("|")]
    if len(marks) != len(_split_row(header)):
        return None
    return tuple(_alignment(mark) for mark in marks)


def _alignment(mark: str) -> str:
    left, right = mark.startswith(":"), mark.endswith(":")
    return "center" if left and right else "right" if right else "left" if left else ""


def _split_row(line: str) -> list[str]:
    line = line.strip(" \t")
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [cell.strip(" \t").replace("\\|", "|") for cell in _PIPE.split(line)]


def cells(line: str, columns: int) -> tuple[str, ...]:
    """A table row's cells, cut or filled up to so many columns."""
    row = _split_row(line)[:columns]
    return (*row, *("",) * (columns - len(row)))


def paragraph_cut(text: str) -> int:
    """Where to cut a text that is too long: behind a space outside inline markup, where there is one.

    Looks at the later half; the last good place wins, then the last space, then the end.
    """
    counts = dict.fromkeys("`*_~[]()$<>", 0)
    best = space = 0
    for index, char in enumerate(text):
        if char in counts:
            counts[char] += 1
        elif char in " \n":
            space = index + 1
            even = not any(counts[mark] % 2 for mark in "`*_~$")
            if even and counts["["] == counts["]"] and counts["("] <= counts[")"]:
                best = index + 1
    half = len(text) // 2
    return best if best > half else space if space > half else len(text)
