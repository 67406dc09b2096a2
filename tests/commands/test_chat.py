"""`stackspot chat` from a pipe: each line a turn; what arrives at the service, what is printed, how it ends."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fault_server import (
    END,
    LAST_CHUNK,
    RESET,
    STREAM_HEAD,
    FaultServer,
    agent_delta,
    chunk,
    delta,
    reply,
    stream,
)
from parsing import parse
from program import Outcome, Program

from stackspot_cli.commands.chat.command import Options
from stackspot_cli.commands.shared_options import AnswerFormat
from stackspot_cli.domain import AgentOptions
from stackspot_cli.sandbox import Sandbox

TOLD = (
    "This is our conversation so far. Answer the last message.\n\n"
    "=== user ===\none\n\n=== assistant ===\nHello{ending}\n\n=== user ===\ntwo"
)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", Options()),
        ("-m M -s S -t 1 --max-tokens 9", Options(model="M", system="S", temperature=1.0, max_tokens=9)),
        ("-f a -f b --upload u", Options(files=("a", "b"), uploads=("u",))),
        ("--continue", Options(continue_last=True)),
        ("--conversation 01K", Options(conversation="01K")),
        ("--knowledge K --deep-search", Options(agent=AgentOptions(("K",), deep_search=True))),
        ("--format json --raw --usage", Options(format=AnswerFormat.json, raw=True, usage=True)),
        ("--no-stream --vi --no-history", Options(no_stream=True, vi=True, no_history=True)),
        ("--timeout 1 --deadline 2 --retries 3", Options(timeout=1.0, deadline=2.0, retries=3)),
    ],
)
def test_argv_becomes_options(line: str, options: Options) -> None:
    assert parse("chat", *line.split()) == options


@pytest.fixture(autouse=True)
def answers(server: FaultServer) -> None:
    server.api(stream(delta("Hello"), END))


KEEP = {"STACKSPOTAI_HISTORY": "on"}


def chat(program: Program, lines: str, *options: str, **more: Any) -> Outcome:
    """A chat from a pipe whose lines may command."""
    return program.call("chat", "--commands", *options, stdin=lines.encode(), **more)


def history(program: Program, *words: str) -> Outcome:
    return program.call("history", *words, env=KEEP)


def arrived(server: FaultServer) -> list[tuple[str, str]]:
    """Of each request: the id of the conversation and the text."""
    bodies = [request.json for request in server.api_requests]
    return [(body["context"]["conversation_id"], body["user_prompt"]) for body in bodies]


def texts(server: FaultServer) -> list[str]:
    return [text for _id, text in arrived(server)]


# --- turns -----------------------------------------------------------------------------------------


def test_each_line_is_a_turn_and_only_the_new_message_is_sent(program: Program, server: FaultServer) -> None:
    assert chat(program, "first question\n\n  \nsecond question\n").told == (0, "Hello\nHello\n", "")
    (first, one), (second, two) = arrived(server)
    assert (one, two) == ("first question", "second question")
    assert first == second


def test_a_first_message_stands_before_the_lines(program: Program, server: FaultServer) -> None:
    assert chat(program, "two\n", "/model is a word").told == (0, "Hello\nHello\n", "")
    assert texts(server) == ["/model is a word", "two"]


def test_a_first_message_alone_is_one_turn(program: Program, server: FaultServer) -> None:
    assert chat(program, "", "one", stdin_kind="none").told == (0, "Hello\n", "")
    assert texts(server) == ["one"]


def test_words_that_leave_are_messages_in_a_pipe_unless_commands_are_obeyed(
    program: Program, server: FaultServer
) -> None:
    assert program.call("chat", stdin=b"exit\nquit\n").told == (0, "Hello\nHello\n", "")
    chat(program, "one\nexit\ntwo\n")
    assert texts(server) == ["exit", "quit", "one"]


def test_a_last_line_without_its_end_is_a_turn(program: Program, server: FaultServer) -> None:
    assert chat(program, "one\r\ntwo").out == "Hello\nHello\n"
    assert texts(server) == ["one", "two"]


@pytest.mark.parametrize(("stdin", "kind"), [("\n", "data"), ("", "data"), ("", "none")])
def test_nothing_said_is_no_failure(program: Program, server: FaultServer, stdin: str, kind: str) -> None:
    assert chat(program, stdin, stdin_kind=kind).told == (0, "", "")
    assert server.requests == []
    assert not program.home.exists()


def test_blocks_and_backslashes_join_lines(program: Program, server: FaultServer) -> None:
    chat(program, 'one\\\ntwo\n"""\n/exit\n\nfour\n"""\n')
    assert texts(server) == ["one\ntwo", "/exit\n\nfour"]


def test_jsonl_is_an_event_stream_a_turn(program: Program) -> None:
    outcome = chat(program, "one\ntwo\n", "--format", "jsonl", env=KEEP)
    turn = ["start", "delta", "done"]
    assert [line["type"] for line in outcome.lines] == turn + turn
    starts = [line for line in outcome.lines if line["type"] == "start"]
    assert starts[0] == starts[1]
    [kept] = history(program, "list", "--format", "json").json
    assert (kept["id"], kept["turns"]) == (starts[0]["conversation_id"], 2)


def test_json_is_an_object_a_turn(program: Program) -> None:
    found = [
        one["choices"][0]["message"]["content"]
        for one in chat(program, "one\ntwo\n", "--format", "json").lines
    ]
    assert found == ["Hello", "Hello"]


def test_the_options_travel_with_every_turn(program: Program, server: FaultServer) -> None:
    chat(
        program, "one\ntwo\n", "-m", "stackspot-ai-code", "-t", "0.2", "--max-tokens", "99", "-s", "Be brief."
    )
    assert texts(server) == ["Be brief.\n\none", "two"]
    settings = [
        [request.json[key] for key in ("model", "temperature", "max_tokens")]
        for request in server.api_requests
    ]
    assert settings == [["stackspot-ai-code", 0.2, 99]] * 2


def test_a_file_goes_with_the_first_message(program: Program, server: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    chat(program, "one\ntwo\n", "-f", os.fspath(tmp_path / "a.py"))
    assert texts(server) == [f"one\n\n{tmp_path}/a.py\n```py\nx = 1\n```", "two"]


def test_an_agent_gets_its_own_fields_and_its_counts_are_shown(program: Program, server: FaultServer) -> None:
    server.api(
        stream(agent_delta("Olá"), agent_delta("", stop_reason="stop", tokens={"input": 749, "output": 5}))
    )
    outcome = chat(program, "one\n/tokens\n", "-m", "agent:01K45T82PF8QC64C9DNHGQWHY2", "--deep-search")
    assert outcome.told == (
        0,
        "Olá\n",
        "used: 754 of 272000 tokens, left: 271246\n"
        "counted by the service in this conversation: 749 in, 5 out\n",
    )
    assert server.api_requests[0].json["deep_search_ks"] is True


def test_it_works_against_the_sandbox(program: Program) -> None:
    with Sandbox() as sandbox:
        outcome = chat(program, "Say hi\nSay hi\n", env=sandbox.environment)
        ids = [
            one.json["context"]["conversation_id"]
            for one in sandbox.requests  # type: ignore[attr-defined]
            if one.path == "/v3/chat"
        ]
    assert outcome.code == 0
    assert "conversation turn 2" in outcome.out.splitlines()[1]
    assert ids[0] == ids[1]


# --- both shapes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("between", "text"),
    [
        ("/model stackspot-ai-code", TOLD.format(ending="")),
        ("/system Be brief.", "Be brief.\n\n" + TOLD.format(ending="")),
        ("three\n/undo", TOLD.format(ending="")),
        ("/retry", TOLD.format(ending="")),
    ],
)
def test_what_the_service_has_not_seen_so_is_sent_as_a_whole_under_a_fresh_id(
    program: Program, server: FaultServer, between: str, text: str
) -> None:
    assert chat(program, f"one\n{between}\ntwo\nlast\n").code == 0
    (first, _), *_, (second, last_but_one), (third, last) = arrived(server)
    if between != "/retry":
        assert last_but_one == text
    assert (second, last) == (third, "last")
    assert first != second


def test_retry_asks_again_under_a_fresh_id_and_forgets_the_first_answer(
    program: Program, server: FaultServer
) -> None:
    server.api(stream(delta("Bad"), END), stream(delta("Hello"), END))
    chat(program, "one\n/retry\ntwo\n", env=KEEP)
    (first, one), (second, again), (third, two) = arrived(server)
    assert (one, again, two) == ("one", "one", "two")
    assert first != second == third
    [kept] = history(program, "export", "--format", "json").json
    assert [(turn["prompt"], turn["answer"]) for turn in kept["turns"]] == [
        ("one", "Hello"),
        ("two", "Hello"),
    ]


def test_a_conversation_goes_on_with_its_model_and_instructions(
    program: Program, server: FaultServer
) -> None:
    first = chat(
        program, "one\n", "-m", "stackspot-ai-code", "-s", "Be brief.", "--format", "jsonl", env=KEEP
    ).lines[0]
    assert chat(program, "two\n", "-c", env=KEEP).code == 0
    assert chat(program, "three\n", "--conversation", first["conversation_id"][:14], env=KEEP).code == 0
    assert texts(server) == ["Be brief.\n\none", "two", "three"]
    assert {request.json["model"] for request in server.api_requests} == {"stackspot-ai-code"}


def test_open_goes_on_with_another_conversation(program: Program, server: FaultServer) -> None:
    first = chat(program, "one\n", "--format", "jsonl", env=KEEP).lines[0]["conversation_id"]
    outcome = chat(program, f"other\n/open {first}\ntwo\n", env=KEEP)
    assert outcome.err == f"conversation {first[:10]}, turns: 1: one\n> one\nHello\n"
    assert arrived(server)[2] == (first, "two")


def test_the_oldest_turns_are_left_out_with_a_note(program: Program, server: FaultServer) -> None:
    server.api(stream(delta("x" * 30_000), END))
    outcome = chat(program, "one\ntwo\nthree\n/model stackspot-ai-code\nlast\n")
    assert outcome.err == (
        "model: stackspot-ai-code\nnote: oldest turns left out, to fit the input limit of 16384 tokens: 1\n"
    )
    assert "\none\n" not in texts(server)[3]
    assert "\ntwo\n" in texts(server)[3]


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
