"""Aligned columns, for people and for `awk`; times as people read them."""

import time

import pytest

from stackspot_cli.terminal.table import aligned, moment, width


def test_columns_are_aligned_by_cells_and_safe() -> None:
    assert aligned([("A", "B"), ("日本", ""), ("é\x1b", "x\ny")]) == "A     B\n日本  -\né␛    x y\n"


def test_an_empty_cell_may_stay_empty_and_a_line_has_no_blanks_at_its_end() -> None:
    assert aligned([("a", ""), ("", "b")], empty="") == "a\n   b\n"


def test_a_column_may_be_wider_than_what_is_in_it() -> None:
    assert aligned([("a", "b")], least=(3, 0)) == "a    b\n"


@pytest.mark.parametrize(("text", "cells"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("olá", 3)])
def test_a_width_is_in_cells(text: str, cells: int) -> None:
    assert width(text) == cells


def test_a_moment_is_local_time_to_the_minute() -> None:
    assert moment(1_700_000_000.0) == time.strftime("%Y-%m-%d %H:%M", time.localtime(1_700_000_000.0))
