"""The floor under a delta: what reading the wire costs in each layer, each chunk with one token.

python -m bench.floor [--quick]

In one process, from memory: no socket, no start-up. curl and `http.client` read the same bytes from one.
"""

from __future__ import annotations

import http.client
import shutil
import sys
import time
from collections.abc import Callable

import h11

from bench.processes import environment, once
from bench.report import section, table
from bench.service import Service, deltas
from stackspot_cli.domain import Delta
from stackspot_cli.network import chunks
from stackspot_cli.network.attempt import READ_BYTES
from stackspot_cli.routes.frames import FrameReader
from stackspot_cli.routes.sse import Decoder

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def reads(count: int) -> list[bytes]:
    wire = b"".join(deltas(count))
    return [wire[start : start + READ_BYTES] for start in range(0, len(wire), READ_BYTES)]


def by_h11(parts: list[bytes], *, many: bool) -> bytes:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(HEAD)
    connection.next_event()
    if many:
        connection._reader = chunks._ManyAtOnce()
    body = []
    for part in parts:
        connection.receive_data(part)
        while isinstance(event := connection.next_event(), h11.Data):
            body.append(bytes(event.data))
    return b"".join(body)


def events(parts: list[bytes]) -> int:
    """From the body to what a person reads."""
    reader = FrameReader("answer")
    decoder = Decoder(whole=reader.whole)
    return sum(
        isinstance(event, Delta)
        for part in parts
        for frame in decoder.feed(part)
        for event in reader.read(frame.event, frame.data)
    )


def least(work: Callable[[], object], times: int) -> float:
    """CPU seconds."""
    seen = []
    for _time in range(times):
        began = time.process_time()
        work()
        seen.append(time.process_time() - began)
    return min(seen)


def through_http_client(service: Service, count: int) -> None:
    connection = http.client.HTTPConnection(service.url.removeprefix("http://"))
    connection.request("POST", "/v3/chat", body=b'{"user_prompt": "%d"}' % count)
    answer = connection.getresponse()
    while answer.readline():
        pass
    connection.close()


def report(*, quick: bool = False) -> str:
    count, times = (2_000, 1) if quick else (50_000, 5)
    parts = reads(count)
    body = by_h11(parts, many=True)
    pieces = [body[start : start + READ_BYTES] for start in range(0, len(body), READ_BYTES)]
    assert by_h11(parts, many=False) == body
    assert events(pieces) == count
    service = Service().start()
    spent = {
        "curl, from the socket": _curl(service, count, times),
        "http.client, from the socket, by lines": least(lambda: through_http_client(service, count), times),
        "h11, chunk by chunk": least(lambda: by_h11(parts, many=False), times),
        "h11, the chunks of a read at once (ours)": least(lambda: by_h11(parts, many=True), times),
        "body to text: event stream, JSON, events (ours)": least(lambda: events(pieces), times),
    }
    rows = [[name, f"{seconds / count * 1e6:.2f} µs"] for name, seconds in spent.items() if seconds]
    return section("The floor under a delta", table(["read by", "CPU a delta"], rows))


def _curl(service: Service, count: int, times: int) -> float:
    if not shutil.which("curl"):
        return 0.0

    def asked(deltas: int) -> float:
        command = ["curl", "-sN", f"{service.url}/v3/chat", "-d", f'{{"user_prompt": "{deltas}"}}']
        return min(once(command, environment()).cpu_seconds for _time in range(times))

    return max(0.0, asked(20 * count) - asked(1)) / 20


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
