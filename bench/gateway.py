"""What the gateway adds to the direct client: to the first character, and to each delta. And 200 streams at once.
With tools, each delta could be the beginning of a call: the worst case, since it begins with `<`.

python -m bench.gateway [--quick]

Direct and through the gateway take turns in one run. The service, the gateway and the measuring client are
three processes, and what is compared is their CPU: the client's for an answer, and the gateway's for the same one.
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

from bench.processes import environment
from bench.report import Goal, section, table
from bench.service import Service, environment_for, frame
from stackspot_cli import Delta, StackSpot

DELTAS = 2_000
STREAMS = 200
REPEATED = 5
DELTA_LIMIT_US, TOOLS_LIMIT_US, MEMORY_LIMIT_MIB = 6.0, 25.0, 60.0
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


def expected(label: object, deltas: int = DELTAS) -> str:
    return "".join(f"<{label}:{index}>" for index in range(deltas))


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


class Gateway:
    """A gateway in a process of its own, and what the system says of that."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self._facts = Path(f"/proc/{process.pid}")

    @property
    def cpu_seconds(self) -> float:
        try:
            fields = (self._facts / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")  # a system without /proc
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_mib(self) -> float:
        try:
            told = re.search(r"VmHWM:\s+(\d+) kB", (self._facts / "status").read_text())
        except OSError:
            told = None
        return int(told[1]) / 1024 if told else float("nan")


@contextlib.contextmanager
def processes() -> Iterator[tuple[Gateway, dict[str, str]]]:
    """The service and the gateway before it, and the direct client's environment."""
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:

        def start(*command: str, **environ: str) -> tuple[subprocess.Popen[str], str]:
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
            return process, process.stdout.readline().strip()

        root = str(Path(__file__).parents[1])
        service = Service.__new__(Service)
        _process, service.url = start(sys.executable, "-m", "bench.gateway", "service", PYTHONPATH=root)
        environ = environment_for(service, home)
        program = str(Path(sys.executable).with_name("stackspot"))
        at_once = ("--max-concurrent", str(STREAMS))
        yield Gateway(*start(program, "serve", "--port", "0", *at_once, **environ)), environ


def report(*, quick: bool = False) -> str:
    rounds, streams, at_once = (1, 20, 200) if quick else (12, STREAMS, DELTAS)
    with processes() as (gateway, environ):
        os.environ.update(environ)
        spent, rows = _side_by_side(gateway, rounds)
        told, whole = _at_once(gateway, streams, at_once)
        peak = gateway.peak_mib
    goals = [
        Goal("the gateway's CPU, added to a delta", spent["gateway"] - spent["direct"], DELTA_LIMIT_US, "µs"),
        Goal("… with tools", spent["with tools"] - spent["direct"], TOOLS_LIMIT_US, "µs"),
        Goal(f"streams out of {streams} at once that are not whole", streams - whole, 0),
        Goal("the gateway's memory then", peak, MEMORY_LIMIT_MIB, "MiB"),
    ]
    heading = ["", "first character", f"CPU a delta, of {DELTAS:,}", "added", "goal ≤"]
    return section("Gateway", table(heading, rows), f"{told} The gateway then: {peak:.1f} MiB.", goals=goals)


def _direct(client: StackSpot, prompt: str) -> tuple[float, int]:
    """Seconds to the first text, and how many texts."""
    began, first, count = time.perf_counter(), 0.0, 0
    for event in client.stream(prompt):
        if isinstance(event, Delta):
            first = first or time.perf_counter() - began
            count += 1
    return first, count


def _side_by_side(gateway: Gateway, rounds: int) -> tuple[dict[str, float], list[list[str]]]:
    """CPU a delta in µs, least of the rounds, by way; and the rows of the table."""
    firsts: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    caller = Caller(gateway.url)
    many = f"{DELTAS} deltas of x"
    with StackSpot() as client:
        for turn in range(-2, rounds):  # two to warm up
            began = time.process_time()
            found = {"direct": (_direct(client, "1 deltas of x")[0], 0.0)}
            began = time.process_time()
            assert _direct(client, many)[1] == DELTAS
            found["direct"] = found["direct"][0], time.process_time() - began
            for name, more in (("gateway", {}), ("with tools", {"tools": TOOLS})):
                first = caller.ask("1 deltas of x", **more)[0]
                before = gateway.cpu_seconds
                for _time in range(REPEATED):  # the system counts in hundredths of a second
                    assert text_in(caller.ask(many, **more)[2]) == expected("x")
                found[name] = first, (gateway.cpu_seconds - before) / REPEATED
            for name, (first, seconds) in found.items() if turn >= 0 else ():
                firsts.setdefault(name, []).append(first)
                cpu.setdefault(name, []).append(seconds)
    caller.close()
    spent = {name: min(seen) * 1e6 / DELTAS for name, seen in cpu.items()}
    limits = {"gateway": DELTA_LIMIT_US, "with tools": TOOLS_LIMIT_US}
    rows = [
        [
            *(name, f"{statistics.median(firsts[name]) * 1e3:.2f} ms", f"{spent[name]:.1f} µs"),
            *(f"{spent[name] - spent['direct']:+.1f} µs", f"{limits[name]:g} µs"),
        ]
        if name in limits
        else [name, f"{statistics.median(firsts[name]) * 1e3:.2f} ms", f"{spent[name]:.1f} µs", "", ""]
        for name in firsts
    ]
    return spent, rows


def _at_once(gateway: Gateway, streams: int, deltas: int) -> tuple[str, int]:
    """A sentence, and how many answers were whole and unmixed."""
    callers = [Caller(gateway.url) for _ in range(streams)]
    began, before = time.perf_counter(), gateway.cpu_seconds
    with ThreadPoolExecutor(streams) as pool:
        answers = list(
            pool.map(lambda number: callers[number].ask(f"{deltas} deltas of {number}"), range(streams))
        )
    seconds, cpu = time.perf_counter() - began, gateway.cpu_seconds - before
    for caller in callers:
        caller.close()
    whole = sum(text_in(answer[2]) == expected(number, deltas) for number, answer in enumerate(answers))
    ends = sorted(answer[1] for answer in answers)
    return (
        f"{streams} streams of {deltas:,} deltas at once: {whole} whole and unmixed, in {seconds:.2f} s, for "
        f"{cpu * 1e6 / deltas / streams:.0f} µs of CPU a delta; first to end {ends[0]:.2f} s, last {ends[-1]:.2f} s."
    ), whole


if __name__ == "__main__":
    if sys.argv[1:] == ["service"]:
        answering = Labelled().start()
        print(answering.url, flush=True)
        while True:
            time.sleep(3600)
    print(report(quick="--quick" in sys.argv))
