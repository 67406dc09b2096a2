"""One attempt to send a request, and the connection that it is sent on: where waiting is measured.

Knows what is read and written, and for how long. Refuses to know addresses, pools and what the bytes mean.

An `Attempt` is handed down in the place of httpcore's time-outs: its patience says how long each wait may last, and
what is seen of the request on the wire is written into it.
"""

from __future__ import annotations

import math
import ssl
import time
import typing
from collections.abc import Callable, Mapping, MutableSet

import httpcore

from stackspot_cli.listener import ignore
from stackspot_cli.network.connecting import CONNECT_SECONDS
from stackspot_cli.network.patience import Patience
from stackspot_cli.translation import _

# One wait of many; what a suspended process (Ctrl-Z, a closed lid) missed is no silence.
LONGEST_WAIT_SECONDS = 5.0
SHORTEST_WAIT_SECONDS = 0.001
WRITE_BYTES = 64 * 1024
# What one read brings is held several times on its way: as bytes, as lines, as events, as text. More at a time is no
# faster, and a gateway has hundreds of them.
READ_BYTES = 3584


class Attempt:
    """One attempt to send a request: the patience that it is under, and what was seen of it on the wire.

    on_sent: told, as the request goes out, how many of its bytes are on their way.
    fresh: wants a connection of its own, since one that was kept had been closed.
    reused: whether the connection has answered before. received: whether anything of an answer came.
    write_failed: whether the other side stopped listening. proxy: what stands between, as people may see it.
    connecting_seconds: what connecting has taken so far. last_head: the status and the headers of the last answer
    on the way, be it the proxy's own.
    """

    __slots__ = (
        "connecting_seconds",
        "fresh",
        "last_head",
        "on_sent",
        "patience",
        "proxy",
        "received",
        "reused",
        "sent_bytes",
        "write_failed",
    )

    def __init__(
        self, patience: Patience, on_sent: Callable[[int], object] = ignore, *, fresh: bool = False
    ) -> None:
        self.patience = patience
        self.fresh = fresh
        self.on_sent = on_sent
        self.reused = False
        self.received = False
        self.write_failed = False
        self.sent_bytes = 0
        self.proxy: str | None = None
        self.connecting_seconds = 0.0
        self.last_head: tuple[int, Mapping[str, str]] = (0, {})

    def next_wait_seconds(self, left_seconds: Callable[[], float]) -> float:
        """How long the next wait may last, of what is left once the patience's idle hook has drawn."""
        until_idle = self.patience.idle()
        until_idle = math.inf if until_idle is None else max(until_idle, SHORTEST_WAIT_SECONDS)
        return min(left_seconds(), LONGEST_WAIT_SECONDS, until_idle)


class Connecting:
    """The part of an attempt in which it connects, as a context: what it takes is added to what it has taken.

    What ends it is raised in httpcore's terms, its own cause behind it.
    """

    def __init__(self, attempt: Attempt, *, now: Callable[[], float] = time.monotonic) -> None:
        self._attempt = attempt
        self._now = now
        self._began = now()

    def __enter__(self) -> Connecting:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._attempt.connecting_seconds += self._now() - self._began
        match error:
            case TimeoutError():
                raise httpcore.ConnectTimeout(str(error)) from error
            case OSError():
                raise httpcore.ConnectError(str(error)) from error
            case UnicodeError():  # Python's IDNA: an empty label, or one of more than 63 characters
                raise httpcore.ConnectError(_("it is no host name")) from error

    def left_seconds(self) -> float:
        """Raises TimeoutError where there are none."""
        patience = self._attempt.patience
        taken = self._attempt.connecting_seconds + self._now() - self._began
        left = min(CONNECT_SECONDS, patience.silence_seconds) - taken
        until_deadline = patience.deadline_seconds()
        left = left if until_deadline is None else min(left, until_deadline)
        if left <= 0:
            raise TimeoutError
        return left

    def next_wait_seconds(self) -> float:
        """As the attempt's. Raises TimeoutError."""
        return self._attempt.next_wait_seconds(self.left_seconds)


def of_time_out(timeout: object) -> Attempt:
    """What httpcore hands down as a time-out."""
    assert isinstance(timeout, Attempt), "every request of this transport carries an Attempt"
    return timeout


class PatientStream(httpcore.NetworkStream):
    """One connection. What httpcore hands down as a time-out is the Attempt.

    kept_in: where this stream, and the one that TLS makes of it, are to be found for as long as they live.
    has_tls: the handshake is over, before anybody here has asked for it.
    """

    def __init__(
        self,
        inner: httpcore.NetworkStream,
        kept_in: MutableSet[PatientStream] | None = None,
        *,
        has_tls: bool = False,
    ) -> None:
        self._inner = inner
        self._has_tls = has_tls
        self._has_read = False
        self._kept_in = kept_in
        if kept_in is not None:
            kept_in.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        attempt = of_time_out(timeout)
        patience = attempt.patience
        while True:
            longest = attempt.next_wait_seconds(patience.remaining_seconds)
            if longest <= 0:
                raise httpcore.ReadTimeout("patience ended")
            began = patience.now()
            try:
                data = self._inner.read(min(max_bytes, READ_BYTES), timeout=longest)
            except httpcore.ReadTimeout:
                patience.excuse(max(0.0, patience.now() - began - longest))
                continue
            patience.excuse(max(0.0, patience.now() - began - longest))
            if data:
                self._has_read = attempt.received = True
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt = of_time_out(timeout)
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
        if self._has_tls:
            return self
        with Connecting(of_time_out(timeout)) as connecting:
            inner = self._inner.start_tls(ssl_context, server_hostname, timeout=connecting.left_seconds())
        return PatientStream(inner, self._kept_in)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)
