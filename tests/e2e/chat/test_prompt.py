"""The prompt of a chat on a real terminal: keys, pastes, what is typed early."""

from __future__ import annotations

import json

import pytest
from chat_person import ALT_ENTER, CTRL_J, ENTER, ESC, Chats
from fault_server import END, HOLD, STREAM_HEAD, chunk, delta, stream

# --- the prompt ------------------------------------------------------------------------------------


def test_a_conversation_as_a_person_sees_it(chat: Chats) -> None:
    with chat() as person:
        person.at_prompt("one")
        person.sees("Hello")
        person.at_prompt("two")
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.told == ["one", "two"]
    lines = person.lines()
    conversation = json.loads(chat.program.run("history", "list", "--format", "json").out)[0]["id"]
    assert lines == [
        "stackspot-ai: /help lists the commands, Ctrl-D leaves",
        "> one",
        "Hello",
        "",
        "> two",
        "Hello",
        "",
        ">",
        f"go on later: stackspot chat --conversation {conversation}",
    ]


def test_the_first_message_may_stand_in_the_call_and_the_chat_goes_on(chat: Chats) -> None:
    with chat("one") as person:
        person.sees("> one", "Hello")
        person.at_prompt("two")
        person.sees("Hello")
        person.at_prompt("quit")
        assert person.screen.end(30.0) == 0
    assert person.told == ["one", "two"]


@pytest.mark.parametrize("typed", ["!ls", "/clear", "/compact"])
def test_habits_of_other_programs_are_told_and_nothing_is_sent(chat: Chats, typed: str) -> None:
    with chat() as person:
        person.at_prompt(typed)
        person.sees("nothing was sent")
        assert person.leaves() == 0
    assert person.told == []


def test_a_message_that_names_a_file_is_told_of_the_command_for_it(chat: Chats) -> None:
    (chat.program.folder / "add.py").write_text("x")
    with chat() as person:
        person.at_prompt("Explain @add.py")
        person.sees("note: add.py is a file", "/file add.py", "Hello")
        assert person.leaves() == 0


def test_the_bottom_line_names_model_conversation_and_tokens(chat: Chats) -> None:
    with chat("-m", "stackspot-ai-code") as person:
        person.sees("> ", "stackspot-ai-code · 01", "tokens: 0 used, 16,384 left")
        person.types("one\r")
        person.sees("Hello", "tokens: ~")
        assert person.leaves() == 0


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (b"one\\" + ENTER + b"two" + ENTER, "one\ntwo"),
        (b"one" + CTRL_J + b"two" + ENTER, "one\ntwo"),
        (b"one" + ALT_ENTER + b"two" + ENTER, "one\ntwo"),
        (b'"""' + ENTER + b"/exit" + ENTER + b"x\\" + ENTER + b'"""' + ENTER, "/exit\nx\\"),
        (b"\x1b[200~/exit\rtwo\\\r\tthree\x1b[201~" + ENTER, "/exit\ntwo\\\n\tthree"),
        (b"see: \x1b[200~a\nb\x1b[201~!" + ENTER, "see: a\nb!"),
        (b"\x1b[200~one\\\x1b[201~" + ENTER, "one\\"),
        (b"in \x1b[200~C:\\\x1b[201~" + ENTER, "in C:\\"),
        (b"wrld\x1b[D\x1b[D\x1b[Do\x01hello \x05!" + ENTER, "hello world!"),
        ("olá, mundo 🎉".encode() + ENTER, "olá, mundo 🎉"),
        (b"//one" + ENTER, "/one"),
    ],
)
def test_keys_make_one_message(chat: Chats, keys: bytes, message: str) -> None:
    with chat("--no-history") as person:
        person.at_prompt(keys)
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.told == [message]


def test_continued_lines_show_the_continuation_prompt(chat: Chats) -> None:
    with chat("--no-history") as person:
        person.at_prompt(b"one" + CTRL_J, enter=False)
        person.sees(". ")
        person.types("two\r")
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.lines()[1:4] == ["> one", ". two", "Hello"]


def test_what_is_typed_before_the_prompt_and_during_an_answer_is_not_lost(chat: Chats) -> None:
    chat.server.api([STREAM_HEAD, chunk(delta("Wait\n\n")), HOLD], stream(delta("Hello"), END))
    with chat("--no-history", "--timeout", "1.5") as person:
        person.types("early\r")
        person.sees("Wait")
        person.types(b"during\\\rthe answer\r")
        person.sees("broke off", "Hello")
        assert person.leaves() == 0
    assert person.told[0] == "early"
    assert person.told[1].endswith("=== user ===\nduring\nthe answer")
    assert "Wait\nduring" not in "\n".join(person.lines())


@pytest.mark.parametrize("how", ["option", "config"])
def test_vi_keys(chat: Chats, how: str) -> None:
    if how == "config":
        chat.program.home.mkdir()
        (chat.program.home / "config.yaml").write_text("vi: true\n")
    with chat("--no-history", *(["--vi"] if how == "option" else [])) as person:
        person.at_prompt(b"xhello", enter=False)
        person.sees("xhello")
        person.types(ESC)
        person.types(b"0x$rO")
        person.sees("O")
        person.types(ENTER)
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.told == ["hellO"]


def test_a_paste_gives_no_orders_to_the_terminal(chat: Chats) -> None:
    with chat("--no-history") as person:
        person.at_prompt(b"\x1b[200~a\x1b]0;owned\x07b\x1b[201~" + ENTER)
        person.sees("Hello")
        assert person.leaves() == 0
    assert b"\x1b]0;owned" not in person.screen.shown
    assert person.lines()[1] == "> a^[]0;owned^Gb"
    assert person.told == ["a\x1b]0;owned\x07b"]
