"""The loop of a chat: an entry, what it leads to, and again; on a terminal from keys, on a pipe from lines.

Knows when a failure ends the program and when it only ends a turn. Refuses to know keys (`line_editor`), the
commands' meaning (`slash_commands`) and what a turn sends (`chat_session`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Protocol

from stackspot_cli.commands.chat.entries import Entry, Gathering, Interrupted, entries
from stackspot_cli.commands.chat.session import (
    Action,
    Copy,
    Edit,
    Leave,
    Nothing,
    Save,
    Say,
    Send,
    Session,
    Status,
)
from stackspot_cli.commands.chat.slash_commands import ID_SHOWN, handle
from stackspot_cli.errors import LocalError, StackSpotError, UsageError
from stackspot_cli.terminal.input_reader import INPUT_BYTES, decode
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from stackspot_cli.app import App
    from stackspot_cli.terminal.streams import Terminal


class Reader(Protocol):
    """Where entries come from; None at the end."""

    def read(self) -> Entry | Interrupted | None: ...


# --- from a pipe -----------------------------------------------------------------------------------


def follow_lines(session: Session) -> None:
    """Each line of stdin a turn. Raises the first failure: a script wants to know, and later turns lean on it."""
    for entry in entries(lines_of(session.app.terminal)):
        action = handle(session, entry)
        if isinstance(action, Leave):
            return
        perform(session, action, session.ask)
        session.app.terminal.flush()


def lines_of(terminal: Terminal) -> Iterator[str]:
    """stdin's lines as they come, without their ends. UsageError where one is too large or no text."""
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
        yield decode(data, _("line {number} of stdin").format(number=number)).rstrip("\r\n")


# --- with a person ---------------------------------------------------------------------------------


class PlainReader:
    """For a terminal that cannot move its cursor: prompts on stderr, lines as the terminal gives them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lines = lines_of(terminal)

    def read(self) -> Entry | Interrupted | None:
        gathering = Gathering()
        try:
            while True:
                self._terminal.write_stderr(". " if gathering else "> ")
                line = next(self._lines, None)
                if line is None:
                    self._terminal.write_stderr("\n")
                    return gathering.entry() if gathering else None
                if gathering.add(line):
                    return gathering.entry()
        except KeyboardInterrupt:
            self._lines = lines_of(self._terminal)  # the interrupted iterator has ended
            self._terminal.write_stderr("\n")
            return Interrupted(bool(gathering))


def converse(session: Session, reader: Reader, lend: Callable[[], AbstractContextManager[None]]) -> None:
    """Until the person leaves. A failed turn or a wrong command is told, and the prompt comes back.

    lend: a context in which another program may have the terminal.
    """
    terminal = session.app.terminal
    ask = partial(turn, session)
    while True:
        terminal.resume()
        terminal.flush()
        try:
            match reader.read():
                case None:
                    return
                case Interrupted(had_text):
                    if not had_text:
                        terminal.say(_("Ctrl-D or /exit leaves the chat"))
                case Entry() as entry:
                    action = handle(session, entry)
                    if isinstance(action, Leave):
                        return
                    perform(session, action, ask, lend)
        except KeyboardInterrupt:
            terminal.note(_("stopped"))
        except _TurnLost as lost:
            raise lost.error from lost
        except StackSpotError as error:
            terminal.error(error)


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
        used=f"{about}{status.used:,}",
        left=f"{about}{status.left:,}",
    )


# --- what is done outside the session --------------------------------------------------------------


def perform(
    session: Session,
    action: Action,
    ask: Callable[[str], None],
    lend: Callable[[], AbstractContextManager[None]] | None = None,
) -> None:
    """Does what an entry led to. Raises what broke it. ask: one turn."""
    app = session.app
    match action:
        case Send(text):
            ask(text)
        case Say(text, answer):
            app.terminal.say(text)
            session.show_again(answer)
        case Edit():
            if lend is None:
                raise UsageError(_("/edit needs a terminal"), _("write the message itself"))
            with lend():
                text = _edited(app, action.text)
            _send_edited(session, action, text, ask)
        case Copy(text, what):
            _copy(app, text, what)
        case Save(path):
            _save(session, path)
        case Leave() | Nothing():
            pass


def _edited(app: App, text: str) -> str:
    from stackspot_cli.terminal.editor import edit

    return edit(text, app.environ).rstrip()


def _send_edited(session: Session, action: Edit, text: str, ask: Callable[[str], None]) -> None:
    if not text.strip() or text == action.text.rstrip():
        why = _("the text is as it was") if text.strip() else _("the text is empty")
        session.app.terminal.say(_("{why}, and nothing was sent").format(why=why))
        return
    message = session.compose(text)
    if action.replaces_last:
        session.take_back()
    first, *rest = text.split("\n")
    session.app.terminal.say("\n".join(["> " + first, *(". " + line for line in rest)]))
    ask(message)


def _copy(app: App, text: str, what: str) -> None:
    from stackspot_cli.commands.chat.clipboard import copy
    from stackspot_cli.safe_text import pipe_text

    ways = copy(pipe_text(text), app.terminal, app.environ)  # what is pasted gives no orders either
    app.terminal.say(_("copied {what}: {ways}").format(what=what, ways=", ".join(ways)))


def _save(session: Session, name: str) -> None:
    from pathlib import Path

    from stackspot_cli.history.export import export, json_document
    from stackspot_cli.output.file import WholeFile
    from stackspot_cli.safe_text import safe_line

    conversation = session.conversation
    if not conversation.turns:
        raise UsageError(_("there is nothing to save yet"), _("ask something first"))
    path = Path(name)
    if path.is_file():
        raise UsageError(
            _("{path} exists already, and nothing was saved").format(path=safe_line(name)),
            _("choose another name"),
        )
    as_json = path.suffix.lower() == ".json"
    with WholeFile(path, session.app.terminal.note) as file:
        for text in [json_document(conversation)] if as_json else export([conversation], "md"):
            file.write(text)
    session.app.terminal.say(_("saved {path}").format(path=safe_line(name)))
