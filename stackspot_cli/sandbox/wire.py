"""HTTP/1.1 on a socket, as much of it as a service needs: read a request, write an answer.

Knows framing (lengths, chunks, keep-alive); refuses to know any path or JSON field. Written on plain
sockets because the faults need what a library hides: breaking off in mid-chunk, and silence.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from socket import socket
from threading import Lock
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 32 * 1024 * 1024
LOG_COUNT = 2_000
LOG_BYTES = 64 * 1024 * 1024

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Malformed(Exception):
    """The bytes are no request that can be answered: with which status to say so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived.

    path: percent-decoded, without the query. query: the last value of each name.
    headers: by lower-case name; repeated ones joined by ", ". body: without transfer coding.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    version: str = "HTTP/1.1"
    query_lists: dict[str, list[str]] = field(default_factory=dict)

    @property
    def json(self) -> Any:  # Any: JSON as it came
        """The body as JSON, or None where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def keep_alive(self) -> bool:
        wish = self.headers.get("connection", "").lower()
        return "close" not in wish and (self.version == "HTTP/1.1" or "keep-alive" in wish)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is sent whole. fault: how this one misbehaves on its way, where a script says so."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    fault: str = ""


class RequestLog:
    """What arrived, oldest first: a bounded list that threads may share; the oldest fall out."""

    def __init__(self) -> None:
        self._kept: deque[Request] = deque()
        self._bytes = 0
        self._lock = Lock()

    def append(self, request: Request) -> None:
        with self._lock:
            self._kept.append(request)
            self._bytes += len(request.body)
            while len(self._kept) > LOG_COUNT or self._bytes > LOG_BYTES:
                self._bytes -= len(self._kept.popleft().body)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _snapshot(self) -> list[Request]:
        with self._lock:
            return list(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Request]:
        return iter(self._snapshot())

    def __getitem__(self, index: int) -> Request:
        return self._snapshot()[index]

    def __eq__(self, other: object) -> bool:
        return self._snapshot() == other

    __hash__ = None  # type: ignore[assignment]  # a list is not hashable either

    def __repr__(self) -> str:
        return repr([f"{request.method} {request.path}" for request in self._snapshot()])


# --- reading ---------------------------------------------------------------------------------------


def read_request(stream: BinaryIO, connection: socket) -> Request | None:
    """The next request, or None when the client has closed between requests.

    Raises Malformed, and OSError when the connection breaks.
    """
    line = stream.readline(HEAD_LIMIT + 1)
    while line in (b"\r\n", b"\n"):  # RFC 9112, 2.2: ignore empty lines before a request
        line = stream.readline(HEAD_LIMIT + 1)
    if not line:
        return None
    method, target, version = _request_line(line)
    headers = _headers(stream)
    if "100-continue" in headers.get("expect", "").lower():  # curl asks this before a large body
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = _body(stream, headers)
    path, asked = _target(target)
    query = {name: values[-1] for name, values in asked.items()}
    return Request(method, path, query, headers, body, version, asked)


def _target(target: str) -> tuple[str, dict[str, list[str]]]:
    """Path and query of `/path?query`, or of the absolute form that a proxy's client sends."""
    try:
        if not target.startswith("/"):
            parts = urlsplit(target)
            target = f"{parts.path or '/'}?{parts.query}"
        path, _, query = target.partition("?")
        return unquote(path), parse_qs(query, keep_blank_values=True)
    except ValueError as error:
        raise Malformed(400, "the address is not readable") from error


def _request_line(line: bytes) -> tuple[str, str, str]:
    words = line.decode("latin-1").split()
    if not line.endswith(b"\n") or len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise Malformed(400, "not an HTTP/1.1 request line")
    return words[0], words[1], words[2]


def _headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    left = HEAD_LIMIT
    while True:
        line = stream.readline(left + 1)
        left -= len(line)
        if left < 0:
            raise Malformed(431, "the header is too large")
        if not line.endswith(b"\n"):
            raise ConnectionError("closed inside the header")
        if line in (b"\r\n", b"\n"):
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip():
            raise Malformed(400, "a header line without a name")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value


def _body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            raise Malformed(501, "only chunked transfer coding is known")
        return b"".join(_chunks(stream))
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Malformed(400, "a Content-Length that is no number")
    if len(length) > 12 or int(length) > BODY_LIMIT:
        raise Malformed(413, "the body is too large")
    return _exactly(stream, int(length))


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    left = BODY_LIMIT
    while True:
        try:
            size = int(stream.readline(1024).split(b";")[0], 16)
        except ValueError as error:
            raise Malformed(400, "a chunk without a size") from error
        left -= size
        if size < 0 or left < 0:
            raise Malformed(413, "the body is too large")
        if size == 0:
            _headers(stream)  # trailers
            return
        yield _exactly(stream, size)
        stream.readline(3)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    body = stream.read(count)
    if len(body) < count:
        raise ConnectionError("closed inside the body")
    return body


# --- writing ---------------------------------------------------------------------------------------


def head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The status line and the header, with the empty line that ends them."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    every = (("Date", http_date(time.time())), ("Server", "stackspot-sandbox"), *headers)
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in every)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def http_date(seconds: float) -> str:
    """The date form of RFC 9110; by hand, because strftime follows the locale."""
    t = time.gmtime(seconds)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year} {clock} GMT"


def whole_head(reply: Reply, keep_alive: bool) -> bytes:
    """The head of an answer that is sent with its length."""
    headers = [*reply.headers, ("Connection", "keep-alive" if keep_alive else "close")]
    if reply.body:
        headers.append(("Content-Type", reply.content_type))
    if reply.status != 204:
        headers.append(("Content-Length", str(len(reply.body))))
    return head(reply.status, tuple(headers))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
