"""What counts as one thing said: lines, trailing backslashes, blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.commands.chat.entries import Entry, block_is_open, entries, entry_of, goes_on


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        (["one", "two"], [Entry("one"), Entry("two")]),
        (["one", "", "two"], [Entry("one"), Entry(""), Entry("two")]),
        (["one\\", "two\\", "three", "four"], [Entry("one\ntwo\nthree"), Entry("four")]),
        (["C:\\dir\\\\", "next"], [Entry("C:\\dir\\\\"), Entry("next")]),
        (["one\\"], [Entry("one\\")]),
        (['"""', "/help", "", "two\\", '"""', "after"], [Entry("/help\n\ntwo\\", True), Entry("after")]),
        (['  """ ', "in", '""" '], [Entry("in", True)]),
        (['"""', '"""'], [Entry("", True)]),
        (['"""', "never closed"], [Entry("never closed", True)]),
        (['"""quoted"""', "next"], [Entry('"""quoted"""'), Entry("next")]),
        (["one\\", '"""', "two"], [Entry('one\n"""'), Entry("two")]),
    ],
)
def test_lines_become_entries(lines: list[str], expected: list[Entry]) -> None:
    assert list(entries(lines)) == expected


@given(st.lists(st.sampled_from(["a", "", "b\\", "\\\\", '"""', "/x", ' """'])))
def test_no_line_is_lost(lines: list[str]) -> None:
    said = "\n".join(entry.text for entry in entries(lines))
    for letter in "ab/x":
        assert said.count(letter) == "\n".join(lines).count(letter)


def test_an_entry_comes_as_soon_as_it_is_complete() -> None:
    arrived: list[str] = []

    def lines():  # type: ignore[no-untyped-def]
        for line in ("one", "two\\", "three"):
            arrived.append(line)
            yield line

    stream = entries(lines())
    assert next(stream) == Entry("one")
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
    [("a\nb", Entry("a\nb")), ('"""\n/a\n"""', Entry("/a", True)), ('"""\n/a', Entry("/a", True))],
)
def test_what_an_editor_gives_is_read_alike(text: str, expected: Entry) -> None:
    assert entry_of(text) == expected
