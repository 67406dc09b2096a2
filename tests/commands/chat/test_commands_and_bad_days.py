"""`stackspot chat` from a pipe: commands where they may, and bad days."""

import json
from pathlib import Path
from typing import Any

import pytest
from chat_calls import KEEP, TOLD, arrived, chat, texts
from fault_server import (
    END,
    LAST_CHUNK,
    RESET,
    STREAM_HEAD,
    FaultServer,
    chunk,
    delta,
    reply,
    stream,
)
from program import Program

# --- commands --------------------------------------------------------------------------------------


def test_commands_are_obeyed_and_speak_on_stderr(
    program: Program, server: FaultServer, tmp_path: Path
) -> None:
    outcome = chat(program, f"one\n/temperature 0.1\n//two\n/save {tmp_path}/talk.md\n/exit\nnever\n")
    assert outcome.told == (0, "Hello\nHello\n", f"temperature: 0.1\nsaved {tmp_path}/talk.md\n")
    assert texts(server) == ["one", "/two"]
    assert "## You\n\n/two\n\n## stackspot-ai\n\nHello\n" in (tmp_path / "talk.md").read_text()


def test_what_is_piped_in_reads_and_writes_no_file_unless_it_may(
    program: Program, server: FaultServer, tmp_path: Path
) -> None:
    private, written = tmp_path / "id_rsa", tmp_path / "login"
    private.write_text("private")
    lines = f"one\n/file {private}\n/save {written}\nthree\n"
    outcome = program.call("chat", stdin=lines.encode())
    assert (outcome.code, texts(server), written.exists()) == (2, ["one"], False)
    assert "--commands" in outcome.err


def test_an_unknown_command_is_a_usage_error_and_is_not_sent(program: Program, server: FaultServer) -> None:
    assert chat(program, "one\n/modle x\ntwo\n").told == (
        2,
        "Hello\n",
        "error: there is no command /modle, and nothing was sent\n"
        "hint: did you mean /model? /help lists them; // begins a message that starts with a slash\n",
    )
    assert texts(server) == ["one"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("/open NOPE", 2),
        ("/model nonsense", 2),
        ("/edit", 2),
        ("/copy", 2),
        ("/save", 2),
        ("/save /no/such/folder/talk.md", 3),
        ("/file /no/such.py", 2),
    ],
)
def test_a_command_that_fails_ends_it_with_its_code(
    program: Program, server: FaultServer, line: str, code: int
) -> None:
    outcome = chat(program, f"{'one' if 'folder' in line else ''}\n{line}\nlast\n")
    assert outcome.code == code
    assert "last" not in texts(server)


# --- bad days --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "code", "out"),
    [
        ([STREAM_HEAD, chunk(delta("Half")), LAST_CHUNK], 7, "Hello\nHalf\n"),
        ([STREAM_HEAD, chunk(delta("Half")), RESET], 7, "Hello\nHalf\n"),
        (reply(400, {"details": "no"}), 8, "Hello\n"),
        (reply(403, {}), 4, "Hello\n"),
        (reply(429, {}), 5, "Hello\n"),
        (reply(503, {}), 6, "Hello\n"),
    ],
)
def test_the_first_failed_turn_ends_it_with_its_exit_code(
    program: Program, server: FaultServer, broken: Any, code: int, out: str
) -> None:
    server.api(stream(delta("Hello"), END), broken)
    outcome = chat(program, "one\ntwo\nthree\n", "--retries", "0")
    assert (outcome.code, outcome.out, outcome.err.count("error: ")) == (code, out, 1)
    assert texts(server) == ["one", "two"]


def test_in_jsonl_a_failed_turn_ends_with_an_error(program: Program, server: FaultServer) -> None:
    server.api(stream(delta("Hello"), END), reply(400, {"details": "no"}))
    outcome = chat(program, "one\ntwo\n", "--format", "jsonl")
    assert [line["type"] for line in outcome.lines] == ["start", "delta", "done", "start", "error"]
    assert (outcome.code, outcome.lines[-1]["exit_code"]) == (8, 8)


def test_after_a_cut_answer_the_next_chat_tells_the_service_so(program: Program, server: FaultServer) -> None:
    server.api([STREAM_HEAD, chunk(delta("Hello")), LAST_CHUNK], stream(delta("Hello"), END))
    assert chat(program, "one\n", env=KEEP).code == 7
    assert chat(program, "two\n", "-c", env=KEEP).code == 0
    (first, _), (second, text) = arrived(server)
    assert first != second
    assert text == TOLD.format(ending="\n[this answer was cut off here]")


def test_an_over_long_line_is_refused_before_it_is_sent(program: Program, server: FaultServer) -> None:
    outcome = chat(program, "one\n" + "word " * 20_000 + "\n")
    assert outcome.err.startswith("error: the prompt has at least 20000 tokens; stackspot-ai takes 16384\n")
    assert (outcome.code, texts(server)) == (2, ["one"])


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"one\n\xff\xfe\n", "line 2 of stdin is not UTF-8 text (byte 0)"),
        (b"one\ncaf\xe9\n", "line 2 of stdin is not UTF-8 text (byte 3)"),
        (b"one\n\0\n", "line 2 of stdin is not text (a NUL byte at 0)"),
    ],
)
def test_a_line_that_is_no_text_is_named(
    program: Program, server: FaultServer, stdin: bytes, message: str
) -> None:
    outcome = program.call("chat", stdin=stdin)
    assert (outcome.code, outcome.out, outcome.err.splitlines()[0]) == (2, "Hello\n", f"error: {message}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-c", "--conversation", "X"], "-c and --conversation exclude one another"),
        (["-c"], "there is no conversation to go on with yet"),
        (["--conversation", "NOPE"], "no conversation NOPE"),
        (["-t", "2"], "the temperature is a number from 0.0 to 1.0, not 2.0"),
        (["-m", "nope"], "there is no model 'nope'"),
        (["-f", "/no/such.py"], "no file /no/such.py"),
        (["--max-tokens", "0"], "--max-tokens is a whole number from 1 to 8192, not 0"),
    ],
)
def test_a_wrong_call_is_told_before_anything_is_sent(
    program: Program, server: FaultServer, options: list[str], message: str
) -> None:
    outcome = chat(program, "one\n", *options)
    assert (outcome.code, outcome.out, outcome.err.splitlines()[0]) == (2, "", f"error: {message}")
    assert server.requests == []
    assert not program.home.exists()


def test_without_history_nothing_is_on_disk(program: Program, server: FaultServer) -> None:
    assert chat(program, "one\ntwo\n/model stackspot-ai-code\nthree\n", "--no-history", env=KEEP).code == 0
    assert [path.name for path in program.home.iterdir()] == ["tokens"]
    assert texts(server)[:2] == ["one", "two"]
    assert "=== user ===\none\n" in texts(server)[2]


def test_titles_give_no_orders(program: Program) -> None:
    chat(program, "\x1b]0;owned\x07 title\n", env=KEEP)
    outcome = chat(program, "/history\n", env=KEEP)
    assert "\x1b" not in outcome.err
    assert "]0;owned" in outcome.err


def test_the_saved_json_is_what_was_said(program: Program, tmp_path: Path) -> None:
    chat(program, f"one\n/save {tmp_path}/talk.json\n")
    saved = json.loads((tmp_path / "talk.json").read_text())
    assert [(turn["prompt"], turn["answer"], turn["complete"]) for turn in saved["turns"]] == [
        ("one", "Hello", True)
    ]


def test_save_leaves_a_file_that_is_there_alone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text("precious\n")
    outcome = chat(program, f"one\n/save {tmp_path}/talk.md\n")
    assert (outcome.code, outcome.out) == (2, "Hello\n")
    assert outcome.err.endswith("exists already, and nothing was saved\nhint: choose another name\n")
    assert (tmp_path / "talk.md").read_text() == "precious\n"
