"""Event streams in every form that they may come in, over a real socket."""

import json

import pytest
from fault_server import (
    AGENT_END,
    CLOSE,
    CLOSE_HEAD,
    END,
    HOLD,
    OLD_HEAD,
    RESET,
    Pause,
    Slowly,
    agent_delta,
    delta,
    frames,
    reply,
    stream,
    zipped,
)
from program import Program
from stream_outcomes import AGENT, BODY, TEXT, whole

# --- however it comes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
@pytest.mark.parametrize("head", [CLOSE_HEAD, OLD_HEAD])
def test_however_the_bytes_are_sliced_the_answer_is_the_same(
    program: Program, size: int, head: bytes
) -> None:
    program.server.api([head, Slowly(BODY, size), CLOSE])
    assert program.ask().told == whole(TEXT)


@pytest.mark.parametrize("size", [1, 5, 50])
def test_however_the_chunks_are_cut_the_answer_is_the_same(program: Program, size: int) -> None:
    pieces = [BODY[start : start + size] for start in range(0, len(BODY), size)]
    program.server.api(stream(*pieces))
    assert program.ask().told == whole(TEXT)


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b"\n", b"\r\n"),
        BODY.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + BODY,
        b"\n\n\r\n" + BODY,
        b": a comment\n:\n\n" + BODY,
        BODY.replace(b"event: ", b"event:").replace(b"data: ", b"data:"),
        BODY.replace(b"data: ", b"id: 7\nretry: 3000\nfoo: bar\nfoo\ndata: "),
        b"event: ping\ndata: {}\n\n" + BODY + b"event: late\ndata: x\n\n",
        b"retry: 10\n\n" + BODY,
        BODY.replace(b"event: new_message\n", b""),
        BODY.replace(b"data: {", b"data: {\ndata: ", 1),
        b"data: not json\n\ndata: [1]\n\ndata: null\n\ndata: 7\n\n" + BODY,
        BODY[: -len(END)] + b"data: [DONE]\n\n",
        BODY[: -len(END)] + b"event: end_event\ndata:\n\n",
    ],
    ids=lambda body: None,
)
def test_every_form_that_the_standard_allows_is_read(program: Program, body: bytes) -> None:
    program.server.api(stream(body))
    assert program.ask().told == whole(TEXT)


def test_a_stream_of_known_length_is_read(program: Program) -> None:
    program.server.api(reply(200, BODY, kind="text/event-stream"))
    assert program.ask().told == whole(TEXT)


def test_a_zipped_stream_is_read(program: Program) -> None:
    head = CLOSE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    program.server.api([head, Slowly(zipped(BODY), 9), CLOSE])
    assert program.ask().told == whole(TEXT)


def test_after_the_last_frame_nothing_is_waited_for(program: Program) -> None:
    program.server.api([*frames(BODY), HOLD])
    assert program.ask("--timeout", "5").told == whole(TEXT)
    assert program.server.hung_up.wait(30)


def test_a_connection_that_breaks_after_the_last_frame_is_no_failure(program: Program) -> None:
    program.server.api([*frames(BODY), RESET])
    assert program.ask().told == whole(TEXT)


def test_text_and_the_end_in_one_frame(program: Program) -> None:
    program.server.api(stream(agent_delta("Hi", stop_reason="stop", tokens={"input": 3, "output": 1})))
    assert program.ask(*AGENT, "--usage").told == (0, "Hi\n", "tokens: 3 in, 1 out, 4 together\n")


def test_one_newline_between_frames_is_tolerated(program: Program) -> None:
    lines = [agent_delta("a"), agent_delta("b"), AGENT_END]
    program.server.api(stream(b"".join(line.replace(b"\n\n", b"\n") for line in lines) + b"\n"))
    assert program.ask(*AGENT).told == whole("ab")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [AGENT_END[:-2], AGENT_END[:-1], b"data: [DONE]\n", b"data: [DONE]"])
def test_frames_of_one_line_each_need_no_blank_line_at_the_end(
    program: Program, end: bytes, last: bytes
) -> None:
    lines = b"".join(line.replace(b"\n\n", end) for line in (agent_delta("a"), agent_delta("b")))
    program.server.api([CLOSE_HEAD, lines + last, CLOSE])
    assert program.ask(*AGENT).told == whole("ab")


def test_frames_of_one_line_each_are_shown_as_they_come(program: Program) -> None:
    first, second = (agent_delta(text).replace(b"\n\n", b"\n") for text in "ab")
    program.server.api([CLOSE_HEAD, first, Pause(0.4), second, Pause(0.4), AGENT_END, CLOSE])
    assert program.ask(*AGENT, "--timeout", "0.7").told == whole("ab")


@pytest.mark.parametrize(
    "end",
    [
        b"event: end_event\n\n",
        b"event: end_event\n",
        b"event: end_event",
        b"event: end_event\ndata: {}\n",
        b"event: end_event\ndata: {}",
    ],
)
def test_the_end_event_is_the_end_with_or_without_data_or_a_blank_line(program: Program, end: bytes) -> None:
    program.server.api([CLOSE_HEAD, delta("Hello"), end, CLOSE])
    assert program.ask().told == whole("Hello")


def test_a_surrogate_pair_split_over_two_frames_is_one_character(program: Program) -> None:
    program.server.api(
        stream(b'data: {"message": "a\\ud83d"}\n\n', b'data: {"message": "\\ude00b"}\n\n', AGENT_END)
    )
    assert program.ask(*AGENT).told == whole("a😀b")
    assert program.ask(*AGENT, "--format", "json").json["choices"][0]["message"]["content"] == "a😀b"


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ud83d\\ud83d"])
def test_half_a_surrogate_pair_is_a_replacement_character(program: Program, half: str) -> None:
    program.server.api(stream(f'data: {{"message": "a{half}"}}\n\n'.encode(), AGENT_END))
    shown = "a" + "\ufffd" * half.count("\\u")
    assert program.ask(*AGENT).told == whole(shown)
    lines = program.ask(*AGENT, "--format", "jsonl").lines
    assert "".join(line["text"] for line in lines if line["type"] == "delta") == shown


@pytest.mark.parametrize("text", [None, "", 7, 1.5, True, [], {}])
def test_a_null_or_odd_message_costs_nothing(program: Program, text: object) -> None:
    odd = b"data: " + json.dumps({"message": text}).encode() + b"\n\n"
    program.server.api(stream(agent_delta("Hi"), odd, AGENT_END))
    shown = f"Hi{text}" if isinstance(text, int | float) and not isinstance(text, bool) else "Hi"
    assert program.ask(*AGENT).told == whole(shown)


@pytest.mark.parametrize(
    ("tokens", "usage"),
    [
        (None, (None, None, None)),
        ({"input": 749, "output": 5}, (749, 5, 754)),
        ({"input": "749", "output": "5", "user": None, "enrichment": None}, (749, 5, 754)),
        ({"user": 3, "enrichment": 4, "output": 5}, (7, 5, 12)),
        ({"user": 3, "enrichment": None, "output": None}, (3, 0, 3)),
        ({"user": None, "enrichment": None, "output": 2}, (None, 2, None)),
        ({"input": None, "output": 2}, (0, 2, 2)),
        ({"input": "many", "output": -1}, (None, None, None)),
        ([1, 2], (None, None, None)),
        ("7", (None, None, None)),
        ({"input": 10**30, "output": 1}, (10**30, 1, 10**30 + 1)),
    ],
)
def test_token_counts_in_every_shape(
    program: Program, tokens: object, usage: tuple[int | None, int | None, int | None]
) -> None:
    program.server.api(stream(agent_delta("Hi"), agent_delta("", stop_reason="stop", tokens=tokens)))
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    outcome = program.ask(*AGENT, "--format", "json")
    assert outcome.json["usage"] == dict(zip(names, usage, strict=True))
