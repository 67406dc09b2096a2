"""markdown-it's reading of a text as blocks, with the dialect that models write."""

from __future__ import annotations

import pytest
from examples import sections

from stackspot_cli.markdown.blocks import COLUMNS, DEPTH, LONG, Block, Container, dialect, read


def kinds(text: str) -> list[str]:
    return [block.kind for block in read(text, ())]


def texts(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(text, ())]


def test_a_block_knows_its_containers_their_columns_and_its_lines() -> None:
    (block,) = read("> 3.  - a\n>       b\n", ())
    quote, third, bullet = block.path
    assert (quote, third, bullet) == (Container(">"), Container(".", 3), Container("-"))
    assert [(c.written, c.column) for c in (third, bullet)] == [("3.", 4), ("-", 6)]
    assert (block.text, block.lines) == ("a\nb", (0, 2))


def test_items_of_one_list_are_of_one_sequence_and_their_numbers_go_on() -> None:
    first, second, other = (block.path[0] for block in read("3. a\n3. b\n4) c\n", ()))
    assert [(item.mark, item.number) for item in (first, second, other)] == [(".", 3), (".", 4), (")", 4)]
    assert first.sequence is second.sequence is not other.sequence


def test_a_heading_stands_for_what_was_read_before() -> None:
    (before,) = read("> 2. a\n", ())
    (after,) = read("> # \x01\n> 2. # \x01\n>    b\n", before.path)
    assert (after.text, after.path) == ("b", before.path)
    assert all(old is new for old, new in zip(before.path, after.path, strict=True))


def test_a_table_has_its_cells_and_alignments() -> None:
    (table,) = read("| a | b\\|c | d |\n|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |\n| 5 |\n", ())
    assert table.rows == (("a", "b|c", "d"), ("1", "2", "3"), ("5", "", ""))
    assert table.align == ("left", "center", "right")


def test_an_empty_item_shows_its_mark_and_an_empty_quote_nothing() -> None:
    assert kinds("-\n>\n- a\n") == ["list_item", "paragraph"]


@pytest.mark.parametrize("mark", ["$$", "\\["])
def test_mathematics_on_lines_of_its_own_is_one_block(mark: str) -> None:
    end = {"$$": "$$", "\\[": "\\]"}[mark]
    assert texts(f"a\n{mark}\nx_1 *\n{end}\nb\n") == [
        ("paragraph", "a"),
        ("math", f"{mark}\nx_1 *\n{end}\n"),
        ("paragraph", "b"),
    ]
    assert texts(f"{mark}\nnever closed\n\nb\n") == [("math", f"{mark}\nnever closed\n"), ("paragraph", "b")]


def test_a_link_definition_is_one_line_and_shown_as_written() -> None:
    found = read('[Foo]: <a b>  "t"\n[^1]: note\n[^2]: note\n', ())
    assert [(block.kind, block.text) for block in found] == [
        ("definition", '[Foo]: <a b>  "t"'),
        ("paragraph", "[^1]: note"),
        ("paragraph", "[^2]: note"),
    ]
    assert (found[0].token.meta["label"], found[0].token.meta["url"]) == ("Foo", "a b")


def test_what_is_nested_deeper_than_anybody_reads_is_text() -> None:
    (block,) = read("> " * 5_000 + "x\n", ())
    assert (len(block.path), block.text) == (DEPTH, "> " * (5_000 - DEPTH) + "x")


def test_what_would_cost_too_much_or_come_too_late_is_no_table() -> None:
    wide = "|" + "a|" * COLUMNS
    assert kinds(f"{wide}\n{wide.replace('a', '-')}\n") == ["paragraph"]
    assert kinds(f"{'a' * LONG} | b\n--- | ---\n") == ["paragraph"]


def test_addresses_are_not_altered() -> None:
    tokens = dialect().inline.parse("[a](http://ü.x/ä%20b) <http://ü.x/%C3%A4>", dialect(), {}, [])
    assert [token.attrs["href"] for token in tokens if token.type == "link_open"] == [
        "http://ü.x/ä%20b",
        "http://ü.x/%C3%A4",
    ]


@pytest.mark.parametrize("section", sections())
def test_every_line_of_the_examples_is_in_a_block_or_is_structure(section: str) -> None:
    text = sections()[section]
    lines = text.split("\n")
    found: list[Block] = read(text, ())
    for first, end in (block.lines for block in found):
        lines[first:end] = [""] * (end - first)
    assert [line for line in lines if line.strip(" \t>")] == []
