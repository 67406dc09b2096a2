"""What a chat keeps, terminals of other kinds, pipes and signals."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import termios
from pathlib import Path

import pytest
from chat_person import CTRL_C, CTRL_D, ENTER, HALF, TAB, UP, Chats
from fault_server import END, delta, stream

# --- what is kept ----------------------------------------------------------------------------------


def test_what_was_typed_is_offered_again_the_next_time(chat: Chats) -> None:
    with chat() as person:
        for line in ("first line", " a secret", "/tokens", "one\\\rtwo"):
            person.at_prompt(line)
        assert person.leaves() == 0
    [file] = chat.program.home.glob("input-history-*")
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        "first line",
        "/tokens",
        "one\ntwo",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with chat() as person:
        person.at_prompt(UP, enter=False)
        person.sees("one")
        person.types(UP + UP + UP)
        person.sees("first line")
        person.types(b" again" + ENTER)
        person.sees("Hello")
        assert person.leaves() == 0
    assert person.told[-1] == "first line again"


def test_without_history_nothing_typed_is_on_disk(chat: Chats) -> None:
    with chat("--no-history") as person:
        person.at_prompt("one")
        person.sees("Hello")
        assert person.leaves() == 0
    assert [path.name for path in chat.program.home.iterdir()] == ["tokens"]


@pytest.mark.parametrize("how", ["-c", "/open 0"])
def test_the_last_answer_is_shown_again_as_it_looked(chat: Chats, how: str) -> None:
    chat.server.api(stream(delta("# Facts\n\nIt is **bold**.\n"), END))
    with chat() as person:
        person.at_prompt("one")
        person.sees("bold")
        assert person.leaves() == 0
    with chat(*([how] if how == "-c" else [])) as person:
        if how != "-c":
            person.at_prompt(how)
        person.sees("turns: 1: one", "> one", "Facts", "bold")
        assert person.leaves() == 0
    assert b"**bold" not in person.screen.shown


def test_continue_shows_where_the_conversation_stands(chat: Chats) -> None:
    with chat() as person:
        person.at_prompt("one")
        person.sees("Hello")
        assert person.leaves() == 0
    with chat("-c") as person:
        person.sees("turns: 1: one", "> one", "Hello")
        person.at_prompt("two")
        person.sees("Hello")
        assert person.leaves() == 0
    ids = {request.json["context"]["conversation_id"] for request in chat.server.api_requests}
    assert (person.told, len(ids)) == (["one", "two"], 1)


# --- other terminals -------------------------------------------------------------------------------


def test_where_stdout_goes_elsewhere_it_holds_the_answers_alone(chat: Chats, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out, chat("--no-history", stdout=out) as person:
        person.at_prompt("one")
        person.at_prompt(b"/tok" + TAB + ENTER)
        person.sees("used: ~")
        assert person.leaves() == 0
    assert (tmp_path / "out").read_text() == "Hello\n"


def test_an_answer_that_stdout_cannot_take_ends_it(chat: Chats) -> None:
    with Path("/dev/full").open("wb") as full, chat("--no-history", stdout=full) as person:
        person.at_prompt("one")
        person.sees("error: cannot write to stdout")
        assert person.screen.end(30.0) == 3


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(chat: Chats) -> None:
    with chat("--no-history", env={"TERM": "dumb"}) as person:
        person.sees("> ")
        person.types("one\\\r")
        person.sees(". ")
        person.types("two\r")
        person.sees("Hello", "> ")
        person.types("/tokens\r")
        person.sees("used: ~", "> ")
        person.types(CTRL_C)
        person.sees("Ctrl-D or /exit leaves", "> ")
        person.types(CTRL_D)
        assert person.screen.end(30.0) == 0
    assert person.told == ["one\ntwo"]
    assert b"\x1b" not in person.screen.shown


def test_without_colours_there_are_none(chat: Chats) -> None:
    with chat("--no-history", env={"NO_COLOR": "1"}) as person:
        person.at_prompt("one")
        person.sees("Hello")
        assert person.leaves() == 0
    colours = [
        code for code in (b"\x1b[3", b"\x1b[0;3", b"\x1b[9", b"\x1b[0;9") if code in person.screen.shown
    ]
    assert colours == []


# --- pipes and signals -----------------------------------------------------------------------------


def test_answers_come_line_by_line_while_stdin_stays_open(chat: Chats) -> None:
    process = chat.program.start("chat", "--no-history", stdin=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    for line in (b"one\n", b"two\n"):
        process.stdin.write(line)
        process.stdin.flush()
        assert process.stdout.readline() == b"Hello\n"
    assert chat.program.finish(process).told == (0, "", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_piped_chat_and_keeps_what_came(
    chat: Chats, number: signal.Signals, code: int
) -> None:
    chat.server.api(HALF)
    process = chat.program.start("chat", stdin=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"one\ntwo\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"Half an answer\n"
    process.send_signal(number)
    assert chat.program.finish(process).code == code
    assert [(turn["prompt"], turn["state"]) for turn in chat.kept()] == [("one", "interrupted")]


def test_a_reader_that_went_away_ends_it_silently(chat: Chats) -> None:
    process = chat.program.start("chat", "--no-history", stdin=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdout.close()
    process.stdin.write(b"one\ntwo\n")
    process.stdin.close()
    assert process.wait(30.0) == 141
    assert process.stderr
    assert process.stderr.read() == b""


def test_after_a_stop_the_modes_are_the_chat_s_again(chat: Chats) -> None:
    """As a shell's `fg` leaves it: the modes are the shell's, and the process goes on."""
    chat.server.api(HALF, stream(delta("Hello"), END))
    with chat("--no-history") as person:
        descriptor = person.screen._descriptor
        shell = termios.tcgetattr(descriptor)
        person.at_prompt("one")
        person.sees("Half an answer")
        quiet = termios.tcgetattr(descriptor)
        person.screen.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, person.screen.process.pid, os.WSTOPPED)
        termios.tcsetattr(descriptor, termios.TCSANOW, shell)
        person.screen.process.send_signal(signal.SIGCONT)
        person.until(lambda: termios.tcgetattr(descriptor)[3] == quiet[3])
        person.types(CTRL_C)
        person.sees("stopped")
        person.at_prompt("two")
        person.sees("Hello")
        assert person.leaves() == 0
