"""What arrives at the service when a conversation goes on: the new message alone, or everything."""

import json
import signal
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fault_server import (
    END,
    HOLD,
    LAST_CHUNK,
    RESET,
    STREAM_HEAD,
    FaultServer,
    Say,
    chunk,
    delta,
    reply,
    stream,
)
from program import Outcome, Program

WHOLE = (
    "This is our conversation so far. Answer the last message.\n\n"
    "=== user ===\none\n\n=== assistant ===\nHello{ending}\n\n=== user ===\ntwo"
)
CUT = "\n[this answer was cut off here]"


class KeepingProgram(Program):
    """One whose calls inside this process keep history too."""

    def call(self, *argv: str, env: Mapping[str, str | None] | None = None, **more: Any) -> Outcome:
        return super().call(*argv, env={"STACKSPOTAI_HISTORY": None, **(env or {})}, **more)


@pytest.fixture
def program(tmp_path: Path, server: FaultServer) -> Iterator[Program]:
    made = KeepingProgram(tmp_path, server)
    yield made
    made.close()
    assert made.leaks() == []


def arrived(server: FaultServer) -> list[tuple[str, str]]:
    """Of each request: the id of the conversation and the text."""
    bodies: list[Any] = [request.json for request in server.api_requests]
    return [(body["context"]["conversation_id"], body["user_prompt"]) for body in bodies]


def said(program: Program, *options: str, **more: Any) -> dict[str, Any]:
    """`complete --format json`; the object, whatever the exit code."""
    outcome: Outcome = program.call("complete", "--format", "json", *options, **more)
    found: dict[str, Any] = outcome.json
    return found


def id_of(answer: dict[str, Any]) -> str:
    return str(answer["stackspot"]["conversation_id"])


# --- both shapes -----------------------------------------------------------------------------------


def test_what_the_service_has_seen_is_not_sent_again(program: Program, server: FaultServer) -> None:
    first = said(program, "one")
    second = said(program, "-c", "two")
    third = said(program, "--conversation", id_of(first)[:12].lower(), "three")
    assert id_of(first) == id_of(second) == id_of(third)
    assert arrived(server) == [(id_of(first), "one"), (id_of(first), "two"), (id_of(first), "three")]


@pytest.mark.parametrize(
    ("broken", "ending"),
    [
        ([STREAM_HEAD, chunk(delta("Hello")), LAST_CHUNK], CUT),
        ([STREAM_HEAD, chunk(delta("Hello")), RESET], CUT),
    ],
)
def test_after_a_cut_answer_everything_is_sent_under_a_fresh_id(
    program: Program, server: FaultServer, broken: list[Any], ending: str
) -> None:
    server.api(broken, stream(delta("Well"), END))
    first = said(program, "one")
    second = said(program, "-c", "two")
    assert (first["stackspot"]["complete"], second["stackspot"]["complete"]) == (False, True)
    assert id_of(first) == id_of(second)
    (first_id, _), (second_id, text) = arrived(server)
    assert first_id == id_of(first) != second_id
    assert text == WHOLE.format(ending=ending)
    said(program, "-c", "three")
    assert arrived(server)[2] == (second_id, "three")


def test_after_a_failed_turn_everything_is_sent_but_the_failed_message(
    program: Program, server: FaultServer
) -> None:
    server.api(stream(delta("Hello"), END), reply(400, {"details": "no"}), stream(delta("Well"), END))
    first = said(program, "one")
    assert program.call("complete", "-c", "refused").code == 8
    said(program, "-c", "two")
    first_id, _refused_id, last_id = [id_ for id_, _text in arrived(server)]
    assert first_id == id_of(first) != last_id
    assert arrived(server)[2][1] == WHOLE.format(ending="")


@pytest.mark.parametrize(
    ("options", "before"),
    [(["-m", "stackspot-ai-code"], ""), (["-s", "Be brief."], "Be brief.\n\n")],
)
def test_another_model_or_instruction_starts_over(
    program: Program, server: FaultServer, options: list[str], before: str
) -> None:
    first = said(program, "one")
    said(program, "-c", *options, "two")
    said(program, "-c", "three")
    (first_id, _), (second_id, text), third = arrived(server)
    assert first_id == id_of(first) != second_id
    assert text == before + WHOLE.format(ending="")
    assert third == (second_id, "three")


def test_a_conversation_keeps_its_model_and_its_instructions(program: Program, server: FaultServer) -> None:
    said(program, "-m", "stackspot-ai-code", "-s", "Be brief.", "one")
    said(program, "-c", "two")
    assert [text for _id, text in arrived(server)] == ["Be brief.\n\none", "two"]
    assert {request.json["model"] for request in server.api_requests} == {"stackspot-ai-code"}


def test_another_account_is_told_nothing_of_it(program: Program, server: FaultServer) -> None:
    first = said(program, "one")
    another = {"STACKSPOTAI_REALM": "another", "STACKSPOTAI_HISTORY": "on"}
    for how in (["-c"], ["--conversation", id_of(first)]):
        outcome = program.call("complete", *how, "two", env=another)
        assert (outcome.code, outcome.out) == (2, "")
    assert "was held with realm acme, and this is realm another" in outcome.err
    assert len(arrived(server)) == 1


def test_what_is_not_kept_is_not_part_of_what_was_kept(program: Program, server: FaultServer) -> None:
    first = said(program, "one")
    said(program, "-c", "--no-history", "between")
    said(program, "-c", "two")
    between, last = arrived(server)[1:]
    assert between[0] != id_of(first)
    assert last == (id_of(first), "two")


def test_the_oldest_turns_are_left_out_with_a_note(program: Program, server: FaultServer) -> None:
    server.api(stream(delta("x" * 30_000), END))
    for number in range(3):
        said(program, *(["-c"] if number else []), f"question {number}")
    outcome = program.call("complete", "-c", "-m", "stackspot-ai-code", "last")
    assert "note: oldest turns left out, to fit the input limit of 16384 tokens: 1\n" in outcome.err
    _id, text = arrived(server)[-1]
    assert "question 0" not in text
    assert text.index("question 1") < text.index("question 2")
    assert text.endswith("=== user ===\nlast")


def test_an_over_long_prompt_is_refused_and_nothing_sent(program: Program, server: FaultServer) -> None:
    outcome = program.call("complete", "x" * 200_000)
    assert outcome.told == (
        2,
        "",
        "error: the prompt has at least 25000 tokens; stackspot-ai takes 16384\n"
        "hint: send less, or split it into several prompts\n",
    )
    assert server.requests == []
    assert not program.home.exists()


@pytest.mark.parametrize("options", [["-c"], ["--conversation", "01NOPE"]])
def test_what_is_not_there_is_exit_2_and_nothing_sent(
    program: Program, server: FaultServer, options: list[str]
) -> None:
    assert program.call("complete", *options, "one").code == 2
    assert server.requests == []


# --- what is left afterwards -----------------------------------------------------------------------


def test_show_recovers_the_last_answer(program: Program, server: FaultServer) -> None:
    said(program, "one")
    assert program.call("history", "show").out.endswith("\n\n> one\n\nHello\n")


@pytest.mark.parametrize("how", [["--no-history"], []])
def test_nothing_is_kept_where_nothing_is_to_be_kept(
    program: Program, server: FaultServer, how: list[str]
) -> None:
    env = None if how else {"STACKSPOTAI_HISTORY": "off"}
    assert program.call("complete", *how, "one", env=env).code == 0
    assert list(program.home.glob("history*")) == []


def test_files_are_the_owner_s_alone(program: Program, server: FaultServer) -> None:
    said(program, "one")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in program.home.glob("history.db*")}
    assert set(modes.values()) == {0o600}


def test_a_killed_process_leaves_what_came_and_the_next_turn_tells_it(
    program: Program, server: FaultServer
) -> None:
    reached = threading.Event()
    server.api([STREAM_HEAD, chunk(delta("Hello")), Say(reached), HOLD], stream(delta("Well"), END))
    process = program.start("complete", "one")
    assert reached.wait(30)
    time.sleep(1.2)  # the promise is about time: what came more than a second ago is on disk
    process.send_signal(signal.SIGKILL)
    program.finish(process)
    [kept] = program.call("history", "list", "--format", "json").json
    assert (kept["title"], kept["state"]) == ("one", "interrupted")
    said(program, "-c", "two")
    assert arrived(server)[1][1] == WHOLE.format(ending="\n[this answer was interrupted here]")


def test_ctrl_c_keeps_what_came(program: Program, server: FaultServer) -> None:
    server.api([STREAM_HEAD, chunk(delta("Hello\n")), HOLD])
    process = program.start("complete", "one")
    assert process.stdout is not None
    assert process.stdout.readline() == b"Hello\n"
    process.send_signal(signal.SIGINT)
    assert program.finish(process).code == 130
    [turn] = program.call("history", "show", "--format", "json").json["turns"]
    assert (turn["prompt"], turn["answer"], turn["state"]) == ("one", "Hello\n", "interrupted")


def test_a_reader_that_goes_away_leaves_a_truthful_row(program: Program, server: FaultServer) -> None:
    server.api([STREAM_HEAD, *[chunk(delta("word " * 400 + "\n"))] * 200, HOLD])
    process = program.start("complete", "one")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) == 141
    [turn] = program.call("history", "show", "--format", "json").json["turns"]
    assert turn["state"] == "interrupted"
    assert turn["answer"].startswith("word word ")


def test_a_damaged_history_costs_a_warning_and_not_the_answer(program: Program, server: FaultServer) -> None:
    program.home.mkdir()
    (program.home / "history.db").write_bytes(b"not a database" * 100)
    outcome = program.call("complete", "one")
    assert (outcome.code, outcome.out) == (0, "Hello\n")
    [aside] = program.home.glob("history.db.damaged-*")
    assert outcome.err == f"note: the history was damaged: it is kept as {aside}, and a new one begins\n"
    assert len(program.call("history", "list", "--format", "json").json) == 1


def test_a_newer_history_costs_a_note_and_is_not_touched(program: Program, server: FaultServer) -> None:
    path = make_newer(program.home)
    before = path.read_bytes()
    outcome = program.call("complete", "one")
    assert (outcome.code, outcome.out) == (0, "Hello\n")
    assert outcome.err.startswith("note: this answer is not kept: the history ")
    assert program.call("history", "list").code == 3
    assert path.read_bytes() == before
    assert [found.name for found in program.home.glob("history*")] == ["history.db"]


def make_newer(home: Path) -> Path:
    home.mkdir()
    connection = sqlite3.connect(home / "history.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA user_version = 77")
    connection.close()
    return home / "history.db"


def test_eight_processes_at_once_are_all_kept(program: Program, server: FaultServer) -> None:
    processes = [program.start("complete", f"question {number}") for number in range(8)]
    assert [program.finish(process).told for process in processes] == [(0, "Hello\n", "")] * 8
    kept = program.call("history", "list", "--format", "json").json
    assert sorted(one["title"] for one in kept) == [f"question {number}" for number in range(8)]
    assert len({one["id"] for one in kept}) == 8


def test_the_history_s_own_commands_need_no_network(program: Program, server: FaultServer) -> None:
    said(program, "one")
    before = len(server.requests)
    outcome = program.run("history", "export", "--all", "--format", "jsonl")
    assert json.loads(outcome.out)["turns"][0]["answer"] == "Hello"
    assert program.run("history", "delete", "--all", "--yes").code == 0
    assert len(server.requests) == before
