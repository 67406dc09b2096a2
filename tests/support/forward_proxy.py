"""A tiny proxy for tests: forwards absolute requests and CONNECT tunnels, with a password where one is set."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit


class ForwardProxy:
    """`seen` holds the first line of each request; `refuse` is a status that everything gets instead.

    headers, body: of that refusal, and of a 407. names: what hosts that no name server knows stand for.
    """

    def __init__(
        self,
        *,
        password: str | None = None,
        refuse: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: str = "",
        names: Mapping[str, str] | None = None,
        address: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:
        self._listener = socket.create_server(address, backlog=64)
        self.netloc = f"{address[0]}:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.netloc}"
        self.seen: list[str] = []
        self._wanted = None if password is None else base64.b64encode(password.encode()).decode()
        self._refuse = refuse
        self._headers = headers or {}
        self._body = body
        self._names = names or {}
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> ForwardProxy:
        self._run(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        for one in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
        for one in self._sockets:
            one.close()

    def _run(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]  # a method
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _peer = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            self._run(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            raw = b""
            while b"\r\n\r\n" not in raw:
                data = client.recv(65536)
                if not data:
                    return
                raw += data
            head, _sep, rest = raw.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            self.seen.append(first)
            headers = {
                name.lower(): value.strip() for name, _c, value in (line.partition(":") for line in lines)
            }
            if self._wanted and headers.get("proxy-authorization") != f"Basic {self._wanted}":
                client.sendall(self._refusal("407 Proxy Authentication Required"))
                return
            if self._refuse:
                client.sendall(self._refusal(self._refuse))
                return
            method, target, version = first.split(" ")
            if method == "CONNECT":
                host, _colon, port = target.rpartition(":")
                host = host.strip("[]")
                upstream = socket.create_connection((self._names.get(host, host), int(port)), 10)
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                parts = urlsplit(target)
                assert parts.hostname and parts.port
                upstream = socket.create_connection((parts.hostname, parts.port), 10)
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                kept = [line for line in lines if not line.lower().startswith("proxy-")]
                upstream.sendall(
                    "\r\n".join([f"{method} {path} {version}", *kept]).encode("latin-1") + b"\r\n\r\n" + rest
                )
            self._sockets.append(upstream)
            self._run(_pump, upstream, client)
            _pump(client, upstream)

    def _refusal(self, status: str) -> bytes:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(self._body.encode())}"]
        lines += [f"{name}: {value}" for name, value in self._headers.items()]
        return "\r\n".join([*lines, "", self._body]).encode()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
