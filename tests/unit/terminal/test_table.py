"""Aligned columns, for people and for `awk`."""

from stackspot_cli.terminal.table import aligned


def test_columns_are_aligned_by_cells_and_safe() -> None:
    assert aligned([("A", "B"), ("日本", ""), ("é\x1b", "x\ny")]) == "A     B\n日本  -\né␛    x y\n"


def test_a_long_cell_is_cut() -> None:
    assert aligned([("x" * 10, "y")], longest_cell=4) == "xxxx…  y\n"
