"""What can go wrong with a connection before an answer begins, and what is tried again."""

import socket
import threading
import time

import pytest
from fault_server import (
    CLOSE,
    CLOSE_HEAD,
    END,
    HOLD,
    OLD_HEAD,
    RESET,
    FaultServer,
    Until,
    delta,
    reply,
    stream,
    token_reply,
)
from program import Program

OK = (0, "Hello\n", "")
ANSWER = stream(delta("Hello"), END)


def failed(program: Program, api_attempts: int, *options: str, **more: object) -> str:
    """Asserts exit 6 with nothing on stdout after so many requests to the API; the error."""
    outcome = program.ask(*options, **more)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out, len(program.server.api_requests)) == (6, "", api_attempts)
    assert error.startswith("error: ") and hint.startswith("hint: ")
    return error


@pytest.fixture
def dead_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_refused_connection_is_tried_again_and_then_told(program: Program, dead_port: int) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    outcome = program.call("-v", "complete", "hi", env={"STACKSPOTAI_ENDPOINT_URL": url})
    assert outcome.code == 6 and outcome.err.count("* POST") == 3
    assert f"error: cannot connect to 127.0.0.1:{dead_port}: " in outcome.err


def test_a_refused_connection_of_the_api_alone(program: Program, dead_port: int) -> None:
    assert "cannot connect" in failed(
        program, 0, env={"STACKSPOTAI_API_BASE": f"http://127.0.0.1:{dead_port}"}
    )


def test_an_unknown_host_is_named(program: Program) -> None:
    error = failed(program, 0, env={"STACKSPOTAI_ENDPOINT_URL": "https://no-such-host.invalid"})
    assert "no-such-host.invalid" in error


def test_a_connection_that_nobody_accepts_ends_in_time(program: Program) -> None:
    """A full backlog drops the handshake on Linux: connecting hangs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            outcome = program.ask(
                "--timeout", "0.2", env={"STACKSPOTAI_ENDPOINT_URL": f"http://127.0.0.1:{address[1]}"}
            )
        finally:
            for filler in fillers:
                filler.close()
    assert outcome.code == 6 and f"connecting to 127.0.0.1:{address[1]} took too long" in outcome.err


@pytest.mark.parametrize(
    "steps",
    [
        RESET,
        CLOSE,
        [b"HTTP/1.1 20", CLOSE],
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/ev", RESET],
        [b"\x16\x03\x01 this is no HTTP\r\n\r\n", CLOSE],
        [b"SSH-2.0-OpenSSH_9.6\r\n", CLOSE],
        [b"HTTP/9.9 200 OK\r\n\r\n", CLOSE],
        [b"HTTP/1.1 99999 OK\r\n\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000, CLOSE],
    ],
    ids=lambda steps: None,
)
def test_a_chat_request_that_was_fully_sent_is_never_sent_again(program: Program, steps: object) -> None:
    assert program.ask("--no-history").code == 0  # a token is cached: the next connection is a new one
    program.server.requests.clear()
    program.server.api(steps)
    failed(program, 1)


def test_a_connection_that_closed_before_a_byte_of_answer_is_replaced_where_it_was_reused(
    program: Program,
) -> None:
    """The token's connection is kept; the service has just closed it when the chat request arrives."""
    program.server.api(CLOSE, ANSWER)
    assert program.ask("--retries", "0").told == OK
    first, second = program.server.api_requests
    (asked,) = program.server.token_requests
    assert first.connection == asked.connection != second.connection
    assert first.raw == second.raw


def test_a_reused_connection_that_began_to_answer_is_not_replaced(program: Program) -> None:
    program.server.api([b"HTTP/1.1 20", CLOSE], ANSWER)
    failed(program, 1)


def test_a_kept_connection_that_is_closed_in_between_is_noticed(program: Program) -> None:
    program.server.token([token_reply(), CLOSE])
    assert program.ask().told == OK
    (asked,), (request,) = program.server.token_requests, program.server.api_requests
    assert asked.connection != request.connection


def test_one_connection_serves_the_token_and_the_answer(program: Program) -> None:
    assert program.ask().told == OK
    assert {request.connection for request in program.server.requests} == {0}


def test_a_connection_that_dies_before_the_request_was_sent_is_tried_again(program: Program) -> None:
    program.server.greet(RESET, RESET)
    assert program.ask().told == OK


AGENT = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2")
LARGE = b"word " * 150_000


def test_a_service_that_refuses_before_it_has_read_all_is_heard(program: Program) -> None:
    program.server.token([token_reply(), CLOSE])
    program.server.greet([], [reply(413, {"details": "too large"}), HOLD])
    outcome = program.ask(*AGENT, stdin=LARGE)
    assert outcome.code == 8 and "too large" in outcome.err


def test_a_service_that_does_not_read_ends_in_time(program: Program) -> None:
    go = threading.Event()
    program.server.token([token_reply(), CLOSE])
    program.server.greet([], [Until(go)])
    outcome = program.ask(*AGENT, "--timeout", "0.3", stdin=b"word " * 200_000)
    go.set()
    assert outcome.code == 6 and "silent" in outcome.err


def test_http_1_0_is_spoken(program: Program) -> None:
    program.server.token([token_reply().replace(b"HTTP/1.1", b"HTTP/1.0"), CLOSE])
    program.server.api([OLD_HEAD, delta("Hello"), END, CLOSE])
    assert program.ask().told == OK


def test_provisional_answers_are_skipped(program: Program) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    program.server.api([b"HTTP/1.1 100 Continue\r\n\r\n", hints, CLOSE_HEAD, delta("Hello"), END, CLOSE])
    assert program.ask().told == OK


def test_switching_protocols_is_no_answer(program: Program) -> None:
    program.server.api(
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", HOLD]
    )
    failed(program, 1, "--timeout", "1")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_loopback_is_spoken(program: Program) -> None:
    try:
        six = FaultServer(host="::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with six:
        assert program.ask(env={"STACKSPOTAI_ENDPOINT_URL": six.url}).told == OK
        assert six.api_requests[0].header("host") == six.netloc


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_api_is_not_followed_and_says_where_it_pointed(
    program: Program, status: int
) -> None:
    where = f"{program.server.url}/login?state=abc"
    program.server.api(reply(status, b"", [("Location", where)]))
    outcome = program.ask()
    assert (outcome.code, len(program.server.api_requests)) == (6, 1)
    assert f"{program.server.url}/login" in outcome.err and "abc" not in outcome.err
    assert "captive portal" in outcome.err and "single sign-on" in outcome.err


@pytest.mark.parametrize(
    "where", [None, "", "//elsewhere", "javascript:alert(1)", "\x1b]0;x\x07", "http://[", "x" * 9000]
)
def test_an_odd_redirect_is_one_safe_sentence(program: Program, where: str | None) -> None:
    headers = [] if where is None else [("Location", where)]
    program.server.api(reply(302, b"", headers))
    outcome = program.ask()
    assert outcome.code == 6 and "\x1b" not in outcome.err and len(outcome.err) < 1000


def test_only_https_leaves_this_machine(program: Program) -> None:
    outcome = program.ask(env={"STACKSPOTAI_ENDPOINT_URL": "http://stackspot.example"})
    assert outcome.code == 2 and "https" in outcome.err


def test_a_whole_failing_call_takes_no_longer_than_its_waits(program: Program, dead_port: int) -> None:
    began = time.monotonic()
    env = {"STACKSPOTAI_ENDPOINT_URL": f"http://127.0.0.1:{dead_port}", "STACKSPOTAI_RETRY_WAIT": "0"}
    assert program.ask("--retries", "50", env=env).code == 6
    assert time.monotonic() - began < 20


# --- the request itself -----------------------------------------------------------------------------------


def test_the_body_is_exact_utf_8_json(program: Program) -> None:
    prompt = 'Olá "mundo" \\ \u2028 👋🏽 \x7f\ttab\nline'
    assert program.call("complete", prompt).code == 0
    (request,) = program.server.api_requests
    assert request.json["user_prompt"] == prompt
    assert "Olá" in request.body.decode() and b"\\u00" not in request.body.replace(b"\\u007f", b"")
    assert request.header("content-type") == "application/json"
    assert request.header("accept") == "text/event-stream"
    assert (request.header("user-agent") or "").startswith("stackspot-cli/")
    assert request.header("content-length") == str(len(request.body))


def test_the_chat_body_is_the_protocols(program: Program) -> None:
    assert program.ask("-m", "stackspot-ai-code", "-t", "0", "--max-tokens", "7").code == 0
    (request,) = program.server.api_requests
    body = request.json
    assert (request.method, request.target) == ("POST", "/v3/chat")
    context = body.pop("context")
    assert body == {
        "user_prompt": "Say hi",
        "model": "stackspot-ai-code",
        "temperature": 0.0,
        "max_tokens": 7,
    }
    assert len(context.pop("conversation_id")) == 26
    assert context.pop("os") in ("linux", "darwin", "windows") and context.pop("platform_version")
    assert context == {
        "upload_ids": [],
        "knowledge_sources": [],
        "agent_built_in": True,
        "platform": "stackspot-cli",
        "stackspot_ai_version": "2.3.0",
    }
