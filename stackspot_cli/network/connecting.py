"""From a host's name to a connection: the addresses that it has, and the first of them that answers.

Knows the system's resolver and plain sockets. Refuses to know what is said on a connection, and when patience ends:
before each wait it asks how long that may last, and whoever is asked raises TimeoutError when it is over.

The resolver has no time limit and hears no signal, so it is asked in a thread that may be left behind. An address
that does not answer must not cost the next one its time, so the next is tried after a moment (RFC 8305).
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeAlias

from stackspot_cli.process import forks

CONNECT_SECONDS = 10.0  # the contract: connecting, at most 10: the name, all its addresses and TLS together
NEXT_ADDRESS_SECONDS = 0.25  # RFC 8305, section 8
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK))

# A connection that is kept says from time to time that it is there: what stands on the way forgets a silent one,
# and does not tell. Where the system has no such options, its own times hold.
_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))
        if hasattr(socket, name)
    ),
]

Address: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]  # what a socket of that family connects to
Wait: TypeAlias = Callable[[], float]  # the seconds that the next wait may last


class NameTimedOut(TimeoutError):
    """No name server answered while there was patience."""


def connect(host: str, port: int, next_wait: Wait) -> socket.socket:
    """A connection to a host. Raises OSError, of which TimeoutError is one, and UnicodeError for what is no name."""
    return tuned(first_of(addresses(host, port, next_wait), next_wait))


def tuned(connection: socket.socket) -> socket.socket:
    """The connection, as one for questions and answers that may be kept for a while."""
    for option in _OPTIONS:
        connection.setsockopt(*option)
    return connection


# --- addresses -----------------------------------------------------------------------------------------


class _LookUp:
    """One question to the resolver."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.over = threading.Event()
        self.found: list[Address] = []
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            self.found = _asked(self.host, self.port)
        except (OSError, UnicodeError) as error:
            self.failure = error
        self.over.set()


class _LookUps:
    """The questions that are under way: however often a name is asked for meanwhile, one thread asks for it."""

    def __init__(self) -> None:
        self.renew_after_fork()
        forks.renew_in_children(self)

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], _LookUp] = {}

    def of(self, host: str, port: int) -> _LookUp:
        with self._lock:
            look_up = self._under_way.get((host, port))
            if look_up is None:
                look_up = self._under_way[host, port] = _LookUp(host, port)
                self._start(look_up)
            return look_up

    def _start(self, look_up: _LookUp) -> None:
        thread = threading.Thread(target=self._run, args=(look_up,), name="dns", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no thread is to be had: better to wait for the resolver than not to ask it
            del self._under_way[look_up.host, look_up.port]
            look_up.run()

    def _run(self, look_up: _LookUp) -> None:
        look_up.run()
        with self._lock:
            self._under_way.pop((look_up.host, look_up.port), None)


_look_ups = _LookUps()


def addresses(host: str, port: int, next_wait: Wait) -> list[Address]:
    """All that the name has, as the system orders them. Raises as `connect`."""
    for family, more in ((socket.AF_INET, ()), (socket.AF_INET6, (0, 0))):
        with suppress(OSError, ValueError):
            socket.inet_pton(family, host)
            return [(family, (host, port, *more))]  # `getaddrinfo` would load the tables of IDNA first
    try:
        return _asked(host, port, socket.AI_NUMERICHOST)  # no question to anybody
    except socket.gaierror:
        pass
    look_up = _look_ups.of(host, port)
    while not look_up.over.is_set():
        try:
            seconds = next_wait()
        except TimeoutError as ended:
            raise NameTimedOut from ended
        look_up.over.wait(seconds)
    if look_up.failure is not None:
        raise look_up.failure
    return look_up.found


def _asked(host: str, port: int, flags: int = 0) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _type, _protocol, _name, address in found]


# --- connections ---------------------------------------------------------------------------------------


def alternating(found: Iterable[Address]) -> list[Address]:
    """The addresses with their families by turns, beginning with the one that the system put first."""
    queues: dict[socket.AddressFamily, deque[Address]] = {}
    for address in found:
        queues.setdefault(address[0], deque()).append(address)
    ordered: list[Address] = []
    while any(queues.values()):
        ordered += [queue.popleft() for queue in queues.values() if queue]
    return ordered


def first_of(
    found: Iterable[Address],
    next_wait: Wait,
    *,
    now: Callable[[], float] = time.monotonic,
    delay_seconds: float = NEXT_ADDRESS_SECONDS,
) -> socket.socket:
    """The first connection that stands; the next address is tried when one has failed, or after a moment.

    Raises OSError, the last address's, where all have failed, and TimeoutError where patience ends.
    """
    with _Race(alternating(found)) as race:
        next_at = now()
        while not race.is_lost:
            if race.may_start and (race.is_idle or now() >= next_at):
                winner = race.start()
                next_at = now() + delay_seconds
            else:
                seconds = next_wait()
                winner = race.wait(min(seconds, next_at - now()) if race.may_start else seconds)
            if winner is not None:
                return winner
        raise race.failure


class _Race:
    """The addresses not yet tried, and the sockets that try to connect."""

    def __init__(self, found: list[Address]) -> None:
        self._waiting = deque(found)
        self._selector = selectors.DefaultSelector()
        self.failure: OSError = socket.gaierror(socket.EAI_NONAME, os.strerror(errno.EADDRNOTAVAIL))

    def __enter__(self) -> _Race:
        return self

    def __exit__(self, *_exception: object) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()

    @property
    def may_start(self) -> bool:
        return bool(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Whether nothing tries to connect."""
        return not self._selector.get_map()

    @property
    def is_lost(self) -> bool:
        return self.is_idle and not self.may_start

    def start(self) -> socket.socket | None:
        """Has the next address tried; one that connects at once is given."""
        family, address = self._waiting.popleft()
        try:
            connection = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # no such family here, or too many files
            self.failure = error
            return None
        connection.setblocking(False)
        try:
            result = connection.connect_ex(address)
        except OSError as error:
            result = error.errno or errno.EINVAL
        if result not in _UNDER_WAY:
            self._has_failed(connection, result)
            return None
        self._selector.register(connection, selectors.EVENT_WRITE)
        return None if result else self._settled(connection)

    def wait(self, seconds: float) -> socket.socket | None:
        """What has connected within so long, if anything."""
        for key, _events in self._selector.select(max(0.0, seconds)):
            assert isinstance(key.fileobj, socket.socket)
            winner = self._settled(key.fileobj)
            if winner is not None:
                return winner
        return None

    def _settled(self, connection: socket.socket) -> socket.socket | None:
        self._selector.unregister(connection)
        result = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if result:
            self._has_failed(connection, result)
            return None
        connection.setblocking(True)
        return connection

    def _has_failed(self, connection: socket.socket, number: int) -> None:
        connection.close()
        self.failure = OSError(number, os.strerror(number))
