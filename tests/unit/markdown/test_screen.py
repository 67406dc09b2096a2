"""What is written so that lines stand, change and go; and what a window does to them that changes itself."""

from __future__ import annotations

import pytest
from emulator import HABITS, TMUX, XTERM, Habits, Terminal
from hypothesis import given, settings
from hypothesis import strategies as st

from stackspot_cli.markdown.screen import Screen, cells, height

FAMILY, FLAG = "👨\u200d👩\u200d👧\u200d👦", "🇧🇷"


class Window:
    """A screen on a terminal, below what a shell has left there."""

    def __init__(
        self, columns: int = 20, rows: int = 6, *, habits: Habits = TMUX, joins: bool = False
    ) -> None:
        self.columns, self.rows = columns, rows
        self.screen = Screen()
        self.terminal = Terminal(columns, rows, habits=habits, joins=joins)
        self.terminal.write("$ one\n$ two\n")

    def frame(self, finished: list[str], live: list[str]) -> str:
        text = self.screen.frame(finished, live, self.columns, self.rows)
        self.terminal.write(text)
        return text

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.terminal.resize(columns, rows)

    @property
    def lines(self) -> list[str]:
        shell, lines = self.terminal.lines[:2], self.terminal.lines[2:]
        assert shell == ["$ one", "$ two"]
        return lines


def test_finished_lines_stand_and_the_cursor_is_below_them() -> None:
    window = Window()
    assert window.frame(["a", "b"], []) == "a\nb\n"
    assert window.terminal.cursor == (0, 4)


def test_what_is_only_longer_is_completed() -> None:
    window = Window()
    assert [window.frame([], ["a"]), window.frame([], ["ab", "c"]), window.frame(["ab", "c"], [])] == [
        "a",
        "b\nc",
        "\n",
    ]
    assert window.lines == ["ab", "c"]


def test_only_lines_that_differ_are_drawn_again() -> None:
    window = Window()
    window.frame([], ["a", "b", "c"])
    assert window.frame([], ["a", "B", "c", "d"]) == "\x1b[2K\x1b[A\x1b[2K\rB\nc\nd"
    assert window.frame([], ["a", "B"]) == "\x1b[2K\x1b[A\x1b[2K\x1b[A\x1b[2K\rB"
    window.frame(["A"], [])
    assert window.lines == ["A"]


def test_a_block_that_is_taller_than_the_window_is_shown_by_its_end_until_it_is_finished() -> None:
    window = Window(rows=4)
    lines = [f"line {n}" for n in range(9)]
    window.frame([], lines)
    assert window.lines == ["line 6", "line 7", "line 8"]
    window.frame(lines, ["next"])
    assert window.lines == [*lines, "next"]


def test_a_line_that_is_wider_than_the_window_is_wiped_from_all_its_rows() -> None:
    window = Window()
    window.frame([], ["x" * 50])
    window.frame([], ["y"])
    assert window.lines == ["y"]


@pytest.mark.parametrize("joins", [True, False])
def test_what_terminals_may_join_is_wiped_as_well(joins: bool) -> None:
    window = Window(joins=joins)
    window.frame([], [f"a {FAMILY}", f"{FLAG} b"])
    window.frame([], ["c"])
    assert window.lines == ["c"]


def test_a_line_whose_rows_depend_on_joining_is_drawn_when_it_is_finished() -> None:
    window = Window()
    window.frame([], ["a", f"{FAMILY * 3}", "b"])
    assert window.lines == ["a"]
    window.frame(["a", f"{FAMILY * 3}", "b"], [])
    assert window.lines[0] == "a"
    assert window.lines[-1] == "b"


def test_after_somebody_else_has_written_nothing_is_wiped() -> None:
    window = Window()
    window.frame([], ["a", "b"])
    window.terminal.write(window.screen.leave() + "$ fg\n")
    window.frame(["a", "B"], [])
    assert window.lines == ["a", "b", "$ fg", "a", "B"]


def test_who_leaves_a_fresh_line_leaves_it_as_it_is() -> None:
    window = Window()
    assert window.screen.leave() == ""
    window.frame(["a"], [])
    assert window.screen.leave() == ""


# --- windows that change --------------------------------------------------------------------------------


@pytest.mark.parametrize("habits", HABITS)
@pytest.mark.parametrize("size", [(20, 3), (20, 12), (14, 6), (40, 6), (40, 12), (14, 3)])
def test_lines_that_fit_are_drawn_again_in_any_window(habits: Habits, size: tuple[int, int]) -> None:
    window = Window(habits=habits)
    window.frame([], ["first", "second"])
    window.resize(*size)
    window.frame([], ["FIRST", "second"])
    window.frame(["FIRST", "SECOND"], [])
    assert window.lines == ["FIRST", "SECOND"]


def test_what_has_left_the_window_stays_and_is_not_repeated() -> None:
    window = Window(rows=8)
    lines = [f"line {n}" for n in range(6)]
    window.frame([], lines)
    window.resize(20, 3)
    window.frame([], [*lines, "more"])
    window.resize(20, 8)
    window.frame([*lines, "more", "end"], [])
    assert window.lines == [*lines, "more", "end"]


@pytest.mark.parametrize("habits", HABITS)
def test_lines_that_may_have_been_wrapped_anew_stay_and_the_last_is_completed(habits: Habits) -> None:
    window = Window(columns=40, habits=habits)
    lines = ["a line that is long", "another that is long"]
    window.frame([], lines)
    window.resize(12, 8)
    window.frame([], [lines[0], lines[1] + " enough"])
    window.frame([lines[0], lines[1] + " enough", "end"], [])
    if habits.wraps:
        assert "".join(window.lines).replace(" ", "") == "".join([*lines, "enough", "end"]).replace(" ", "")
    assert window.lines[-1] == "end"


def test_what_has_changed_since_is_drawn_anew_below() -> None:
    window = Window(columns=40)
    window.frame([], ["a line that is long", "another that is long", "b"])
    window.resize(12, 8)
    window.frame(["a line that is long", "a title", "b"], [])
    assert window.lines == ["a line that", "is long", "another that", " is long", "a title", "b"]


LINES = st.lists(st.integers(1, 90).map(lambda n: "word " * (n // 5) + "x" * (n % 5 + 1)), max_size=14)
SIZES = st.tuples(st.sampled_from([10, 20, 21, 40, 80]), st.sampled_from([2, 3, 5, 8, 24]))
STEPS = st.lists(st.tuples(LINES, st.none() | SIZES), min_size=1, max_size=8)


@settings(max_examples=100)
@given(SIZES, STEPS, st.sampled_from(HABITS), st.integers(0, 30))
def test_no_change_of_the_window_costs_a_line_that_somebody_else_wrote(size, steps, habits, before) -> None:
    window = Window(*size, habits=habits)
    others = [f"$ ls {n}" for n in range(before)]
    window.terminal.write("".join(f"{line}\n" for line in others))
    for live, wanted in steps:
        window.frame([], live)
        if wanted:
            window.resize(*wanted)
    last = steps[-1][0]
    window.frame(last, [])
    assert window.lines[: len(others)] == others
    if habits.wraps:
        mine, place = "".join(window.lines[len(others) :]).replace(" ", ""), 0
        for line in (line.replace(" ", "") for line in last):
            place = mine.index(line, place) + len(line)


# --- cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "most"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), (FAMILY, 8), (FLAG, 4), ("⚠\ufe0f", 2), ("👍🏽", 4)],
)
def test_the_most_cells_that_a_terminal_takes(text: str, most: int) -> None:
    assert cells(text) == most


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("", 1),
        ("x" * 10, 1),
        ("x" * 11, 2),
        ("\x1b[31m" + "x" * 10 + "\x1b[0m", 1),
        ("a" * 9 + "漢", 2),
        ("a\tb", 1),
    ],
)
def test_the_rows_of_a_line(line: str, rows: int) -> None:
    assert height(line, 10) == rows
    terminal = Terminal(10, 5)
    terminal.write(line)
    assert terminal.cursor[1] == rows - 1


def test_xterm_and_tmux_differ() -> None:
    for habits, rows in [(TMUX, 2), (XTERM, 1)]:
        window = Window(habits=habits)
        window.terminal.write("x" * 15)
        window.resize(10, 6)
        assert len(window.lines) == rows
