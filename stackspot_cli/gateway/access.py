"""Who may come in: decisions about Host, key, content type and size, as the contract's safety rules say.

Pure. A page in a browser can make it send requests to this machine: what stops it are the name in `Host`
(a page that rebinds its own name in DNS still sends that name), and a content type that a browser does not
send to a stranger without asking first.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from stackspot_cli.domain import Secret
from stackspot_cli.gateway.problems import Problem
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

BODY_BYTES = 8 * 1024 * 1024  # as stdin and files together


@dataclass(frozen=True, slots=True)
class Doors:
    """names: hosts that are ours besides loopback, in lower case. any_address: listening on all addresses, so
    that each address may be ours; a bare address is no name that could be rebound. key: None lets everyone in.
    port: ours, where a Host that names a port must name it; on all addresses (a container's) it may be mapped.
    """

    names: Collection[str] = ()
    any_address: bool = False
    key: Secret | None = None
    port: int | None = None

    def check_host(self, header: str | None) -> None:
        """Raises Problem."""
        if header is None or not self._is_ours(host_name(header)) or not self._is_our_port(header):
            shown = safe_line(repr(header or ""), 100)
            raise Problem(
                403,
                _("this gateway is not {host}: address it as it was announced").format(host=shown),
                "permission_error",
                code="host_not_allowed",
            )

    def check_key(self, authorization: str | None) -> None:
        """Raises Problem. Compared in constant time."""
        if self.key is None:
            return
        scheme, _space, given = (authorization or "").strip().partition(" ")
        if scheme.lower() != "bearer" or Secret(given.strip()) != self.key:
            raise Problem(
                401,
                _("this gateway wants the key in STACKSPOTAI_SERVE_KEY as a bearer token"),
                "authentication_error",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _is_our_port(self, header: str) -> bool:
        given = header.strip().rpartition("]")[2].partition(":")[2]
        return not given or self.any_address or self.port is None or given == str(self.port)

    def _is_ours(self, name: str) -> bool:
        if name == "localhost" or name in self.names:
            return True
        address = literal(name)
        return address is not None and (address.is_loopback or self.any_address)


def check_content_type(header: str | None) -> None:
    """Raises Problem for anything but JSON."""
    kind = (header or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(
            415,
            _("the body must be application/json, not {kind}").format(kind=safe_line(kind or "nothing", 60)),
            code="unsupported_content_type",
        )


def too_large() -> Problem:
    return Problem(
        413, _("the body has more than {limit} bytes").format(limit=BODY_BYTES), code="body_too_large"
    )


def host_name(header: str) -> str:
    """The name in a Host header, without the port, brackets or a last dot."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")


def literal(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
