"""Sockets with patience: an httpx transport on httpcore whose waiting is measured where it happens.

Knows sockets, TLS contexts and proxies. Refuses to know StackSpot, retries and meanings of statuses.

Each request carries an `Attempt`, which is handed down in the place of httpcore's time-outs: its patience says how
long each wait may last, and what is seen of the request on the wire is written into it.
"""

from __future__ import annotations

import math
import os
import socket
import ssl
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import httpcore

from stackspot_cli.domain import ignore
from stackspot_cli.network import proxies
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.network.patience import Patience
from stackspot_cli.translation import _

CONNECT_SECONDS = 10.0  # the contract: connecting, at most 10
# One wait of many; what a suspended process (Ctrl-Z, a closed lid) missed is no silence.
LONGEST_WAIT_SECONDS = 5.0
SHORTEST_WAIT_SECONDS = 0.001
WRITE_BYTES = 64 * 1024


class Attempt:
    """One attempt to send a request: the patience that it is under, and what was seen of it on the wire.

    on_sent: told, as the request goes out, how many of its bytes are on their way.
    reused: whether the connection has answered before. received: whether anything of an answer came.
    write_failed: whether the other side stopped listening. proxy: what stands between, as people may see it.
    """

    __slots__ = ("on_sent", "patience", "proxy", "received", "reused", "sent_bytes", "write_failed")

    def __init__(self, patience: Patience, on_sent: Callable[[int], object] = ignore) -> None:
        self.patience = patience
        self.on_sent = on_sent
        self.reused = False
        self.received = False
        self.write_failed = False
        self.sent_bytes = 0
        self.proxy: str | None = None


def _attempt(timeout: object) -> Attempt:
    assert isinstance(timeout, Attempt), "every request of this transport carries an Attempt"
    return timeout


class PatientStream(httpcore.NetworkStream):
    """One connection. What httpcore hands down as a time-out is the Attempt."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._has_read = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        attempt = _attempt(timeout)
        patience = attempt.patience
        while True:
            until_idle = patience.idle()
            remaining = patience.remaining_seconds()
            if remaining <= 0:
                raise httpcore.ReadTimeout("patience ended")
            until_idle = math.inf if until_idle is None else max(until_idle, SHORTEST_WAIT_SECONDS)
            longest = min(remaining, LONGEST_WAIT_SECONDS, until_idle)
            began = patience.now()
            try:
                data = self._inner.read(max_bytes, timeout=longest)
            except httpcore.ReadTimeout:
                patience.waited(longest)
                continue
            patience.waited(min(patience.now() - began, longest))
            if data:
                self._has_read = attempt.received = True
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt = _attempt(timeout)
        patience = attempt.patience
        attempt.reused = self._has_read
        for start in range(0, len(buffer), WRITE_BYTES):
            if start:
                patience.idle()
            remaining = patience.remaining_seconds()
            if remaining <= 0:
                raise httpcore.WriteTimeout("patience ended")
            piece = buffer[start : start + WRITE_BYTES]
            try:
                self._inner.write(piece, timeout=remaining)
            except httpcore.WriteError:
                attempt.write_failed = True
                raise
            attempt.sent_bytes += len(piece)
            attempt.on_sent(attempt.sent_bytes)
            patience.touch()

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _connect_limit(_attempt(timeout).patience)
        return PatientStream(self._inner.start_tls(ssl_context, server_hostname, timeout=limit))

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)


def _connect_limit(patience: Patience) -> float:
    remaining = patience.remaining_seconds()
    if remaining <= 0:
        raise httpcore.ConnectTimeout("patience ended")
    return min(CONNECT_SECONDS, remaining)


class _PatientBackend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        patience = _attempt(timeout).patience
        patience.idle()
        options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
        try:
            stream = self._inner.connect_tcp(host, port, _connect_limit(patience), local_address, options)
        except UnicodeError as error:  # Python's IDNA: an empty label, or one of more than 63 characters
            raise httpcore.ConnectError(_("it is no host name")) from error
        return PatientStream(stream)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: typing.Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _in_httpx_terms():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


# What each failure of httpcore is called in httpx, whose tree the rest of the room knows.
_HTTPX: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.TimeoutException: httpx.TimeoutException,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.NetworkError: httpx.NetworkError,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}


@contextmanager
def _in_httpx_terms() -> Iterator[None]:
    try:
        yield
    except tuple(_HTTPX) as error:
        name = next(kind for kind in type(error).__mro__ if kind in _HTTPX)
        raise _HTTPX[name](str(error)) from error


class CertificatesUnreadable(Exception):
    """What SSL_CERT_FILE or SSL_CERT_DIR names cannot be used; the cause is an OSError."""


class PatientTransport(httpx.BaseTransport):
    """One pool of connections, each host reached straight or through the environment's proxy.

    tls: makes the TLS context; called on the first https address only (plain loopback never pays for one).
    direct: go straight to every host, whatever the proxy variables say (the in-process sandbox).
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        direct: bool = False,
    ) -> None:
        self._environ = environ
        self._make_tls = tls or (lambda: tls_context(environ))
        self._tls: ssl.SSLContext | None = None
        self._direct = direct
        self._pools: dict[tuple[str | None, bool], httpcore.ConnectionPool] = {}
        self._backend = _PatientBackend()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        attempt = request.extensions["attempt"]
        pool = self._pool(url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80), attempt)
        with _in_httpx_terms():
            response = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": {"connect": attempt, "read": attempt, "write": attempt}},
                )
            )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    def _pool(self, scheme: str, host: str, port: int, attempt: Attempt) -> httpcore.ConnectionPool:
        proxy = None if self._direct else proxies.choose(scheme, host, port, self._environ)
        attempt.proxy = f"{proxy.shown} ({proxy.origin})" if proxy else None
        secure = scheme == "https" or (proxy is not None and proxy.url.startswith("https:"))
        key = (proxy.url if proxy else None, secure)
        if key not in self._pools:
            if secure and self._tls is None:
                try:
                    self._tls = self._make_tls()
                except OSError as error:  # ssl.SSLError is one: a file that holds no certificate
                    raise CertificatesUnreadable from error
            self._pools[key] = httpcore.ConnectionPool(
                ssl_context=self._tls,
                max_connections=None,
                max_keepalive_connections=20,
                keepalive_expiry=30.0,
                network_backend=self._backend,
                proxy=_httpcore_proxy(proxy, self._tls) if proxy else None,
            )
        return self._pools[key]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()


def _httpcore_proxy(proxy: proxies.Proxy, tls: ssl.SSLContext | None) -> httpcore.Proxy:
    url = httpx.URL(proxy.url)
    auth = (url.username.encode(), url.password.encode()) if url.username or url.password else None
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port or 8080, target=b""),
        auth=auth,
        ssl_context=tls if url.scheme == "https" else None,
    )


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The system's certificate store, and SSL_CERT_FILE and SSL_CERT_DIR.

    Raises OSError where those cannot be read. There is no way to ask for a context that does not verify.
    """
    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = environ.get("SSL_CERT_FILE") or None, environ.get("SSL_CERT_DIR") or None
    if folder is not None and not os.path.isdir(folder):  # noqa: PTH112  # a str from the environment, used as such
        raise NotADirectoryError(f"SSL_CERT_DIR: {folder}")
    if file is not None or folder is not None:
        context.load_verify_locations(cafile=file, capath=folder)
    context.set_alpn_protocols(["http/1.1"])
    return context
