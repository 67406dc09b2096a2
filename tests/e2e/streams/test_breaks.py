"""Event streams that break off, or fall silent: what came is kept, and the exit code says so."""

import shlex

import pytest
from fault_server import (
    AGENT_END,
    CLOSE,
    CLOSE_HEAD,
    END,
    HOLD,
    LAST_CHUNK,
    RESET,
    STREAM_HEAD,
    Endless,
    Pause,
    agent_delta,
    chunk,
    delta,
    frames,
    stream,
)
from program import Program
from stream_outcomes import AGENT, ERROR_FRAMES, cut, nothing, whole

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


def test_the_hint_goes_on_where_a_kept_answer_was_cut(program: Program) -> None:
    program.server.api([*frames(delta("Hel")), CLOSE])
    outcome = program.run("complete", "--no-stdin", "Say hi", env={"STACKSPOTAI_HISTORY": "on"})
    assert (outcome.code, outcome.out) == (7, "Hel\n")
    _hint, said, command = outcome.err.splitlines()[1].partition(", or go on from there: stackspot ")
    assert said
    program.server.api(stream(delta("lo"), END))
    outcome = program.run(*shlex.split(command))
    assert (outcome.code, outcome.out, outcome.err) == (0, "lo\n", "")
    sent = program.server.api_requests[-1].json["user_prompt"]
    assert "Say hi" in sent and "Hel" in sent and sent.endswith("Go on")


def test_the_hint_of_an_answer_that_is_not_kept_promises_nothing(program: Program) -> None:
    program.server.api([*frames(delta("Hel")), CLOSE])
    outcome = program.ask("--no-history")
    assert outcome.err.splitlines()[1] == "hint: ask again, or ask to go on from there"


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
