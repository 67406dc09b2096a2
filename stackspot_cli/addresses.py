"""Addresses of this machine. Decides without asking a name server."""

from __future__ import annotations

from stackspot_cli.errors import LocalError
from stackspot_cli.translation import _

GATEWAY_PORT = 8765  # where `stackspot serve` listens, unless it is told otherwise


def is_loopback(host: str) -> bool:
    """Whether the name or address can only mean this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    import ipaddress  # deferred: only an http:// address needs it

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def cannot_listen(host: str, port: int, error: OSError) -> LocalError:
    """What a server says that does not get its address. port: as it was asked for; 0 is any."""
    import socket

    return LocalError(
        _("cannot listen on {host}, port {port}: {why}").format(
            host=host, port=port, why=error.strerror or str(error)
        ),
        _("choose another one with --port, or 0 for one that is free")
        if port and not isinstance(error, socket.gaierror)
        else _("choose an address of this machine with --host, such as 127.0.0.1"),
    )
