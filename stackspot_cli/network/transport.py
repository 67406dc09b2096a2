"""Pools of connections, straight or through a proxy: an httpx transport on httpcore that waits with patience.

Knows httpcore, its pools and its failures. Refuses to know StackSpot, retries and meanings of statuses.

Each request carries an `Attempt`, see `attempt`.
"""

from __future__ import annotations

import socket
import ssl
import traceback
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from weakref import WeakSet

import httpcore

# A stream on a socket that somebody else has connected: httpcore has one, and gives it no public name.
from httpcore._backends.sync import SyncStream

from stackspot_cli.errors import StackSpotError
from stackspot_cli.network import connecting, proxies
from stackspot_cli.network.attempt import Attempt, Connecting, PatientStream, of_time_out
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.network.tls import tls_context
from stackspot_cli.process import forks
from stackspot_cli.process.frames import without_frames

_OPTIONS = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))


class _PatientBackend(httpcore.NetworkBackend):
    """Remembers its streams, so that a forked process can let go of them."""

    def __init__(self) -> None:
        self.streams: WeakSet[PatientStream] = WeakSet()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        with Connecting(of_time_out(timeout)) as part:
            connection = connecting.connect(host, port, part.next_wait_seconds)
            for option in _OPTIONS:
                connection.setsockopt(*option)
        return PatientStream(SyncStream(connection), self.streams)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: typing.Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            try:
                piece = next(pieces, None)
            except BaseException as error:  # noqa: BLE001  # raised again
                _raise_from_outside(error)
            if piece is None:
                return
            yield piece

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


def _raise_from_outside(error: BaseException) -> typing.NoReturn:
    """Raises it here, in httpx's terms and without the frames of the libraries below.

    Those hold the request's bytes, and with them the key or the token; whoever logs an exception with the locals of
    its frames would log these. What is not a failure of the network, a mistake in there perhaps, says where it was.
    """
    name = next((kind for kind in type(error).__mro__ if kind in _HTTPX), None)
    if name is not None:
        raise _HTTPX[name](str(error)) from without_frames(error)
    if isinstance(error, Exception) and not isinstance(error, StackSpotError):
        error.add_note("".join(traceback.format_tb(error.__traceback__)).rstrip())
    raise without_frames(error)


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
        self._direct = direct
        self._begin()
        forks.renew_in_children(self)

    def _begin(self) -> None:
        self._tls: ssl.SSLContext | None = None
        self._pools: dict[tuple[str | None, bool], httpcore.ConnectionPool] = {}
        self._backend = _PatientBackend()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        attempt = request.extensions["attempt"]
        pool = self._pool(url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80), attempt)
        timeouts = dict.fromkeys(("connect", "read", "write"), attempt)
        seen = {"trace": _Heads(attempt)} if attempt.proxy else {}
        try:
            response = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": timeouts, **seen},
                )
            )
        except BaseException as error:  # noqa: BLE001  # raised again
            _raise_from_outside(error)
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    def _pool(self, scheme: str, host: str, port: int, attempt: Attempt) -> httpcore.ConnectionPool:
        proxy = None if self._direct else proxies.choose(scheme, host, port, self._environ)
        attempt.proxy = f"{proxy.shown} ({proxy.origin})" if proxy else None
        secure = scheme == "https" or (proxy is not None and proxy.is_secure)
        key = (proxy.url if proxy else None, secure)
        if key not in self._pools:
            if secure and self._tls is None:
                self._tls = self._make_tls()
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

    def renew_after_fork(self) -> None:
        """Leaves the parent's connections to it. Closing a socket here ends none of them: it is open there, too."""
        left = list(self._backend.streams)
        self._begin()
        for stream in left:
            stream.close()


class _Heads:
    """Follows a request for httpcore, and writes down each head that comes: a proxy's answer is known by it."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def __call__(self, name: str, info: Mapping[str, typing.Any]) -> None:
        if name == "http11.receive_response_headers.complete":
            _version, status, _reason, headers = info["return_value"]
            self._attempt.last_head = (status, httpx.Headers(headers))


def _httpcore_proxy(proxy: proxies.Proxy, tls: ssl.SSLContext | None) -> httpcore.Proxy:
    url = httpx.URL(proxy.url)
    auth = (url.username.encode(), url.password.encode()) if url.username or url.password else None
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=proxy.port, target=b""),
        auth=auth,
        ssl_context=tls if proxy.is_secure else None,
    )
