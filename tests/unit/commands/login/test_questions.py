"""What a person is asked, and what comes on stdin in their place."""

from __future__ import annotations

import pytest

from stackspot_cli.commands.login.questions import KEY_BYTES, Person, answer, hear, key_from_stdin
from stackspot_cli.errors import UsageError
from stackspot_cli.terminal.streams import Terminal


def test_a_question_stands_on_stderr_and_its_answer_comes_from_stdin() -> None:
    terminal = Terminal.fake("olá\n".encode(), stdin_kind="terminal")
    assert Person(terminal).ask("client\x1b id: ") == "olá\n"
    assert (terminal.out, terminal.err) == ("", "client␛ id: ")


def test_the_end_of_stdin_is_no_answer() -> None:
    terminal = Terminal.fake(stdin_kind="terminal")
    with pytest.raises(EOFError):
        Person(terminal).ask("client id:")
    assert terminal.err == "client id: \n"


@pytest.mark.parametrize(
    ("typed", "default", "shown", "answered"),
    [
        (b" acme \n", "", "realm: ", "acme"),
        (b"\n", "acme", "realm [acme]: ", "acme"),
        (b"other\n", "acme", "realm [acme]: ", "other"),
        (b"\n", "", "realm: ", ""),
    ],
)
def test_enter_alone_takes_the_default(typed: bytes, default: str, shown: str, answered: str) -> None:
    terminal = Terminal.fake(typed, stdin_kind="terminal")
    assert answer(Person(terminal), "realm", default) == answered
    assert terminal.err == shown


def test_where_nothing_is_typed_the_options_are_named() -> None:
    def silent() -> str:
        raise EOFError

    with pytest.raises(UsageError, match="nothing was typed") as refused:
        hear(silent)
    assert "--key-stdin" in refused.value.hint


@pytest.mark.parametrize(
    ("stdin", "key"), [(b"", ""), (b"k\n", "k\n"), (b"\xef\xbb\xbfk", "k"), (b"k\xff", "\x00")]
)
def test_a_key_from_stdin_is_text_or_surely_no_key(stdin: bytes, key: str) -> None:
    assert key_from_stdin(Terminal.fake(stdin)) == key


def test_a_file_that_was_given_by_mistake_is_not_read_whole() -> None:
    terminal = Terminal.fake(b"k" * (KEY_BYTES + 100))
    with pytest.raises(UsageError, match="stdin holds more than a client key"):
        key_from_stdin(terminal)
    assert terminal.stdin is not None and len(terminal.stdin.read()) == 99
