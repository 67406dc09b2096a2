"""Blocks: the same for every slicing, final once given, and what markdown-it reads in the whole document."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stackspot_cli.markdown.block_parser import PARAGRAPH, TABLE_ROWS, Block, BlockSplitter, Item, Quote


def blocks(text: str, cuts: tuple[int, ...] = (), *, peek: bool = False) -> list[Block]:
    splitter = BlockSplitter()
    found = []
    for start, end in pairwise([0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]):
        found += splitter.feed(text[start:end])
        if peek:
            splitter.peek()
    return found + splitter.close()


# --- an independent reading -----------------------------------------------------------------------------


def lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def ours(text: str) -> list[tuple[object, ...]]:
    """(what, where, content) of each leaf, parts put together."""
    out: list[tuple[object, ...]] = []
    for block in blocks(text):
        where = tuple("quote" if isinstance(c, Quote) else c.number or "item" for c in block.containers)
        if block.kind == "definition" or (block.kind == "paragraph" and not block.text):
            continue
        if not block.starts:
            kind, place, content, *rest = out.pop()
            assert place == where
            more = (
                "".join(line + "\n" for line in block.lines) if block.kind in ("code", "html") else block.rows
            )
            out.append((kind, place, content + more, *rest))
        elif block.kind == "paragraph":
            out.append(("paragraph", where, lines(block.text)))
        elif block.kind == "heading":
            out.append((f"h{block.level}", where, lines(block.text)))
        elif block.kind == "table":
            out.append(("table", where, block.rows))
        elif block.kind == "rule":
            out.append(("rule", where, ""))
        else:
            content = "".join(line + "\n" for line in block.lines)
            out.append(
                (block.kind, where, content, block.info) if block.fence else (block.kind, where, content)
            )
    return [
        (*leaf[:2], leaf[2].strip("\n"), *leaf[3:]) if leaf[0] in ("html", "code") else leaf for leaf in out
    ]


def theirs(text: str) -> list[tuple[object, ...]]:
    out: list[tuple[object, ...]] = []
    where: list[object] = []
    numbers: list[int | None] = []
    kind = ""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        match token.type:
            case "blockquote_open":
                where.append("quote")
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "list_item_open":
                where.append(numbers[-1] or "item")
                if numbers[-1] is not None:
                    numbers[-1] += 1
            case "blockquote_close" | "list_item_close":
                where.pop()
            case "paragraph_open":
                kind = "paragraph"
            case "heading_open":
                kind = token.tag
            case "table_open":
                kind, rows = "table", []
            case "tr_open":
                rows.append([])
            case "table_close":
                out.append(("table", tuple(where), tuple(map(tuple, rows))))
            case "inline" if kind == "table":
                rows[-1].append(token.content)
            case "inline":
                if token.content or kind != "paragraph":
                    out.append((kind, tuple(where), lines(token.content)))
            case "hr":
                out.append(("rule", tuple(where), ""))
            case "fence":
                out.append(("code", tuple(where), token.content.strip("\n"), token.info.strip()))
            case "code_block":
                out.append(("code", tuple(where), token.content.strip("\n")))
            case "html_block":
                out.append(("html", tuple(where), token.content.strip("\n")))
    return out


LINES = st.sampled_from(
    [
        *(
            "",
            "",
            "text",
            "more *text*",
            "# head #",
            "## two",
            "====",
            "---",
            "- a",
            "* b",
            "+ c",
            "-",
            "  - d",
            "   more",
        ),
        *(
            "    deep",
            "      deeper",
            "1. one",
            "2. two",
            "7) seven",
            "12. twelve",
            "  1. in",
            "> q",
            ">",
            "> > qq",
            "> - x",
        ),
        *(
            "> ```",
            "```",
            "```py x",
            "````",
            "~~~",
            "  ```",
            "***",
            "_ _ _",
            "<div>",
            "</div>",
            "<b>",
            "<!-- c",
        ),
        *(
            "c -->",
            "| a | b |",
            "|---|:-:|",
            "| 1 | 2 | 3 |",
            "x | y",
            "--- | ---",
            "\ttab",
            " \t two",
            "-\ttab",
            "#no",
            "-no",
        ),
        *("- ```", "- > q", "- # h", "1.  two spaces", "-     five", "- - -", "a | b\\|c |"),
    ]
)
DOCUMENTS = st.lists(LINES, max_size=12).map("\n".join)


@settings(max_examples=500, deadline=None)
@given(DOCUMENTS)
@example("- a\n\n  b\n\n\n- c\n1. d\n2. e")
@example("> a\nlazy\n===\n> - b\n> c")
@example("-\n\n- a\n-\n  b")
def test_the_document_reads_as_markdown_it_reads_it(text):
    assert ours(text) == theirs(text)


# --- the law --------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS | st.text("ab `*_#>-|\n[]:1.\t", max_size=80), st.lists(st.integers(0, 500), max_size=20))
def test_any_slicing_gives_the_same_blocks_and_looking_ahead_changes_nothing(text, cuts):
    assert blocks(text, tuple(cuts), peek=True) == blocks(text)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=20), st.sampled_from([" ", "", "\n"]))
def test_a_giant_paragraph_comes_in_parts_that_no_slicing_moves(cuts, between):
    text = "".join(f"word{n}{between}" for n in range(1_500))
    found = blocks(text, tuple(cuts), peek=True)
    assert found == blocks(text)
    assert "".join(block.text for block in found).strip() == text.strip()
    assert max(len(block.text) for block in found) <= PARAGRAPH


def test_a_long_table_gives_its_first_rows_together_and_the_others_one_by_one():
    rows = "".join(f"| {n} |\n" for n in range(TABLE_ROWS + 3))
    found = blocks("| n |\n|---|\n" + rows)
    assert [len(block.rows) for block in found] == [TABLE_ROWS + 1, 1, 1, 1, 0]
    assert [(block.starts, block.ends) for block in found] == [
        (True, False),
        *[(False, False)] * 3,
        (False, True),
    ]


def test_code_comes_out_line_by_line_before_its_fence_is_closed():
    splitter = BlockSplitter()
    found = splitter.feed("```py\none\n  two\nthr")
    assert [block.lines for block in found] == [(), ("one",), ("  two",)]
    assert [block.lines for block in splitter.peek()] == [("thr",), ()]


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("- a\n- b\n- c", [False, False, False]),
        ("- a\n\n- b\n\n- c", [False, True, True]),
        ("- a\n  - b\n- c", [False, False, False]),
        ("- a\n\n  more\n- b", [False, True, False]),
        ("text\n- a\n- b\n\ntext", [False, True, False, True]),
        ("- a\n+ b", [False, True]),
        ("# a\ntext\n# b", [False, True, True]),
        ("> a\n>\n> b", [False, True]),
    ],
)
def test_blank_lines_stand_between_blocks_and_in_lists_where_the_author_put_them(text, gaps):
    assert [block.gap for block in blocks(text)] == gaps


def test_a_list_goes_on_with_its_numbers():
    found = blocks("3. a\n3. b\n\n   ```\n   x\n   ```\n9. c")
    assert [c.number for block in found if block.starts for c in block.containers if isinstance(c, Item)] == [
        3,
        4,
        4,
        5,
    ]


def test_what_may_yet_become_a_mark_is_not_looked_at_ahead():
    splitter = BlockSplitter()
    splitter.feed("text\n-")
    assert [(block.kind, block.text) for block in splitter.peek()] == [("paragraph", "text")]


def test_quotes_without_end_cost_no_more_than_their_length():
    found = blocks(("> " * 5_000 + "x\n") * 3)
    assert len(found[0].containers) == 32
