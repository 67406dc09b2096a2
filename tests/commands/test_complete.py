"""Each option of `stackspot complete`: what is sent, and what is printed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fault_server import AGENT_END, agent_delta, delta, stream
from parsing import parse
from program import Program

from stackspot_cli.commands.complete import Options
from stackspot_cli.commands.shared_options import AnswerFormat
from stackspot_cli.domain import AgentOptions

AGENT = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2")


def sent(program: Program, *argv: str, **more: Any) -> dict[str, Any]:
    """The body of the one request of a call that answers."""
    assert program.call("complete", *argv, **more).code == 0
    (request,) = program.server.api_requests
    return dict(request.json)


# --- what is typed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", Options()),
        ("hi", Options(prompt="hi")),
        ("- -m M -s S", Options(prompt="-", model="M", system="S")),
        ("-f a -f b hi", Options(prompt="hi", files=("a", "b"))),
        ("-t 0.2 --max-tokens 9", Options(temperature=0.2, max_tokens=9)),
        ("-c", Options(continue_last=True)),
        ("--conversation 01K", Options(conversation="01K")),
        ("--upload a --upload b --require-sources", Options(uploads=("a", "b"), require_sources=True)),
        ("--knowledge K --knowledge L", Options(agent=AgentOptions(knowledge_source_ids=("K", "L")))),
        (
            "--stackspot-knowledge --deep-search --agent-version 3 --select-model gpt",
            Options(agent=AgentOptions((), True, True, 3, "gpt")),
        ),
        ("--format jsonl", Options(format=AnswerFormat.jsonl)),
        ("-x -o F", Options(extract=True, output="F")),
        ("--extract-last", Options(extract_last=True)),
        ("--no-stream --raw --usage", Options(no_stream=True, raw=True, usage=True)),
        ("--timeout 1.5 --deadline 20 --retries 0", Options(timeout=1.5, deadline=20.0, retries=0)),
        (
            "--no-stdin --no-history --send-secrets --dry-run",
            Options(no_stdin=True, no_history=True, send_secrets=True, dry_run=True),
        ),
    ],
)
def test_argv_becomes_options(line: str, options: Options) -> None:
    assert parse("complete", *line.split()) == options


# --- what is sent ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "fields"),
    [
        ([], {"model": "stackspot-ai", "temperature": 0.7, "max_tokens": 8192}),
        (["-m", "stackspot-ai-chat"], {"model": "stackspot-ai-chat"}),
        (["--model", "stackspot-ai-code"], {"model": "stackspot-ai-code"}),
        (["-t", "0"], {"temperature": 0.0}),
        (["-t", "1"], {"temperature": 1.0}),
        (["--temperature", "0.25"], {"temperature": 0.25}),
        (["--max-tokens", "1"], {"max_tokens": 1}),
        (["--max-tokens", "8192"], {"max_tokens": 8192}),
    ],
)
def test_the_tuning_travels_at_the_top_level(
    program: Program, argv: list[str], fields: Mapping[str, object]
) -> None:
    body = sent(program, *argv, "hi")
    assert {name: body[name] for name in fields} == fields


def test_the_model_comes_from_the_option_then_the_environment_then_the_default(program: Program) -> None:
    env = {"STACKSPOTAI_MODEL": "stackspot-ai-chat"}
    for argv, name in ((["-m", "stackspot-ai-code"], "stackspot-ai-code"), ([], "stackspot-ai-chat")):
        program.server.requests.clear()
        assert sent(program, *argv, "hi", env=env)["model"] == name


@pytest.mark.parametrize(
    ("argv", "fields"),
    [
        ([], {"stackspot_knowledge": False, "streaming": True, "use_conversation": True, "upload_ids": []}),
        ([], {"user_prompt": "hi", "return_ks_in_response": True}),
        (["--stackspot-knowledge"], {"stackspot_knowledge": True}),
        (["--deep-search"], {"deep_search_ks": True}),
        (["--agent-version", "3"], {"agent_version_number": 3}),
        (["--select-model", "gpt-x"], {"selected_model": "gpt-x"}),
        (["--knowledge", "a", "--knowledge", "b"], {"knowledge_source_ids": ["a", "b"]}),
    ],
)
def test_an_agents_own_fields_travel(program: Program, argv: list[str], fields: Mapping[str, object]) -> None:
    program.server.api(stream(agent_delta("Hi"), AGENT_END))
    body = sent(program, *AGENT, *argv, "hi")
    assert {name: body[name] for name in fields} == fields
    (request,) = program.server.api_requests
    assert request.target == "/v1/agent/01K45T82PF8QC64C9DNHGQWHY2/chat"
    assert not {"model", "temperature", "max_tokens"} & set(body)


def test_an_agent_takes_no_temperature_and_a_note_says_so(program: Program) -> None:
    program.server.api(stream(agent_delta("Hi"), AGENT_END))
    outcome = program.ask(*AGENT, "-t", "0.2")
    assert (outcome.code, outcome.out, outcome.err.count("note: ")) == (0, "Hi\n", 1)


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["-t", "1.1", "hi"], "1.1"),
        (["-t", "-0.1", "hi"], "-0.1"),
        (["-t", "nan", "hi"], "nan"),
        (["-t", "warm", "hi"], "warm"),
        (["--max-tokens", "0", "hi"], "0"),
        (["--max-tokens", "8193", "hi"], "8193"),
        (["--max-tokens", "many", "hi"], "many"),
        (["--timeout", "0", "hi"], "--timeout"),
        (["--timeout", "-1", "hi"], "--timeout"),
        (["--timeout", "nan", "hi"], "--timeout"),
        (["--timeout", "1e9", "hi"], "below 1,000,000,000"),
        (["--timeout", "inf", "hi"], "--timeout"),
        (["--deadline", "0", "hi"], "--deadline"),
        (["--retries", "-1", "hi"], "--retries"),
        (["--retries", "101", "hi"], "--retries"),
        (["-m", "stackspot-ia", "hi"], "stackspot-ia"),
        (["-m", "", "hi"], "''"),
        (["-m", "agent:01K45T82PF8QC64C9DNHGQWHYU", "hi"], "agent:01K45T82PF8QC64C9DNHGQWHYU"),
        (["-x", "--extract-last", "hi"], "-x"),
        (["-x", "--format", "json", "hi"], "--format json"),
        (["-c", "--conversation", "01K", "hi"], "-c"),
        (["--format", "xml", "hi"], "xml"),
        (["--nope", "hi"], "--nope"),
        (["one", "two"], "two"),
        (["-f", "nope.txt", "hi"], "nope.txt"),
    ],
)
def test_a_wrong_call_is_exit_2_and_names_what_is_wrong(program: Program, argv: list[str], word: str) -> None:
    assert word in program.refused("complete", *argv)


def test_an_unknown_model_is_answered_with_the_nearest(program: Program) -> None:
    outcome = program.ask("-m", "stackspot-ai-cod")
    assert outcome.code == 2 and "stackspot-ai-code" in outcome.err.splitlines()[1]


def test_a_global_option_counts_after_the_command_too(program: Program) -> None:
    assert program.ask("-v").err.startswith("* ")


# --- nothing sent ----------------------------------------------------------------------------------------------


def test_dry_run_prints_the_request_with_dots_and_sends_nothing(program: Program) -> None:
    for env in ({}, {"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None}):
        outcome = program.ask("--dry-run", "-t", "0.1", env=env)
        shown = outcome.json
        assert (outcome.code, outcome.err, program.server.requests) == (0, "", [])
        assert (shown["method"], shown["url"]) == ("POST", f"{program.server.url}/v3/chat")
        assert shown["headers"]["Authorization"] == "Bearer ••••••••"
        assert shown["headers"]["Content-Type"] == "application/json"
        assert (shown["body"]["user_prompt"], shown["body"]["temperature"]) == ("Say hi", 0.1)


def test_dry_run_prints_what_would_be_sent(program: Program) -> None:
    shown = program.ask("--dry-run").json["body"]
    program.ask()
    body = program.server.api_requests[0].json
    shown["context"]["conversation_id"] = body["context"]["conversation_id"]
    assert shown == body


def test_dry_run_writes_where_the_answer_would_go(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    assert program.ask("--dry-run", "-o", str(path)).told == (0, "", "")
    assert json.loads(path.read_text())["body"]["user_prompt"] == "Say hi"


def test_two_answers_of_one_conversation_have_two_ids(program: Program) -> None:
    program.server.api(stream(delta("Hi"), b"event: end_event\ndata: {}\n\n"))
    first = program.run("complete", "--format", "json", "hi").json
    program.server.api(stream(delta("Hi"), b"event: end_event\ndata: {}\n\n"))
    again = program.run("complete", "-c", "--format", "json", "hi").json
    extras = [{**answer["stackspot"], "usage_estimate": None} for answer in (first, again)]
    assert extras[0] == extras[1] and extras[0]["message_id"] is None
    assert first["id"] != again["id"]


def test_missing_credentials_are_exit_4_with_the_way_out(program: Program) -> None:
    outcome = program.ask(env={"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None})
    assert (outcome.code, outcome.out, program.server.requests) == (4, "", [])
    assert "STACKSPOTAI_CLIENT_ID" in outcome.err and "stackspot login" in outcome.err


def test_no_history_keeps_nothing_but_the_token(program: Program) -> None:
    assert program.run("complete", "--no-history", "hi").code == 0
    left = sorted(
        path.relative_to(program.home).parts[0] for path in program.home.rglob("*") if path.is_file()
    )
    assert set(left) <= {"tokens"}
