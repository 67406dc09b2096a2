"""Sizes without end, documents in place of a stream, and every format telling the same truth."""

from pathlib import Path

import pytest
from fault_server import (
    CLOSE,
    CLOSE_HEAD,
    END,
    PAGE,
    RESET,
    STREAM_HEAD,
    Endless,
    delta,
    frames,
    reply,
    stream,
    zipped,
)
from program import Program
from stream_outcomes import AGENT, PEAK, cut, nothing, whole

# --- sizes ---------------------------------------------------------------------------------------------------


def test_a_large_event_is_an_answer(program: Program) -> None:
    text = "x" * 900_000
    program.server.api(stream(delta(text), END))
    assert program.ask().told == whole(text)


@pytest.mark.parametrize("start", [b"data: ", b": ", b"junk", b'data: {"answer": "'])
def test_a_line_without_end_is_given_up_at_its_bound(program: Program, start: bytes) -> None:
    program.server.api([CLOSE_HEAD, start, Endless(b"x" * 65536, limit=100_000_000), CLOSE])
    assert "16777216" in nothing(program)


def test_many_lines_of_one_event_are_given_up_at_the_same_bound(program: Program) -> None:
    program.server.api([CLOSE_HEAD, Endless(b"data: " + b"x" * 9993 + b"\n", limit=100_000_000), CLOSE])
    assert "16777216" in nothing(program)


def test_a_huge_event_after_text_keeps_the_part(program: Program) -> None:
    program.server.api([CLOSE_HEAD, delta("Hel"), b"data: ", Endless(b"x" * 65536, limit=100_000_000), CLOSE])
    cut(program, "Hel\n")


def test_a_plain_body_without_end_is_given_up_at_its_bound(program: Program) -> None:
    program.server.api([CLOSE_HEAD, b'{"message": "', Endless(b"x" * 65536, limit=100_000_000), CLOSE])
    nothing(program)


def test_a_zip_bomb_is_given_up_at_its_bound(program: Program) -> None:
    head = CLOSE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    program.server.api([head, zipped(b"data: " + b"x" * 40_000_000), CLOSE])
    nothing(program)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process's peak there")
def test_an_endless_answer_in_text_needs_no_more_memory_than_a_short_one(program: Program) -> None:
    block = b"".join(delta("all work and no play makes jack a dull boy\n" * 20) for _ in range(50))
    program.server.api([CLOSE_HEAD, Endless(block, limit=40_000_000), END, CLOSE])
    process = program.start("complete", "--no-history", "hi", python=("-c", PEAK))
    outcome = program.finish(process)
    assert outcome.code == 0 and len(outcome.out_bytes) > 35_000_000
    assert int(outcome.err) < 60_000, f"{outcome.err} KiB at its peak"


# --- a document in place of a stream --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PAGE, "text/html"),
        (PAGE, "text/event-stream"),
        ("", "text/event-stream"),
        ("", "application/json"),
        ("OK", "text/plain"),
        ("{}", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ('{"message": null}', "application/json"),
        ('{"message": "Hi', "application/json"),
        ("[" * 100_000, "application/json"),
    ],
)
def test_a_success_that_is_no_answer_is_exit_6_and_not_sent_again(
    program: Program, body: str, kind: str
) -> None:
    program.server.api(reply(200, body, kind=kind))
    nothing(program)


def test_204_is_no_answer(program: Program) -> None:
    program.server.api(reply(204))
    nothing(program)


def test_a_plain_json_answer_is_an_answer(program: Program) -> None:
    answer = {
        "message": "Olá",
        "stop_reason": "stop",
        "tokens": {"input": 3, "output": 1},
        "upload_ids": {},
        "source": [],
        "message_id": "01KJ",
        "conversation_id": "01KK",
    }
    program.server.api(reply(200, answer))
    outcome = program.ask(*AGENT, "--format", "json")
    assert (outcome.code, outcome.json["choices"][0]["message"]["content"]) == (0, "Olá")
    assert outcome.json["stackspot"]["complete"] is True


def test_an_error_in_a_success_is_a_definite_no(program: Program) -> None:
    program.server.api(reply(200, {"type": "X", "code": "Y", "details": "No such agent version"}))
    assert "No such agent version" in nothing(program, 8)


# --- every format tells the same truth ------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 4, 6, 7, 8])
def test_the_last_line_of_jsonl_tells_how_it_ended(program: Program, code: int) -> None:
    ends = {
        0: stream(delta("Hel"), END),
        4: reply(401),
        6: [STREAM_HEAD, CLOSE],
        7: [*frames(delta("Hel")), CLOSE],
        8: reply(400, {"details": "no"}),
    }
    program.server.api(ends[code])
    outcome = program.ask("--format", "jsonl")
    first, *middle, last = outcome.lines
    assert outcome.code == code
    assert (first["type"], first["model"]) == ("start", "stackspot-ai")
    assert middle == ([{"type": "delta", "text": "Hel"}] if code in (0, 7) else [])
    if code == 0:
        assert (last["type"], last["stop_reason"]) == ("done", "stop")
    else:
        names = {4: "AUTH", 6: "UNAVAILABLE", 7: "PARTIAL", 8: "REFUSED"}
        assert set(last) == {"type", "code", "exit_code", "message", "hint"}
        assert (last["type"], last["code"], last["exit_code"]) == ("error", names[code], code)
        assert f"error: {last['message']}\nhint: {last['hint']}\n" == outcome.err


def test_jsonl_tells_of_missing_credentials_too(program: Program) -> None:
    outcome = program.ask(
        "--format", "jsonl", env={"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None}
    )
    assert outcome.code == 4 and outcome.lines[-1]["exit_code"] == 4


def test_the_json_of_a_cut_answer_is_valid_and_says_so(program: Program) -> None:
    program.server.api([*frames(delta("Hel")), RESET])
    outcome = program.ask("--format", "json")
    assert (outcome.code, outcome.out.count("\n")) == (7, 1)
    choice = outcome.json["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Hel", None)
    assert outcome.json["stackspot"]["complete"] is False


def test_a_cut_answer_stays_in_the_part_file(program: Program) -> None:
    program.server.api([*frames(delta("Hel")), RESET])
    wanted = program.folder / "answer.txt"
    wanted.write_text("old")
    outcome = program.ask("-o", str(wanted))
    part = program.folder / "answer.txt.part"
    assert (outcome.code, outcome.out, part.read_text(), wanted.read_text()) == (7, "", "Hel\n", "old")
    assert str(part) in outcome.err
