"""What the gateway adds to the direct client: to the first character, and to each delta. And 32 streams at once.
With tools, each delta could be the beginning of a call: the worst case, since it begins with `<`.

python -m bench.gateway [ROUNDS]

Direct and through the gateway take turns in one run. The service, the gateway and the measuring client are
three processes. The caller behind the gateway reads a raw socket, so that the gateway alone is measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.processes import environment, table
from bench.service import Service, environment_for, frame

DELTAS = 2_000
STREAMS = 32
FIRST_LIMIT_MS, DELTA_LIMIT_US, TOOLS_LIMIT_US = 5.0, 6.0, 25.0
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "read",
            "parameters": {
                "type": "object",
                "properties": {"path": {"type": "string"}},
                "required": ["path"],
            },
        },
    }
]


class Labelled(Service):
    """The prompt `2000 deltas of 7` is answered by `<7:0><7:1>…`, each in a chunk and a write of its own."""

    def _answer(self, connection: socket.socket, head: bytes, body: bytes) -> None:
        asked = re.search(rb"(\d+) deltas of (\w+)", body)
        if asked is None:
            super()._answer(connection, head, body)
            return
        count, label = int(asked.group(1)), asked.group(2).decode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for index in range(count):
            connection.sendall(frame(f"<{label}:{index}>"))
        end = b"event: end_event\ndata: {}\n\n"
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(end), end))


def expected(label: object) -> str:
    return "".join(f"<{label}:{index}>" for index in range(DELTAS))


class Caller:
    """One kept connection to the gateway."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, prompt: str, **more: object) -> tuple[float, float, bytes]:
        """Seconds to the first text and to the end, and what came. more: fields of the request."""
        body = json.dumps(
            {"stream": True, "messages": [{"role": "user", "content": prompt}], **more}
        ).encode()
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        self._socket.sendall(head.encode() + body)
        first, parts, tail = 0.0, [], b""
        while not tail.endswith(b"0\r\n\r\n"):
            part = self._socket.recv(1 << 16)
            if not part:
                raise SystemExit(f"the gateway hung up after {parts!r:.500}")
            if not first and b'"content":"' in tail + part:
                first = time.perf_counter() - began
            parts.append(part)
            tail = (tail + part)[-400:]
        return first, time.perf_counter() - began, b"".join(parts)

    def close(self) -> None:
        self._socket.close()


def text_in(received: bytes) -> str:
    """The answer's text in a chunked event stream."""
    _head, _, body = received.partition(b"\r\n\r\n")
    plain, place = [], 0
    while size := int(body[place : (end := body.index(b"\r\n", place))], 16):
        plain.append(body[end + 2 : end + 2 + size])
        place = end + 2 + size + 2
    events = b"".join(plain).decode().split("\n\n")
    chunks = [json.loads(event[6:]) for event in events if event.startswith("data: {")]
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


@contextlib.contextmanager
def processes() -> Iterator[tuple[str, dict[str, str]]]:
    """The service and the gateway before it: the gateway's address, and the direct client's environment."""
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:

        def start(*command: str, **environ: str) -> str:
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    env=environment(**environ),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            stack.callback(process.kill)
            assert process.stdout
            return process.stdout.readline().strip()

        root = str(Path(__file__).parents[1])
        service = Service.__new__(Service)
        service.url = start(sys.executable, "-m", "bench.gateway", "service", PYTHONPATH=root)
        environ = environment_for(service, home)
        program = str(Path(sys.executable).with_name("stackspot"))
        yield start(program, "serve", "--port", "0", **environ), environ


def report(rounds: int = 30) -> str:
    with processes() as (url, environ):
        os.environ.update(environ)
        return _side_by_side(url, rounds) + "\n" + _at_once(url)


def _side_by_side(url: str, rounds: int) -> str:
    from stackspot_cli import Delta, StackSpot

    firsts: dict[str, list[float]] = {"direct": [], "gateway": [], "with tools": []}
    totals: dict[str, list[float]] = {"direct": [], "gateway": [], "with tools": []}
    caller = Caller(url)

    def direct(prompt: str) -> tuple[float, float, int]:
        began, first, count = time.perf_counter(), 0.0, 0
        for event in client.stream(prompt):
            if isinstance(event, Delta):
                first = first or time.perf_counter() - began
                count += 1
        return first, time.perf_counter() - began, count

    with StackSpot() as client:
        for turn in range(-3, rounds):  # three to warm up
            straight = direct("1 deltas of x")[0], direct(f"{DELTAS} deltas of x")
            around = caller.ask("1 deltas of x")[0], caller.ask(f"{DELTAS} deltas of x")
            tools = (
                caller.ask("1 deltas of x", tools=TOOLS)[0],
                caller.ask(f"{DELTAS} deltas of x", tools=TOOLS),
            )
            assert straight[1][2] == DELTAS
            assert text_in(tools[1][2]) == expected("x")
            assert text_in(around[1][2]) == expected("x")
            if turn >= 0:
                firsts["direct"].append(straight[0])
                firsts["gateway"].append(around[0])
                totals["direct"].append(straight[1][1])
                totals["gateway"].append(around[1][1])
                firsts["with tools"].append(tools[0])
                totals["with tools"].append(tools[1][1])
    caller.close()
    first = {name: statistics.median(seen) * 1e3 for name, seen in firsts.items()}
    delta = {name: statistics.median(seen) * 1e6 / DELTAS for name, seen in totals.items()}
    rows = [[name, f"{first[name]:.2f} ms", f"{delta[name]:.1f} µs"] for name in firsts]
    for name, limit in (("gateway", DELTA_LIMIT_US), ("with tools", TOOLS_LIMIT_US)):
        added = f"{first[name] - first['direct']:.2f} ms", f"{delta[name] - delta['direct']:.1f} µs"
        rows += [[f"added, {name}", *added], ["goal ≤", f"{FIRST_LIMIT_MS:g} ms", f"{limit:g} µs"]]
    return "## Gateway\n\n" + table(["", "first character", f"a delta, of {DELTAS:,}"], rows) + "\n"


def _at_once(url: str) -> str:
    callers = [Caller(url) for _ in range(STREAMS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(STREAMS) as pool:
        answers = list(
            pool.map(lambda number: callers[number].ask(f"{DELTAS} deltas of {number}"), range(STREAMS))
        )
    seconds = time.perf_counter() - began
    for caller in callers:
        caller.close()
    whole = sum(text_in(answer[2]) == expected(number) for number, answer in enumerate(answers))
    ends = sorted(answer[1] for answer in answers)
    return (
        f"{STREAMS} streams of {DELTAS:,} deltas at once: {whole} whole and unmixed, in {seconds:.2f} s "
        f"({seconds * 1e6 / DELTAS / STREAMS:.0f} µs a delta); first to end {ends[0]:.2f} s, last {ends[-1]:.2f} s\n"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["service"]:
        answering = Labelled().start()
        print(answering.url, flush=True)
        while True:
            time.sleep(3600)
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
