"""`stackspot batch`: what goes in and comes out, and bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from batch_calls import BAD, asked, batch, echo, lines, many, out, said
from fault_server import END, delta, reply, stream
from program import Program

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


def test_in_and_its_files_of_another_encoding_are_sent_as_text(program: Program) -> None:
    program.server.api(echo)
    (program.folder / "notas.txt").write_bytes("é fácil\n".encode("latin-1"))
    source = program.folder / "in.jsonl"
    line = json.dumps({"prompt": "açúcar", "files": [str(program.folder / "notas.txt")]}, ensure_ascii=False)
    source.write_bytes(f"{line}\n".encode("latin-1"))
    refused = batch(program, str(source))
    assert refused.code == 2 and "it is not UTF-8 text (byte 14): --encoding says what it is" in refused.err
    assert "there is no encoding 'nope'" in batch(program, str(source), "--encoding", "nope").err
    assert batch(program, str(source), "--encoding", "latin-1").code == 0
    (sent,) = asked(program)
    assert "açúcar" in sent and "é fácil" in sent


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
