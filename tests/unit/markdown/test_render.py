"""Blocks as a terminal shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import sections
from markdown_reading import blocks
from rich.cells import cell_len

from stackspot_cli.markdown.block_parser import TABLE_ROWS
from stackspot_cli.markdown.render import ASCII, UNICODE, Renderer
from stackspot_cli.markdown.screen import cells


def shown(
    text: str, width: int = 40, *, color: bool = False, marks: tuple[str, str, str, str] = UNICODE
) -> list[str]:
    renderer = Renderer(color=color, marks=marks)
    return [line for block in blocks(text) for line in renderer.lines(block, width)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n\nTwo\n===", ["# One", "", "# Two"]),
        ("a *b*\n`c`\n\nd", ["a *b* `c`", "", "d"]),
        ("- a\n  - b\n    - c\n      - d", ["• a", "  ◦ b", "    ▪ c", "      ▪ d"]),
        ("9. a\n\n   b\n10. c", ["9. a", "", "   b", "10. c"]),
        ("- a\n\n  > b\n  > > c", ["• a", "", "  > b", "  > > c"]),
        ("-\n- > x\n  y", ["•", "• > x y"]),
        ("- ```sh\n  ls  -l\n\n  x\n  ```", ["•", "```sh", "ls  -l", "", "x", "```"]),
        ("> ```\n> a\n> ```", ["```", "a", "```"]),
        ("    code\n\n    more", ["code", "", "more"]),
        ("***\n[a]: /b 'c'\n[^1]: d", ["─" * 40, "", "[a]: /b 'c'", "", "[^1]: d"]),
        ("<div>\n  *x*\n</div>\n\n$$\n a * b\n$$", ["<div>", "  *x*", "</div>", "", "$$", " a * b", "$$"]),
    ],
)
def test_structure_is_shown_without_color(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One", ["\x1b[1;4;35mOne\x1b[0m"]),
        ("###### Six **b**", ["\x1b[3mSix \x1b[0m\x1b[1;3mb\x1b[0m"]),
        ("- a\n> `b`", ["\x1b[36m• \x1b[0ma", "", "\x1b[36m> \x1b[0m\x1b[36mb\x1b[0m"]),
        ("```\na\n```", ["\x1b[36ma\x1b[0m"]),
        ("```py\nif x: y\n```", ["\x1b[35mif\x1b[0m x: y"]),
        ("[a]: /b", ["\x1b[2m[a]: /b\x1b[0m"]),
        ("<b>x", ["<b>x"]),
        ("<p>\nx", ["\x1b[2m<p>\x1b[0m", "\x1b[2mx\x1b[0m"]),
    ],
)
def test_with_color_the_marks_give_way_to_styles(text: str, expected: list[str]) -> None:
    assert shown(text, color=True) == expected


def test_a_terminal_without_these_characters_gets_others() -> None:
    text = "- a\n  - b\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert shown(text, 12, marks=ASCII) == [
        "* a",
        "  - b",
        "",
        "-" * 12,
        "",
        "a   | b",
        "----+----",
        "1   | 2",
    ]


def test_text_goes_on_below_itself_and_long_words_stay_whole() -> None:
    text = "- one two three https://example.com/a/long/address four\n\n  > five six seven"
    assert shown(text, 14) == [
        "• one two",
        "  three",
        "  https://example.com/a/long/address",
        "  four",
        "",
        "  > five six",
        "  > seven",
    ]


# --- tables ---------------------------------------------------------------------------------------------

TABLE = "| left | middle | right |\n|:--|:-:|--:|\n| a | b | 1 |\n| longer cell | `c` | 222 |\n| 漢字 | | 3 |"


def test_a_table_has_columns_as_wide_as_their_cells() -> None:
    assert shown(TABLE) == [
        "left        │ middle │ right",
        "────────────┼────────┼──────",
        "a           │   b    │     1",
        "longer cell │  `c`   │   222",
        "漢字        │        │     3",
    ]


def test_where_there_is_less_room_the_widest_give_way() -> None:
    assert shown(TABLE, 23) == [
        "left   │ middle │ right",
        "───────┼────────┼──────",
        "a      │   b    │     1",
        "longer │  `c`   │   222",
        "cell   │        │",
        "漢字   │        │     3",
    ]


def test_words_stay_whole_where_another_column_can_give_way() -> None:
    table = "| --long-option | sets what is done with it |\n|--|--|\n| -x | 漢字かな交じり文 |"
    assert shown(table, 28) == [
        "--long-option │ sets what is",
        "              │ done with it",
        "──────────────┼─────────────",
        "-x            │ 漢字かな交じ",
        "              │ り文",
    ]


def test_where_there_is_none_each_row_is_a_record() -> None:
    assert shown(TABLE, 14) == [
        *("───", "left: a", "middle: b", "right: 1"),
        *("───", "left: longer", "cell", "middle: `c`", "right: 222"),
        *("───", "left: 漢字", "middle:", "right: 3"),
    ]
    assert shown("| a | b | c |\n|---|---|---|", 10) == ["───", "a", "b", "c"]


@pytest.mark.parametrize(("before", "after"), [(14, 100), (100, 14)])
def test_a_table_goes_on_in_the_form_that_it_began_in(before: int, after: int) -> None:
    text = TABLE + "\n| x | y | 4 |" * TABLE_ROWS
    renderer = Renderer(color=False)
    (block,) = blocks(text)
    first = replace(block, rows=block.rows[:31], ends=False)
    rest = replace(block, rows=block.rows[31:], starts=False)
    assert renderer.lines(first, before) + renderer.lines(rest, after) == shown(text, before)


@pytest.mark.parametrize("width", [8, 20, 40, 80, 200])
def test_no_line_of_a_table_is_wider_than_the_room_however_a_terminal_joins(width: int) -> None:
    family, flag, warning = "👨\u200d👩\u200d👧\u200d👦", "🇧🇷", "⚠\ufe0f"
    text = f"| who | {flag} |\n|---|---|\n| {family} {family} and some more | {warning} {flag}{flag} |\n" * 2
    lines = [line for line in shown(text, width) if " " in line.strip()]
    assert max(max(cells(line), cell_len(line)) for line in lines) <= width


def test_flags_do_not_shift_the_columns() -> None:
    assert shown("| a | b |\n|---|---|\n| 🇧🇷 | x |\n| ab | y |") == [
        "a    │ b",
        "─────┼────",
        "🇧🇷   │ x",
        "ab   │ y",
    ]


# --- whatever comes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", sections())
@pytest.mark.parametrize("width", [1, 8, 41, 200])
@pytest.mark.parametrize("color", [True, False])
def test_the_examples_are_lines(section: str, width: int, color: bool) -> None:
    lines = shown(sections()[section], width, color=color)
    assert not any(char in line for line in lines for char in "\n\x07\x9b\u202e")
    assert not any("\x1b" in line for line in lines) or color
