"""What `stackspot complete` prints, and where: text, JSON, code, a file."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from fault_server import AGENT_END, CLOSE, END, agent_delta, delta, frames, stream
from program import Outcome, Program

AGENT = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2")
CODE = "Here:\n\n```python\nprint(1)\n```\n\nand\n\n~~~\nlast\n~~~\n"


def answered(program: Program, text: str, *argv: str, **more: Any) -> Outcome:
    program.server.api(stream(delta(text), END))
    return program.ask(*argv, **more)


# --- text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown", "raw"),
    [
        ("Hello", "Hello\n", "Hello"),
        ("Hello\n", "Hello\n", "Hello\n"),
        ("Hello\n\n", "Hello\n\n", "Hello\n\n"),
        ("Hello\r\n", "Hello\n", "Hello\r\n"),
        ("a\r\nb", "a\nb\n", "a\r\nb"),
        ("Hello\r", "Hello␍\n", "Hello\r"),
        ("tab\there", "tab\there\n", "tab\there"),
        (" ", " \n", " "),
        (
            "\u202e\u200d👨\u200d👩\u200d👧",
            "\u202e\u200d👨\u200d👩\u200d👧\n",
            "\u202e\u200d👨\u200d👩\u200d👧",
        ),
    ],
)
@pytest.mark.parametrize("streamed", [[], ["--no-stream"]])
def test_the_answer_and_a_final_newline(
    program: Program, text: str, shown: str, raw: str, streamed: list[str]
) -> None:
    assert answered(program, text, *streamed).told == (0, shown, "")
    assert answered(program, text, "--raw", *streamed).told == (0, raw, "")


@pytest.mark.parametrize(("argv", "shown"), [([], "\n"), (["--raw"], ""), (["--no-stream"], "\n")])
def test_an_empty_answer_that_is_whole_is_an_empty_line(
    program: Program, argv: list[str], shown: str
) -> None:
    program.server.api(stream(END))
    assert program.ask(*argv).told == (0, shown, "")


def test_sources_stand_beside_the_answer_and_not_in_it(program: Program) -> None:
    program.server.api(stream(agent_delta("Hi", source=["Guide", {"name": "API", "type": "api"}]), AGENT_END))
    outcome = program.ask(*AGENT)
    assert outcome.told == (0, "Hi\n", "[1] Guide\n[2] API (api)\n")


def test_usage_is_one_line_on_stderr_whatever_the_format(program: Program) -> None:
    program.server.api(stream(agent_delta("```\nHi\n```"), AGENT_END))
    for argv in ([], ["--format", "json"], ["--format", "jsonl"], ["-x"], ["-o", "out.txt"], ["--no-stream"]):
        outcome = (
            program.run("complete", *AGENT, "--usage", *argv, "hi")
            if "-o" in argv
            else program.ask(*AGENT, "--usage", *argv)
        )
        assert (outcome.code, outcome.err) == (0, "tokens: 749 in, 5 out, 754 together\n")


def test_usage_that_the_service_does_not_tell_is_estimated_and_said_so(program: Program) -> None:
    told = "tokens: ~2 in, ~1 out, ~3 together (our estimate: the service told none)\n"
    assert program.ask("--usage").told == (0, "Hello\n", told)


# --- JSON ------------------------------------------------------------------------------------------------------


def test_json_is_one_chat_completion_and_one_newline(program: Program) -> None:
    source = {"name": "Guide", "slug": "guide", "document_score": 0.5, "unknown": 1}
    end = agent_delta(
        "",
        stop_reason="stop",
        tokens={"input": 749, "output": 5},
        message_id="01KJ",
        source=[source, "Plain"],
    )
    program.server.api(stream(agent_delta("Olá "), agent_delta("mundo"), end))
    outcome = program.ask(*AGENT, "--format", "json")
    answer = outcome.json
    conversation = program.server.api_requests[0].json["conversation_id"]
    assert outcome.out.endswith("}\n") and outcome.out.count("\n") == 1
    assert isinstance(answer.pop("created"), int) and answer.pop("id").startswith("chatcmpl-")
    assert answer == {
        "object": "chat.completion",
        "model": "agent:01K45T82PF8QC64C9DNHGQWHY2",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Olá mundo"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 749, "completion_tokens": 5, "total_tokens": 754},
        "stackspot": {
            "conversation_id": conversation,
            "message_id": "01KJ",
            "complete": True,
            "sources": [{"name": "Guide", "slug": "guide", "document_score": 0.5}, {"name": "Plain"}],
        },
    }


def test_json_sets_an_estimate_beside_where_the_service_told_nothing(program: Program) -> None:
    program.server.api(stream(delta("Hi"), b"event: end_event\ndata: {}\n\n"))
    answer = program.ask("--format", "json").json
    assert answer["usage"] == dict.fromkeys(["prompt_tokens", "completion_tokens", "total_tokens"])
    assert answer["stackspot"]["usage_estimate"] == {
        "prompt_tokens": 2,
        "completion_tokens": 0,
        "total_tokens": 2,
    }
    assert answer["stackspot"]["message_id"] is None and answer["stackspot"]["sources"] == []


def test_jsonl_is_an_event_a_line(program: Program) -> None:
    end = agent_delta("", stop_reason="stop", tokens={"input": 3, "output": 2}, message_id="01KJ")
    program.server.api(stream(agent_delta("a", source=[{"name": "G", "type": "api"}]), agent_delta("b"), end))
    outcome = program.ask(*AGENT, "--format", "jsonl")
    conversation = program.server.api_requests[0].json["conversation_id"]
    assert outcome.lines == [
        {"type": "start", "model": "agent:01K45T82PF8QC64C9DNHGQWHY2", "conversation_id": conversation},
        {"type": "delta", "text": "a"},
        {"type": "source", "name": "G", "source_type": "api"},
        {"type": "delta", "text": "b"},
        {"type": "usage", "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        {"type": "done", "stop_reason": "stop", "message_id": "01KJ"},
    ]


def test_jsonl_is_flushed_as_it_happens(program: Program) -> None:
    import threading

    from fault_server import Until

    go = threading.Event()
    program.server.api([*frames(delta("first")), Until(go), *frames(delta("second"), END)[1:]])
    process = program.start("complete", "--format", "jsonl", "hi")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    go.set()
    assert b'"start"' in lines[0] and b'"first"' in lines[1]
    assert process.wait(10) == 0


# --- extraction ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streamed", [[], ["--no-stream"]])
@pytest.mark.parametrize(
    ("option", "text", "code"),
    [
        ("-x", CODE, "print(1)\n"),
        ("--extract", CODE, "print(1)\n"),
        ("--extract-last", CODE, "last\n"),
        ("-x", "````md\n```\ninner\n```\n````\n", "```\ninner\n```\n"),
        ("-x", "1. item\n\n   ```sh\n   ls\n   ```\n", "ls\n"),
        ("-x", "> ```\n> quoted\n> ```\n", "quoted\n"),
        ("-x", "```\n\n  indented\n\n```", "\n  indented\n\n"),
        ("-x", "```\nunclosed", "unclosed\n"),
        ("-x", "```\n```", ""),
        ("-x", "```\r\na\r\nb\r\n```\r\n", "a\nb\n"),
    ],
)
def test_only_the_code_is_printed(
    program: Program, option: str, text: str, code: str, streamed: list[str]
) -> None:
    assert answered(program, text, option, *streamed).told == (0, code, "")


@pytest.mark.parametrize("option", ["-x", "--extract-last"])
@pytest.mark.parametrize("text", ["No code here.", "Inline `code` only", "    indented code\n"])
def test_an_answer_without_code_is_exit_8_and_stands_on_stderr(
    program: Program, option: str, text: str
) -> None:
    outcome = answered(program, text, option)
    assert (outcome.code, outcome.out) == (8, "")
    shown, error, hint = outcome.err.rstrip("\n").rsplit("\n", 2)
    assert shown == text.rstrip("\n") and error.startswith("error: ") and hint.startswith("hint: ")


def test_a_cut_answer_gives_a_whole_first_block_and_exit_7(program: Program) -> None:
    program.server.api([*frames(delta("```\nwhole\n```\nand th")), CLOSE])
    outcome = program.ask("-x")
    assert (outcome.code, outcome.out) == (7, "whole\n")


def test_a_cut_answer_without_a_whole_block_keeps_its_part_on_stderr(program: Program) -> None:
    program.server.api([*frames(delta("```\nhalf")), CLOSE])
    outcome = program.ask("-x")
    assert (outcome.code, outcome.out) == (7, "") and "half" in outcome.err


# --- files -----------------------------------------------------------------------------------------------------


def test_an_output_file_appears_whole_with_the_umasks_mode_and_stdout_stays_empty(
    program: Program, tmp_path: Path
) -> None:
    before = os.umask(0o027)
    try:
        outcome = program.ask("-o", str(tmp_path / "answer.txt"))
    finally:
        os.umask(before)
    assert outcome.told == (0, "", "")
    assert (tmp_path / "answer.txt").read_text() == "Hello\n"
    assert stat.S_IMODE((tmp_path / "answer.txt").stat().st_mode) == 0o640
    assert not (tmp_path / "answer.txt.part").exists()


@pytest.mark.parametrize(
    ("argv", "text", "content"),
    [
        (["--raw"], "a\x1b[31mb", "a\x1b[31mb"),
        ([], "a\x1b[31mb", "a␛[31mb\n"),
        (["-x"], CODE, "print(1)\n"),
        (["--no-stream"], "Hi", "Hi\n"),
        ([], "Olá 👋🏽", "Olá 👋🏽\n"),
    ],
)
def test_what_stands_in_the_file(
    program: Program, tmp_path: Path, argv: list[str], text: str, content: str
) -> None:
    path = tmp_path / "answer.txt"
    assert answered(program, text, *argv, "-o", str(path), stdout_is_terminal=True).told == (0, "", "")
    assert path.read_bytes().decode() == content


def test_json_goes_into_a_file_too(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    assert program.ask("--format", "json", "-o", str(path)).told == (0, "", "")
    assert json.loads(path.read_text())["choices"][0]["message"]["content"] == "Hello"


def test_a_failed_call_leaves_the_old_file_and_no_part(program: Program, tmp_path: Path) -> None:
    from fault_server import reply

    path = tmp_path / "answer.txt"
    path.write_text("old")
    program.server.api(reply(400))
    assert program.ask("-o", str(path)).code == 8
    assert path.read_text() == "old" and not (tmp_path / "answer.txt.part").exists()


@pytest.mark.parametrize("name", ["nowhere/answer.txt", ".", "/proc/answer.txt"])
def test_a_file_that_cannot_be_written_is_exit_3_before_anything_is_sent(
    program: Program, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert name in program.refused("complete", "-o", name, "hi", code=3)


def test_an_output_file_that_is_a_link_stays_one(program: Program, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to("real/answer.txt")
    assert program.ask("-o", str(tmp_path / "link.txt")).code == 0
    assert (tmp_path / "link.txt").is_symlink() and (tmp_path / "real/answer.txt").read_text() == "Hello\n"


@pytest.mark.parametrize("name", ["/dev/null", "-"])
def test_a_device_or_a_dash_is_written_straight(program: Program, name: str) -> None:
    assert program.ask("-o", name).told == (0, "Hello\n" if name == "-" else "", "")


def test_a_pipe_is_written_by_its_name(program: Program) -> None:
    assert program.run("complete", "-o", "/dev/stdout", "hi").told == (0, "Hello\n", "")


def test_a_whole_answer_without_sources_stands_in_its_file_all_the_same(
    program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "answer.txt"
    program.server.api(stream(agent_delta("Hi"), AGENT_END))
    outcome = program.ask(*AGENT, "--require-sources", "-o", str(path))
    assert (outcome.code, outcome.out, path.read_text()) == (8, "", "Hi\n")
    assert "no sources" in outcome.err and f"the answer is in {path}" in outcome.err
    assert list(tmp_path.glob("*.part")) == []


def test_a_cut_answer_without_a_whole_block_stays_in_the_part(program: Program, tmp_path: Path) -> None:
    program.server.api([*frames(delta("```\nhalf")), CLOSE])
    outcome = program.ask("-x", "-o", str(tmp_path / "code.py"))
    assert (outcome.code, outcome.out) == (7, "") and "half" not in outcome.err
    assert (tmp_path / "code.py.part").read_text() == "```\nhalf\n"
    assert not (tmp_path / "code.py").exists()


@pytest.mark.parametrize("call", [["complete", "hi"], ["run", "slug", "hi"]])
def test_an_empty_name_after_o_is_refused_before_anything_is_sent(call: list[str], program: Program) -> None:
    outcome = program.run(*call, "-o", "")
    assert (outcome.code, outcome.err) == (2, "error: -o names no file\nhint: -o FILE, or - for stdout\n")
    assert program.server.requests == []
