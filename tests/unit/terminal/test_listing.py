"""Rows before a person and before a script."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.listing import fitted, listing, short_ids
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import FACTS, FOUND, Column

HEADS = [Column("NAME"), Column("ROUTE"), Column("BEST FOR"), Column("TOKENS IN/OUT")]
MODELS = [
    ("stackspot-ai", "chat", "general code generation and analysis", "16,384/8,192"),
    ("stackspot-ai-code", "chat", "code generation, completion and refactoring", "16,384/8,192"),
]
SETTINGS = [
    ("profile", "stackspot", "(default)"),
    ("idm_base", "https://genai-code-buddy-api.stackspot.com", "(environment STACKSPOTAI_IDM_BASE)"),
]


def on_terminal(columns: int, *, color: bool = False) -> Terminal:
    environ = {} if color else {"NO_COLOR": "1"}
    return Terminal.fake(environ=environ, stdout_is_terminal=True, size=(columns, 24))


def test_in_a_pipe_cells_are_safe_cut_aligned_and_never_empty() -> None:
    rows = [("a\x1b", ""), ("bcd", "x\ny"), ("e", "z" * 9)]
    assert listing(Terminal.fake(), rows, [Column("A"), Column("B", longest=4)]) == (
        "A    B\na␛   -\nbcd  x y\ne    zzzz…\n"
    )


def test_where_there_is_room_it_is_the_same_table() -> None:
    assert listing(on_terminal(100), MODELS, HEADS) == listing(Terminal.fake(), MODELS, HEADS)


def test_text_gives_way_first_and_is_broken_between_words() -> None:
    assert listing(on_terminal(64), MODELS, HEADS) == (
        "NAME               ROUTE  BEST FOR                 TOKENS IN/OUT\n"
        "stackspot-ai       chat   general code generation  16,384/8,192\n"
        "                          and analysis\n"
        "stackspot-ai-code  chat   code generation,         16,384/8,192\n"
        "                          completion and\n"
        "                          refactoring\n"
    )


def test_where_a_word_would_be_broken_each_row_is_lines_of_its_own() -> None:
    assert listing(on_terminal(40), MODELS[1:], HEADS) == (
        "stackspot-ai-code\n"
        "  route: chat\n"
        "  best for: code generation, completion\n"
        "  and refactoring\n"
        "  tokens in/out: 16,384/8,192\n"
    )


def test_what_stands_aside_goes_below_its_neighbour() -> None:
    assert listing(on_terminal(60), SETTINGS, FOUND) == (
        "profile   stackspot  (default)\n"
        "idm_base  https://genai-code-buddy-api.stackspot.com\n"
        "          (environment STACKSPOTAI_IDM_BASE)\n"
    )


def test_an_address_that_is_wider_than_the_window_is_broken_behind_a_mark() -> None:
    assert listing(on_terminal(40), SETTINGS, FOUND) == (
        "profile  stackspot  (default)\n"
        "idm_base\n"
        "  https://genai-code-buddy-api.\n"
        "  stackspot.com\n"
        "  (environment STACKSPOTAI_IDM_BASE)\n"
    )


def test_a_title_may_take_so_many_lines_and_no_more() -> None:
    rows = [("01A", "one two three four five six seven"), ("01B", "eight"), ("01C", "nine" * 9)]
    assert listing(on_terminal(18), rows, [Column("ID"), Column("TITLE", most_lines=2)]) == (
        "ID   TITLE\n01A  one two three\n     four five si…\n01B  eight\n01C  ninenineninen\n     inenineninen…\n"
    )


def test_heads_are_bold_and_asides_dim_and_blanks_are_neither() -> None:
    terminal = on_terminal(30, color=True)
    assert listing(terminal, [("a", "b", "c")], [Column("A"), Column("B"), Column("C", aside=True)]) == (
        "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m  \x1b[1mC\x1b[0m\na  b  \x1b[2mc\x1b[0m\n"
    )


def test_what_is_said_on_stderr_has_no_escapes() -> None:
    terminal = Terminal.fake(stdout_is_terminal=True, stderr_is_terminal=True, size=(30, 24))
    assert listing(terminal, [("a", "b")], FACTS, said=True) == "a  b\n"


def test_no_rows_are_no_lines() -> None:
    assert listing(on_terminal(80), [], HEADS) == ""


CELLS = st.text(max_size=40) | st.from_regex(r"\A[a-z]{1,12}( [a-z]{1,12}){0,8}\Z")
COLUMNS = st.builds(
    Column, st.sampled_from(["", "HEAD", "TWO WORDS"]), st.booleans(), st.none(), st.just(1000)
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[list[str]]]:
    columns = [draw(COLUMNS) for _ in range(draw(st.integers(1, 5)))]
    columns[0] = Column(columns[0].head, longest=1000)  # the first has no neighbour to stand aside of
    rows = [[draw(CELLS) for _ in columns] for _ in range(draw(st.integers(1, 4)))]
    return columns, rows


@given(table=tables(), room=st.integers(8, 120), color=st.booleans())
def test_no_line_is_wider_than_the_terminal_and_every_cell_is_there(
    table: tuple[list[Column], list[list[str]]], room: int, color: bool
) -> None:
    columns, rows = table
    shown = listing(on_terminal(room, color=color), rows, columns)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert all(cell_len(line) <= room for line in plain.split("\n"))
    assert "\x1b" not in plain
    assert color or "\x1b" not in shown
    # Other cells may stand between the lines of one: its characters come in their order.
    for row in rows:
        for cell in row:
            assert in_order("".join(safe_line(cell, 1000).split()), plain)


@given(table=tables(), room=st.integers(8, 120))
def test_no_word_is_broken_that_fits_the_terminal(
    table: tuple[list[Column], list[list[str]]], room: int
) -> None:
    columns, rows = table
    shown = listing(on_terminal(room), rows, columns)
    words = {word for row in rows for cell in row for word in safe_line(cell, 1000).split()}
    for word in words:
        if word.isascii() and cell_len(word) + 2 <= room:  # a row of its own is indented by two
            assert word in shown


def in_order(characters: str, text: str) -> bool:
    rest = iter(text)
    return all(character in rest for character in characters)


@pytest.mark.parametrize(
    ("ids", "among", "short"),
    [
        (["01A"], [], ["01A"]),
        (["01M8JET8ABCDEF", "01M8JET8ABXXXX"], [], ["01M8JET8ABC", "01M8JET8ABX"]),
        (["01M8JET8ABCDEF"], ["01M8JET8ABCDXX"], ["01M8JET8ABCDE"]),
        (["01M8JET8ABCDEF"], ["01M8JET8ABCDEF", "01N"], ["01M8JET8AB"]),
        (["01M8JET8AB"], ["01M8JET8ABCDEF"], ["01M8JET8AB"]),
        ([], [], []),
    ],
)
def test_an_id_is_as_short_as_it_is_unique(ids: list[str], among: list[str], short: list[str]) -> None:
    assert short_ids(ids, among) == short


@given(st.lists(st.text("01AB", min_size=1, max_size=14), unique=True, max_size=12))
def test_the_beginning_of_an_id_is_that_of_no_other(ids: list[str]) -> None:
    for id_, short in zip(ids, short_ids(ids, ids, least=2), strict=True):
        others = [other for other in ids if other != id_ and other.startswith(short)]
        assert others == [] or short == id_


def test_a_sentence_on_stdout_fits_a_terminal_and_is_whole_in_a_pipe() -> None:
    assert fitted(on_terminal(10), "one two three", indent=2) == "one two\n  three\n"
    assert fitted(on_terminal(10), "one two three", most_lines=1) == "one two…\n"
    assert fitted(Terminal.fake(), "one two three", most_lines=1) == "one two three\n"
