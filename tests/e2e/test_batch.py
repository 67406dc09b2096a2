"""Many prompts: whatever ends a batch, what was answered stands in OUT, and is not asked again."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import END, HOLD, Pause, Reply, Request, Say, delta, reply, stream
from program import Outcome, Program

SLOW_DOWN = reply(429, {"details": "Maximum number of requests reached."})


def echo(request: Request) -> list[Any]:
    """Each prompt is answered by itself."""
    return stream(delta(f"re: {request.json['user_prompt']}"), END)


def lines(program: Program, *objects: Any, name: str = "in.jsonl") -> str:
    path = program.folder / name
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in objects))
    return str(path)


def many(program: Program, count: int) -> str:
    return lines(program, *({"id": f"p{number}", "prompt": f"say {number}"} for number in range(count)))


def out(program: Program, name: str = "out.jsonl") -> list[Any]:
    text = (program.folder / name).read_text()
    assert text.endswith("\n") or not text
    return [json.loads(line) for line in text.splitlines()]


def batch(program: Program, *argv: str, **more: Any) -> Outcome:
    """In this process."""
    return program.call("batch", *argv, "-o", str(program.folder / "out.jsonl"), **more)


def said(outcome: Outcome) -> str:
    """stderr without the time that it took."""
    return re.sub(r", \d+ s\n", "\n", outcome.err)


def asked(program: Program) -> Counter[str]:
    return Counter(request.json["user_prompt"] for request in program.server.api_requests)


@pytest.fixture(autouse=True)
def _echo(program: Program) -> None:
    program.server.api(echo)


# --- what goes in and comes out ----------------------------------------------------------------------


def test_each_line_is_asked_and_each_answer_is_a_line(program: Program) -> None:
    outcome = batch(program, many(program, 5))
    assert (outcome.code, outcome.out) == (0, "")
    assert said(outcome) == "5 answered\n"
    written = sorted(out(program), key=lambda line: line["id"])
    assert [list(line) for line in written] == [
        ["id", "ok", "answer", "usage", "conversation_id", "seconds", "attempts"]
    ] * 5
    assert [(line["id"], line["ok"], line["answer"]) for line in written] == [
        (f"p{number}", True, f"re: say {number}") for number in range(5)
    ]
    assert {line["attempts"] for line in written} == {1}
    assert {len(line["conversation_id"]) for line in written} == {26}
    conversations = [request.json["context"]["conversation_id"] for request in program.server.api_requests]
    assert sorted(conversations) == sorted(line["conversation_id"] for line in written)


def test_a_line_s_own_settings_count_more_than_the_options(program: Program) -> None:
    (program.folder / "notes.txt").write_text("a note\n")
    source = lines(
        program,
        {"id": 1, "prompt": "one", "model": "stackspot-ai-chat", "temperature": 0.1, "max_tokens": 5},
        {"id": 2, "prompt": "two", "system": "Be brief.", "files": [str(program.folder / "notes.txt")]},
    )
    batch(program, source, "-m", "stackspot-ai-code", "-s", "Be long.", "-t", "0.9", "--jobs", "1")
    first, second = (request.json for request in program.server.api_requests)
    assert (first["model"], first["temperature"], first["max_tokens"]) == ("stackspot-ai-chat", 0.1, 5)
    assert first["user_prompt"] == "Be long.\n\none"
    assert (second["model"], second["temperature"]) == ("stackspot-ai-code", 0.9)
    fenced = f"{program.folder}/notes.txt\n```txt\na note\n```"
    assert second["user_prompt"] == f"Be brief.\n\ntwo\n\n{fenced}"


def test_any_object_fills_a_template(program: Program) -> None:
    (program.folder / "greet.md").write_text(
        "---\nmodel: stackspot-ai-code\nparams: {tone: kind}\n---\nGreet {{name}} in a {{tone}} tone: {{input}}\n"
    )
    source = lines(
        program,
        {"id": "a", "name": "Ann", "input": "hello"},
        {"id": "b", "prompt": "good day", "params": {"name": "Bob", "tone": "dry"}},
        {"name": "Cid", "tone": 3, "prompt": "hi"},
    )
    assert batch(program, source, "-T", str(program.folder / "greet.md"), "--jobs", "1").code == 0
    assert list(asked(program)) == [
        "Greet Ann in a kind tone: hello",
        "Greet Bob in a dry tone: good day",
        "Greet Cid in a 3 tone: hi",
    ]
    assert {request.json["model"] for request in program.server.api_requests} == {"stackspot-ai-code"}
    assert [line["id"] for line in out(program)] == ["a", "b", 3]


def test_lines_of_openai_s_batch_files_are_answered_in_its_form(program: Program) -> None:
    def request(id_: str, model: str, **body: Any) -> dict[str, Any]:
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
        whole = {"model": model, "messages": messages, **body}
        return {"custom_id": id_, "method": "POST", "url": "/v1/chat/completions", "body": whole}

    source = lines(program, request("a", "gpt-4o", temperature=0.2), request("b", "gpt-4o"))
    program.server.api(echo, reply(400, {"details": "No."}))
    assert batch(program, source, "-m", "stackspot-ai-chat", "--jobs", "1").code == 7
    good, bad = out(program)
    assert (good["custom_id"], good["error"], good["response"]["status_code"]) == ("a", None, 200)
    body = good["response"]["body"]
    assert (body["object"], body["model"]) == ("chat.completion", "stackspot-ai-chat")
    assert body["choices"][0]["message"] == {"role": "assistant", "content": "re: Be brief.\n\nHi"}
    assert (bad["custom_id"], bad["response"]["status_code"], bad["error"]["code"]) == ("b", 400, "REFUSED")
    program.server.api(echo)
    assert batch(program, source, "-m", "stackspot-ai-chat", "--retry-failed").code == 0
    assert asked(program) == {"Be brief.\n\nHi": 3}


def test_a_schema_gives_a_value_as_it_was_written(program: Program) -> None:
    program.server.api(stream(delta('Here: {"n": 1.50}'), END))
    source = lines(program, {"id": 1, "prompt": "one"})
    assert batch(program, source, "--schema", "n float").code == 0
    assert '"parsed": {"n": 1.50}' in (program.folder / "out.jsonl").read_text()
    [line] = out(program)
    assert "answer" not in line


def test_what_does_not_fit_is_asked_for_once_more_and_then_is_a_failure(program: Program) -> None:
    source = lines(program, {"id": 1, "prompt": "one"})
    outcome = batch(program, source, "--schema", "n int")
    [line] = out(program)
    assert (outcome.code, line["ok"], line["error"]["exit_code"], line["attempts"]) == (7, False, 8, 2)
    assert line["answer"].startswith("re: Your last answer does not fit:")


def test_patterns_and_code_blocks_count_for_every_line(program: Program) -> None:
    source = lines(program, {"id": 1, "prompt": "good"}, {"id": 2, "prompt": "bad"})
    assert batch(program, source, "--fail-if", "^re: bad$", "--jobs", "1").code == 7
    good, bad = out(program)
    assert (good["ok"], bad["ok"], bad["answer"], bad["error"]["code"]) == (True, False, "re: bad", "REFUSED")
    program.server.api(stream(delta("Look:\n```py\nx = 1\n```\n"), END))
    outcome = program.call("batch", source, "-x", "-o", "-", "--jobs", "1")
    assert [line["answer"] for line in outcome.lines] == ["x = 1\n"] * 2


def test_stdin_and_stdout_are_places_too(program: Program) -> None:
    outcome = program.run("batch", "-", "-o", "-", stdin=b'{"prompt": "one"}\n\n{"prompt": "two"}')
    assert (outcome.code, said(outcome)) == (0, "2 answered\n")
    assert sorted((line["id"], line["answer"]) for line in outcome.lines) == [(1, "re: one"), (3, "re: two")]


def test_quick_commands_are_followed(program: Program) -> None:
    source = lines(program, {"id": 1, "prompt": "Hello world"})
    model = "command:translate-english-to-spanish"
    outcome = program.call("--sandbox", "batch", source, "-o", "-", "-m", model)
    assert (outcome.code, [line["answer"] for line in outcome.lines]) == (0, ["Hola mundo"])


def test_a_dry_run_shows_each_request_and_sends_nothing(program: Program) -> None:
    outcome = program.call("batch", many(program, 2), "--dry-run")
    assert [(line["id"], line["body"]["user_prompt"]) for line in outcome.lines] == [
        ("p0", "say 0"),
        ("p1", "say 1"),
    ]
    assert (outcome.code, program.server.requests) == (0, [])


# --- bad input ---------------------------------------------------------------------------------------

BAD = [
    ("no json", "it is no JSON (column 1)"),
    ('{"id": 1}', "it lacks a `prompt`"),
    ('{"prompt": "  "}', "it lacks a `prompt`"),
    ("[1]", "it is no JSON object"),
    ('{"prompt": "x", "temperature": 2}', "the temperature is a number from 0.0 to 1.0, not 2"),
    ('{"prompt": "x", "model": "gpt-9"}', "there is no model 'gpt-9'"),
    ('{"prompt": "x", "files": ["none.txt"]}', "no file none.txt"),
    ('{"prompt": "x", "id": "a"}', "the id a is that of line 1 already"),
    ('{"prompt": "x", "id": [1]}', "`id` is a text or a number"),
    ('{"prompt": "x", "params": {"a": 1}}', "`params` are for a template: name one with -T"),
    ('{"custom_id": "x", "body": {"messages": []}}', "`messages` is a list of at least one message"),
    (f'{{"prompt": "{"x y " * 20_000}"}}', "the prompt has at least 40000 tokens; stackspot-ai takes 16384"),
]


@pytest.mark.parametrize(("bad", "why"), BAD, ids=[why for _bad, why in BAD])
def test_a_bad_line_is_told_by_its_number_before_anything_is_sent(
    program: Program, bad: str, why: str
) -> None:
    source = lines(program, {"id": "a", "prompt": "fine"}, "", bad)
    assert program.refused("batch", source, "-o", "out.jsonl").startswith(f"error: {source}, line 3: {why}")
    assert not (program.folder / "out.jsonl").exists()


def test_bad_lines_can_be_left_out_and_are_named(program: Program) -> None:
    source = lines(
        program, {"id": "a", "prompt": "one"}, "{", {"id": "a", "prompt": "again"}, {"prompt": "two"}
    )
    outcome = batch(program, source, "--skip-bad")
    assert (outcome.code, outcome.out, said(outcome)) == (
        7,
        "",
        "note: left out, line 2: it is no JSON (column 2)\n"
        "note: left out, line 3: the id a is that of line 1 already\n"
        "2 answered, 2 left out\n"
        "error: 2 lines were left out\n"
        "hint: correct them, then go on with --resume\n",
    )
    assert sorted(asked(program)) == ["one", "two"]


def test_a_template_s_parameters_are_known_before_anything_is_sent(program: Program) -> None:
    (program.folder / "t.md").write_text("Greet {{name}}\n")
    template = ("-T", str(program.folder / "t.md"))
    for line, why in (
        ({"id": 1}, "the prompt t needs name"),
        ({"id": 1, "name": "x", "nmae": "y"}, "the template has no parameter nmae"),
    ):
        error = program.refused("batch", lines(program, line), "-o", "out.jsonl", *template)
        assert error.endswith(f"in.jsonl, line 1: {why}")


def test_an_out_that_is_there_is_left_alone(program: Program) -> None:
    path = program.folder / "out.jsonl"
    for content in ("", "mine\n", "mine"):
        path.write_text(content)
        assert (
            program.refused("batch", many(program, 1), "-o", str(path)) == f"error: {path} is there already"
        )
        if content:
            error = program.refused("batch", many(program, 1), "-o", str(path), "--resume")
            assert error == f"error: {path}, line 1: it is no answer of a batch"
        assert path.read_text() == content


def test_keys_that_mean_nothing_are_named_once(program: Program) -> None:
    source = lines(program, *({"prompt": f"say {number}", "label": 1} for number in range(3)))
    assert batch(program, source).err.splitlines()[0] == f"note: {source}: keys that mean nothing here: label"


# --- whatever ends it --------------------------------------------------------------------------------


def slowly(request: Request) -> list[Any]:
    return [Pause(0.05), *echo(request)]


def wait_for(happens: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < ends
        time.sleep(0.01)


def written(program: Program) -> int:
    path = program.folder / "out.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


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


def out_of_whole_lines(program: Program) -> list[Any]:
    text = (program.folder / "out.jsonl").read_text()
    return [json.loads(line) for line in text[: text.rfind("\n")].splitlines()]


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


def every_third_fails(request: Request) -> Reply:
    number = int(request.json["user_prompt"].split()[-1])
    return reply(400, {"details": "I will not."}) if number % 3 == 0 else echo(request)


def test_failures_are_lines_and_can_be_asked_again(program: Program) -> None:
    program.server.api(every_third_fails)
    source = many(program, 9)
    outcome = batch(program, source)
    assert outcome.code == 7
    assert said(outcome).endswith(
        "6 answered, 3 failed\n"
        "error: 3 of 9 prompts have no answer\n"
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

PEAK = """
import resource, sys
from stackspot_cli.cli import run_process
code = run_process(sys.argv[1:])
sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
sys.exit(code)
"""


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
