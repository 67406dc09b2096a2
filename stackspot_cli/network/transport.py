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
from functools import partial
from weakref import WeakSet

import httpcore

# A stream on a socket that somebody else has connected: httpcore has one, and gives it no public name.
from httpcore._backends.sync import SyncStream

from stackspot_cli.errors import StackSpotError
from stackspot_cli.network import connecting, proxies, tunnel
from stackspot_cli.network.attempt import Attempt, Connecting, PatientStream, of_time_out
from stackspot_cli.network.chunks import read_many_at_once
from stackspot_cli.network.early import EarlyConnections, Place
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.process import forks
from stackspot_cli.process.frames import without_frames

KEPT_SECONDS = 300.0  # somebody reads an answer; a connection that is closed meanwhile is noticed
KEPT = 20


class _Way(httpcore.NetworkBackend):
    """How hosts are reached: straight, or by tunnels through a proxy; by what was begun early where there is that.

    streams: those that live, so that a forked process can let go of them. secure: whether TLS is what follows.
    """

    def __init__(
        self,
        early: EarlyConnections,
        streams: WeakSet[PatientStream],
        *,
        secure: bool,
        proxy: proxies.Proxy | None,
    ) -> None:
        self._early = early
        self._streams = streams
        self._secure = secure
        self._proxy = proxy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        attempt, proxy = of_time_out(timeout), self._proxy
        ready = self._begun(Place(self._secure, host, port, proxy), attempt)
        if ready is not None:
            return PatientStream(SyncStream(ready), self._streams, has_tls=self._secure)
        with Connecting(attempt) as part:
            end = (proxy.host, proxy.port) if proxy else (host, port)
            connection = connecting.connect(*end, part.next_wait_seconds)
        stream: httpcore.NetworkStream = PatientStream(SyncStream(connection), self._streams)
        if proxy is None:
            return stream
        if proxy.is_secure:
            stream = stream.start_tls(self._early.trust.context(), proxy.host, timeout)
        return tunnel.through(stream, proxy, host, port, attempt)

    def _begun(self, place: Place, attempt: Attempt) -> socket.socket | None:
        """The connection that was begun early, if any. Waits for it and fails with it, as with one that begins now."""
        begun = self._early.taken(place)
        if begun is None:
            return None
        with Connecting(attempt) as part:
            begun.wait(begun.connected, part.next_wait_seconds)
        begun.wait(begun.dug, partial(_next_silence_seconds, attempt))
        with Connecting(attempt) as part:
            begun.wait(begun.over, part.next_wait_seconds)
            begun.grow_old()
            attempt.last_head = begun.last_head or attempt.last_head
            if begun.failure is not None:
                raise begun.failure
        return begun.connection


def _next_silence_seconds(attempt: Attempt) -> float:
    """How long the next wait for an answer may last."""
    longest = attempt.next_wait_seconds(attempt.patience.remaining_seconds)
    if longest <= 0:
        raise httpcore.ReadTimeout("patience ended")
    return longest


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
    early: connections that others begin, in the same environment; tls and direct are theirs then.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        direct: bool = False,
        early: EarlyConnections | None = None,
    ) -> None:
        self._environ = environ
        self._early = early or EarlyConnections(environ, tls=tls, direct=direct)
        self._begin()
        forks.renew_in_children(self)

    def _begin(self) -> None:
        self._pools: dict[tuple[str | None, bool], httpcore.ConnectionPool] = {}
        self._streams: WeakSet[PatientStream] = WeakSet()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        attempt = request.extensions["attempt"]
        proxy = self._proxy(url)
        attempt.proxy = f"{proxy.shown} ({proxy.origin})" if proxy else None
        pool = self._pool(url.scheme == "https", proxy)
        timeouts = dict.fromkeys(("connect", "read", "write"), attempt)
        if attempt.fresh:
            _let_go(pool, _origin(url))
        try:
            response = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": timeouts},
                )
            )
        except BaseException as error:  # noqa: BLE001  # raised again
            _raise_from_outside(error)
        self._early.not_needed(_place(url, proxy))
        read_many_at_once(response)
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    def would_connect(self, address: str) -> bool:
        """Whether a request to this address would find no connection that is kept."""
        try:
            url = httpx.URL(address)
            pool = self._pools.get(_key(url.scheme == "https", self._proxy(url)))
        except (httpx.InvalidURL, StackSpotError):
            return False  # the request itself tells it
        origin = _origin(url)
        return pool is None or not any(
            one.can_handle_request(origin) and one.is_available() and not one.has_expired()
            for one in pool.connections
        )

    def _proxy(self, url: httpx.URL) -> proxies.Proxy | None:
        if self._early.direct:
            return None
        return proxies.choose(url.scheme, url.host, _port(url), self._environ)

    def _pool(self, secure: bool, proxy: proxies.Proxy | None) -> httpcore.ConnectionPool:
        key = _key(secure, proxy)
        if key not in self._pools:
            needs_tls = secure or (proxy is not None and proxy.is_secure)
            tls = self._early.trust.context() if needs_tls else None
            forwards = proxy is not None and not secure  # plain requests are handed to the proxy as they are
            self._pools[key] = httpcore.ConnectionPool(
                ssl_context=tls,
                max_connections=None,
                max_keepalive_connections=KEPT,
                keepalive_expiry=KEPT_SECONDS,
                network_backend=_Way(
                    self._early, self._streams, secure=secure, proxy=None if forwards else proxy
                ),
                proxy=tunnel.spoken(proxy, tls) if proxy is not None and forwards else None,
            )
        return self._pools[key]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self._early.close()

    def renew_after_fork(self) -> None:
        """Leaves the parent's connections to it. Closing a socket here ends none of them: it is open there, too."""
        left = list(self._streams)
        self._begin()
        for stream in left:
            stream.close()


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _origin(url: httpx.URL) -> httpcore.Origin:
    return httpcore.Origin(url.raw_scheme, url.raw_host, _port(url))


def _let_go(pool: httpcore.ConnectionPool, origin: httpcore.Origin) -> None:
    """Closes the connections to it that are kept. httpcore finds another one for whoever was about to use them."""
    with pool._optional_thread_lock:
        idle = [one for one in pool.connections if one.can_handle_request(origin) and one.is_idle()]
        for one in idle:
            pool._connections.remove(one)
    for one in idle:
        one.close()


def _place(url: httpx.URL, proxy: proxies.Proxy | None) -> Place:
    return Place(url.scheme == "https", url.raw_host.decode("ascii"), _port(url), proxy)


def _key(secure: bool, proxy: proxies.Proxy | None) -> tuple[str | None, bool]:
    return proxy.url if proxy else None, secure
