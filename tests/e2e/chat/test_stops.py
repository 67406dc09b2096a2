"""Stops in a chat on a real terminal: Ctrl-C, failures, signals."""

from __future__ import annotations

import signal
import termios

import pytest
from chat_person import CTRL_C, CTRL_D, ENTER, HALF, PROMPT, Chats
from fault_server import END, HOLD, STREAM_HEAD, delta, reply, stream


def test_ctrl_c_stops_the_answer_keeps_what_came_and_the_next_turn_knows(chat: Chats) -> None:
    chat.server.api(HALF, stream(delta("Hello"), END))
    with chat() as person:
        person.at_prompt("one")
        person.sees("Half an answer")
        person.types(CTRL_C)
        person.sees("note: stopped; what came is kept")
        person.at_prompt("two")
        person.sees("Hello")
        person.at_prompt("three")
        person.sees("Hello")
        assert person.leaves() == 0
    ids = [request.json["context"]["conversation_id"] for request in chat.server.api_requests]
    assert ids[0] != ids[1] == ids[2]
    assert person.told[1:] == [
        "This is our conversation so far. Answer the last message.\n\n=== user ===\none\n\n"
        "=== assistant ===\nHalf an answer\n\n\n[this answer was interrupted here]\n\n=== user ===\ntwo",
        "three",
    ]
    assert [(turn["answer"], turn["state"]) for turn in chat.kept()] == [
        ("Half an answer\n\n", "interrupted"),
        ("Hello", "complete"),
        ("Hello", "complete"),
    ]


def test_ctrl_c_before_the_first_word_stops_too(chat: Chats) -> None:
    chat.server.api([STREAM_HEAD, HOLD], stream(delta("Hello"), END))
    with chat("--no-history") as person:
        person.at_prompt("one")
        person.sees(" 1 s")  # of the spinner
        person.types(CTRL_C)
        person.sees("note: stopped")
        person.at_prompt("/retry")
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.told == ["one", "one"]


def test_ctrl_c_at_an_empty_prompt_explains_how_to_leave(chat: Chats) -> None:
    with chat("--no-history") as person:
        person.at_prompt(b"a line to throw away", enter=False)
        person.sees("throw away")
        person.types(CTRL_C)
        person.at_prompt(CTRL_C)
        person.sees("Ctrl-D or /exit leaves the chat")
        assert person.leaves() == 0
    assert b"leaves the chat" in person.screen.shown
    assert person.screen.shown.count(b"leaves the chat") == 1
    assert person.told == []


def test_a_failed_turn_returns_to_the_prompt_and_retry_sends_it_again(chat: Chats) -> None:
    chat.server.api(stream(delta("Hello"), END), reply(503, {}), stream(delta("Better"), END))
    with chat("--retries", "0") as person:
        person.at_prompt("one")
        person.sees("Hello")
        person.at_prompt("two")
        person.sees("error: ", "hint: ", "note: /retry sends the message again")
        person.at_prompt("/retry")
        person.sees("Better")
        assert person.leaves() == 0
    assert person.told[1] == "two"
    assert person.told[2].endswith("=== assistant ===\nHello\n\n=== user ===\ntwo")
    assert [turn["prompt"] for turn in chat.kept()] == ["one", "two"]


def test_a_service_that_is_away_leaves_the_message_for_retry(chat: Chats) -> None:
    with chat(
        "--no-history", "--retries", "0", env={"STACKSPOTAI_ENDPOINT_URL": "http://127.0.0.1:9"}
    ) as person:
        person.at_prompt("one")
        person.sees("error: ", "note: /retry")
        person.at_prompt("/retry")
        person.sees("error: ", "note: /retry")
        person.sees("tokens: 0 used")
        person.types(CTRL_D)
        assert person.screen.end(30.0) == 0
    assert b"go on later" not in person.screen.shown


def test_an_over_long_message_is_refused_and_a_larger_model_may_take_it(chat: Chats) -> None:
    chat.program.home.mkdir()
    (chat.program.home / "config.yaml").write_text(
        "providers: {stackspot: {models: {large: {model: large, max_input_tokens: 100000}}}}\n"
    )
    with chat("--no-history") as person:
        person.at_prompt(b"\x1b[200~" + b"a b " * 9_000 + b"\x1b[201~" + ENTER)
        person.sees("error: the prompt has at least 18000 tokens")
        person.at_prompt("/model large")
        assert b"note: /retry" not in person.screen.shown
        person.at_prompt("/retry")
        person.sees("Hello")
        assert person.leaves() == 0
    assert [len(text) for text in person.told] == [35_999]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("answering", [True, False])
def test_a_signal_ends_it_after_saving(
    chat: Chats, number: signal.Signals, code: int, answering: bool
) -> None:
    chat.server.api(HALF)
    with chat() as person:
        if answering:
            person.at_prompt("one")
            person.sees("Half an answer")
        else:
            person.sees(PROMPT)
        person.screen.process.send_signal(number)
        assert person.screen.end(30.0) == code
    if answering:
        assert [(turn["answer"], turn["state"]) for turn in chat.kept()] == [
            ("Half an answer\n\n", "interrupted")
        ]


def test_the_terminal_is_left_as_it_was_found(chat: Chats) -> None:
    with chat("--no-history") as person:
        descriptor = person.screen._descriptor
        before = termios.tcgetattr(descriptor)
        person.at_prompt("one")
        person.sees("Hello", PROMPT)
        assert termios.tcgetattr(descriptor)[3] != before[3]
        person.types(CTRL_D)
        person.sees(b"\x1b[?2004l")
        # The last word about the modes comes before the process ends, and after it the pty is gone.
        person.screen.end(30.0)
    assert person.screen.shown.rstrip().endswith(b"\x1b[?2004l")
