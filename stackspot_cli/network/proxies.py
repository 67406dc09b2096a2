"""Which proxy a request goes through: the variables that curl and everyone else read, read our own way.

Pure: knows variables and host names, opens nothing. Our own because httpx 0.28 crashes on `NO_PROXY` entries
such as `[::1]` and `fd00::/8`, which corporate set-ups do hold.
"""

from __future__ import annotations

from collections.abc import Mapping

from stackspot_cli.addresses import is_loopback
from stackspot_cli.errors import CannotConnect, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address and the variable that named it. url may hold a password: show `shown` to people."""

    url: str
    origin: str

    @property
    def host(self) -> str:
        from urllib.parse import urlsplit  # deferred: wanted only where there is a proxy

        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """As it is written; without one, the scheme's own."""
        from urllib.parse import urlsplit

        return urlsplit(self.url).port or (443 if self.is_secure else 80)

    @property
    def is_secure(self) -> bool:
        """Whether the way to the proxy is encrypted."""
        return self.url.startswith("https:")

    @property
    def shown(self) -> str:
        """The address without its user name and password."""
        scheme, _sep, rest = self.url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"

    def __repr__(self) -> str:
        return f"Proxy({self.shown!r}, {self.origin!r})"


def choose(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for one address, or None to go straight there.

    Order as curl's: the scheme's own variable, then ALL_PROXY; lower case before upper case. This machine itself
    is never asked for through another one: plain http, which only it may be spoken to by, would leave it.
    Raises UsageError where the variable does not hold an address, CannotConnect for a SOCKS proxy.
    """
    setting = _first(environ, f"{scheme}_proxy", "all_proxy")
    if setting is None or bypassed(host, port, environ):
        return None
    name, value = setting
    proxy = Proxy(_address(name, value), name)
    if is_loopback(host.strip("[]")) and not is_loopback(proxy.host):
        return None
    if proxy.url.startswith("socks"):
        raise CannotConnect(
            _("{name} names a SOCKS proxy, and only HTTP proxies are spoken").format(name=name),
            _("unset {name}, or set HTTPS_PROXY=http://HOST:PORT to an HTTP proxy").format(name=name),
        )
    return proxy


def sparing(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that has to be set, and to what, so that this address is gone to straight; None where it is."""
    if variable(scheme, environ) is None or bypassed(host, port, environ):
        return None
    name, value = _first(environ, "no_proxy") or ("NO_PROXY", "")
    return name, ",".join(filter(None, (value, host)))


def variable(scheme: str, environ: Mapping[str, str]) -> str | None:
    """The variable that decides for the scheme, whatever it holds."""
    setting = _first(environ, f"{scheme}_proxy", "all_proxy")
    return None if setting is None else setting[0]


def _first(environ: Mapping[str, str], *names: str) -> tuple[str, str] | None:
    """The first variable that is set, in lower or upper case, and its value."""
    for name in names:
        for spelling in (name, name.upper()):
            value = environ.get(spelling, "").strip()
            if value:
                return spelling, value
    return None


def _address(name: str, value: str) -> str:
    url = value if "://" in value else f"http://{value}"
    scheme, _sep, rest = url.partition("://")
    known = scheme.lower() in SCHEMES or scheme.lower().startswith("socks")
    if not known or not _is_address(url):
        raise UsageError(
            _("{name} does not hold the address of a proxy").format(name=name),
            _(
                "set it like http://USER:PASSWORD@proxy.example:8080, special characters URL-encoded (@ is %40, "
                "/ is %2F, # is %23), or unset it"
            ),
        )
    return f"{scheme.lower()}://{rest.rstrip('/')}"


def _is_address(url: str) -> bool:
    from urllib.parse import urlsplit  # deferred: wanted only where there is a proxy

    try:
        parts = urlsplit(url)
        plain = url.isprintable() and not any(character.isspace() for character in url)
        return bool(parts.hostname) and parts.port != 0 and plain
    except ValueError:
        return False


def bypassed(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names this host: name, domain, address or network, with or without a port.

    Entries are divided by commas or blanks, as curl's.
    """
    setting = _first(environ, "no_proxy")
    if setting is None:
        return False
    host = host.strip("[]").lower().rstrip(".")
    return any(_matches(entry, host, port) for entry in setting[1].lower().replace(",", " ").split())


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    if "://" in entry:
        entry = entry.partition("://")[2]
    entry = entry.rstrip("/")
    name, entry_port = _split_port(entry)
    if entry_port is not None and entry_port != port:
        return False
    network = _network(name)
    if network is not None:
        return _within(host, network)
    name = name.lstrip("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        name, _sep, rest = entry[1:].partition("]")
        if rest.startswith("/"):  # [fd00::]/8
            return name + rest, None
        port = rest.lstrip(":")
        return name, int(port) if port.isdecimal() else None
    name, sep, rest = entry.rpartition(":")
    if sep and rest.isdecimal() and ":" not in name:
        return name, int(rest)
    return entry, None


def _network(name: str) -> object | None:
    import ipaddress  # deferred: wanted only where NO_PROXY is set

    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        return None


def _within(host: str, network: object) -> bool:
    import ipaddress

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    assert isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network)
    return address in network
