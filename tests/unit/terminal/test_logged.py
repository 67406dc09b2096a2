"""A terminal for code that has none."""

import logging

import pytest

from stackspot_cli.terminal.logged import logged_terminal


def test_a_note_is_a_warning_of_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    terminal = logged_terminal({})
    with caplog.at_level(logging.WARNING, "stackspot_cli"):
        terminal.note("the key is written out")
        terminal.note("")
    assert [record.message for record in caplog.records] == ["the key is written out", "note:"]


def test_nobody_is_there_to_be_shown_anything() -> None:
    terminal = logged_terminal({})
    assert (terminal.stdin, terminal.stdout_is_terminal, terminal.stderr_is_terminal) == (None, False, False)
