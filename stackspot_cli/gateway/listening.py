"""The gateway's address: an open socket, what a person would type to reach it, and by which names it may be reached.

Knows sockets and addresses; refuses to know what is served there.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from stackspot_cli.addresses import cannot_listen
from stackspot_cli.domain import Secret
from stackspot_cli.errors import UsageError
from stackspot_cli.gateway.access import Doors, host_name, literal
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

BACKLOG = 1024
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # recognised, not bound


@dataclass(frozen=True, slots=True)
class Listening:
    """An open socket, the address that a person would use, and whether other machines reach it."""

    socket: socket.socket
    url: str
    address: str


def listen(host: str, port: int, *, key: Secret | None) -> Listening:
    """Raises UsageError for an open door without a key, and LocalError where the address cannot be had."""
    family, address = _resolve(host, port)
    ip = literal(str(address[0]))
    if key is None and not (ip is not None and ip.is_loopback):
        raise UsageError(
            _("other machines could reach {host}: a key is needed").format(host=host),
            _("set STACKSPOTAI_SERVE_KEY, or leave --host at 127.0.0.1"),
        )
    # The protocol by its number: asyncio sets TCP_NODELAY only then, and without it each answer waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where REUSEADDR would share a busy port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise cannot_listen(host, port, error) from error
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # not a bind
    shown = f"[{shown}]" if ":" in shown else shown
    return Listening(listener, f"http://{shown}:{listener.getsockname()[1]}", str(address[0]))


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    family, _kind, _protocol, _name, address = found[0]
    return family, address


def doors_for(host: str, listening: Listening, key: Secret | None, allowed: Sequence[str] = ()) -> Doors:
    """Which hosts are ours: the one that was named, and on all addresses also this machine's names.

    allowed: further names, at any port.
    """
    names = {host.lower(), listening.address.lower()}
    everywhere = listening.address in WILDCARDS
    if everywhere:
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    named = frozenset(name for name in map(host_name, allowed) if name)
    return Doors(frozenset(names), everywhere, key, listening.socket.getsockname()[1], named)
