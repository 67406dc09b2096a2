"""Connections that would hold the gateway up: silent ones, drippers, readers that do not read, and a crowd."""

import asyncio
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import uvicorn
from gateway_caller import HI, PLAIN, chunks_of, environment, post, wait_until
from starlette.types import Receive, Scope, Send

from stackspot_cli.gateway.connections import Connection, Guard
from stackspot_cli.sandbox import Sandbox

LONG = 60.0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """`/endless` writes until its caller has gone; everything else is a short answer, after the whole request."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    gone = asyncio.ensure_future(receive())
    while scope["path"] == "/endless" and not gone.done():
        await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        await asyncio.sleep(0)
    gone.cancel()
    await send({"type": "http.response.body", "body": b"done"})


@contextmanager
def guarded(guard: Guard) -> Iterator[tuple[str, int]]:
    """A server in a thread; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    protocol = partial(Connection, guard=guard)
    server = uvicorn.Server(
        uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_config=None)  # type: ignore[arg-type]
    )
    thread = threading.Thread(target=partial(server.run, sockets=[listener]))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.force_exit = server.should_exit = True
        thread.join()
        listener.close()


def is_closed(connection: socket.socket) -> bool:
    """Waits for it: the server has let go."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def dripping(connection: socket.socket, pause: threading.Event) -> bool:
    """A header line at a time, until the server has enough of it."""
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    try:
        for number in range(1_000):
            connection.sendall(f"X-{number}: y\r\n".encode())
            pause.wait(0.02)
    except OSError:
        return True
    return False


def test_who_says_nothing_or_drips_a_head_is_let_go() -> None:
    with guarded(Guard(100, head_seconds=0.3, request_seconds=LONG)) as address, ExitStack() as stack:
        silent, slow, half = (stack.enter_context(socket.create_connection(address, LONG)) for _ in range(3))
        half.sendall(b"GET / HTT")
        assert dripping(slow, threading.Event())
        assert [is_closed(silent), is_closed(half)] == [True, True]


def test_who_drips_a_body_is_let_go() -> None:
    with (
        guarded(Guard(100, head_seconds=LONG, request_seconds=0.3)) as address,
        socket.create_connection(address, LONG) as slow,
    ):
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        assert is_closed(slow)


def test_who_does_not_read_is_let_go() -> None:
    guard = Guard(100, write_seconds=0.3)
    with guarded(guard) as address, socket.create_connection(address, LONG) as caller:
        caller.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert caller.recv(4) == b"HTTP"
        wait_until(lambda: not guard.all)


def test_the_idle_make_room_and_somebody_is_told() -> None:
    told: list[int] = []
    with guarded(Guard(5, told.append)) as address, ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(address, LONG)) for _ in range(5)]
        for _time in range(3):
            assert httpx.get("http://{}:{}/".format(*address), **PLAIN).text == "done"
        assert is_closed(idle[0])
        assert told == [5]


def test_where_all_are_at_work_the_last_is_told_to_come_back_but_not_whether_it_lives() -> None:
    with guarded(Guard(3)) as address, ExitStack() as stack:
        url = "http://{}:{}".format(*address)
        for _number in range(3):
            busy = stack.enter_context(socket.create_connection(address, LONG))
            busy.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            busy.recv(10)
        refused = httpx.get(f"{url}/v1/messages", **PLAIN)
        assert (refused.status_code, refused.json()["type"], refused.headers["retry-after"]) == (
            503,
            "error",
            "1",
        )
        assert httpx.get(f"{url}/health", **PLAIN).status_code == 200


def few_files(command: list[str], count: int) -> list[str]:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({count}, {count}))"
    return [sys.executable, "-c", f"{limit}\nfrom stackspot_cli.__main__ import main; main()", *command]


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 700, reason="needs some sockets")
def test_three_hundred_silent_sockets_stop_no_gateway_that_may_open_256_files(tmp_path: Path) -> None:
    with Sandbox(deltas=("Hello",)) as service:
        gateway = subprocess.Popen(
            few_files(["serve", "--port", "0"], 256),
            env=environment(tmp_path, **service.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with gateway, ExitStack() as stack:
            stack.callback(gateway.kill)
            assert gateway.stdout and gateway.stderr
            url = gateway.stdout.readline().strip()
            where = httpx.URL(url)
            for _number in range(300):
                stack.enter_context(socket.create_connection((where.host, where.port or 0), LONG))
            assert httpx.get(f"{url}/health", timeout=10, **PLAIN).json() == {"status": "ok"}
            assert post(url).json()["choices"][0]["message"]["content"] == "Hello"
            *_chunks, done = chunks_of(post(url, {**HI, "stream": True}).text)
            assert done == "[DONE]"
            gateway.terminate()
            assert "as many connections as can be served are open" in gateway.stderr.read()
