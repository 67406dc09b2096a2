"""What is done outside the session: the editor, the clipboard, a file."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackspot_cli.app import App
from stackspot_cli.commands.chat.actions import Action, Copy, Edit, Leave, Nothing, Save, Say, Send, perform
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.terminal.streams import Terminal


def done(session: Session, action: Action, *, can_edit: bool = True) -> list[str]:
    """The turns that it led to."""
    asked: list[str] = []
    perform(session, action, asked.append, contextlib.nullcontext if can_edit else None)
    return asked


def edited_by(session: Session, script: str) -> Session:
    """The editor is a shell script; `$1` is the file."""
    path = Path("editor")
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    environ = {**session.app.environ, "EDITOR": str(path.absolute()), "PATH": os.environ["PATH"]}
    session.app = App(environ, session.app.terminal)
    return session


def test_a_message_is_a_turn_and_nothing_is_nothing(session: Session) -> None:
    assert [done(session, one) for one in (Send("hi"), Nothing(), Leave())] == [["hi"], [], []]
    assert (session.app.terminal.out, session.app.terminal.err) == ("", "")


def test_what_is_said_stands_on_stderr_with_the_answer_of_before(session: Session) -> None:
    assert done(session, Say("a new \x1b conversation", "Hi")) == []
    assert session.app.terminal.err == "a new ␛ conversation\nHi\n"


def test_an_answer_of_before_that_did_not_come_whole_says_so(session: Session) -> None:
    *before, last = session.conversation.turns
    session.conversation = replace(
        session.conversation, turns=(*before, replace(last, answer="Half an", state="interrupted"))
    )
    session.show_again(session.last_answer)
    assert session.app.terminal.err == "Half an\n[interrupted here]\n"


def test_an_edited_message_is_shown_and_sent_in_the_last_ones_place(session: Session) -> None:
    edited_by(session, r'printf "one\r\ntwo\n" > "$1"')
    assert done(session, Edit("Write it", replaces_last=True)) == ["one\ntwo"]
    assert session.app.terminal.err == "> one\n. two\n"
    assert [turn.prompt for turn in session.conversation.turns] == ["Say hi"]


@pytest.mark.parametrize(
    ("script", "why"),
    [(":", "the text is as it was"), ('printf "" > "$1"', "the text is empty")],
)
def test_what_nobody_edited_is_not_sent(session: Session, script: str, why: str) -> None:
    edited_by(session, script)
    assert done(session, Edit("Write it", replaces_last=True)) == []
    assert session.app.terminal.err == f"{why}, and nothing was sent\n"
    assert len(session.conversation.turns) == 2


def test_the_editor_has_the_terminal_only_while_it_runs(session: Session) -> None:
    events: list[str] = []

    @contextlib.contextmanager
    def lend() -> Iterator[None]:
        events.append("lent")
        yield
        events.append("back")

    edited_by(session, 'printf more >> "$1"')
    perform(session, Edit("some ", replaces_last=False), events.append, lend)
    assert events == ["lent", "back", "some more"]


def test_without_a_terminal_nothing_is_edited(session: Session) -> None:
    with pytest.raises(UsageError, match="/edit needs a terminal"):
        done(session, Edit("x", replaces_last=False), can_edit=False)


def test_what_is_copied_gives_no_orders_and_the_ways_are_named(session: Session) -> None:
    session.app.terminal = Terminal.fake(stdout_is_terminal=True)
    done(session, Copy("a\x1b[2Jb", "the answer"))
    assert session.app.terminal.err == "asked the terminal (OSC 52) to copy the answer\n"
    assert session.app.terminal.out.startswith("\x1b]52;c;")


def test_without_a_clipboard_the_way_out_is_a_file(session: Session) -> None:
    with pytest.raises(LocalError, match="there is no clipboard within reach"):
        done(session, Copy("x", "the answer"))


def test_what_is_saved_is_what_export_writes(session: Session, tmp_path: Path) -> None:
    for name in ("talk.md", "talk.json"):
        done(session, Save(name))
    assert (tmp_path / "talk.md").read_text().startswith("# Say hi\n")
    saved = json.loads((tmp_path / "talk.json").read_text())
    assert [turn["prompt"] for turn in saved["turns"]] == ["Say hi", "Write it"]
    assert session.app.terminal.err == "saved talk.md\nsaved talk.json\n"


def test_a_file_that_is_there_is_not_overwritten(session: Session, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text("mine")
    with pytest.raises(UsageError, match=r"talk\.md exists already"):
        done(session, Save("talk.md"))
    assert (tmp_path / "talk.md").read_text() == "mine"
