"""`stackspot chat` from a pipe: each line a turn, as the service sees it."""

import os
from pathlib import Path

import pytest
from chat_calls import KEEP, TOLD, arrived, chat, history, texts
from fault_server import (
    END,
    FaultServer,
    agent_delta,
    delta,
    stream,
)
from parsing import parse
from program import Program

from stackspot_cli.commands.chat.command import Options
from stackspot_cli.commands.shared_options import AnswerFormat
from stackspot_cli.domain import AgentOptions
from stackspot_cli.sandbox import Sandbox


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
