"""Connections begun before there is a request for them: while stdin is read, libraries load, a token is fetched.

Knows threads, and how a place is reached: through its proxy, with TLS. Refuses to know requests, and when it is worth
while to begin. Loads no HTTP library and no TLS, since it is there to begin before they are loaded; a tunnel and a
handshake wait for theirs.

Whoever takes a connection takes what became of it: a failure is theirs, as if they had met it, and is told once. What
nobody takes ends in silence.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from stackspot_cli.errors import StackSpotError
from stackspot_cli.network import connecting, proxies
from stackspot_cli.network.tls import Trust, tls_context
from stackspot_cli.process import forks

if TYPE_CHECKING:
    import ssl

FRESH_SECONDS = 30.0  # a service waits about as long for a first request
SOON_SECONDS = 1.0  # nobody hangs up for waiting so soon: who does would have hung up on any connection
GLANCE_SECONDS = 0.25  # how soon one that nobody wants any more notices


class Place(NamedTuple):
    """Where a connection leads, and by which way. proxy: of a tunnel; None goes straight."""

    secure: bool
    host: str
    port: int
    proxy: proxies.Proxy | None = None


class EarlyConnections:
    """At most one for each place. Safe to share by threads. direct, tls: as the transport's.

    trust: whom a certificate is believed, here and by whoever takes a connection.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        direct: bool = False,
    ) -> None:
        self._environ = environ
        self.direct = direct
        self.trust = Trust(tls or (lambda: tls_context(environ)))
        self._begun: dict[Place, Begun] = {}
        self.renew_after_fork()
        forks.renew_in_children(self)

    def renew_after_fork(self) -> None:
        """What the parent has begun is the parent's; closing it here ends nothing there."""
        self._lock = threading.Lock()
        for begun in self._begun.values():
            begun.leave()
        self._begun = {}

    def begin(self, url: str) -> bool:
        """Connects to the address's host, in a thread; False where that is under way already, or cannot be begun."""
        place = self._place(url)
        if place is None:
            return False
        with self._lock:
            old = self._begun.get(place)
            if old is not None and old.is_fresh:
                return False
            self._begun[place] = begun = Begun(place, self.trust)
            has_begun = begun.start()
            if not has_begun:
                del self._begun[place]
        if old is not None:
            old.give_up()
        return has_begun

    def taken(self, place: Place) -> Begun | None:
        """What was begun; None without it. It is the caller's then."""
        with self._lock:
            return self._begun.pop(place, None)

    def not_needed(self, place: Place) -> None:
        """There is another connection."""
        if place in self._begun:
            with self._lock:
                begun = self._begun.pop(place, None)
            if begun is not None:
                begun.give_up()

    def close(self) -> None:
        """Lets go of what nobody took."""
        for place in list(self._begun):
            self.not_needed(place)

    def _place(self, url: str) -> Place | None:
        """None for an address that is left to whoever asks it: a name that has to be encoded, a way with two TLS."""
        try:
            parts = urlsplit(url)
            secure, host = parts.scheme == "https", parts.hostname or ""
            port = parts.port or (443 if secure else 80)
            proxy = None if self.direct else proxies.choose(parts.scheme, host, port, self._environ)
        except (ValueError, StackSpotError):
            return None
        if not host.isascii() or (proxy is not None and (proxy.is_secure or not secure)):
            return None
        return Place(secure, host, port, proxy)


class Begun:
    """One connection on its way.

    connected, dug, over: what it has come to, one after the other: to the host or its proxy, through the proxy, to its
    end. connection: then ready for a request; failure: what it died of; neither where it is of no use any more.
    last_head: what a proxy answered, its status and headers.
    """

    def __init__(self, place: Place, trust: Trust) -> None:
        self._place = place
        self._trust = trust
        self._began = time.monotonic()
        self._ends = self._began + connecting.CONNECT_SECONDS
        self._lock = threading.Lock()
        self.connected, self.dug, self.over = threading.Event(), threading.Event(), threading.Event()
        self._looks_up = True
        self._unwanted = False
        self._handle: socket.socket | None = None  # another name for the connection: to end it from outside
        self.connection: socket.socket | None = None
        self.failure: Exception | None = None
        self.last_head: tuple[int, Mapping[str, str]] | None = None

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() < self._began + FRESH_SECONDS

    def start(self) -> bool:
        """Whether there is a thread for it. The certificates are read while the first answer is on its way."""
        try:
            threading.Thread(target=self._run, name="connecting", daemon=True).start()
        except RuntimeError:
            return False
        if self._place.secure:
            with suppress(RuntimeError):  # whoever wants them reads them
                threading.Thread(target=self._trust.get_ready, name="certificates", daemon=True).start()
        return True

    def wait(self, until: threading.Event, next_wait: connecting.Wait) -> None:
        """Raises what `next_wait` raises; nobody wants the connection then."""
        try:
            while not until.is_set():
                until.wait(next_wait())
        except BaseException as ended:  # raised again
            self.give_up()
            if isinstance(ended, TimeoutError) and self._looks_up:
                raise connecting.NameTimedOut from ended
            raise

    def grow_old(self, seconds: float | None = None) -> None:
        """What has waited too long, or has been hung up while it waited, counts no more. When it is over.

        seconds: since it began; None for now.
        """
        waited = time.monotonic() - self._began if seconds is None else seconds
        if waited >= FRESH_SECONDS:
            self.failure = None
        if self.connection is None or waited < SOON_SECONDS:
            return  # the request meets there what it would meet on a connection of its own
        if waited >= FRESH_SECONDS or not _is_quiet(self.connection):
            self.leave()

    def give_up(self) -> None:
        """Nobody wants it any more."""
        with self._lock:
            self._unwanted = True
            if self._handle is not None:  # a handshake that waits hears of it
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
        self.leave()

    def leave(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    # --- in the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        connection: socket.socket | None = None
        try:
            connection = self._connected()
            connection = self._made_ready(connection)
        except Exception as error:  # noqa: BLE001  # raised again by whoever takes it
            if connection is not None:
                connection.close()
            connection, self.failure = None, error
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None
            self.connection = connection
        if self._unwanted:
            self.leave()
        for stage in (self.connected, self.dug, self.over):
            stage.set()

    def _connected(self) -> socket.socket:
        proxy = self._place.proxy
        host, port = (proxy.host, proxy.port) if proxy else (self._place.host, self._place.port)
        found = connecting.addresses(host, port, self._glance_seconds)
        self._looks_up = False
        connection = connecting.tuned(connecting.first_of(found, self._glance_seconds))
        with self._lock:
            self._handle = connection.dup()
        self.connected.set()
        return connection

    def _made_ready(self, connection: socket.socket) -> socket.socket:
        secure, host, port, proxy = self._place
        if proxy is not None:
            from stackspot_cli.network import tunnel  # deferred: it needs the HTTP library

            tunnel.dig(connection, proxy, host, port, self._heard)
            self._ends = time.monotonic() + connecting.CONNECT_SECONDS
        self.dug.set()
        if not secure:
            return connection
        context = self._trust.context_beside()
        connection.settimeout(self._left_seconds())
        return context.wrap_socket(connection, server_hostname=host)

    def _heard(self, head: tuple[int, Mapping[str, str]]) -> None:
        self.last_head = head

    def _left_seconds(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0 or self._unwanted:
            raise TimeoutError
        return left

    def _glance_seconds(self) -> float:
        return min(self._left_seconds(), GLANCE_SECONDS)


def _is_quiet(connection: socket.socket) -> bool:
    """Whether the other side has neither said anything nor hung up. What TLS says for itself is read here."""
    import ssl

    connection.settimeout(0)
    try:
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False
