"""Sentences that fit a terminal, and commands in them that can still be pasted."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stackspot_cli.errors import StackSpotError
from stackspot_cli.safe_text import safe_text
from stackspot_cli.terminal.sentences import fitting
from stackspot_cli.terminal.streams import Terminal

posix = pytest.mark.skipif(os.name == "nt", reason="another shell, another way to go on in the next line")


def test_what_fits_stays_as_it_is() -> None:
    assert fitting("error: one  two\nthree", 15) == "error: one  two\nthree"


def test_of_several_lines_only_those_are_broken_that_are_too_long() -> None:
    assert fitting("a table  of one line\nerror: the client\n  b", 18) == (
        "a table  of one\n  line\nerror: the client\n  b"
    )


def test_a_line_is_broken_between_words_and_what_follows_is_indented() -> None:
    assert fitting("error: the client is not known", 16) == "error: the\n  client is not\n  known"


def test_a_command_in_backticks_stays_on_one_line() -> None:
    said = "hint: look with `stackspot status`, please"
    assert fitting(said, 26) == "hint: look with\n  `stackspot status`,\n  please"


def test_a_command_at_the_end_has_a_line_of_its_own_where_it_fits_one() -> None:
    said = "note: it goes on; follow it again: stackspot run --execution 01K4"
    assert fitting(said, 40) == "note: it goes on; follow it again:\n  stackspot run --execution 01K4"


@posix
def test_a_longer_command_goes_on_behind_a_backslash() -> None:
    said = "hint: follow it again: stackspot --profile acme run --execution 01K4"
    assert fitting(said, 30) == (
        "hint: follow it again:\n  stackspot --profile acme \\\n  run --execution 01K4"
    )


def test_prose_that_names_two_commands_is_prose() -> None:
    said = "hint: stackspot run SLUG [INPUT], or stackspot run --execution ID"
    assert fitting(said, 40) == "hint: stackspot run SLUG [INPUT], or\n  stackspot run --execution ID"


WORDS = st.text(max_size=30) | st.sampled_from(
    ["`stackspot status`", ": stackspot chat -c 01K4", "https://genai-code-buddy-api.stackspot.com"]
)


@given(st.lists(WORDS, max_size=12).map(" ".join), st.integers(4, 90))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(text: str, columns: int) -> None:
    text = safe_text(text)
    shown = fitting(text, columns)
    assert all(cell_len(line) <= columns for line in shown.split("\n"))
    assert "".join(shown.replace("\\", "").split()) == "".join(text.replace("\\", "").split())


def test_errors_and_notes_are_said_so_and_other_words_as_they_are() -> None:
    terminal = Terminal.fake(stderr_is_terminal=True, size=(16, 24))
    terminal.error(StackSpotError("the client is not known", "ask somebody who knows"))
    terminal.note("nothing is kept here")
    terminal.say("  an answer, as it came")
    assert terminal.err == (
        "error: the\n  client is not\n  known\nhint: ask\n  somebody who\n  knows\n"
        "note: nothing\n  is kept here\n  an answer, as it came\n"
    )


def test_in_a_pipe_they_are_one_line() -> None:
    terminal = Terminal.fake(size=(16, 24))
    terminal.error(StackSpotError("the client is not known", "ask somebody who knows"))
    assert terminal.err == "error: the client is not known\nhint: ask somebody who knows\n"
