"""Blocks: the same for every slicing, final once given, and what markdown-it reads in the whole document."""

from __future__ import annotations

from functools import partial

import examples
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_reading import blocks, ours, theirs
from work import calls

from stackspot_cli.markdown.block_parser import TABLE_ROWS, BlockParser
from stackspot_cli.markdown.blocks import LONG

OWN = ("$", "\\[", "[")  # begins what CommonMark does not have, or reads otherwise
LINES = [line for line in examples.lines() if not line.lstrip(" >-").startswith(OWN)]
MORE = [
    *(
        "",
        "",
        "text",
        "- a",
        "* b",
        "-",
        "  - d",
        "   more",
        "    deep",
        "1. one",
        "2. two",
        "  1. in",
        "> q",
        ">",
    ),
    *(
        "> > qq",
        "> - x",
        "> ```",
        "```",
        "```py x",
        "  ```",
        "<div>",
        "c -->",
        "| a | b |",
        "|---|:-:|",
        "x | y",
    ),
    *(
        "--- | ---",
        "====",
        "---",
        "# a | b",
        "```x | y",
        "- # h | i",
        "- | -",
        "1. a | b",
        "  --- | ---",
        "\ttab",
    ),
    *("-\ttab", ">\t- t", "100. hundred", "      - six", "-\t-\tx", "     five", ">      1.    six"),
]
DOCUMENTS = st.lists(st.sampled_from(MORE) | st.sampled_from(LINES), max_size=12).map("\n".join)
CUTS = st.lists(st.integers(0, 30_000), max_size=20)


# --- markdown-it's reading ------------------------------------------------------------------------------


@settings(max_examples=600)
@given(DOCUMENTS)
@example("- a\n\n  b\n\n\n- c\n1. d\n2. e")
@example("> a\nlazy\n===\n> - b\n> c")
@example("-\n\n- a\n-\n  b")
@example(">\n    > four\n7) seven")
@example(">10. -  y\n>      1.    b\n>     1. b\n")
def test_the_document_reads_as_markdown_it_reads_it(text: str) -> None:
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    "section", [s for s in examples.sections() if s not in ("Link definitions", "Mathematics")]
)
def test_the_examples_read_as_markdown_it_reads_them(section: str) -> None:
    text = examples.sections()[section]
    assert ours(text) == theirs(text)


# --- slices ---------------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(DOCUMENTS | st.text("ab `*_#>-|\n[]:1.\t$\\", max_size=80), CUTS)
@example("# a | b\n--- | ---", [8])
@example("```a | b\n--- | ---\n", [9])
def test_any_slicing_gives_the_same_blocks_and_looking_ahead_changes_nothing(
    text: str, cuts: list[int]
) -> None:
    assert blocks(text, cuts, peek=True) == blocks(text)


@pytest.mark.parametrize("section", examples.sections())
def test_the_examples_come_one_character_at_a_time(section: str) -> None:
    text = examples.sections()[section]
    assert blocks(text, range(len(text)), peek=True) == blocks(text)


WORDS = st.sampled_from(
    [
        "word",
        "*em*",
        "`a b`",
        "**b",
        "x" * 25,
        "$5",
        "[a](b)",
        "(c",
        "漢字",
        "- ",
        "1. ",
        "| a",
        "===",
        "[x]: y",
        "<b>",
    ]
)
LONG_LINE = st.lists(WORDS, min_size=200, max_size=600).map(" ".join)
MANY_LINES = st.lists(st.lists(WORDS, max_size=9).map(" ".join), min_size=40, max_size=140).map("\n".join)
GIANTS = [
    LONG_LINE,
    MANY_LINES,
    st.integers(900, 5_000).map(lambda n: "x" * n),
    st.integers(0, 70).map(lambda n: "| a | b |\n|---|--:|\n" + "| c | *d* |\n" * n),
    st.integers(0, 60).map(lambda n: "```py\n" + "x = 1\n\n" * n + "```"),
    st.integers(0, 60).map(lambda n: "    code\n" + "\n" * n + "    more"),
    st.integers(0, 300).map(lambda n: "-\n" * n + "- end"),
    LONG_LINE.map(lambda line: f"<a href='{line}'>"),
    LONG_LINE.map(lambda line: f'[x]: /url "{line}"'),
    LONG_LINE.map(lambda line: f"{line}\n--- | ---"),
    st.just("---"),
]
NESTINGS = st.sampled_from([("", ""), ("> ", "> "), ("- ", "  "), ("10. ", "    "), ("> - ", ">   ")])


def nested(text: str, marks: tuple[str, str]) -> str:
    return marks[0] + text.replace("\n", "\n" + marks[1])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.one_of(GIANTS), NESTINGS), min_size=1, max_size=3), CUTS, st.booleans())
def test_giants_come_in_parts_that_no_slicing_moves(parts: list, cuts: list[int], apart: bool) -> None:
    text = ("\n\n" if apart else "\n").join(nested(text, marks) for text, marks in parts)
    assert blocks(text, cuts) == blocks(text)


@settings(max_examples=20)
@given(CUTS, st.sampled_from([" ", "", "\n"]))
def test_nothing_is_lost_between_the_parts_of_a_paragraph(cuts: list[int], between: str) -> None:
    text = "".join(f"word{n}{between}" for n in range(1_500))
    found = blocks(text, cuts, peek=True)
    assert "".join(block.text for block in found).strip() == text.strip()
    assert max(len(block.text) for block in found) <= LONG


# --- when -----------------------------------------------------------------------------------------------


def given_after(lines: list[str]) -> list[list[str]]:
    """What each line finishes: texts, or a table's rows."""
    parser = BlockParser()
    return [[b.text or str(len(b.rows)) for b in parser.feed(line + "\n")] for line in lines]


def test_code_comes_line_by_line_in_any_nesting() -> None:
    assert given_after(["> - ```py", ">   one", ">     two", ">", ">   three"]) == [
        [],
        ["one\n"],
        ["  two\n"],
        ["\n"],
        ["three\n"],
    ]


def test_a_list_comes_item_by_item() -> None:
    assert given_after(["- a", "- b", "  - c", "- d", "", "text"]) == [[], ["a"], ["b"], ["c"], ["d"], []]


def test_a_long_table_comes_row_by_row_behind_its_first_rows() -> None:
    lines = ["> | a |", "> |---|", *["> | b |"] * (2 * TABLE_ROWS)]
    parts = BlockParser().feed("\n".join(lines) + "\n")
    assert [(len(b.rows), b.starts, b.ends) for b in parts] == [
        (TABLE_ROWS + 1, True, False),
        (TABLE_ROWS, False, False),
    ]
    *_, before, last = given_after(lines)
    assert len(before) == len(last) == 1


def test_the_open_rest_can_be_looked_at_and_what_may_become_a_mark_is_left_out() -> None:
    parser = BlockParser()
    assert parser.feed("text\n-") == []
    assert [(block.kind, block.text) for block in parser.peek()] == [("paragraph", "text")]
    parser.feed(" item\n\n```py\none\nthr")
    assert [(block.text, block.starts, block.ends) for block in parser.peek()] == [("thr\n", False, True)]


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
        ("[a]: b\n[c]: d\ntext\n[^1]: note\n[^2]: note", [False, False, True, False, False]),
        ("text\n> a\n- b", [False, True, True]),
    ],
)
def test_blank_lines_stand_between_blocks_and_in_lists_where_the_author_put_them(
    text: str, gaps: list[bool]
) -> None:
    assert [block.gap for block in blocks(text)] == gaps


# --- cost -----------------------------------------------------------------------------------------------

SHAPES = {
    "prose": "word *and* `code` of it. ",
    "lines": "a\n",
    "paragraphs": "a\n\n",
    "quotes": "> ",
    "quoted lines": ">\n",
    "blank lines": "\n",
    "items": "- a\n",
    "empty items": "-\n",
    "rules": "- ",
    "nested": "- a\n  - b\n    - c\n      - d\n",
    "html": "<div>\n",
    "comments": "<!-- ",
    "rows": "| a | b |\n",
    "brackets": "[",
    "definitions": "[a]: b\n",
    "deep code": "> " * 20 + "    x\n",
    "code behind blank lines": "    code\n" + "\n" * 40_000,
    "one line of code": "```\n" + "x" * 40_000,
}


def fed(text: str) -> None:
    parser = BlockParser()
    for at in range(0, len(text), 400):
        parser.feed(text[at : at + 400])
        parser.peek()
    parser.close()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cost_grows_with_the_text_and_no_faster(shape: str) -> None:
    small, large = (
        calls(partial(fed, (shape * (size // len(shape) + 1))[:size])) for size in (6_000, 18_000)
    )
    assert large < 3.8 * small
