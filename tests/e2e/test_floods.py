"""What never ends, or holds more than it seems to: silence is silence whatever it is made of, and all has a bound."""

import gzip
import resource
import struct
import time
import zlib

import pytest
from fault_server import (
    CLOSE_HEAD,
    END,
    LAST_CHUNK,
    STREAM_HEAD,
    Endless,
    Slowly,
    Step,
    chunk,
    delta,
    reply,
    stream,
)
from program import Outcome, Program


def stored(data: bytes) -> bytes:
    """A block of deflate that is not the last one (RFC 1951, 3.2.4)."""
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data


ONE_CHUNK_OF_NOTHING = chunk(b": nothing\n\n" * 1000)
FLOODS: dict[str, list[Step]] = {
    "provisional answers": [Endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)],
    "early hints": [Endless(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)],
    "comments": [STREAM_HEAD, Endless(ONE_CHUNK_OF_NOTHING)],
    "events without data": [STREAM_HEAD, Endless(chunk(b"event: new_message\n\ndata:\n\n" * 100))],
    "unknown events": [STREAM_HEAD, Endless(chunk(b'event: ping\ndata: {"answer": "no"}\n\n' * 100))],
    "empty answers": [STREAM_HEAD, Endless(chunk(delta("") * 100))],
    "JSON that is no object": [STREAM_HEAD, Endless(chunk(b"data: [1]\n\n" * 100))],
    "one byte a chunk": [STREAM_HEAD, Endless(chunk(b":") * 1000)],
    "chunk extensions": [STREAM_HEAD, Endless(b"1;" + b"x" * 1000 + b"=y\r\n:\r\n")],
    "a packed body": [
        STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"),
        chunk(zlib.compress(b"", wbits=31)[:10]),
        Endless(chunk(stored(b": nothing\n\n" * 5000))),
    ],
}
LIMITS = {"STACKSPOTAI_MAX_ANSWER_BYTES": str(1 << 40)}  # so that it is the silence that ends them


def ends(program: Program, *options: str, **more: object) -> tuple[Outcome, float]:
    began = time.monotonic()
    outcome = program.ask("--timeout", "0.5", "--retries", "0", *options, **more)
    return outcome, time.monotonic() - began


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_what_means_nothing_is_silence(program: Program, name: str) -> None:
    program.server.api(FLOODS[name])
    outcome, seconds = ends(program, env=LIMITS)
    assert (outcome.code, outcome.out) == (6, "") and "was silent for 0.5 s" in outcome.err
    assert seconds < 20


@pytest.mark.parametrize("name", ["comments", "empty answers", "one byte a chunk"])
def test_after_some_text_it_is_a_cut_answer(program: Program, name: str) -> None:
    head, *flood = FLOODS[name]
    program.server.api([head, chunk(delta("Hello")), *flood])
    outcome, seconds = ends(program, env=LIMITS)
    assert (outcome.code, outcome.out) == (7, "Hello\n") and "was silent for 0.5 s" in outcome.err
    assert seconds < 20


@pytest.mark.parametrize(
    "steps",
    [
        [Endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)],
        [b"HTTP/1.1 200 OK\r\n", Endless(b"X: y\r\n", 0.01)],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Endless(chunk(b" "), 0.01)],
    ],
)
def test_so_it_is_where_a_token_is_waited_for(program: Program, steps: list[Step]) -> None:
    program.server.token(steps)
    outcome, seconds = ends(program)
    assert (outcome.code, seconds < 20) == (6, True)


def test_words_among_the_nothing_keep_an_answer_going(program: Program) -> None:
    body = b"".join(chunk(b": nothing\n\n" * 50 + delta("a")) for _ in range(20))
    program.server.api([STREAM_HEAD, Slowly(body, len(body) // 20, 0.1), chunk(END), LAST_CHUNK])
    outcome, _seconds = ends(program)
    assert outcome.told == (0, "a" * 20 + "\n", "")


# --- bounds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["comments", "empty answers", "one byte a chunk"])
def test_an_answer_has_a_bound_in_all(program: Program, name: str) -> None:
    program.server.api(FLOODS[name])
    outcome = program.ask("--retries", "0", env={"STACKSPOTAI_MAX_ANSWER_BYTES": "200000"})
    assert (outcome.code, outcome.out) == (6, "")
    assert "it is larger than 200000 bytes" in outcome.err and "max_answer_bytes" in outcome.err


def test_text_without_end_is_cut_at_the_bound_with_what_to_set(program: Program) -> None:
    program.server.api([STREAM_HEAD, Endless(chunk(delta("word ") * 100))])
    outcome = program.ask(env={"STACKSPOTAI_MAX_ANSWER_BYTES": "200000"})
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out.startswith("word word ")) == (7, True)
    assert error == "error: the answer broke off: it is larger than 200000 bytes"
    assert hint.endswith("`stackspot config set max_answer_bytes 800000`")


def test_the_bound_is_a_setting_like_any_other(program: Program) -> None:
    program.server.api(stream(delta("x" * 3_000), END))
    program.home.mkdir(exist_ok=True)
    (program.home / "config.yaml").write_text("max_answer_bytes: 2000\n")
    assert program.ask().code == 6
    assert program.call("config", "get", "max_answer_bytes").out == "2000\n"
    assert program.call("config", "set", "max_answer_bytes", "4000").code == 0
    assert program.ask().code == 0


# --- packed --------------------------------------------------------------------------------------------

GIB = b"\0" * (1 << 20)


def bomb(layers: int) -> bytes:
    """Some bytes that are much more, and more again for each further layer."""
    packer = zlib.compressobj(9, wbits=31)
    data = b"".join([*(packer.compress(GIB) for _ in range(256)), packer.flush()])
    for _layer in range(layers - 1):
        data = gzip.compress(data)
    return data


@pytest.mark.parametrize("layers", [2, 3])
@pytest.mark.parametrize("where", ["token", "error", "answer", "agent"])
def test_what_is_packed_more_than_once_is_not_unpacked(program: Program, layers: int, where: str) -> None:
    codings = ", ".join(["gzip"] * layers)
    status = 429 if where == "error" else 200
    answer = reply(status, bomb(layers), [("Content-Encoding", codings)])
    (program.server.token if where == "token" else program.server.api)(answer)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    options = ["-m", "agent:01K45T82PF8QC64C9DNHGQWHY2"] if where == "agent" else []
    outcome = program.ask("--retries", "0", *options)
    assert outcome.code == (5 if where == "error" else 6)
    assert where == "error" or "packed more than once" in outcome.err
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize("where", ["token", "error", "answer"])
def test_one_packing_that_holds_a_great_deal_is_unpacked_up_to_the_bound(
    program: Program, where: str
) -> None:
    status = 429 if where == "error" else 200
    answer = reply(status, bomb(1), [("Content-Encoding", "gzip")])
    (program.server.token if where == "token" else program.server.api)(answer)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert program.ask("--retries", "0").code == (5 if where == "error" else 6)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 * 1024


def test_one_packing_is_unpacked(program: Program) -> None:
    head = CLOSE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    program.server.api([head, Slowly(gzip.compress(delta("Hello") + END), 3)])
    assert program.ask().told == (0, "Hello\n", "")
