"""Answers that a program relies on: `--schema`, `--fail-if` and `--fail-unless` of `complete` and `run`."""

import json
from pathlib import Path
from typing import Any

import pytest
from fault_server import CLOSE, END, FaultServer, agent_delta, delta, reply, stream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program import Program

GOOD = '{"approved": true}'
VERDICT = ("--schema", "approved bool")
KEEP = {"STACKSPOTAI_HISTORY": "on"}
FORM = {"type": "object", "properties": {"approved": {"type": "boolean"}}, "required": ["approved"]}


def answers(server: FaultServer, *texts: str) -> None:
    server.api(*(stream(delta(text), END) for text in texts))


def prompts(server: FaultServer) -> list[str]:
    return [request.json["user_prompt"] for request in server.api_requests]


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"\ufeff{GOOD}",
        f"```json\n{GOOD}\n```",
        f"Sure, here it is:\n\n{GOOD}\n\nAnything else?",
        f"[See](https://x.example) {{not json}} {GOOD}",
        '{\n  "approved":\ttrue\n}',
        f'{{"approved": "perhaps"}} or rather {GOOD}',
        f"~~~\n{GOOD}\n~~~ and ```\n{{}}\n```",
    ],
)
def test_stdout_is_the_value_whatever_stands_around_it(
    program: Program, server: FaultServer, answer: str
) -> None:
    answers(server, answer)
    assert program.ask(*VERDICT).told == (0, GOOD + "\n", "")
    assert prompts(server)[0].endswith("\n\nSay hi")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("Yes.", "the answer holds no JSON"),
        ('{"approved": true,}', "it is no JSON: line 1, column"),
        ('{"approved": NaN}', "it is no JSON: NaN is no JSON"),
        ('{"approved": true, "approved": false}', 'it is no JSON: "approved" stands twice in one object'),
        ('{"approved": "yes"}', '/approved: "yes" is not of type boolean'),
        ("{}", '"approved" is missing'),
    ],
)
def test_what_does_not_fit_is_asked_for_once_more_and_ends_with_8(
    program: Program, server: FaultServer, answer: str, complaint: str
) -> None:
    answers(server, "x", answer)
    outcome = program.ask(*VERDICT)
    assert (outcome.code, outcome.out) == (8, "")
    told, *errors = outcome.err.splitlines()
    assert told == answer
    assert errors[0].startswith("error: the answer does not fit the schema: ")
    assert complaint in errors[0]
    assert len(server.api_requests) == 2


def test_the_repair_goes_on_in_the_conversation_with_the_complaints_alone(
    program: Program, server: FaultServer
) -> None:
    answers(server, '{"approved": "yes"}', GOOD)
    outcome = program.ask(*VERDICT, "--format", "json")
    first, second = server.api_requests
    assert first.json["context"]["conversation_id"] == second.json["context"]["conversation_id"]
    assert '- /approved: "yes" is not of type boolean\n' in prompts(server)[1]
    assert "Say hi" not in prompts(server)[1]
    assert outcome.json["choices"][0]["message"]["content"] == GOOD
    assert (outcome.json["stackspot"]["parsed"], outcome.json["stackspot"]["repairs"]) == (
        json.loads(GOOD),
        1,
    )


def test_without_a_fit_the_object_is_not_printed_and_the_lines_end_with_the_error(
    program: Program, server: FaultServer
) -> None:
    answers(server, "a", "b", "c", "d")
    assert program.ask(*VERDICT, "--format", "json").out == ""
    outcome = program.ask(*VERDICT, "--format", "jsonl")
    assert outcome.code == 8
    assert [line["type"] for line in outcome.lines] == ["start", "error"]
    assert outcome.lines[1]["exit_code"] == 8


def test_a_cut_answer_is_no_value(program: Program, server: FaultServer) -> None:
    server.api([*stream(delta('{"approved": true'))[:-1], CLOSE])
    outcome = program.ask(*VERDICT)
    assert (outcome.code, outcome.out, len(server.api_requests)) == (7, "", 1)
    assert outcome.err.splitlines()[0] == '{"approved": true'


def test_the_counts_are_of_both_questions_whatever_came_of_them(
    program: Program, server: FaultServer
) -> None:
    agent = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2", "--usage", *VERDICT)
    tokens = {"input": 10, "output": 2}
    for last, code in ((GOOD, 0), ("no", 8)):
        server.api(*(stream(agent_delta(text, stop_reason="stop", tokens=tokens)) for text in ("no", last)))
        outcome = program.ask(*agent)
        assert outcome.code == code
        assert "tokens: 20 in, 4 out, 24 together\n" in outcome.err


def test_what_never_fitted_is_in_the_history(program: Program, server: FaultServer) -> None:
    answers(server, "one", "two")
    assert program.ask(*VERDICT, env=KEEP).code == 8
    kept = program.call("history", "export", "--all", "--format", "json", env=KEEP).json
    assert [turn["answer"] for turn in kept[0]["turns"]] == ["one", "two"]


def test_a_list_of_them(program: Program, server: FaultServer) -> None:
    answers(server, '{"approved": true}', "[" + GOOD + ", " + GOOD + "]")
    assert program.ask("--schema-multi", "approved bool").told == (0, f"[{GOOD}, {GOOD}]\n", "")
    assert "it is an object, and a list was asked for" in prompts(server)[1]


def test_a_schema_is_a_file_json_or_the_short_form(
    program: Program, server: FaultServer, tmp_path: Path
) -> None:
    (tmp_path / "form.json").write_text(json.dumps(FORM))
    for given_ in (str(tmp_path / "form.json"), json.dumps(FORM), "approved bool: may it be merged?"):
        answers(server, GOOD)
        assert program.ask("--schema", given_).told == (0, GOOD + "\n", "")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--schema", "no/such.json"), "no/such.json"),
        (("--schema", '{"type": "thing"}'), "at /type"),
        (("--schema", '{"type": "object",}'), "it is no JSON: line 1, column 1"),
        (("--schema", '{"$ref": "https://x.example/s.json"}'), "at /$ref"),
        (("--schema", "name strange"), "strange"),
        (("--schema", "a", "--schema-multi", "b"), "exclude one another"),
        (("--schema", "a", "-x"), "exclude one another"),
        (("--fail-if", "("), "'(' is no regular expression"),
        (("--fail-unless", "[a"), "'[a' is no regular expression"),
    ],
)
@pytest.mark.parametrize("command", [("complete", "Say hi"), ("run", "slug", "Say hi")])
def test_what_is_wrong_with_it_is_told_before_anything_is_sent(
    program: Program, server: FaultServer, command: tuple[str, ...], argv: tuple[str, ...], words: str
) -> None:
    outcome = program.call(command[0], *argv, *command[1:])
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert server.api_requests == []


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(VALUES, st.sampled_from(["{}", "```json\n{}\n```", "So:\n{}\nDone.", "\ufeff{}\n"]), st.integers(1, 7))
def test_any_value_in_any_wrapping_and_slicing_comes_out_exact(
    program: Program, server: FaultServer, value: Any, wrapping: str, size: int
) -> None:
    text = wrapping.replace("{}", json.dumps({"v": value}, ensure_ascii=False))
    parts = [text[place : place + size] for place in range(0, len(text), size)]
    server.api(stream(*(delta(part) for part in parts), END))
    outcome = program.ask("--schema", '{"type": "object"}')
    assert outcome.code == 0
    assert outcome.json == {"v": value}


def test_dry_run_says_what_is_sent(program: Program, server: FaultServer) -> None:
    shown = program.ask("--dry-run", *VERDICT).json["body"]
    answers(server, GOOD)
    program.ask(*VERDICT)
    [request] = server.api_requests
    assert shown["user_prompt"] == request.json["user_prompt"]


def test_the_instructions_count_against_the_limit(program: Program, server: FaultServer) -> None:
    words = "word " * 16_384
    outcome = program.call("complete", "-m", "stackspot-ai", *VERDICT, stdin=words.encode())
    assert (outcome.code, server.api_requests) == (2, [])


# --- patterns ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("--fail-if", "Not approved"), 8, "in the line: Not approved."),
        (("--fail-if", "(?i)^NOT"), 8, "(--fail-if)"),
        (("--fail-if", "^approved$"), 0, ""),
        (("--fail-unless", "^APPROVED$"), 8, "does not match '^APPROVED$' (--fail-unless)"),
        (("--fail-unless", "approved", "--fail-unless", r"^fix\(\)$"), 0, ""),
        (("--fail-unless", "approved", "--fail-if", "fix"), 8, "(--fail-if)"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--no-stream",), ("--format", "json"), ("--format", "jsonl")])
def test_a_pattern_decides_after_the_answer_was_delivered(
    program: Program, server: FaultServer, form: tuple[str, ...], argv: tuple[str, ...], code: int, words: str
) -> None:
    answers(server, "Not approved.\n```\nfix()\n```")
    outcome = program.ask(*argv, *form)
    assert outcome.code == code
    assert "fix()" in outcome.out
    assert words in outcome.err
    if form == ("--format", "jsonl"):
        assert outcome.lines[-1]["type"] == ("error" if code else "done")


# --- quick commands ----------------------------------------------------------------------------------


def executed(*results: object) -> list[bytes]:
    replies = []
    for number, result in enumerate(results):
        replies += [
            reply(200, json.dumps(f"01EXECUTION{number}"), kind="application/json"),
            reply(200, {"progress": {"status": "COMPLETED"}, "result": result, "conversation_id": "01TALK"}),
        ]
    return replies


def test_a_quick_command_is_repaired_by_a_second_execution_in_its_conversation(
    program: Program, server: FaultServer
) -> None:
    server.api(*executed("Yes!", f"So: {GOOD}"))
    outcome = program.call("run", "--poll", "0.01", *VERDICT, "slug", "May it?")
    assert outcome.told[:2] == (0, GOOD + "\n")
    first, _callback, second, _again = server.api_requests
    assert first.json["input_data"].endswith("\n\nMay it?")
    assert second.json["input_data"].startswith("Your last answer does not fit:")
    assert "conversation_id=01TALK" in second.target


def test_json_input_goes_as_it_is_and_its_result_is_only_checked(
    program: Program, server: FaultServer
) -> None:
    server.api(*executed({"approved": "no"}))
    outcome = program.call("run", "--poll", "0.01", *VERDICT, "slug", "--json-input", '{"a": 1}')
    assert (outcome.code, outcome.out) == (8, "")
    assert server.api_requests[0].json["input_data"] == {"a": 1}
    assert len(server.api_requests) == 2


def test_its_object_has_the_value_beside_it(program: Program, server: FaultServer) -> None:
    server.api(*executed({"approved": True}))
    outcome = program.call("run", "--poll", "0.01", *VERDICT, "slug", "x", "--format", "json")
    assert outcome.json["result"] == {"approved": True}
    assert outcome.json["stackspot"] == {"parsed": {"approved": True}, "repairs": 0}


def test_patterns_hold_for_its_result(program: Program, server: FaultServer) -> None:
    server.api(*executed("Not approved"))
    outcome = program.call("run", "--poll", "0.01", "--fail-unless", "^APPROVED$", "slug", "x")
    assert (outcome.code, outcome.out) == (8, "Not approved\n")
