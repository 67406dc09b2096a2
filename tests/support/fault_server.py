"""A service that answers in raw bytes, well or badly: what no framework's server would send, this one does.

    with FaultServer() as server:
        server.token(token_reply())
        server.api(RESET, stream(delta("Hi"), END))     # the first request, then every further one

An answer is a step or a list of steps: bytes are sent as they are, the others are below. After its steps a
connection waits for the next request, unless a step has ended it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

TOKEN = "canary.token-Zm9vYmFyYmF6cXV4-1"


@dataclass(frozen=True, slots=True)
class Request:
    """What came, byte for byte. connection: its number; requests on one kept connection share it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes
    connection: int

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Waits for the test to say go (10 s at most)."""

    event: threading.Event


@dataclass(frozen=True, slots=True)
class Say:
    """Tells the test that this place was reached."""

    event: threading.Event


@dataclass(frozen=True, slots=True)
class Slowly:
    """Each so many bytes in a segment of their own."""

    data: bytes
    size: int = 1
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Endless:
    """The same bytes until the client hangs up (or `limit` bytes are out)."""

    data: bytes
    pause_seconds: float = 0.0
    limit: int = 1 << 40


class _Mark:
    pass


CLOSE = _Mark()  # an orderly end of the connection
RESET = _Mark()  # a disorderly one
HOLD = _Mark()  # says nothing more until the client hangs up
Step: TypeAlias = bytes | Pause | Until | Say | Slowly | Endless | _Mark
Reply: TypeAlias = "Step | Sequence[Step] | Callable[[Request], Step | Sequence[Step]]"


@dataclass
class _Script:
    replies: list[Reply] = field(default_factory=list)
    used: int = 0

    def next(self) -> Reply:
        reply = self.replies[min(self.used, len(self.replies) - 1)]
        self.used += 1
        return reply


class _Over(Exception):
    """This connection is done."""


class FaultServer:
    """Listens on loopback at once. `requests` and `hung_up` tell what was seen."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=128)
        self.port: int = self._listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.netloc = f"{shown}:{self.port}"
        self.url = f"http{'s' if tls else ''}://{self.netloc}"
        self.requests: list[Request] = []
        self.connections = 0
        self.hung_up = threading.Event()
        self._greetings: list[Reply] = []
        self._token = _Script([token_reply()])
        self._api = _Script([stream(delta("Hello"), END)])
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def token(self, *replies: Reply) -> None:
        """What token requests get, in turn; the last one for ever."""
        self._token = _Script(list(replies))

    def api(self, *replies: Reply) -> None:
        """What all other requests get, in turn; the last one for ever."""
        self._api = _Script(list(replies))

    def greet(self, *replies: Reply) -> None:
        """What the first connections get before they have asked anything."""
        self._greetings = list(replies)

    @property
    def token_requests(self) -> list[Request]:
        return [one for one in self.requests if one.target.endswith("/oidc/oauth/token")]

    @property
    def api_requests(self) -> list[Request]:
        return [one for one in self.requests if not one.target.endswith("/oidc/oauth/token")]

    # --- life --------------------------------------------------------------------------------------

    def __enter__(self) -> FaultServer:
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            number = self.connections
            self.connections += 1
            self._start(self._serve, connection, number)

    def _serve(self, plain: socket.socket, number: int) -> None:
        connection = plain
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connection = self._tls.wrap_socket(plain, server_side=True)
            with self._lock:
                self._open.add(connection)
            if number < len(self._greetings):
                self._play(connection, self._greetings[number])
            while True:
                request = _read_request(connection, number)
                if request is None:
                    self.hung_up.set()
                    return
                with self._lock:
                    self.requests.append(request)
                    script = self._token if request.target.endswith("/oidc/oauth/token") else self._api
                    reply = script.next()
                self._play(connection, reply(request) if callable(reply) else reply)
        except (_Over, OSError):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    # --- steps -------------------------------------------------------------------------------------

    def _play(self, connection: socket.socket, reply: Any) -> None:
        for step in [reply] if isinstance(reply, Step) else reply:
            try:
                self._step(connection, step)
            except OSError:
                self.hung_up.set()
                raise

    def _step(self, connection: socket.socket, step: Step) -> None:
        match step:
            case bytes():
                connection.sendall(step)
            case Pause(seconds):
                time.sleep(seconds)
            case Until(event):
                event.wait(30)
            case Say(event):
                event.set()
            case Slowly(data, size, pause_seconds):
                for start in range(0, len(data), size):
                    connection.sendall(data[start : start + size])
                    time.sleep(pause_seconds)
            case Endless(data, pause_seconds, limit):
                sent = 0
                while not self._stopping and sent < limit:
                    connection.sendall(data)
                    sent += len(data)
                    time.sleep(pause_seconds)
            case _ if step is HOLD:
                while connection.recv(65536):
                    pass
                self.hung_up.set()
                raise _Over
            case _ if step is RESET:
                linger = struct.pack("ii", 1, 0)  # closing with nothing to linger for sends RST
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                raise _Over
            case _:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
                raise _Over


def _read_request(connection: socket.socket, number: int) -> Request | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        data = connection.recv(65536)
        if not data:
            return None
        raw += data
    head, _sep, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name, value.strip()) for name, _colon, value in (line.partition(":") for line in lines))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    while len(body) < length:
        data = connection.recv(65536)
        if not data:
            return None
        raw += data
        body += data
    method, target, _version = first.split(" ", 2)
    return Request(method, target, headers, body, raw, number)


# --- bytes to send -----------------------------------------------------------------------------------

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests"}


def reply(
    status: int,
    body: bytes | str | dict[str, Any] = b"",
    headers: Iterable[tuple[str, str]] = (),
    *,
    kind: str | None = None,
) -> bytes:
    """A whole answer with its length. A dict is JSON. kind: its Content-Type."""
    if isinstance(body, dict):
        body, kind = json.dumps(body), kind or "application/json"
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}", f"Content-Length: {len(data)}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def token_reply(token: object = TOKEN, **fields: object) -> bytes:
    """The token service's 200. A field of None is left out."""
    answer = {"access_token": token, "expires_in": 1199, "token_type": "Bearer", **fields}
    return reply(200, {name: value for name, value in answer.items() if value is not None})


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"X-Request-Id: req-77\r\n\r\n"
)
CLOSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
OLD_HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
END = b'event: end_event\ndata: {"message_id": "01KJJB4T9SP5V1SYDEYHTZ5N6Y"}\n\n'
PAGE = "<!DOCTYPE html><html><body>Please sign in to the hotel's network</body></html>"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def delta(text: str, **fields: object) -> bytes:
    """One frame of the chat route."""
    return b"event: new_message\ndata: " + json.dumps({"answer": text, **fields}).encode() + b"\n\n"


def agent_delta(text: str | None, **fields: object) -> bytes:
    """One frame of the agent route."""
    return b"data: " + json.dumps({"message": text, **fields}).encode() + b"\n\n"


AGENT_END = agent_delta("", stop_reason="stop", tokens={"input": 749, "output": 5}, message_id="01KJJB4T9S")


def frames(*data: bytes) -> list[Step]:
    """The head of a chunked stream, and one chunk for each of these, without the last chunk: it goes on."""
    return [STREAM_HEAD, *(chunk(one) for one in data if one)]


def stream(*data: bytes) -> list[Step]:
    """A whole chunked stream."""
    return [*frames(*data), LAST_CHUNK]


def zipped(data: bytes) -> bytes:
    return gzip.compress(data)
