"""Markdown as blocks, read by us in slices and by markdown-it at once, in one form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from markdown_it import MarkdownIt

from stackspot_cli.markdown.block_parser import BlockParser
from stackspot_cli.markdown.blocks import Block

Leaf = tuple[object, ...]  # what, where, content


def blocks(text: str, cuts: Iterable[int] = (), *, peek: bool = False) -> list[Block]:
    """The blocks, their parts put together where slicing may decide when they come."""
    parser = BlockParser()
    found: list[Block] = []
    for start, end in pairwise([0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]):
        found += parser.feed(text[start:end])
        if peek:
            parser.peek()
    whole: list[Block] = []
    for block in found + parser.close():
        if whole and not whole[-1].ends:
            assert (block.kind, block.path, block.starts) == (whole[-1].kind, whole[-1].path, False)
        if not block.starts and block.kind in ("fence", "table"):
            text = whole[-1].text + block.text if block.kind == "fence" else whole[-1].text
            whole[-1] = replace(whole[-1], text=text, rows=whole[-1].rows + block.rows, ends=block.ends)
        else:
            whole.append(block)
    assert all(block.ends for block in whole[-1:])
    return whole


def ours(text: str) -> list[Leaf]:
    """Without what markdown-it gives no token for, and what we add to CommonMark."""
    names = {"code_block": "code", "html_block": "html", "hr": "rule"}
    out: list[Leaf] = []
    for block in blocks(text):
        where = tuple(
            "quote" if c.mark == ">" else "item" if c.number is None else c.number for c in block.path
        )
        match block.kind:
            case "definition" | "list_item":
                continue
            case "paragraph" | "heading":
                out.append((block.token.tag, where, _trimmed(block.text)))
            case "table":
                out.append(("table", where, block.rows))
            case "fence":
                out.append(("code", where, block.text.strip("\n"), block.token.info.strip()))
            case kind:
                out.append((names[kind], where, block.text.strip("\n")))
    return out


def theirs(text: str) -> list[Leaf]:
    """An independent walk along markdown-it's reading of the whole document."""
    out: list[Leaf] = []
    where: list[object] = []
    numbers: list[int | None] = []
    tag, rows = "", list[list[str]]()
    for token in MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").parse(text):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else None)
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "blockquote_open":
                where.append("quote")
            case "list_item_open":
                number = numbers[-1]
                where.append("item" if number is None else number)
                numbers[-1] = None if number is None else number + 1
            case "blockquote_close" | "list_item_close":
                where.pop()
            case "paragraph_open" | "heading_open" | "table_open":
                tag, rows = token.tag, []
            case "tr_open":
                rows.append([])
            case "table_close":
                out.append(("table", tuple(where), tuple(map(tuple, rows))))
            case "inline" if tag == "table":
                rows[-1].append(token.content)
            case "inline":
                out.append((tag, tuple(where), _trimmed(token.content)))
            case "hr":
                out.append(("rule", tuple(where), ""))
            case "fence":
                out.append(("code", tuple(where), token.content.strip("\n"), token.info.strip()))
            case "code_block" | "html_block":
                out.append((token.type.removesuffix("_block"), tuple(where), token.content.strip("\n")))
    return out


def _trimmed(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n")).strip()
