"""The loop of a chat: an input, what it leads to, and again; on a terminal from keys, on a pipe from lines.

Knows when a failure ends the program and when it only ends a turn. Refuses to know keys (`line_editor`), the
commands' meaning (`slash_commands`) and what a turn sends (`session`).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from stackspot_cli.commands.chat import habits
from stackspot_cli.commands.chat.actions import Leave, Send, perform
from stackspot_cli.commands.chat.effects import ID_SHOWN
from stackspot_cli.commands.chat.inputs import Gathering, Input, Interrupted, inputs
from stackspot_cli.commands.chat.session import Session, Status
from stackspot_cli.commands.chat.slash_commands import handle, is_command
from stackspot_cli.errors import LocalError, StackSpotError, UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.encodings import decode
from stackspot_cli.terminal.file_names import named_in
from stackspot_cli.terminal.input_reader import INPUT_BYTES
from stackspot_cli.translation import _, numeral

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from stackspot_cli.terminal.streams import Terminal


class Reader(Protocol):
    """Where inputs come from; None at the end."""

    def read(self) -> Input | Interrupted | None: ...


# --- from a pipe -----------------------------------------------------------------------------------


def follow_lines(session: Session, *, commands: bool, first: Input | None = None) -> None:
    """Each line of stdin a turn. Raises the first failure: a script wants to know, and later turns lean on it.

    commands: whether a slash begins one. A log of somebody else's that is piped in must not read or write files.
    first: a turn before them.
    """
    lines = inputs(lines_of(session.app.terminal, session.encoding))
    for said in lines if first is None else chain([first], lines):
        if not commands and is_command(said):
            raise UsageError(
                _("{line} would be a command of the chat, and stdin is a pipe: nothing was sent").format(
                    line=safe_line(said.text.strip().split("\n")[0], 60)
                ),
                _("// begins a message that starts with a slash; stackspot chat --commands obeys such lines"),
            )
        action = handle(session, habits.meant(said) if commands else said)
        if isinstance(action, Leave):
            return
        perform(session, action, session.ask)
        session.app.terminal.flush()


def lines_of(terminal: Terminal, encoding: str | None = None) -> Iterator[str]:
    """stdin's lines as they come, without their ends. UsageError where one is too large or no text.

    encoding: one whose line ends are those of ASCII; None is UTF-8.
    """
    source = terminal.stdin
    if source is None:
        return
    number = 0
    while data := source.readline(INPUT_BYTES + 1):
        number += 1
        if len(data) > INPUT_BYTES:
            raise UsageError(
                _("line {number} of stdin is larger than {limit} bytes").format(
                    number=number, limit=INPUT_BYTES
                ),
                _("send less: the part that matters, or add a file with /file"),
            )
        shown = _("line {number} of stdin").format(number=number)
        yield decode(data, shown, encoding or "utf-8").rstrip("\r\n")


# --- with a person ---------------------------------------------------------------------------------


class PlainReader:
    """For a terminal that cannot move its cursor: prompts on stderr, lines as the terminal gives them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lines = lines_of(terminal)

    def read(self) -> Input | Interrupted | None:
        gathering = Gathering()
        try:
            while True:
                self._terminal.write_stderr(". " if gathering else "> ")
                line = next(self._lines, None)
                if line is None:
                    self._terminal.write_stderr("\n")
                    return gathering.taken() if gathering else None
                if gathering.add(line):
                    return gathering.taken()
        except UsageError:  # a line that is no text: the next one may be
            self._lines = lines_of(self._terminal)
            raise
        except KeyboardInterrupt:
            self._lines = lines_of(self._terminal)  # the interrupted iterator has ended
            self._terminal.write_stderr("\n")
            return Interrupted(bool(gathering))


def converse(
    session: Session,
    reader: Reader,
    lend: Callable[[], AbstractContextManager[None]],
    first: Input | None = None,
) -> None:
    """Until the person leaves. A failed turn or a wrong command is told, and the prompt comes back.

    lend: a context in which another program may have the terminal. first: what was said with the command itself.
    """
    terminal = session.app.terminal
    ask = partial(turn, session)
    if first is not None:
        terminal.say(f"> {first.text}")
    while True:
        terminal.resume()
        terminal.flush()
        try:
            given, first = first or reader.read(), None
            match given:
                case None:
                    return
                case Interrupted(had_text):
                    if not had_text:
                        terminal.tell(_("Ctrl-D or /exit leaves the chat"))
                case Input() as said:
                    action = handle(session, habits.meant(said))
                    if isinstance(action, Send):
                        _note_file_names(terminal, said.text)
                    if isinstance(action, Leave):
                        return
                    perform(session, action, ask, lend)
        except KeyboardInterrupt:
            terminal.note(_("stopped"))
        except _TurnLost as lost:
            raise lost.error from lost
        except StackSpotError as error:
            terminal.error(error)


def _note_file_names(terminal: Terminal, text: str) -> None:
    for name in named_in(text):
        shown = safe_line(name)
        terminal.note(
            _("{name} is a file, and its name is sent, not its text: {option} sends that").format(
                name=shown, option=f"/file {shlex.quote(shown)}"
            )
        )


class _TurnLost(Exception):
    """stdout cannot be written, so that no further answer can be delivered."""

    def __init__(self, error: LocalError) -> None:
        super().__init__()
        self.error = error


def turn(session: Session, text: str) -> None:
    """One message and its answer, with a person who watches: what breaks is told."""
    terminal = session.app.terminal
    try:
        session.ask(text)
    except KeyboardInterrupt:
        turns = session.conversation.turns
        kept = bool(turns) and turns[-1].state == "interrupted" and bool(turns[-1].answer)
        terminal.note(_("stopped; what came is kept") if kept else _("stopped"))
    except StackSpotError as error:
        if isinstance(error, LocalError) and not terminal.stdout_is_terminal:
            raise _TurnLost(error) from error
        terminal.error(error)
        if not isinstance(error, UsageError):  # the same message would be refused again
            terminal.note(_("/retry sends the message again"))
    finally:
        if terminal.stdout_is_terminal:
            terminal.write("\n")


def bottom_line(status: Status) -> str:
    """Model, conversation, tokens used and left; ~ marks an estimate."""
    about = "" if status.counted else "~"
    return _("{model} · {conversation} · tokens: {used} used, {left} left").format(
        model=status.model,
        conversation=status.conversation_id[:ID_SHOWN],
        used=about + numeral(f"{status.used:,}"),
        left=about + numeral(f"{status.left:,}"),
    )
