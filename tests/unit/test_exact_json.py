"""JSON as it is printed for scripts."""

from __future__ import annotations

import json

import pytest

from stackspot_cli.exact_json import dumps

NASTY = "é \x1b[31m \x7f \x9b \u202e \u2028 \n"


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_value_is_exact_whatever_is_in_it(ascii_only: bool, indent: int | None) -> None:
    value = {"text": NASTY, "list": [1, 2.5, None, True]}
    assert json.loads(dumps(value, ascii_only=ascii_only, indent=indent)) == value


def test_nothing_in_it_is_obeyed_by_a_terminal() -> None:
    assert dumps(NASTY).isprintable()
    assert dumps(NASTY) == r'"é \u001b[31m \u007f \u009b \u202e \u2028 \n"'


def test_a_stream_that_cannot_carry_all_gets_ascii() -> None:
    assert dumps("é", ascii_only=True) == r'"\u00e9"'
    assert dumps("é") == '"é"'


def test_it_is_one_line_unless_it_is_indented() -> None:
    assert dumps({"a": [1]}) == '{"a": [1]}'
    assert dumps({"a": [1]}, indent=2) == '{\n  "a": [\n    1\n  ]\n}'


@pytest.mark.parametrize("marker", ["##vso[task.complete]", "##[group]", "x ##TeamCity[y]"])
def test_no_value_can_command_a_build_log_and_each_stays_exact(marker: str) -> None:
    text = dumps({"a": marker, "b": "## Heading"})
    assert "##vso[" not in text.lower()
    assert "##[" not in text
    assert "##teamcity[" not in text.lower()
    assert json.loads(text) == {"a": marker, "b": "## Heading"}
    assert "## Heading" in text
