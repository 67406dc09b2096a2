"""All connections of one call: begun before the libraries are there that speak on them, and closed at its end.

Knows what has to be made, once, for whichever thread comes first. Refuses to know what is asked on a connection.
Loads the HTTP library when the exchange is first wanted, and not before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from stackspot_cli.errors import StackSpotError
from stackspot_cli.listener import Listener
from stackspot_cli.network.early import EarlyConnections
from stackspot_cli.network.retry import RetryPolicy
from stackspot_cli.process import forks
from stackspot_cli.redaction import redact_url
from stackspot_cli.safe_text import safe_line

if TYPE_CHECKING:
    from stackspot_cli.network.exchange import Exchange
    from stackspot_cli.network.transport import PatientTransport


class Connections:
    """Safe to share by threads. direct: whatever the proxy variables say. The rest is the exchange's."""

    def __init__(
        self,
        environ: Mapping[str, str],
        policy: RetryPolicy,
        user_agent: str,
        listener: Listener,
        sleep: Callable[[float], None],
        *,
        failed: Callable[[StackSpotError, str], object] = lambda _failure, _url: None,
        direct: bool = False,
    ) -> None:
        self._environ = environ
        self._policy = policy
        self._user_agent = user_agent
        self._listener = listener
        self._failed = failed
        self._sleep = sleep
        self._early = EarlyConnections(environ, direct=direct)
        self._transport: PatientTransport | None = None
        self._exchange: Exchange | None = None
        self.renew_after_fork()
        forks.renew_in_children(self)

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()

    def expect(self, address: str) -> None:
        """A request to this address will be sent soon: connects to its host meanwhile, where no connection is free."""
        free = self._transport is not None and not self._transport.would_connect(address)
        if not free and self._early.begin(address) and self._listener.wire is not None:
            self._listener.wire(f"connecting to {safe_line(redact_url(address), 500)} meanwhile")

    @property
    def exchange(self) -> Exchange:
        with self._lock:
            if self._exchange is None:
                self._exchange = self._made()
            return self._exchange

    def _made(self) -> Exchange:
        from stackspot_cli.network.exchange import Exchange
        from stackspot_cli.network.transport import PatientTransport

        self._transport = transport = PatientTransport(self._environ, early=self._early)
        return Exchange(
            transport,
            self._policy,
            user_agent=self._user_agent,
            listener=self._listener,
            failed=self._failed,
            sleep=self._sleep,
        )

    def close(self) -> None:
        self._early.close()
        if self._transport is not None:
            self._transport.close()
