"""How often somebody waits for the way to the service and back: connections and requests are counted, never time.

Where two things have to happen at the same time, the service says nothing on one way until it has seen the other.
"""

import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from chat_person import ENTER, Chats
from fault_server import END, HOLD, FaultServer, Request, Say, delta, reply, stream, token_reply
from forward_proxy import ForwardProxy
from gateway_caller import HI, environment, post, running
from program import Program
from tls_world import serving

OK = (0, "Hello\n", "")
ANSWER = stream(delta("Hello"), END)


@pytest.fixture
def far(authority: trustme.CA) -> Iterator[Callable[[], FaultServer]]:
    """Starts a service on a host of its own, with TLS."""
    started = []

    def start() -> FaultServer:
        started.append(serving(authority.issue_cert("127.0.0.1")).__enter__())
        return started[-1]

    yield start
    for server in started:
        server.__exit__()


def two_hosts(idm: FaultServer, api: FaultServer, trusted: str) -> dict[str, str | None]:
    return {"STACKSPOTAI_ENDPOINT_URL": api.url, "STACKSPOTAI_IDM_BASE": idm.url, "SSL_CERT_FILE": trusted}


def token_when(connected: threading.Event) -> Callable[[Request], bytes]:
    """A token, once the other service has shaken hands; a refusal, where that does not happen."""
    return lambda _request: token_reply() if connected.wait(20) else reply(400)


# --- the first request ---------------------------------------------------------------------------------


def test_the_service_is_connected_to_while_the_token_is_fetched(
    program: Program, far: Callable[[], FaultServer], trusted: str
) -> None:
    idm, api, connected = far(), far(), threading.Event()
    idm.token(token_when(connected))
    api.greet([Say(connected)])
    assert program.ask(env=two_hosts(idm, api, trusted)).told == OK
    assert (idm.connections, api.connections, len(api.requests)) == (1, 1, 1)


def test_so_it_is_through_a_proxy_that_wants_a_password(
    program: Program, far: Callable[[], FaultServer], trusted: str
) -> None:
    idm, api, connected = far(), far(), threading.Event()
    idm.token(token_when(connected))
    api.greet([Say(connected)])
    with ForwardProxy(password="user:p@ss") as proxy:
        env = {**two_hosts(idm, api, trusted), "HTTPS_PROXY": f"http://user:p%40ss@{proxy.netloc}"}
        assert program.ask(env=env).told == OK
        assert sorted(proxy.seen) == sorted(f"CONNECT {one.netloc} HTTP/1.1" for one in (idm, api))


def test_with_a_token_the_service_is_connected_to_while_stdin_is_read(
    program: Program, far: Callable[[], FaultServer], trusted: str
) -> None:
    idm, api, connected = far(), far(), threading.Event()
    env = two_hosts(idm, api, trusted)
    assert program.ask(env=env).told == OK
    api.greet([], [Say(connected)])
    process = program.start("complete", "--no-history", "-", env=env, stdin=subprocess.PIPE)
    assert connected.wait(20) and process.stdin is not None
    process.stdin.write(b"Say hi")
    process.stdin.close()
    process.stdin = None
    assert program.finish(process).told == OK
    assert (idm.connections, api.connections, len(api.requests)) == (1, 2, 2)


def test_a_service_that_gives_tokens_itself_is_connected_to_once(program: Program) -> None:
    assert program.ask().told == OK
    assert (program.server.connections, len(program.server.requests)) == (1, 2)


def test_a_connection_that_a_refused_token_makes_needless_is_closed(
    program: Program, far: Callable[[], FaultServer], trusted: str
) -> None:
    idm, api, connected = far(), far(), threading.Event()
    idm.token(lambda _request: reply(401 if connected.wait(20) else 500))
    api.greet([Say(connected)])
    outcome = program.ask(env=two_hosts(idm, api, trusted))
    assert (outcome.code, len(idm.requests), api.requests) == (4, 1, [])
    assert api.hung_up.wait(10)


@pytest.mark.parametrize(
    "argv",
    [
        ("complete", "--dry-run", "hi"),
        ("run", "x", "hi", "--dry-run"),
        ("models",),
        ("models", "stackspot-ai"),
        ("--help",),
        ("complete", "--help"),
        ("complete", "-t", "7", "hi"),
        ("complete", "-m", "nobody", "hi"),
        ("run", "", "hi"),
        ("history", "list"),
        ("status", "--offline"),
    ],
    ids=" ".join,
)
def test_who_asks_nothing_connects_to_nobody(program: Program, argv: tuple[str, ...]) -> None:
    program.call(*argv)
    assert program.server.connections == 0


def test_an_early_connection_that_is_refused_is_told_once_and_tried_as_often_as_ever(
    program: Program,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    env = {"STACKSPOTAI_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    outcome = program.call("complete", "--retries", "0", "hi", env=env)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (6, "")
    assert error.startswith(f"error: cannot connect to 127.0.0.1:{port}: ") and hint.startswith("hint: ")


@pytest.fixture
def hanging(server: FaultServer) -> Iterator[tuple[FaultServer, threading.Event, dict[str, str | None]]]:
    """A service that accepts and shakes no hands, when it has; the token's is another one."""
    came = threading.Event()
    with FaultServer() as api:
        api.greet(*[[Say(came), HOLD]] * 9)
        address = api.url.replace("http:", "https:")
        yield api, came, {"STACKSPOTAI_API_BASE": address, "STACKSPOTAI_INFERENCE_BASE": address}


@pytest.mark.parametrize(
    ("limit", "told"), [("--timeout", "took too long"), ("--deadline", "the deadline passed")]
)
def test_an_early_handshake_that_hangs_keeps_no_token_waiting_and_ends_in_time(
    program: Program,
    hanging: tuple[FaultServer, threading.Event, dict[str, str | None]],
    limit: str,
    told: str,
) -> None:
    api, came, env = hanging
    outcome = program.ask(limit, "2", "--retries", "0", env=env)
    assert (outcome.code, outcome.out, len(program.server.token_requests)) == (6, "", 1)
    assert told in outcome.err and came.is_set()
    assert api.hung_up.wait(10)


def test_ctrl_c_ends_a_call_whose_early_handshake_hangs(
    program: Program, hanging: tuple[FaultServer, threading.Event, dict[str, str | None]]
) -> None:
    _api, came, env = hanging
    process = program.start("complete", "--no-history", "hi", env=env)
    assert came.wait(20)
    process.send_signal(signal.SIGINT)
    outcome = program.finish(process)
    assert (outcome.code, outcome.out) == (130, "")


# --- those that follow ---------------------------------------------------------------------------------


def test_five_turns_take_one_connection(program: Program) -> None:
    outcome = program.call("chat", stdin=b"1\n2\n3\n4\n5\n")
    assert outcome.told == (0, "Hello\n" * 5, "")
    assert (program.server.connections, len(program.server.api_requests)) == (1, 5)


def test_ten_polls_take_one_connection(program: Program) -> None:
    def state(status: str) -> bytes:
        return reply(200, {"progress": {"status": status}, "steps": [], "result": "Hola"})

    program.server.api(
        reply(200, '"01KJJB4T9SP5V1SYDEYHTZ5N6Y"', kind="application/json"),
        *[state("RUNNING")] * 9,
        state("COMPLETED"),
    )
    assert program.call("run", "x", "Hello", "--poll", "0.001").told == (0, "Hola\n", "")
    assert (program.server.connections, len(program.server.api_requests)) == (1, 11)


def test_the_gateways_second_request_takes_the_connection_of_the_first(
    server: FaultServer, tmp_path: Path
) -> None:
    server.api(ANSWER)
    with running(environment(tmp_path, STACKSPOTAI_ENDPOINT_URL=server.url)) as (_process, address):
        told = [post(address, HI).json()["choices"][0]["message"]["content"] for _time in range(2)]
    assert (told, server.connections, len(server.api_requests)) == (["Hello"] * 2, 1, 2)


# --- while somebody types ------------------------------------------------------------------------------


@pytest.fixture
def chat(program: Program, server: FaultServer) -> Chats:
    server.api(ANSWER)
    return Chats(program, server)


def test_an_old_token_is_renewed_while_a_message_is_written_and_once(chat: Chats) -> None:
    assert chat.program.ask().told == OK
    (path,) = chat.program.token_files
    chat.program.age(path, 1150.0)  # good for a while yet, and due
    with chat("--no-history") as person:
        person.at_prompt("/help")
        person.at_prompt("Say", enter=False)
        person.until(lambda: len(chat.server.token_requests) == 2)
        person.types(" hi")
        person.types(ENTER)
        person.sees("Hello")
        assert person.leaves() == 0
    assert (person.told, len(chat.server.token_requests)) == (["Say hi", "Say hi"], 2)


def test_who_leaves_without_a_message_renews_nothing(chat: Chats) -> None:
    assert chat.program.ask().told == OK
    (path,) = chat.program.token_files
    chat.program.age(path, 1150.0)
    connections = chat.server.connections
    with chat("--no-history") as person:
        person.at_prompt("/help")
        assert person.leaves() == 0
    assert (len(chat.server.token_requests), chat.server.connections) == (1, connections)


def test_a_renewal_that_fails_meanwhile_is_told_by_the_message_alone(chat: Chats) -> None:
    assert chat.program.ask().told == OK
    (path,) = chat.program.token_files
    chat.program.age(path, 2000.0)  # good for nothing
    chat.server.token(reply(401), token_reply())
    with chat("--no-history") as person:
        person.at_prompt("Say hi", enter=False)
        person.until(lambda: len(chat.server.token_requests) == 2)
        person.types(ENTER)
        person.sees("Hello")
        assert person.leaves() == 0
    assert len(chat.server.token_requests) == 3
    assert b"error" not in person.screen.shown
