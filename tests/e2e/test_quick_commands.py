"""Quick commands and agents against two services: the sandbox, and a strict one from the protocol page alone."""

import itertools
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import CLOSE, TOKEN, reply
from program import Outcome, Program
from strict_service import EXECUTION, MESSAGE, SOURCE, StrictService, completed, frame, state

from stackspot_cli.sandbox import Sandbox

AGENT = "agent:01K45T82PF8QC64C9DNHGQWHY2"


def quick(world: Program, *argv: str, **more: Any) -> Outcome:
    """`run`, asking without patience."""
    return world.call("run", "--poll", "0.01", *argv, **more)


@pytest.fixture
def sandboxed(tmp_path: Path) -> Iterator[Program]:
    with Sandbox() as sandbox:
        made = Program(tmp_path, sandbox)
        yield made
        made.close()


# --- both services, the same client --------------------------------------------------------------------


def test_a_command_runs_to_its_result_at_the_sandbox(sandboxed: Program) -> None:
    outcome = quick(sandboxed, "translate-english-to-spanish", "Hello")
    assert outcome.told == (0, "Hola\n", "")


def test_a_queue_that_does_not_start_is_noted_and_ends_in_9(sandboxed: Program) -> None:
    clock = itertools.count(1000)
    outcome = sandboxed.call("run", "never-starts", "x", now=lambda: next(clock), sleep=lambda _s: None)
    assert outcome.code == 9
    assert outcome.err.count("StackSpot's queue seems full; still waiting") == 1
    assert "has not finished within 600 s (CREATED)" in outcome.err


def test_a_command_runs_to_its_result_at_the_strict_service(world: Program, strict: StrictService) -> None:
    outcome = quick(world, "translate", "Hello", "--conversation", "01K45W00000000000000000000")
    assert outcome.told == (0, "Hola\n", "")
    create, *callbacks = strict.requests
    assert create == (
        "POST",
        "/v1/quick-commands/create-execution/translate",
        {"input_data": "Hello", "upload_ids": []},
    )
    assert callbacks == [("GET", f"/v1/quick-commands/callback/{EXECUTION}", None)] * 3


@pytest.mark.parametrize("answer", [EXECUTION, {"execution_id": EXECUTION}, {"executionId": EXECUTION}])
def test_an_execution_id_comes_in_each_known_shape(
    world: Program, strict: StrictService, answer: Any
) -> None:
    strict.create_answer = answer
    assert quick(world, "translate", "x", "--no-wait").told == (0, f"{EXECUTION}\n", "")


def test_a_model_can_be_a_quick_command(world: Program, strict: StrictService) -> None:
    source = {"step_name": "find", "step_result": {"answer": "x", "sources": [SOURCE]}}
    strict.callbacks = [completed("Hola", steps=[source])]
    world.home.mkdir(exist_ok=True)
    (world.home / "config.yaml").write_text(
        "providers:\n  stackspot:\n    models:\n      es: {quick_command: translate}\n"
    )
    clock = itertools.count(1000, 6)  # the usual interval is 5 s: here time passes by itself
    outcome = world.call(
        "complete", "-m", "es", "--format", "json", "Hi", now=lambda: next(clock), sleep=lambda _s: None
    )
    assert outcome.code == 0, outcome.err
    answer = outcome.json
    assert answer["model"] == "es"
    assert answer["choices"][0]["message"]["content"] == "Hola"
    assert answer["stackspot"]["sources"] == [SOURCE]
    assert answer["stackspot"]["complete"] is True


@pytest.mark.parametrize("word", ["FAILURE", "FAILED"])
def test_a_failure_is_exit_8(world: Program, strict: StrictService, word: str) -> None:
    strict.callbacks = [state("RUNNING", 0.5, "draft"), state(word, 0.5, "draft")]
    outcome = quick(world, "translate", "x")
    assert (outcome.code, outcome.out) == (8, "")
    assert outcome.err.startswith(f"error: the quick command failed ({word}) after the step 'draft'\nhint: ")


def test_what_has_not_finished_is_exit_9_and_can_be_followed(world: Program, strict: StrictService) -> None:
    strict.callbacks = [state("RUNNING", 0.5)]
    outcome = quick(world, "translate", "x", "--wait", "0.1")
    assert (outcome.code, outcome.out) == (9, "")
    assert f"stackspot run --execution {EXECUTION}" in outcome.err
    strict.callbacks = [completed({"a": [1]})]
    again = quick(world, "--execution", EXECUTION)
    assert (again.code, again.json) == (0, {"a": [1]})
    assert len(strict.paths("create-execution")) == 1


def test_the_wait_is_kept_to(world: Program, strict: StrictService) -> None:
    strict.callbacks = [state("RUNNING", 0.5)]
    asked = len(strict.requests)
    assert (
        world.call("run", "translate", "x", "--wait", "0.05").code == 9
    )  # with the usual 5 s between questions
    assert len(strict.requests) - asked == 2


def test_the_deadline_is_for_the_whole_command(world: Program, strict: StrictService) -> None:
    strict.callbacks = [state("RUNNING", 0.5)]
    outcome = quick(world, "translate", "x", "--deadline", "0.3")
    assert (outcome.code, outcome.out) == (6, "")
    assert "the deadline passed before" in outcome.err
    assert f"stackspot run --execution {EXECUTION}" in outcome.err


def test_json_shows_a_failures_object_too(world: Program, strict: StrictService) -> None:
    whole = state("FAILURE", 0.5, "draft")
    strict.callbacks = [whole]
    outcome = world.run("run", "--poll", "0.01", "translate", "x", "--format", "json")
    assert (outcome.code, outcome.json) == (8, whole)
    assert outcome.err.startswith("error: the quick command failed (FAILURE)")


def test_json_shows_the_services_object_untouched(world: Program, strict: StrictService) -> None:
    whole = completed("```json\n{}\n```", surprise={"é": 1.5})
    strict.callbacks = [whole]
    assert quick(world, "translate", "x", "--format", "json").json == whole


def test_a_fenced_result_is_unwrapped_by_x_and_plain_json_already_is(
    world: Program, strict: StrictService
) -> None:
    strict.callbacks = [completed('```json\n{"a": 1}\n```')]
    assert quick(world, "translate", "x", "-x").told == (0, '{"a": 1}\n', "")
    strict.callbacks = [completed({"a": 1})]
    assert quick(world, "translate", "x", "-x").json == {"a": 1}


# --- bad days -------------------------------------------------------------------------------------------


def test_a_rate_limit_while_polling_is_waited_out(world: Program, strict: StrictService) -> None:
    strict.faults["/v1/quick-commands/callback"] = [429] * 2
    assert quick(world, "translate", "x").told == (0, "Hola\n", "")


@pytest.mark.parametrize(
    ("options", "base", "asked"),
    [
        (("--retries", "0"), "0.001", 1),
        (("--retries", "3"), "0.001", 4),
        (("--wait", "5", "--retries", "3"), "9999", 1),  # the next attempt would lie beyond --wait
    ],
)
def test_a_rate_limit_beyond_the_retries_is_exit_5_and_tells_how_to_follow(
    world: Program, strict: StrictService, options: tuple[str, ...], base: str, asked: int
) -> None:
    strict.faults["/v1/quick-commands/callback"] = [429] * 20
    outcome = quick(world, "translate", "x", *options, env={"STACKSPOTAI_RETRY_WAIT": base})
    assert (outcome.code, outcome.out) == (5, "")
    error, hint = outcome.err.splitlines()
    assert error.startswith("error: StackSpot asks for fewer requests (429)")
    assert hint == f"hint: wait a minute, and follow it again: stackspot run --execution {EXECUTION}"
    assert len(strict.paths("callback")) == asked


@pytest.mark.parametrize(("status", "code"), [(402, 5), (403, 4), (404, 8), (400, 8), (501, 6)])
def test_a_definite_refusal_while_polling_ends_it(
    world: Program, strict: StrictService, status: int, code: int
) -> None:
    strict.faults["/v1/quick-commands/callback"] = [status]
    outcome = quick(world, "translate", "x")
    assert (outcome.code, outcome.out) == (code, "")
    assert (f"run --execution {EXECUTION}" in outcome.err) is (status != 404)


def test_a_passing_failure_while_polling_costs_nothing(world: Program, strict: StrictService) -> None:
    strict.faults["/v1/quick-commands/callback"] = [503, 500]
    assert quick(world, "translate", "x").told == (0, "Hola\n", "")


def test_a_callback_that_breaks_off_is_asked_for_again(program: Program) -> None:
    cut = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", CLOSE]
    program.server.api(reply(200, json.dumps(EXECUTION)), cut, cut, reply(200, completed("Hola")))
    assert quick(program, "translate", "x").told == (0, "Hola\n", "")


def test_a_creation_that_breaks_off_is_not_begun_twice(program: Program) -> None:
    program.server.api(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", CLOSE], reply(200, json.dumps(EXECUTION))
    )
    assert quick(program, "translate", "x").code == 6
    assert len(program.server.api_requests) == 1


def test_what_was_not_understood_is_told_under_v(world: Program, strict: StrictService) -> None:
    strict.callbacks = [state("PAUSED", 0.5), completed("Hola")]
    outcome = world.call("-v", "run", "--poll", "0.01", "translate", "x")
    assert outcome.out == "Hola\n"
    assert '* not understood in the execution: progress.status "PAUSED"\n' in outcome.err


# --- the real program -----------------------------------------------------------------------------------


def test_ctrl_c_is_130_and_tells_how_to_follow(world: Program, strict: StrictService) -> None:
    strict.callbacks = [state("RUNNING", 0.5, "draft")]
    with world.on_terminal("run", "--poll", "0.05", "translate", "x") as screen:
        screen.wait_for(b"RUNNING: draft")
        screen.wait_for(b" 50 %")
        screen.type(b"\x03")
        assert screen.end() == 130
        last = bytes(screen.shown).split(b"\r\x1b[K")[-1].decode()
    assert last == (
        "note: the quick command goes on at StackSpot; follow it again:\r\n"
        f"  stackspot run --execution {EXECUTION}\r\n"
    )


def test_a_termination_tells_it_too_and_nothing_is_drawn_into_a_pipe(
    world: Program, strict: StrictService
) -> None:
    asked = strict.requests
    strict.callbacks = [state("RUNNING", 0.5, "draft")]
    process = world.start("run", "--poll", "0.05", "translate", "x")
    wait_until(lambda: len(asked) > 2)
    process.send_signal(signal.SIGTERM)
    outcome = world.finish(process)
    assert (outcome.code, outcome.out) == (143, "")
    assert outcome.err.endswith(f"stackspot run --execution {EXECUTION}\n")
    assert "\r" not in outcome.err


def wait_until(holds: Any, seconds: float = 20.0) -> None:
    import time

    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


# --- agents ---------------------------------------------------------------------------------------------


def test_an_agents_own_options_are_its_own_fields(world: Program, strict: StrictService) -> None:
    options = "--knowledge KS1 --knowledge KS2 --stackspot-knowledge --deep-search --agent-version 3"
    outcome = world.call("complete", "-m", AGENT, *options.split(), "--select-model", "gpt", "Hi")
    assert (outcome.code, outcome.out) == (0, "Olá\n")
    body = strict.requests[-1][2]
    assert {name: body[name] for name in sorted(body) if name != "conversation_id"} == {
        "agent_version_number": 3,
        "deep_search_ks": True,
        "knowledge_source_ids": ["KS1", "KS2"],
        "return_ks_in_response": True,
        "selected_model": "gpt",
        "stackspot_knowledge": True,
        "streaming": True,
        "upload_ids": [],
        "use_conversation": True,
        "user_prompt": "Hi",
    }


@pytest.mark.parametrize(
    "option",
    [["--stackspot-knowledge"], ["--deep-search"], ["--agent-version", "2"], ["--select-model", "gpt"]],
)
@pytest.mark.parametrize("model", ["stackspot-ai", "command:translate"])
def test_an_agents_option_elsewhere_is_a_usage_error(
    world: Program, strict: StrictService, option: list[str], model: str
) -> None:
    outcome = world.call("complete", "-m", model, *option, "Hi")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {model} takes no {option[0]}\nhint: ")
    assert strict.requests == []


def test_sources_are_objects_in_json_and_numbered_lines_for_people(world: Program) -> None:
    answer = world.call("complete", "-m", AGENT, "--format", "json", "Hi").json
    assert answer["stackspot"]["sources"] == [SOURCE]
    assert answer["stackspot"]["message_id"] == MESSAGE
    shown = world.call("complete", "-m", AGENT, "--format", "markdown", "Hi")
    assert "[1] Manual (CUSTOM)" in shown.out + shown.err


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "jsonl"])
def test_required_sources_that_are_missing_are_exit_8_after_the_answer(
    world: Program, strict: StrictService, format_: str
) -> None:
    strict.agent_frames = [frame("Olá"), frame("", stop_reason="stop")]
    outcome = world.call("complete", "-m", AGENT, "--require-sources", "--format", format_, "Hi")
    assert outcome.code == 8
    assert outcome.err.startswith("error: the answer names no sources\nhint: ")
    match format_:
        case "json":
            assert outcome.json["stackspot"]["complete"] is True
        case "jsonl":
            assert [line["type"] for line in outcome.lines] == ["start", "delta", "error"]
            assert outcome.lines[-1]["exit_code"] == 8
        case _:
            assert outcome.out == "Olá\n"


def test_required_sources_that_are_there_are_exit_0(world: Program) -> None:
    assert world.call("complete", "-m", AGENT, "--require-sources", "Hi").code == 0


def test_a_whole_answer_without_required_sources_stands_in_its_file(
    world: Program, strict: StrictService, tmp_path: Path
) -> None:
    strict.agent_frames = [frame("Olá"), frame("", stop_reason="stop")]
    file = tmp_path / "answer.md"
    outcome = world.call("complete", "-m", AGENT, "--require-sources", "-o", str(file), "Hi")
    assert (outcome.code, outcome.out, file.read_text()) == (8, "", "Olá\n")
    assert not (tmp_path / "answer.md.part").exists()


def test_an_alias_in_the_config_file_is_an_agent_too(world: Program, strict: StrictService) -> None:
    world.home.mkdir(exist_ok=True)
    agent = AGENT.removeprefix("agent:")
    (world.home / "config.yaml").write_text(
        f"providers:\n  stackspot:\n    models:\n      reviewer: {{agent: {agent}}}\n"
    )
    assert world.call("complete", "-m", "reviewer", "Hi").out == "Olá\n"
    assert strict.paths() == [f"POST /v1/agent/{agent}/chat"]


def test_a_dry_run_of_a_command_is_its_create_call(world: Program, strict: StrictService) -> None:
    shown = world.call("complete", "-m", "command:translate", "--dry-run", "Hi").json
    assert shown["url"].startswith(
        f"{strict.url}/v1/quick-commands/create-execution/translate?conversation_id="
    )
    assert shown["body"] == {"input_data": "Hi", "upload_ids": []}
    assert json.dumps(shown).count(TOKEN) == 0
    assert strict.requests == []
