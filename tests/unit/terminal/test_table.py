"""Aligned columns, for people and for `awk`; lines that fit; times as people read them."""

import time

import pytest

from stackspot_cli.terminal.table import aligned, fitting, moment, width


def test_columns_are_aligned_by_cells_and_safe() -> None:
    assert aligned([("A", "B"), ("日本", ""), ("é\x1b", "x\ny")]) == "A     B\n日本  -\né␛    x y\n"


def test_a_long_cell_is_cut() -> None:
    assert aligned([("x" * 10, "y")], longest_cell=4) == "xxxx…  y\n"


def test_an_empty_cell_may_stay_empty_and_a_line_has_no_blanks_at_its_end() -> None:
    assert aligned([("a", ""), ("", "b")], empty="") == "a\n   b\n"


def test_a_table_fits_the_terminal() -> None:
    assert aligned([("ab", "cdef"), ("x", "日本")], columns=6) == "ab  c…\nx   …\n"


@pytest.mark.parametrize(("text", "cells"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("olá", 3)])
def test_a_width_is_in_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("line", "columns", "mark", "cut"),
    [
        ("abcdef", 6, "…", "abcdef"),
        ("abcdef", 5, "…", "abcd…"),
        ("日本語", 5, "…", "日本…"),
        ("日本語", 4, "…", "日…"),
        ("日本語", 5, "", "日本"),
        ("abc", 0, "", ""),
        ("abc", -1, "", ""),
    ],
)
def test_a_line_is_cut_to_so_many_cells(line: str, columns: int, mark: str, cut: str) -> None:
    assert fitting(line, columns, mark) == cut


def test_a_moment_is_local_time_to_the_minute() -> None:
    assert moment(1_700_000_000.0) == time.strftime("%Y-%m-%d %H:%M", time.localtime(1_700_000_000.0))
