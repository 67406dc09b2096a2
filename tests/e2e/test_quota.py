"""One quota for all processes of a machine, and how a wait is told."""

from __future__ import annotations

import json
import re

import pytest
from clock import Clock
from fault_server import END, delta, reply, stream
from program import Program

ANSWER = stream(delta("Hello"), END)
SLOW_DOWN = reply(429, {"details": "Maximum number of requests reached."})


def counts(program: Program) -> list[str]:
    return sorted(path.suffix for path in (program.home / "quota").glob("*"))


def test_where_nothing_is_set_and_nothing_was_refused_nothing_is_counted(program: Program) -> None:
    program.run("complete", "hi")
    assert not (program.home / "quota").exists()
    program.server.api(SLOW_DOWN, ANSWER)
    assert program.run("complete", "hi").told == (0, "Hello\n", "")
    assert counts(program) == [".json", ".lock"]


def test_a_process_waits_for_what_others_used_or_ends_where_its_deadline_comes_first(
    program: Program,
) -> None:
    env = {"STACKSPOTAI_PER_MINUTE": "2"}
    for _ in range(2):
        assert program.run("complete", "hi", env=env).code == 0
    late = program.run("complete", "--deadline", "5", "hi", env=env)
    assert (late.code, late.out) == (5, "")
    assert re.fullmatch(
        r"error: the quota of this minute is used up, and opens in \d\d s\n"
        r"hint: give it longer with --deadline; `stackspot status` shows what was used\n",
        late.err,
    )
    assert len(program.server.api_requests) == 2
    # Another credential, and another service, has a quota of its own.
    assert (
        program.run("complete", "--deadline", "5", "hi", env=env | {"STACKSPOTAI_REALM": "other"}).code == 0
    )


def test_a_day_that_is_full_ends_at_once_and_says_when_it_opens(program: Program) -> None:
    program.run("config", "set", "providers.stackspot.quota.per_day", "1")
    assert program.run("config", "get", "providers.stackspot.quota.per_day").out == "1\n"
    assert program.run("complete", "hi").code == 0
    full = program.run("complete", "hi")
    assert (full.code, len(program.server.api_requests)) == (5, 1)
    assert re.fullmatch(
        r"error: the quota of this day is used up\n"
        r"hint: it opens again at \d{4}-\d\d-\d\d \d\d:\d\d; `stackspot status` shows what was used\n",
        full.err,
    )
    assert program.run("complete", "hi", env={"STACKSPOTAI_PER_DAY": "none"}).code == 0


def test_every_attempt_and_no_token_request_counts(program: Program) -> None:
    program.server.api(reply(503), ANSWER)
    program.run("complete", "hi", env={"STACKSPOTAI_PER_DAY": "9"})
    found = program.run("status", "--offline", "--format", "json", env={"STACKSPOTAI_PER_DAY": "9"})
    assert found.json["quota"]["last_day"]["requests"] == 2
    assert json.loads(next((program.home / "quota").glob("*.json")).read_bytes())["version"] == 1


def test_a_place_that_cannot_be_written_is_a_note_and_no_failure(program: Program) -> None:
    program.home.mkdir()
    (program.home / "quota").write_text("a file stands here")
    outcome = program.run("complete", "hi", env={"STACKSPOTAI_PER_MINUTE": "5"})
    assert outcome.told == (
        0,
        "Hello\n",
        "note: this process counts its requests alone, for the count cannot be shared: Not a directory\n",
    )


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5"])
def test_a_quota_is_a_whole_number(program: Program, wrong: str) -> None:
    outcome = program.ask(env={"STACKSPOTAI_PER_MINUTE": wrong})
    assert (outcome.code, outcome.err) == (
        2,
        f"error: STACKSPOTAI_PER_MINUTE must be a whole number of requests above 0, or `none`, not '{wrong}'\n"
        "hint: correct STACKSPOTAI_PER_MINUTE, or unset it\n",
    )


# --- how a wait is told ------------------------------------------------------------------------------


def test_in_a_pipe_a_long_wait_is_noted_once_and_a_short_one_not_at_all(program: Program) -> None:
    clock = Clock()
    program.server.api(
        reply(429, {"details": "Slow down."}, headers=[("Retry-After", "7")]),
        reply(503, headers=[("Retry-After", "2")]),
        ANSWER,
    )
    outcome = program.ask(now=clock.now, sleep=clock.sleep)
    assert outcome.told == (
        0,
        "Hello\n",
        "note: StackSpot asks for fewer requests (429): Slow down; trying again in 7 s (attempt 2 of 3)\n",
    )
    assert clock.slept == [7.0, 2.0]


def test_the_steps_of_a_verbose_call_tell_the_wait_already(program: Program) -> None:
    clock = Clock()
    program.server.api(reply(429, {"details": "Slow down."}, headers=[("Retry-After", "7")]), ANSWER)
    outcome = program.call("-v", "complete", "hi", now=clock.now, sleep=clock.sleep)
    assert (
        "* StackSpot asks for fewer requests (429): Slow down; trying again in 7.0 s (1 of 2)\n"
        in outcome.err
    )
    assert "note:" not in outcome.err


def test_on_a_terminal_the_seconds_are_counted_down(program: Program) -> None:
    clock = Clock()
    program.server.api(reply(429, headers=[("Retry-After", "3")]), ANSWER)
    outcome = program.ask(now=clock.now, sleep=clock.sleep, stderr_is_terminal=True)
    shown = re.findall(r"429, again in (\d) s \(2 of 3\)", outcome.err)
    assert list(dict.fromkeys(shown)) == ["3", "2", "1"]
    assert (outcome.code, "note:" in outcome.err) == (0, False)
    assert outcome.err.endswith("\r\x1b[K")


def test_a_quota_s_wait_is_told_as_one(program: Program) -> None:
    clock, env = Clock(), {"STACKSPOTAI_PER_MINUTE": "1"}
    program.ask(env=env)
    outcome = program.ask(env=env, now=clock.now, sleep=clock.sleep)
    assert outcome.code == 0
    assert re.fullmatch(r"note: waiting for the quota, (60|61) s\n", outcome.err)
    assert 50 < sum(clock.slept) < 61


# --- everything that asks ----------------------------------------------------------------------------


def test_the_polls_of_a_quick_command_count(program: Program) -> None:
    env = {"STACKSPOTAI_PER_DAY": "2"}
    program.server.api(
        reply(200, b'"E1"', kind="application/json"), reply(200, {"progress": {"status": "RUNNING"}})
    )
    outcome = program.run("run", "translate", "hi", "--poll", "0.01", env=env)
    assert (outcome.code, len(program.server.api_requests)) == (5, 2)
    assert "the quota of this day is used up" in outcome.err


def test_the_gateway_goes_through_the_same_limiter(program: Program) -> None:
    httpx = pytest.importorskip("httpx")
    env = {"STACKSPOTAI_PER_DAY": "2"}
    assert program.run("complete", "hi", env=env).code == 0
    process = program.start("serve", "--port", "0", env=env)
    assert process.stdout is not None
    url = process.stdout.readline().decode().strip()
    question = {"model": "stackspot-ai", "messages": [{"role": "user", "content": "hi"}]}
    statuses = [
        httpx.post(f"{url}/v1/chat/completions", json=question, trust_env=False).status_code for _ in range(2)
    ]
    process.terminate()
    assert statuses == [200, 429]
    assert len(program.server.api_requests) == 2
