"""Whatever comes from outside, and by whichever way it reaches a build log: no line of it is a command there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from fault_server import END, FaultServer, chunk, delta, reply, stream
from program import Outcome, Program

# What the runners themselves look for. GitHub's trims the line first; Azure's agent and TeamCity find their marker
# anywhere in it; GitLab wants a carriage return and an escape.
OBEYED = re.compile(
    r"^\s*::[^\n]*::|##(?:vso|teamcity)?\[|section_(?:start|end):\d+:[^\n]*\r", re.MULTILINE | re.IGNORECASE
)
HOSTILE = (
    "::add-mask::a\n::stop-commands::tok\n \t::set-env name=x::y\nwords ##vso[task.complete result=Succeeded;]done\n"
    "##[group]x\n##TeamCity[buildStop]\nsection_start:1:x\r\x1b[0K\n"
)
IN_CODE = f"Here:\n\n```\n{HOSTILE}```\n"
ULID = "01K9ZZZZZZZZZZZZZZZZZZZZZZ"


def answers(server: FaultServer, text: str = HOSTILE, **fields: object) -> None:
    server.api(stream(delta(text, **fields), END))


def fails(status: int, **headers: str) -> Callable[[FaultServer], None]:
    def set_up(server: FaultServer) -> None:
        server.api(reply(status, {"details": HOSTILE, "code": HOSTILE, "type": HOSTILE}, headers.items()))

    return set_up


def plain_page(server: FaultServer) -> None:
    server.api(reply(200, f"<p>{HOSTILE}", kind="text/html"))


def token_refused(server: FaultServer) -> None:
    server.token(reply(400, {"error": HOSTILE, "error_description": HOSTILE}))


def frame_of_error(server: FaultServer) -> None:
    server.api(
        stream(delta("x"), b"event: error\ndata: " + json.dumps({"message": HOSTILE}).encode() + b"\n\n")
    )


def sources(server: FaultServer) -> None:
    answers(server, "x", source=[HOSTILE, {"name": HOSTILE, "document_type": HOSTILE}])


def listing(*fields: str) -> Callable[[FaultServer], None]:
    def set_up(server: FaultServer) -> None:
        entry = {**dict.fromkeys(fields, HOSTILE), "id": ULID, "slug": "s"}
        server.api(reply(200, {"items": [entry, {**entry, "slug": HOSTILE}]}))

    return set_up


def executed(status: str, result: object) -> Callable[[FaultServer], None]:
    def set_up(server: FaultServer) -> None:
        over = {
            "progress": {"status": status, "execution_percentage": 1.0},
            "steps": [{"step_name": HOSTILE, "step_result": {"answer": HOSTILE, "sources": [HOSTILE]}}],
            "result": result,
            "conversation_id": HOSTILE,
        }
        server.api(reply(200, json.dumps(ULID), kind="application/json"), reply(200, over))

    return set_up


RUN = ("run", "--poll", "0.01", "slug", "input")
CHANNELS: dict[str, tuple[Callable[[FaultServer], None], tuple[str, ...]]] = {
    "text": (answers, ("complete", "Say hi")),
    "whole": (answers, ("complete", "--no-stream", "Say hi")),
    "markdown": (answers, ("complete", "--format", "markdown", "Say hi")),
    "json": (answers, ("complete", "--format", "json", "Say hi")),
    "lines": (answers, ("complete", "--format", "jsonl", "Say hi")),
    "code": (lambda server: answers(server, IN_CODE), ("complete", "-x", "Say hi")),
    "no code": (answers, ("complete", "-x", "Say hi")),
    "to a device": (answers, ("complete", "-o", "/dev/stdout", "Say hi")),
    "sources": (sources, ("complete", "Say hi")),
    "sources as markdown": (sources, ("complete", "--format", "markdown", "Say hi")),
    "sources as lines": (sources, ("complete", "--format", "jsonl", "Say hi")),
    "error in the stream": (frame_of_error, ("complete", "Say hi")),
    "error as a line": (frame_of_error, ("complete", "--format", "jsonl", "Say hi")),
    "a page": (plain_page, ("complete", "Say hi")),
    "token refused": (token_refused, ("complete", "Say hi")),
    "bad request": (fails(400), ("complete", "Say hi")),
    "not permitted": (fails(403), ("complete", "Say hi")),
    "not found": (fails(404), ("-v", "complete", "Say hi")),
    "redirect": (fails(302, Location=f"https://x.example/{'::a::b'}"), ("complete", "Say hi")),
    "rate limit": (fails(429), ("-v", "complete", "--retries", "1", "Say hi")),
    "server error": (fails(500), ("--debug", "complete", "--retries", "0", "Say hi")),
    "headers": (
        fails(500, **{"X-Request-Id": "##vso[x]", "Server": "##[group]"}),
        ("--debug", "complete", "Say hi"),
    ),
    "model's name": (answers, ("complete", "-m", HOSTILE, "Say hi")),
    "file's name": (answers, ("complete", "-f", HOSTILE, "Say hi")),
    "output's name": (answers, ("complete", "-o", f"/no/{HOSTILE}", "Say hi")),
    "conversation's id": (answers, ("complete", "--conversation", HOSTILE, "Say hi")),
    "dry run": (answers, ("complete", "--dry-run", HOSTILE)),
    "agents": (listing("name", "description", "visibility"), ("agents",)),
    "agents as json": (listing("name", "description", "visibility"), ("agents", "--format", "json")),
    "llms": (listing("name", "display_name", "provider"), ("models", "--remote")),
    "sources of knowledge": (listing("name", "description", "type"), ("knowledge", "list")),
    "run": (executed("COMPLETED", HOSTILE), RUN),
    "run as markdown": (executed("COMPLETED", HOSTILE), (*RUN, "--format", "markdown")),
    "run as json": (executed("COMPLETED", HOSTILE), (*RUN, "--format", "json")),
    "run's object": (executed("COMPLETED", {"a": HOSTILE}), RUN),
    "run without code": (executed("COMPLETED", HOSTILE), (*RUN, "-x")),
    "run failed": (executed("FAILURE", HOSTILE), RUN),
    "run's progress": (executed("RUNNING", None), (*RUN, "--wait", "0.05")),
    "execution's id": (answers, ("run", "--execution", HOSTILE)),
    "unknown command": (answers, (HOSTILE,)),
    "unknown option": (answers, ("complete", f"--{HOSTILE}")),
}


def checked(outcome: Outcome) -> Outcome:
    for name, text in (("stdout", outcome.out), ("stderr", outcome.err)):
        found = OBEYED.search(text)
        assert found is None, f"{name}: {found.group()!r} in {text!r}"
    return outcome


@pytest.mark.parametrize("name", CHANNELS)
def test_no_channel_of_a_command_steers_a_build_log(name: str, program: Program, server: FaultServer) -> None:
    set_up, argv = CHANNELS[name]
    set_up(server)
    outcome = checked(program.run(*argv, env={"CI": "true"}))
    assert outcome.out or outcome.err


def test_json_stays_exact(program: Program, server: FaultServer) -> None:
    answers(server)
    outcome = program.run("complete", "--format", "json", "Say hi", env={"CI": "true"})
    assert outcome.json["choices"][0]["message"]["content"] == HOSTILE


@pytest.mark.parametrize(
    "argv",
    [
        ("list",),
        ("list", "--format", "json"),
        ("show", "ID"),
        ("show", "ID", "--format", "json"),
        ("search", "words"),
        ("search", "words", "--format", "json"),
        ("export", "ID"),
        ("export", "ID", "--format", "json"),
        ("export", "ID", "--format", "jsonl"),
        ("delete", "ID"),
    ],
    ids=" ".join,
)
def test_neither_does_what_is_kept(argv: tuple[str, ...], program: Program, server: FaultServer) -> None:
    answers(server)
    program.run("complete", HOSTILE)
    [kept] = program.run("history", "list", "--format", "json").json
    checked(program.run("history", *(kept["id"] if one == "ID" else one for one in argv), env={"CI": "true"}))


@pytest.mark.parametrize("format_", ["text", "markdown", "jsonl"])
def test_neither_does_a_chat(format_: str, program: Program, server: FaultServer) -> None:
    answers(server)
    checked(
        program.run(
            "chat",
            "--commands",
            "--format",
            format_,
            stdin=b"Say hi\n/unknown\n/open x\n",
            env={"CI": "true"},
        )
    )
    [kept] = program.run("history", "list", "--format", "json").json
    again = program.run("chat", "--commands", stdin=f"/open {kept['id']}\n".encode(), env={"CI": "true"})
    assert "add-mask" in checked(again).err


def test_the_raw_answer_is_exactly_what_was_asked_for(program: Program, server: FaultServer) -> None:
    server.api(stream(delta(HOSTILE), END))
    assert program.run("complete", "--raw", "Say hi", env={"CI": "true"}).out_bytes == HOSTILE.encode()


def test_the_test_knows_a_command_when_it_sees_one() -> None:
    assert chunk(b"x")
    for line in ("::error::x", "  ::add-mask::y", "a ##vso[x]", "##[group]", "##TEAMCITY[x]"):
        assert OBEYED.search(line), line
