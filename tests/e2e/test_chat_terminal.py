"""`stackspot chat` on a real terminal: keys in, what a person sees, what the service gets."""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte
import pytest
from fault_server import END, HOLD, STREAM_HEAD, FaultServer, chunk, delta, reply, stream
from program import Program, Screen

from stackspot_cli.commands.chat.slash_commands import COMMANDS

ENTER, TAB, UP, CTRL_C, CTRL_D, CTRL_J, ESC = b"\r", b"\t", b"\x1b[A", b"\x03", b"\x04", b"\n", b"\x1b"
ALT_ENTER = ESC + ENTER
PROMPT = b" left"  # the end of the bottom line, which stands below every prompt and nowhere else
CODE = "Here:\n\n```python\nprint(1)\n```\n"
HALF = [STREAM_HEAD, chunk(delta("Half an answer\n\n")), HOLD]


class Person:
    """Reads on from where they have read to; types when the prompt is there."""

    def __init__(self, screen: Screen, server: FaultServer) -> None:
        self.screen = screen
        self._server = server
        self._read_to = 0

    def sees(self, *texts: str | bytes) -> None:
        """Waits until each stands on the terminal, one after another."""
        for text in texts:
            wanted = text.encode() if isinstance(text, str) else text
            self._read_to = self.screen.wait_for(wanted, 30.0, after=self._read_to)

    def types(self, keys: str | bytes) -> None:
        self.screen.type(keys.encode() if isinstance(keys, str) else keys)

    def at_prompt(self, keys: str | bytes, *, enter: bool = True) -> None:
        """Waits for the next prompt, and types a line."""
        self.sees(PROMPT)
        self.types(keys.encode() + ENTER if isinstance(keys, str) and enter else keys)

    def until(self, is_so: Callable[[], bool]) -> None:
        """For what no byte tells."""
        ends = time.monotonic() + 30.0
        while not is_so():
            assert time.monotonic() < ends
            time.sleep(0.01)

    def leaves(self) -> int:
        self.at_prompt(CTRL_D)
        return self.screen.end(30.0)

    @property
    def told(self) -> list[str]:
        """What the service got."""
        return [request.json["user_prompt"] for request in self._server.api_requests]

    def lines(self, columns: int = 80, rows: int = 60) -> list[str]:
        """What stands on the terminal, as a person would read it."""
        view = pyte.Screen(columns, rows)
        pyte.ByteStream(view).feed(bytes(self.screen.shown))
        lines = [line.rstrip() for line in view.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


class Chats:
    """Starts chats on terminals of their own."""

    def __init__(self, program: Program, server: FaultServer) -> None:
        self.program = program
        self.server = server

    @contextmanager
    def __call__(self, *options: str, **more: Any) -> Iterator[Person]:
        with self.program.on_terminal("chat", *options, size=(80, 60), **more) as screen:
            yield Person(screen, self.server)

    def kept(self) -> list[dict[str, Any]]:
        """The turns of the last conversation, as history has them."""
        outcome = self.program.run("history", "show", "--format", "json")
        turns: list[dict[str, Any]] = outcome.json["turns"]
        return turns


@pytest.fixture
def chat(program: Program, server: FaultServer) -> Chats:
    server.api(stream(delta("Hello"), END))
    return Chats(program, server)


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


# --- commands --------------------------------------------------------------------------------------


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
            b"\x1b]52;c;" + base64.b64encode(CODE.encode()) + b"\x07", "copied the answer: the terminal"
        )
        person.at_prompt("/copy code")
        person.sees(b"\x1b]52;c;" + base64.b64encode(b"print(1)\n") + b"\x07", "copied the code block")
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
    with chat("--no-history", env={"VISUAL": os.fspath(editor), "EDITOR": "/no/such"}) as person:
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


# --- stopping --------------------------------------------------------------------------------------


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
