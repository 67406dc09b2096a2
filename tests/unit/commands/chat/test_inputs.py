"""What counts as one thing said: lines, trailing backslashes, blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.commands.chat.inputs import Input, block_is_open, goes_on, input_of, inputs


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        (["one", "two"], [Input("one"), Input("two")]),
        (["one", "", "two"], [Input("one"), Input(""), Input("two")]),
        (["one\\", "two\\", "three", "four"], [Input("one\ntwo\nthree"), Input("four")]),
        (["C:\\dir\\\\", "next"], [Input("C:\\dir\\\\"), Input("next")]),
        (["one\\"], [Input("one\\")]),
        (['"""', "/help", "", "two\\", '"""', "after"], [Input("/help\n\ntwo\\", True), Input("after")]),
        (['  """ ', "in", '""" '], [Input("in", True)]),
        (['"""', '"""'], [Input("", True)]),
        (['"""', "never closed"], [Input("never closed", True)]),
        (['"""quoted"""', "next"], [Input('"""quoted"""'), Input("next")]),
        (["one\\", '"""', "two"], [Input('one\n"""'), Input("two")]),
    ],
)
def test_lines_become_inputs(lines: list[str], expected: list[Input]) -> None:
    assert list(inputs(lines)) == expected


@given(st.lists(st.sampled_from(["a", "", "b\\", "\\\\", '"""', "/x", ' """'])))
def test_no_line_is_lost(lines: list[str]) -> None:
    said = "\n".join(said.text for said in inputs(lines))
    for letter in "ab/x":
        assert said.count(letter) == "\n".join(lines).count(letter)


def test_an_entry_comes_as_soon_as_it_is_complete() -> None:
    arrived: list[str] = []

    def lines():  # type: ignore[no-untyped-def]
        for line in ("one", "two\\", "three"):
            arrived.append(line)
            yield line

    stream = inputs(lines())
    assert next(stream) == Input("one")
    assert arrived == ["one"]


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("", False),
        ("a", False),
        ('"""', True),
        ('"""\na', True),
        ('"""\na\n"""', False),
        ('a\n"""', False),
        ('"""\n', True),
    ],
)
def test_a_block_is_open_until_its_fence_comes_again(text: str, is_open: bool) -> None:
    assert block_is_open(text) is is_open


@pytest.mark.parametrize(
    ("line", "expected"), [("", False), ("a\\", True), ("a\\\\", False), ("\\\\\\", True), ("a\\ ", False)]
)
def test_an_odd_backslash_at_the_end_goes_on(line: str, expected: bool) -> None:
    assert goes_on(line) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\nb", Input("a\nb")), ('"""\n/a\n"""', Input("/a", True)), ('"""\n/a', Input("/a", True))],
)
def test_what_an_editor_gives_is_read_alike(text: str, expected: Input) -> None:
    assert input_of(text) == expected
