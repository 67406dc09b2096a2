"""The loop of a chat: when a failure ends it, and when only its turn."""

from __future__ import annotations

import contextlib
import io

import pytest

from stackspot_cli.commands.chat.inputs import Input, Interrupted
from stackspot_cli.commands.chat.loop import PlainReader, converse, follow_lines, lines_of
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.errors import StackSpotError, UsageError
from stackspot_cli.terminal.streams import Terminal


class Scripted:
    """A person with prepared inputs, who then leaves."""

    def __init__(self, *inputs: Input | Interrupted | BaseException) -> None:
        self.inputs = list(inputs)

    def read(self) -> Input | Interrupted | None:
        given = self.inputs.pop(0) if self.inputs else None
        if isinstance(given, BaseException):
            raise given
        return given


def said(session: Session, *inputs: Input | Interrupted | BaseException) -> str:
    """What stands on stderr at the end."""
    converse(session, Scripted(*inputs), contextlib.nullcontext)
    return session.app.terminal.err


def test_a_wrong_command_is_told_and_the_prompt_comes_back(session: Session) -> None:
    err = said(session, Input("/nonsense"), Input("/new"))
    assert err.splitlines()[0] == "error: there is no command /nonsense, and nothing was sent"
    assert err.endswith("a new conversation\n")


def test_leaving_ends_it_whatever_would_come(session: Session) -> None:
    person = Scripted(Input("/exit"), Input("/new"))
    converse(session, person, contextlib.nullcontext)
    assert person.inputs == [Input("/new")]


def test_ctrl_c_at_an_empty_prompt_says_how_to_leave_and_at_a_line_nothing(session: Session) -> None:
    assert said(session, Interrupted(had_text=True)) == ""
    assert said(session, Interrupted(had_text=False)) == "Ctrl-D or /exit leaves the chat\n"


def test_ctrl_c_while_something_is_done_ends_that_alone(session: Session) -> None:
    assert said(session, KeyboardInterrupt(), Input("/new")) == "note: stopped\na new conversation\n"


def test_a_turn_that_cannot_be_had_is_told_and_may_be_sent_again(session: Session) -> None:
    err = said(session, Input("hello"))  # there are no credentials in this world
    assert err.splitlines()[0].startswith("error: ")
    assert err.endswith("note: /retry sends the message again\n")


def test_from_a_pipe_the_first_failure_ends_it(session: Session) -> None:
    session.app.terminal = Terminal.fake(b"/new\n/nonsense\n/new\n")
    with pytest.raises(UsageError, match="/nonsense"):
        follow_lines(session, commands=True)
    assert session.app.terminal.err == "a new conversation\n"


def test_from_a_pipe_exit_ends_it(session: Session) -> None:
    session.app.terminal = Terminal.fake(b"/exit\n/nonsense\n")
    follow_lines(session, commands=True)


def test_lines_come_without_their_ends_and_must_be_text() -> None:
    assert list(lines_of(Terminal.fake("a\r\n\nolá".encode()))) == ["a", "", "olá"]
    with pytest.raises(UsageError, match="line 2 of stdin is not UTF-8"):
        list(lines_of(Terminal.fake(b"a\nb\xff\n")))


def test_a_line_of_many_megabytes_is_refused() -> None:
    terminal = Terminal.fake(b"x" * (8 * 1024 * 1024 + 1))
    with pytest.raises(UsageError, match="line 1 of stdin is larger than"):
        next(lines_of(terminal))


def test_a_plain_terminal_shows_a_prompt_and_another_for_lines_that_go_on() -> None:
    terminal = Terminal.fake(b"one\\\ntwo\nthree\n", stdin_kind="terminal")
    reader = PlainReader(terminal)
    assert [reader.read(), reader.read(), reader.read()] == [Input("one\ntwo"), Input("three"), None]
    assert terminal.err == "> . > > \n"


def test_ctrl_c_at_a_plain_prompt_throws_the_line_away() -> None:
    class Impatient(io.BytesIO):
        interrupts = 1

        def readline(self, size: int | None = -1) -> bytes:
            line = super().readline(size)
            if line == b"two\n" and self.interrupts:
                self.interrupts = 0
                raise KeyboardInterrupt
            return line

    terminal = Terminal.fake(stdin_kind="terminal")
    terminal.stdin = Impatient(b"one\\\ntwo\nthree\n")
    reader = PlainReader(terminal)
    assert [reader.read(), reader.read()] == [Interrupted(had_text=True), Input("three")]


@pytest.mark.parametrize("line", ["/file ~/id_rsa", "  /save x", "/nonsense", "/"])
def test_what_is_piped_in_commands_nothing_unless_it_may(line: str, session: Session) -> None:
    session.app.terminal = Terminal.fake(f"{line}\n".encode())
    with pytest.raises(UsageError, match="nothing was sent") as refused:
        follow_lines(session, commands=False)
    assert refused.value.exit_code == 2
    assert "--commands" in (refused.value.hint or "")


def test_in_a_block_a_slash_is_a_slash(session: Session) -> None:
    session.app.terminal = Terminal.fake(b'"""\n/file x\n"""\n')
    with pytest.raises(
        StackSpotError, match="client"
    ):  # it would be sent: there are no credentials in this world
        follow_lines(session, commands=False)
