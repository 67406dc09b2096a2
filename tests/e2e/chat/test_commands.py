"""Commands in a chat on a real terminal: each of them, the editor, TAB."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from chat_person import CODE, CTRL_C, ENTER, TAB, Chats
from fault_server import END, delta, stream

from stackspot_cli.commands.chat.slash_commands import COMMANDS


def test_every_command_at_the_prompt(chat: Chats, tmp_path: Path) -> None:
    chat.server.api(stream(delta(CODE), END))
    (tmp_path / "notes.txt").write_text("remember\n")
    with chat(env={"NO_COLOR": "1"}) as person:
        person.at_prompt("/help")
        person.sees("/tokens", "Ctrl-D leaves.")
        person.at_prompt("/model")
        person.sees("model: stackspot-ai", "stackspot-ai-chat")
        person.at_prompt("/model stackspot-ai-chat")
        person.sees("model: stackspot-ai-chat", "stackspot-ai-chat · 01")
        person.types("/system Be brief.\r")
        person.sees("instructions: Be brief.")
        person.at_prompt("/temperature 0.3")
        person.sees("temperature: 0.3")
        person.at_prompt("/file notes.txt")
        person.sees("goes with the next message: notes.txt")
        person.at_prompt("one")
        person.sees("print(1)")
        person.at_prompt("/retry")
        person.sees("print(1)")
        person.at_prompt("two")
        person.sees("print(1)")
        person.at_prompt("/undo")
        person.sees("taken back: two")
        person.at_prompt("/copy")
        person.sees(
            b"\x1b]52;c;" + base64.b64encode(CODE.encode()) + b"\x07",
            "asked the terminal (OSC 52) to copy the answer",
        )
        person.at_prompt("/copy code")
        person.sees(b"\x1b]52;c;" + base64.b64encode(b"print(1)\n") + b"\x07", "to copy the code block")
        person.at_prompt("/save talk.md")
        person.sees("saved talk.md")
        person.at_prompt("/tokens")
        person.sees("used: ~", "of 16384 tokens")
        person.at_prompt("/new")
        person.sees("a new conversation")
        person.at_prompt("/history")
        person.sees("  1  one", "/open ID")
        person.at_prompt("/open 01")
        person.sees("turns: 1: one", "> one")
        person.at_prompt("/tokns")
        person.sees("there is no command /tokns", "did you mean /tokens?")
        person.at_prompt("//three")
        person.sees("print(1)")
        person.at_prompt("/exit")
        assert person.screen.end(30.0) == 0
    body = chat.server.api_requests[0].json
    assert (body["model"], body["temperature"]) == ("stackspot-ai-chat", 0.3)
    one = "Be brief.\n\none\n\nnotes.txt\n```txt\nremember\n```"
    assert person.told[:3] == [one, one, "two"]
    assert person.told[3].endswith("=== user ===\n/three")
    assert (tmp_path / "talk.md").read_text().startswith("# one\n")
    assert [turn["prompt"][:5] for turn in chat.kept()] == ["one\n\n", "/thre"]


def test_edit_takes_the_last_message_through_the_editor_and_sends_it_in_its_place(
    chat: Chats, tmp_path: Path
) -> None:
    editor = tmp_path / "my editor"
    editor.write_text(
        '#!/bin/sh\nstat -c %a "$2" > mode\nstty -a > stty\nsed -i "s/$1/two/; \\$a more" "$2"\n'
    )
    editor.chmod(0o755)
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    with chat(env={"EDITOR": f"'{editor}' one", "TMPDIR": str(drafts)}) as person:
        person.at_prompt("message one")
        person.sees("Hello")
        person.at_prompt("/edit")
        person.sees("> message two\r\n. more", "Hello")
        person.at_prompt("last")
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.told == ["message one", "message two\nmore", "last"]
    assert [turn["prompt"] for turn in chat.kept()] == ["message two\nmore", "last"]
    assert (tmp_path / "mode").read_text() == "600\n"
    assert " icrnl" in (tmp_path / "stty").read_text()  # the editor finds the terminal as the shell left it
    assert list(drafts.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 0", "the text is empty, and nothing was sent"),
        ("exit 3", "ended with 3, so its text is not taken"),
        ("printf 'new message' > $1", "> new message"),
    ],
)
def test_edit_without_a_message_begins_a_new_one(chat: Chats, tmp_path: Path, script: str, told: str) -> None:
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    with chat("--no-history", env={"VISUAL": "./editor", "EDITOR": "/no/such"}) as person:
        person.at_prompt("/edit")
        person.sees(told)
        assert person.leaves() == 0
    assert person.told == (["new message"] if "printf" in script else [])


def test_an_editor_that_cannot_be_started_is_told(chat: Chats) -> None:
    with chat("--no-history", env={"EDITOR": "/no/such/editor"}) as person:
        person.at_prompt("/edit")
        person.sees("there is no editor /no/such/editor", "hint: set EDITOR")
        assert person.leaves() == 0


def test_tab_completes_commands_models_conversations_and_paths(chat: Chats, tmp_path: Path) -> None:
    (tmp_path / "a long name.txt").write_text("x")
    with chat() as person:
        person.at_prompt(b"/tok" + TAB + ENTER)
        person.sees("used: 0 of")
        person.at_prompt(b"/mod" + TAB + b"stackspot-ai-co" + TAB + ENTER)
        person.sees("model: stackspot-ai-code")
        person.at_prompt(b"/file a" + TAB + ENTER)
        person.sees("goes with the next message: a long name.txt")
        person.at_prompt("one")
        person.sees("Hello")
        person.at_prompt(b"/new" + ENTER)
        person.at_prompt(b"/open 0" + TAB + ENTER)
        person.sees("turns: 1: one")
        person.at_prompt(b"/tem" + TAB + b"0.1" + ENTER)
        person.sees("temperature: 0.1")
        person.at_prompt(b"/h" + TAB, enter=False)
        person.sees("this list, or one command", "list the newest conversations")
        person.types(CTRL_C)
        person.at_prompt(b"/" + TAB, enter=False)
        person.sees(*(command.help for command in COMMANDS[:16]))  # as many as the menu has lines
        person.types(CTRL_C)
        assert person.leaves() == 0
    assert len(person.told) == 1
