"""Splits Markdown text into finished blocks while it arrives, by reading its open end again and again.

Knows which blocks are final, and how a text goes on behind them; refuses to know Markdown's grammar. What has been
given out is stood for by lines before the open rest: a heading in the quotes and items that may go on, then, where a
block goes on, lines that open it again. So any nesting comes out line by line, item by item, row by row; slicing only
decides when. A table's first rows come together. A paragraph longer than `LONG` comes in parts.
"""

from __future__ import annotations

from copy import copy
from itertools import takewhile
from typing import Final

from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.markdown.blocks import GIVEN, LONG, Block, Path, read

TABLE_ROWS: Final = 30
PIECE: Final = 2_048  # characters read at once, which bounds what a rule of markdown-it can cost
ENOUGH: Final = 8_192  # characters of an open rest that nobody looks at before it is final

_TEXT: Final = {"paragraph", "list_item", "definition"}  # other blocks have blank lines around them
_MARKS: Final = " \t`~#*+-_=>|:.)$[\\0123456789"  # a last line of these may yet become something else


class BlockParser:
    """Takes text in any slices, gives finished blocks; the same ones, part by part, for every slicing."""

    def __init__(self) -> None:
        self._kind, self._path = "", Path()  # of the block that was given out last
        self._tail, self._line = "", ""  # the whole lines behind it, and the line that has not ended
        self._due = 0  # characters of both that are worth a reading

    def feed(self, text: str) -> list[Block]:
        """The blocks that these next characters finish. Newlines are `\\n`."""
        found: list[Block] = []
        for at in range(0, len(text), PIECE):
            whole, newline, self._line = (self._line + text[at : at + PIECE]).rpartition("\n")
            self._tail += whole + newline
            size, ends = len(self._tail) + len(self._line), "\n\n" in self._tail[-PIECE:]
            long = len(self._line) >= LONG
            if (size >= self._due and (newline or long)) or (newline and ends and size < PIECE):
                found += self._settle(partial=long)
                self._due = (len(self._tail) + len(self._line)) * 5 // 4
        return found

    def peek(self) -> list[Block]:
        """The open rest as blocks, as if the text ended here, or before marks that may become structure."""
        twin = copy(self)
        if not self._line.strip(_MARKS):
            twin._line = ""
        return [] if len(self._tail) + len(self._line) > ENOUGH else twin.close()

    def close(self) -> list[Block]:
        """The rest. The text has ended; a fence that is still open ends with it."""
        self._tail, self._line = self._tail + self._line + ("\n" if self._line else ""), ""
        return self._settle(last=True)

    def _settle(self, *, partial: bool = False, last: bool = False) -> list[Block]:
        """Gives out what is final. partial: a long last line counts that has not ended. last: all is final."""
        head = _again(self._path)[0]
        text = "".join(f"{line}\n" for line in head) + self._tail + (self._line + "\n" if partial else "")
        found, lines = read(text, self._path), text.split("\n")[:-1]
        rest = found.pop() if found and not last and not _is_final(found[-1], lines) else None
        # A line that begins so may yet turn out to be a tag, or a link's definition.
        waits = not rest or (partial and (rest.kind != "paragraph" or rest.text[0] in "<["))
        certain = _parts(rest, final=False) if rest and not waits and not _may_be_header(rest, lines) else []
        if partial and not certain:
            return self._settle()
        while found and found[-1].kind == "list_item" and not (certain or last):
            found.pop()  # what follows an empty item is read beside it
        end, again, given = len(head), list[str](), list[Block]()
        for block in found:
            given += self._placed(_parts(block, final=True), block, lines[end : block.lines[0]])
            end = block.lines[1]
        if rest and certain:
            given += self._placed(certain, rest, lines[end : rest.lines[0]])
            again, end = _reopened(rest, lines)
        kept = "".join(f"{line}\n" for line in [*again, *lines[end:]])
        whole, newline, line = kept[: -1 if partial else None].rpartition("\n")
        self._tail, self._line = whole + newline, line if partial else self._line
        return given

    def _placed(self, parts: list[Block], block: Block, before: list[str]) -> list[Block]:
        """The parts behind what was given out; before: the lines between."""
        if not _goes_on(block):
            pairs = zip(self._path, block.path, strict=False)
            known = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
            gap = self._gap(parts[0], known, any(not line.strip(" \t>") for line in before))
            parts[0] = replace(parts[0], starts=True, opened=len(block.path) - known, gap=gap)
        self._kind, self._path = parts[0].kind, block.path
        return parts

    def _gap(self, block: Block, known: int, blank: bool) -> bool:
        """Whether a blank line is shown: inside a list as the author left it, elsewhere always."""
        if not self._kind or not {block.kind, self._kind} <= _TEXT:
            return bool(self._kind)
        pairs = zip(self._path[: known + 1], block.path, strict=False)
        if any(new.mark != ">" and old.sequence is new.sequence for old, new in pairs):
            return blank
        same = known == len(self._path) == len(block.path) or block.kind == "definition"
        return blank or block.kind != self._kind or not same


def _is_final(block: Block, lines: list[str]) -> bool:
    first, end = block.lines
    closed = block.kind == "fence" and end - first - 1 > block.text.count("\n")
    if end < len(lines) and block.kind not in ("list_item", "code_block"):
        return True
    return (closed or block.kind in ("heading", "hr", "definition")) and not _may_be_header(block, lines)


def _may_be_header(block: Block, lines: list[str]) -> bool:
    """Whether a line below may yet make a table of the block's only line, whatever it began with."""
    first, end = block.lines
    return first + 1 == end == len(lines) and "|" in lines[first] and len(lines[first]) < LONG


def _goes_on(block: Block) -> bool:
    return block.text.startswith(GIVEN) or block.token.info == GIVEN


def _parts(block: Block, *, final: bool) -> list[Block]:
    """What is certain of the block, not yet placed. Nothing where it is not final and has nothing new."""
    goes_on, block = _goes_on(block), replace(block, starts=False, ends=final)
    if block.kind == "table":
        size = 0 if goes_on else TABLE_ROWS + 1  # the rows that set the widths
        rows = block.rows[1:] if goes_on else block.rows
        if not final and len(rows) <= size:
            return []
        first, rest = replace(block, rows=rows[:size], ends=False), replace(block, rows=rows[size:])
        return [first, rest] if first.rows and rest.rows else [replace(block, rows=rows)]
    if block.kind not in ("paragraph", "heading"):
        return [block] if final or (block.kind == "fence" and block.text) else []
    texts = _cut(block.text)
    if block.kind == "heading" and len(texts) == 1 and not goes_on:
        return [block]
    parts = [replace(block, kind="paragraph", text=text, ends=False) for text in texts]
    return [*parts[:-1], replace(parts[-1], ends=True)] if final else parts[:-1]


def _cut(text: str) -> list[str]:
    """A paragraph in parts; all but the last are certain. The last line may yet become a table's header, if short."""
    line = text[text.rfind("\n") + 1 :]
    certain, texts, text = len(line) >= LONG or line.startswith(GIVEN), list[str](), text.removeprefix(GIVEN)
    while (len(text) if certain else text.rfind("\n")) >= LONG:
        # The end of a sentence, a word, a line.
        at = next(filter(None, (text.rfind(end, LONG // 2, LONG) + 1 for end in (". ", " ", "\n"))), LONG)
        texts, text = [*texts, text[:at]], text[at:]
    return [*texts, text]


def _again(path: Path) -> tuple[list[str], str, int]:
    """A heading in each of these containers; what stands before their later lines, and the column of their content."""
    lines, before, column = list[str](), "", 0
    for container in path:
        spaces = container.column - column - len(container.written)
        mark = " " * max(0, spaces - 4) + container.written + " " * min(spaces, 4)
        lines.append(f"{before}{'> ' if container.mark == '>' else mark}# {GIVEN}")
        before += "> " if container.mark == ">" else " " * (container.column - column)
        column = container.column
    return lines, before, column


def _reopened(block: Block, lines: list[str]) -> tuple[list[str], int]:
    """Lines that open the block again, and the line behind what was given out of it."""
    (first, end), (_head, before, column) = block.lines, _again(block.path)
    if block.kind == "fence":
        return [before + " " * (block.token.meta["column"] - column) + block.token.markup + GIVEN], end
    if block.kind == "table":
        columns = len(block.align)
        return [before + f"|{GIVEN}" + "| " * columns, before + "|-" * columns + "|"], end
    text, line = _cut(block.text)[-1], lines[end - 1]
    text += line[len(line.rstrip()) :]  # where more of the line comes, its spaces count
    given = block.text.count("\n") - text.count("\n")
    return [before + GIVEN + text.partition("\n")[0]], first + given + 1
