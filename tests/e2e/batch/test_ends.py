"""`stackspot batch`: whatever ends it, failures, memory, a terminal."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from batch_calls import (
    PEAK,
    SLOW_DOWN,
    asked,
    batch,
    echo,
    every_third_fails,
    lines,
    many,
    out,
    out_of_whole_lines,
    said,
    slowly,
    wait_for,
    written,
)
from fault_server import HOLD, Pause, Request, Say, delta, reply
from program import Program

# --- whatever ends it --------------------------------------------------------------------------------


def test_after_a_kill_nothing_is_asked_twice_that_was_answered(program: Program) -> None:
    program.server.api(slowly)
    source, target = many(program, 60), str(program.folder / "out.jsonl")
    for count in (5, 20, 40):
        resume = ("--resume",) if written(program) else ()
        process = program.start("batch", source, "-o", target, *resume)
        wait_for(lambda count=count: written(program) >= count)
        process.kill()
        process.wait()
    # As if the last of them had been killed within a line.
    with (program.folder / "out.jsonl").open("a") as file:
        file.write('{"id": "p59", "ok": true, "ans')
    before = {line["id"] for line in out_of_whole_lines(program)}
    program.server.requests.clear()
    outcome = program.run("batch", source, "-o", target, "--resume")
    assert outcome.code == 0
    assert "was not whole: it is asked again" in outcome.err
    assert sorted(line["id"] for line in out(program)) == sorted(f"p{number}" for number in range(60))
    assert asked(program) == {f"say {n}": 1 for n in range(60) if f"p{n}" not in before}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_keeps_everything_that_is_finished(program: Program, number: int, code: int) -> None:
    held = threading.Event()
    program.server.api(echo, echo, echo, [Say(held), HOLD])
    process = program.start(
        "batch", many(program, 40), "-o", str(program.folder / "out.jsonl"), "--jobs", "3"
    )
    assert held.wait(20)
    wait_for(lambda: written(program) == 3)
    began = time.monotonic()
    process.send_signal(number)
    outcome = program.finish(process)
    assert (outcome.code, len(out(program))) == (code, 3)
    assert time.monotonic() - began < 5
    assert said(outcome) == "3 answered, 37 left\n"


def test_a_full_disk_leaves_whole_lines_and_is_gone_on_from(program: Program) -> None:
    source, target = many(program, 30), str(program.folder / "out.jsonl")
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
    limited += "from stackspot_cli.__main__ import main; sys.exit(main())"
    # -B: the limit would cut Python's own files short as well, for good.
    process = program.start("batch", source, "-o", target, python=("-B", "-c", limited))
    outcome = program.finish(process)
    assert outcome.code == 3
    assert f"error: cannot write {target}: File too large\n" in outcome.err
    before = len(out(program))
    assert 0 < before < 30
    assert program.run("batch", source, "-o", target, "--resume").code == 0
    assert sorted(line["id"] for line in out(program)) == sorted(f"p{number}" for number in range(30))


def test_a_place_that_takes_nothing_is_told_at_once(program: Program) -> None:
    outcome = program.call("batch", many(program, 3), "-o", "/dev/full")
    assert outcome.code == 3
    outcome = program.call("batch", many(program, 3), "-o", str(program.folder / "none" / "out.jsonl"))
    assert (outcome.code, "No such file or directory" in outcome.err) == (3, True)


def test_a_day_s_quota_ends_it_and_says_when_it_opens(program: Program) -> None:
    env = {"STACKSPOTAI_PER_DAY": "5"}
    outcome = batch(program, many(program, 20), env=env)
    assert outcome.code == 5
    assert "error: stopped by the quota, 5 of 20 done: the quota of this day is used up\n" in outcome.err
    assert "the same command with --resume goes on then\n" in outcome.err
    assert batch(program, many(program, 20), "--resume", env=env).code == 5
    assert len(program.server.api_requests) == 5
    assert batch(program, many(program, 20), "--resume").code == 0
    assert set(asked(program).values()) == {1}


def test_a_service_that_refuses_for_longer_than_a_minute_ends_it(program: Program) -> None:
    """The minute is scaled as all waits are: here it lasts a tenth of a second."""
    program.server.api(SLOW_DOWN)
    outcome = batch(program, many(program, 4), "--jobs", "1", "--retries", "1")
    assert (outcome.code, (program.folder / "out.jsonl").exists()) == (5, False)
    assert len(program.server.api_requests) == 2 + 2  # by the rules of retries, and again after a minute
    assert "stopped by the quota, 0 of 4 done: StackSpot asks for fewer requests (429)" in outcome.err


def test_a_refusal_for_a_minute_is_waited_out(program: Program) -> None:
    program.server.api(*[SLOW_DOWN] * 2, echo)
    outcome = batch(program, many(program, 4), "--jobs", "1", "--retries", "1")
    assert (outcome.code, [line["attempts"] for line in out(program)]) == (0, [3, 1, 1, 1])


def test_who_wants_no_further_attempt_gets_none(program: Program) -> None:
    program.server.api(SLOW_DOWN)
    assert batch(program, many(program, 4), "--jobs", "1", "--retries", "0").code == 5
    assert len(program.server.api_requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_what_no_line_would_escape_stops_them_all(program: Program, status: int) -> None:
    program.server.api(reply(status, {"details": "No."}))
    outcome = batch(program, many(program, 50), "--jobs", "2")
    assert (outcome.code, (program.folder / "out.jsonl").exists()) == (4, False)
    assert len(program.server.api_requests) <= 4


# --- failures ----------------------------------------------------------------------------------------


def test_failures_are_lines_and_can_be_asked_again(program: Program) -> None:
    program.server.api(every_third_fails)
    source = many(program, 9)
    outcome = batch(program, source)
    assert outcome.code == 7
    assert said(outcome).endswith(
        "6 answered, 3 failed\n"
        "error: 3 of 9 prompts failed\n"
        "hint: `error` in their lines of OUT says why; --retry-failed asks them again\n"
    )
    failed = [line for line in out(program) if not line["ok"]]
    assert sorted(line["id"] for line in failed) == ["p0", "p3", "p6"]
    assert failed[0]["error"] == {
        "code": "REFUSED",
        "exit_code": 8,
        "message": "StackSpot refused the request (400): I will not.",
    }
    program.server.api(echo)
    again = batch(program, source, "--resume")  # failures that are on record stay
    assert (again.code, len(program.server.api_requests)) == (7, 9)
    assert batch(program, source, "--resume", "--retry-failed").code == 0
    assert len(program.server.api_requests) == 12
    assert sorted((line["id"], line["ok"]) for line in out(program)) == [(f"p{n}", True) for n in range(9)]


def test_it_can_stop_after_some_failures(program: Program) -> None:
    program.server.api(reply(400, {"details": "I will not."}))
    outcome = batch(program, many(program, 50), "--max-failures", "3", "--jobs", "1")
    assert (outcome.code, len(out(program))) == (7, 3)
    assert "error: stopped after 3 failures, 3 of 50 done\n" in outcome.err


def test_an_answer_that_breaks_off_keeps_its_part(program: Program) -> None:
    from fault_server import RESET, frames

    program.server.api([*frames(delta("Half")), Pause(0.05), RESET])
    batch(program, many(program, 1))
    [line] = out(program)
    assert (line["ok"], line["answer"], line["error"]["exit_code"]) == (False, "Half", 7)


def test_out_can_be_in_the_order_of_in(program: Program) -> None:
    def backwards(request: Request) -> list[Any]:
        return [Pause(0.02 * (6 - int(request.json["user_prompt"].split()[-1]))), *echo(request)]

    program.server.api(backwards)
    assert batch(program, many(program, 6), "--ordered", "--jobs", "6").code == 0
    assert [line["id"] for line in out(program)] == [f"p{number}" for number in range(6)]


def test_two_batches_do_not_write_one_file(program: Program) -> None:
    held = threading.Event()
    program.server.api([Say(held), HOLD])
    target = str(program.folder / "out.jsonl")
    process = program.start("batch", many(program, 2), "-o", target)
    assert held.wait(20)
    outcome = program.call("batch", many(program, 2), "-o", target, "--resume")
    assert (outcome.code, outcome.err.splitlines()[0]) == (
        2,
        f"error: another `stackspot batch` is writing {target}",
    )
    process.kill()


def test_an_in_that_is_empty_is_said(program: Program) -> None:
    source = lines(program)
    assert batch(program, source).told == (0, "", f"note: {source} holds no line\n")


# --- memory ------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_in(program: Program) -> None:
    def peak(count: int) -> int:
        padding = "x" * 8_000
        source = lines(program, *({"prompt": f"{number} {padding}"} for number in range(count)))
        target = program.folder / f"out-{count}.jsonl"
        process = program.start("batch", source, "-o", str(target), "--jobs", "2", python=("-c", PEAK))
        return int(program.finish(process).out)

    assert peak(800) - peak(50) < 3_000  # KiB; IN and OUT grew by 12 MiB


def test_out_follows_the_umask_and_every_line_is_there_as_soon_as_it_is_done(program: Program) -> None:
    held = threading.Event()
    program.server.api(echo, [Say(held), HOLD])
    os.umask(0o027)
    try:
        process = program.start(
            "batch", many(program, 2), "-o", str(program.folder / "out.jsonl"), "--jobs", "1"
        )
    finally:
        os.umask(0o022)
    assert held.wait(20)
    assert len(out(program)) == 1
    assert (program.folder / "out.jsonl").stat().st_mode & 0o777 == 0o640
    process.kill()


def test_out_keeps_its_name_where_it_is_a_link(program: Program) -> None:
    real = program.folder / "real.jsonl"
    link: Path = program.folder / "out.jsonl"
    program.server.api(every_third_fails)
    assert batch(program, many(program, 3)).code == 7
    link.rename(real)
    link.symlink_to(real)
    program.server.api(echo)
    assert batch(program, many(program, 3), "--retry-failed", "--ordered").code == 0
    assert link.is_symlink()
    assert [line["id"] for line in out(program)] == ["p0", "p1", "p2"]


# --- on a terminal -----------------------------------------------------------------------------------


def test_on_a_terminal_a_bar_tells_how_far_it_is_and_ctrl_c_keeps_what_is_finished(program: Program) -> None:
    held = threading.Event()
    program.server.api(echo, echo, [Say(held), HOLD])
    target = program.folder / "out.jsonl"
    with program.on_terminal("batch", many(program, 4), "-o", str(target), "--jobs", "1") as screen:
        assert held.wait(20)
        screen.wait_for(b"2 of 4 done")
        screen.type(b"\x03")
        assert screen.end() == 130
    assert b"50 %" in screen.shown
    assert b"2 answered, 2 left" in screen.shown
    assert len(out(program)) == 2


def test_on_a_terminal_a_wait_for_the_quota_stands_beside_the_numbers(program: Program) -> None:
    env = {"STACKSPOTAI_PER_MINUTE": "2"}
    with program.on_terminal(
        "batch", many(program, 4), "-o", str(program.folder / "out.jsonl"), env=env
    ) as screen:
        screen.wait_for(b"2 of 4 done")
        screen.wait_for(b"waiting for the quota")
        screen.type(b"\x03")
        assert screen.end() == 130
    status = program.run("status", "--offline", "--format", "json", env=env)
    assert status.json["quota"]["last_day"]["requests"] == 2  # turns that were not taken were given back
