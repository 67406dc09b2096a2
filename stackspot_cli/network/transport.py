"""Sockets with patience: an httpx transport on httpcore whose waiting is measured where it happens.

Knows sockets, TLS contexts and proxies. Refuses to know StackSpot, retries and meanings of statuses.

Two things could not be had from a time-out per read. One is a *silence* that comment keep-alives and dripping
headers cannot stretch, and a deadline for the whole: each request carries a `Watch`, handed down in the place
of httpcore's time-outs. The other is a moment to draw: `Watch.idle` is called just before a read would wait,
so that what one read brought is written at once, and the screen is served while nothing comes. No threads.
"""

from __future__ import annotations

import math
import os
import socket
import ssl
import sys
import time
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping

# httpx imports its own command line where click and rich are installed: 60 ms that nobody here wants.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # None makes that one import fail, as without click
    import httpx

    del sys.modules["httpx._main"]
else:
    import httpx

import httpcore

from stackspot_cli.network import proxies
from stackspot_cli.translation import _

__all__ = ["CONNECT_SECONDS", "CertificatesUnreadable", "Watch", "WatchedTransport", "httpx", "tls_context"]

CONNECT_SECONDS = 10.0  # the contract: connecting, at most 10
LONGEST_WAIT_SECONDS = (
    5.0  # one wait of many; what a suspended process (Ctrl-Z, a closed lid) missed is no silence
)
WRITE_BYTES = 64 * 1024


def _never() -> float | None:
    return None


class Watch:
    """The patience with one request, and what was seen of it on the wire.

    silence_seconds: the longest wait for the next meaningful thing; `touch()` starts it anew. Only time spent
    waiting for the network counts: a slow reader of our output uses none of it up.
    deadline: `now()`-time at which everything ends, or None.
    retries_end: `now()`-time beyond which no further attempt begins, or None.
    idle: called before each wait; returns the seconds after which it wants to be called again, or None.
    accepted: whether the answer's head has come, and was a good one.
    proxy: what stands between, as people may see it, or None.
    """

    __slots__ = (
        "accepted",
        "deadline",
        "expired_by_deadline",
        "idle",
        "now",
        "proxy",
        "received",
        "retries_end",
        "reused",
        "sent_bytes",
        "silence_seconds",
        "waited_seconds",
        "write_failed",
    )

    def __init__(
        self,
        silence_seconds: float,
        *,
        deadline: float | None = None,
        retries_end: float | None = None,
        idle: Callable[[], float | None] = _never,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.silence_seconds = silence_seconds
        self.deadline = deadline
        self.retries_end = retries_end
        self.idle = idle
        self.now = now
        self.accepted = False
        self.proxy: str | None = None
        self.reused = False
        self.received = False
        self.write_failed = False
        self.sent_bytes = 0
        self.expired_by_deadline = False
        self.waited_seconds = 0.0

    def another(
        self,
        *,
        ends: float | None = None,
        retries_end: float | None = None,
        idle: Callable[[], float | None] | None = None,
    ) -> Watch:
        """One for a further request of the same command. ends: the deadline, where it comes before our own."""
        told = [end for end in (self.deadline, ends) if end is not None]
        deadline = min(told) if told else None
        return Watch(
            self.silence_seconds,
            deadline=deadline,
            retries_end=retries_end,
            idle=idle or self.idle,
            now=self.now,
        )

    def touch(self) -> None:
        """Something meaningful came: the silence begins anew."""
        self.waited_seconds = 0.0

    def waited(self, seconds: float) -> None:
        """So long nothing came, or nothing that meant anything yet."""
        self.waited_seconds += seconds

    def begin(self) -> None:
        """A new attempt: forget what the last one saw."""
        self.touch()
        self.reused = self.received = self.write_failed = False
        self.sent_bytes = 0

    def remaining_seconds(self) -> float:
        """How long a wait may last from now; zero or less when patience has ended."""
        left = self.silence_seconds - self.waited_seconds
        if self.deadline is not None:
            until_deadline = self.deadline - self.now()
            self.expired_by_deadline = until_deadline <= 0
            left = min(left, until_deadline)
        return left

    def deadline_seconds(self) -> float | None:
        """How long until the deadline, or None without one."""
        return None if self.deadline is None else self.deadline - self.now()

    def retry_seconds(self) -> float | None:
        """How long until the last moment for another attempt, or None without one."""
        ends = [end for end in (self.deadline, self.retries_end) if end is not None]
        return min(ends) - self.now() if ends else None


def _watch(timeout: object) -> Watch:
    assert isinstance(timeout, Watch), "every request of this transport carries a Watch"
    return timeout


class _WatchedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._has_read = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = _watch(timeout)
        while True:
            wanted = watch.idle()
            remaining = watch.remaining_seconds()
            if remaining <= 0:
                raise httpcore.ReadTimeout("patience ended")
            longest = min(remaining, LONGEST_WAIT_SECONDS, math.inf if wanted is None else max(wanted, 0.001))
            began = watch.now()
            try:
                data = self._inner.read(max_bytes, timeout=longest)
            except httpcore.ReadTimeout:
                watch.waited(longest)
                continue
            watch.waited(min(watch.now() - began, longest))
            if data:
                self._has_read = watch.received = True
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch = _watch(timeout)
        watch.reused = self._has_read
        for start in range(0, len(buffer), WRITE_BYTES):
            if start:
                watch.idle()
            remaining = watch.remaining_seconds()
            if remaining <= 0:
                raise httpcore.WriteTimeout("patience ended")
            try:
                self._inner.write(buffer[start : start + WRITE_BYTES], timeout=remaining)
            except httpcore.WriteError:
                watch.write_failed = True
                raise
            watch.sent_bytes += len(buffer[start : start + WRITE_BYTES])
            watch.touch()

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _connect_limit(_watch(timeout))
        return _WatchedStream(self._inner.start_tls(ssl_context, server_hostname, timeout=limit))

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)


def _connect_limit(watch: Watch) -> float:
    remaining = watch.remaining_seconds()
    if remaining <= 0:
        raise httpcore.ConnectTimeout("patience ended")
    return min(CONNECT_SECONDS, remaining)


class _WatchedBackend(httpcore.NetworkBackend):
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
        watch = _watch(timeout)
        watch.idle()
        options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
        try:
            stream = self._inner.connect_tcp(host, port, _connect_limit(watch), local_address, options)
        except UnicodeError as error:  # Python's IDNA: an empty label, or one of more than 63 characters
            raise httpcore.ConnectError(_("it is no host name")) from error
        return _WatchedStream(stream)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: typing.Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _in_httpx_terms():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _in_httpx_terms:  # noqa: N801  # reads as a phrase in `with`
    """httpcore's failures under httpx's names, so that callers know one library's tree."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or not type(error).__module__.startswith("httpcore"):
            return
        for kind in type(error).__mro__:
            named = getattr(httpx, kind.__name__, None)
            if isinstance(named, type) and issubclass(named, httpx.TransportError):
                raise named(str(error)) from error


class CertificatesUnreadable(Exception):
    """What SSL_CERT_FILE or SSL_CERT_DIR names cannot be used; the cause is an OSError."""


class WatchedTransport(httpx.BaseTransport):
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
        self._backend = _WatchedBackend()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        watch = request.extensions["watch"]
        pool = self._pool(url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80), watch)
        with _in_httpx_terms():
            response = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": {"connect": watch, "read": watch, "write": watch}},
                )
            )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions={**response.extensions, "watch": watch},
        )

    def _pool(self, scheme: str, host: str, port: int, watch: Watch) -> httpcore.ConnectionPool:
        proxy = None if self._direct else proxies.choose(scheme, host, port, self._environ)
        watch.proxy = f"{proxy.shown} ({proxy.origin})" if proxy else None
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
