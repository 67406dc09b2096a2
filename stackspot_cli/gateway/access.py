"""Who may come in: decisions about Host, key, content type and size, as the contract's safety rules say.

Pure. A page in a browser can make it send requests to this machine: what stops it are the name in `Host`
(a page that rebinds its own name in DNS still sends that name), and a content type that a browser does not
send to a stranger without asking first.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

from stackspot_cli.dialects.problems import Problem
from stackspot_cli.domain import Secret
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

BODY_BYTES = 8 * 1024 * 1024  # as stdin and files together


@dataclass(frozen=True, slots=True)
class Doors:
    """names: hosts that are ours besides loopback, in lower case. any_address: listening on all addresses, so
    that each address may be ours; a bare address is no name that could be rebound. key: None lets everyone in.
    port: ours, where a Host that names a port must name it; on all addresses (a container's) it may be mapped.
    named: hosts that somebody allowed by name, at any port.
    """

    names: Collection[str] = ()
    any_address: bool = False
    key: Secret | None = None
    port: int | None = None
    named: Collection[str] = ()

    def check(
        self, host: str | None, authorization: str | None, api_key: str | None, *, open_to_all: bool
    ) -> None:
        """Raises Problem. With a key, whoever has it may come by any name: a page in a browser has none.

        open_to_all: this address tells nothing that is worth a key.
        """
        if self.key is None:
            self.check_host(host)
        elif not open_to_all:
            self.check_key(authorization, api_key)

    def check_host(self, header: str | None) -> None:
        """Raises Problem."""
        name = None if header is None else host_name(header)
        if header is None or name is None or not self._is_ours(name, header):
            shown = safe_line(repr(header or ""), 100)
            raise Problem(
                403,
                _("this gateway is not {host}: address it as it was announced").format(host=shown),
                "permission_error",
                code="host_not_allowed",
            )

    def check_key(self, authorization: str | None, api_key: str | None = None) -> None:
        """By OpenAI's header or by Anthropic's. Raises Problem. Compared in constant time."""
        if self.key is None:
            return
        scheme, _space, given = (authorization or "").strip().partition(" ")
        bearer = given.strip() if scheme.lower() == "bearer" else ""
        if not any(Secret(one) == self.key for one in (bearer, (api_key or "").strip()) if one):
            raise Problem(
                401,
                _("this gateway wants the key in STACKSPOTAI_SERVE_KEY, as a bearer token or as x-api-key"),
                "authentication_error",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _is_ours(self, name: str, header: str) -> bool:
        if name in self.named:
            return True
        if not self._is_our_port(header):
            return False
        if name == "localhost" or name in self.names:
            return True
        address = literal(name)
        return address is not None and (address.is_loopback or self.any_address)

    def _is_our_port(self, header: str) -> bool:
        given = header.strip().rpartition("]")[2].partition(":")[2]
        return not given or self.any_address or self.port is None or given == str(self.port)


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


_HOST = re.compile(r"(?:\[([0-9a-f:.]+(?:%[\w.~-]+)?)\]|([\w.-]+))(?::\d*)?")


def host_name(header: str) -> str | None:
    """The name in a Host header, without the port, brackets or a last dot; None for what is no host."""
    found = _HOST.fullmatch(header.strip().lower())
    return None if found is None else (found[1] or found[2].rstrip("."))


def literal(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
