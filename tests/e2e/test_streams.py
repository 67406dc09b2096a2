"""Event streams as they come from good services and bad ones: the answer, or its part and the truth about the rest."""

import json
from pathlib import Path

import pytest
from fault_server import (
    AGENT_END,
    CLOSE,
    CLOSE_HEAD,
    END,
    HOLD,
    LAST_CHUNK,
    OLD_HEAD,
    PAGE,
    RESET,
    STREAM_HEAD,
    Endless,
    Pause,
    Slowly,
    agent_delta,
    chunk,
    delta,
    frames,
    reply,
    stream,
    zipped,
)
from program import Program

AGENT = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2")
TEXT = "Olá, mundo! 👋🏽 \u4f60\u597d\nline two\n"
BODY = delta("Olá, ") + b": keep-alive\n\n" + delta("mundo! 👋🏽 ") + delta("\u4f60\u597d\nline two\n") + END


def whole(text: str) -> tuple[int, str, str]:
    return 0, text if text.endswith("\n") else text + "\n", ""


def cut(program: Program, part: str, *options: str) -> str:
    """Asserts that the part came, with exit 7 and two lines on stderr; nothing was sent again. The error."""
    outcome = program.ask(*options)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (7, part)
    assert error.startswith("error: the answer broke off: ") and hint.startswith("hint: ")
    assert len(program.server.api_requests) == 1
    return error


def nothing(program: Program, code: int = 6, *options: str) -> str:
    """Asserts that nothing came, with this exit code; nothing was sent again. The error."""
    outcome = program.ask(*options)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (code, "")
    assert error.startswith("error: ") and hint.startswith("hint: ")
    assert len(program.server.api_requests) == 1
    return error


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


# --- where it breaks off -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        [*frames(delta("Hel")), CLOSE],
        [*frames(delta("Hel")), LAST_CHUNK],
        [*frames(delta("Hel")), RESET],
        [*frames(delta("Hel")), chunk(delta("lo"))[:20], CLOSE],
        [*frames(delta("Hel")), b"zz\r\nnonsense", CLOSE],
        [STREAM_HEAD.replace(b"Transfer-Encoding: chunked", b"Content-Length: 999"), delta("Hel"), CLOSE],
        [CLOSE_HEAD, delta("Hel"), CLOSE],
        [CLOSE_HEAD, delta("Hel"), delta("lo")[:-3], CLOSE],
        [CLOSE_HEAD, delta("Hel"), b'event: new_message\ndata: {"answer": "Ol\xc3', CLOSE],
        [CLOSE_HEAD, delta("Hel"), RESET],
        [CLOSE_HEAD, delta("Hel")[:-2], CLOSE],
        [CLOSE_HEAD, delta("Hel"), END[:12], CLOSE],
    ],
    ids=lambda steps: None,
)
@pytest.mark.parametrize("options", [(), ("--no-stream",)])
def test_a_cut_answer_keeps_its_part(program: Program, steps: list[object], options: tuple[str, ...]) -> None:
    program.server.api(steps)
    cut(program, "Hel\n", *options)


def test_an_answer_cut_inside_gzip_keeps_its_part(program: Program) -> None:
    import zlib

    packer = zlib.compressobj(wbits=31)
    data = packer.compress(delta("Hel")) + packer.flush(zlib.Z_SYNC_FLUSH)
    head = CLOSE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    program.server.api([head, data, packer.compress(delta("lo" * 500))[:9], CLOSE])
    cut(program, "Hel\n")


def test_a_zipped_answer_that_turns_to_junk_keeps_its_part(program: Program) -> None:
    import zlib

    packer = zlib.compressobj(wbits=31)
    data = packer.compress(delta("Hel")) + packer.flush(zlib.Z_SYNC_FLUSH)
    head = CLOSE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    program.server.api([head, data, Pause(0.05), b"\xff" * 500, CLOSE])
    cut(program, "Hel\n")


@pytest.mark.parametrize(
    "steps",
    [
        stream(),
        [STREAM_HEAD, CLOSE],
        [STREAM_HEAD, RESET],
        [CLOSE_HEAD, CLOSE],
        [*frames(b": only\n\n", b":\n\n"), LAST_CHUNK],
        stream(b"data: junk\n\ndata: {\n\n"),
        stream(b'data: {"message": null}\n\n'),
        [*frames(delta("Hel")[:-4]), CLOSE],
    ],
    ids=lambda steps: None,
)
def test_a_stream_that_ends_before_the_first_character_is_exit_6_and_not_sent_again(
    program: Program, steps: list[object]
) -> None:
    program.server.api(steps)
    nothing(program)


ERROR_FRAMES = [
    (b'event: error\ndata: {"message": "Boom"}\n\n', "Boom"),
    (b"event: error\ndata: Boom\n\n", "Boom"),
    (b'data: {"type": "error", "message": "Boom"}\n\n', "Boom"),
    (b'data: {"type": "error", "error": {"message": "Boom"}}\n\n', "Boom"),
    (b'data: {"error": "Boom"}\n\n', "Boom"),
    (b'data: {"error": {"code": 7, "message": "Boom"}}\n\n', "Boom"),
    (b'data: {"type": "TooManyRequests", "code": "INFERENCE_3008", "details": "Boom"}\n\n', "Boom"),
]


@pytest.mark.parametrize(("frame", "words"), ERROR_FRAMES)
def test_an_error_frame_first_is_a_definite_no(program: Program, frame: bytes, words: str) -> None:
    program.server.api(stream(frame))
    assert words in nothing(program, 8)


@pytest.mark.parametrize(("frame", "words"), ERROR_FRAMES)
def test_an_error_frame_in_the_middle_keeps_the_part(program: Program, frame: bytes, words: str) -> None:
    program.server.api(stream(delta("Hel"), frame))
    assert words in cut(program, "Hel\n")


def test_a_null_error_is_none(program: Program) -> None:
    program.server.api(stream(agent_delta("Hi", error=None), AGENT_END))
    assert program.ask(*AGENT).told == whole("Hi")


# --- silence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        [HOLD],
        [b"HTTP/1.1 200 OK\r\nContent-", HOLD],
        [STREAM_HEAD, HOLD],
        [*frames(b": ping\n\n"), HOLD],
        [*frames(delta("Hel")[:-3]), HOLD],
    ],
    ids=lambda steps: None,
)
def test_silence_before_the_first_character_is_exit_6_and_not_sent_again(
    program: Program, steps: list[object]
) -> None:
    program.server.api(steps)
    assert "silent for 0.2 s" in nothing(program, 6, "--timeout", "0.2")
    assert program.server.hung_up.wait(30)


def test_silence_after_it_is_exit_7(program: Program) -> None:
    program.server.api([*frames(delta("Hel")), HOLD])
    assert "silent for 0.2 s" in cut(program, "Hel\n", "--timeout", "0.2")


@pytest.mark.parametrize(
    "noise", [b": ping\n\n", b"event: ping\ndata: {}\n\n", b"retry: 5\n\n", b"data: junk\n\n", b":", b"\n"]
)
def test_keep_alives_count_as_silence(program: Program, noise: bytes) -> None:
    program.server.api([*frames(delta("Hel")), Endless(chunk(noise), 0.01)])
    assert "silent for 0.3 s" in cut(program, "Hel\n", "--timeout", "0.3")


def test_a_dripping_head_counts_as_silence(program: Program) -> None:
    program.server.api([b"HTTP/1.1 200 OK\r\n", Endless(b"X-Slow: 1\r\n", 0.02)])
    assert "silent for 0.2 s" in nothing(program, 6, "--timeout", "0.2")


def test_a_slow_answer_that_is_alive_is_waited_for(program: Program) -> None:
    steps = [step for letter in "slowly" for step in (chunk(delta(letter)), Pause(0.08))]
    program.server.api([STREAM_HEAD, *steps, chunk(END), LAST_CHUNK])
    assert program.ask("--timeout", "0.3").told == whole("slowly")


def test_a_deadline_ends_an_answer_that_is_alive(program: Program) -> None:
    program.server.api([STREAM_HEAD, Endless(chunk(delta("ha")), 0.02)])
    outcome = program.ask("--deadline", "0.4")
    assert outcome.code == 7 and outcome.out.startswith("haha") and outcome.out.endswith("ha\n")
    assert "the deadline passed" in outcome.err


def test_a_deadline_before_any_text_is_exit_6(program: Program) -> None:
    program.server.api([STREAM_HEAD, HOLD])
    assert "the deadline passed" in nothing(program, 6, "--deadline", "0.3")


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


# The program, telling at its end how much memory it had at most (Linux: `ru_maxrss` would count our own).
PEAK = """
import os, runpy, sys

def tell_and_leave(code, leave=os._exit):
    with open("/proc/self/status") as status:
        sys.stderr.write(next(line.split()[1] for line in status if line.startswith("VmHWM")))
    sys.stderr.flush()
    leave(code)

os._exit = tell_and_leave
sys.argv = ["stackspot", *sys.argv[1:]]
runpy.run_module("stackspot_cli", run_name="__main__")
"""


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
