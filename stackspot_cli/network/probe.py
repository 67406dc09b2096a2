"""Whether a service's host is reached, and if not, at which step it ends: name, connection, proxy, TLS, HTTP.

Knows plain sockets and the proxy variables; refuses to know tokens and what a service answers: any status will
do. Its own steps, not the client's: a doctor does not use the patient's hands.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Literal, NoReturn, TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

from stackspot_cli.errors import CannotConnect, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.network import connecting, proxies, reasons
from stackspot_cli.network.failures import certificates
from stackspot_cli.network.tls import CertificatesUnreadable
from stackspot_cli.routes.in_between import refused_by_proxy
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

T = TypeVar("T")

StepName: TypeAlias = Literal["dns", "tcp", "proxy", "tls", "http"]
LIMIT_SECONDS = 5.0  # of each step


@dataclass(frozen=True, slots=True)
class Step:
    """One step that succeeded, and how long it took."""

    name: StepName
    seconds: float


@dataclass(frozen=True, slots=True)
class Probe:
    """What was seen of one address. failed: the step at which it ended, with why in problem."""

    url: str
    steps: tuple[Step, ...] = ()
    proxy: str | None = None
    status: int | None = None
    server_time: float | None = None
    failed: StepName | None = None
    problem: str | None = None

    @property
    def reached(self) -> bool:
        return self.failed is None

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


class _Ended(Exception):
    """The probe ends here; the sentence says why."""


def probe(
    url: str,
    environ: Mapping[str, str],
    tls: Callable[[], ssl.SSLContext],
    *,
    direct: bool = False,
    limit_seconds: float = LIMIT_SECONDS,
) -> Probe:
    """Goes as far as it gets. tls: makes the context; called for https alone. direct: past every proxy."""
    return _Probing(url, environ, tls, direct, limit_seconds).to_the_end()


class _Probing:
    def __init__(
        self,
        url: str,
        environ: Mapping[str, str],
        tls: Callable[[], ssl.SSLContext],
        direct: bool,
        limit_seconds: float,
    ) -> None:
        parts = urlsplit(url)
        self.url = url
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self.tls = tls
        self.limit_seconds = limit_seconds
        self.steps: list[Step] = []
        self.now: StepName = "proxy"
        self.proxy: proxies.Proxy | None = None
        self._environ = environ
        self._direct = direct

    def to_the_end(self) -> Probe:
        connection: socket.socket | None = None
        try:
            if not self._direct:
                self.proxy = self._choose_proxy()
            host, port = self._next_stop()
            addresses = self._step("dns", lambda: connecting.addresses(host, port, self._waits()))
            connection = self._step("tcp", lambda: self._connect(addresses))
            plain = connection
            if self.proxy and self.secure:
                self._step("proxy", lambda: self._tunnel(plain))
            if self.secure:
                connection = self._step("tls", lambda: self._encrypt(plain))
            spoken = connection
            answer = self._step("http", lambda: self._ask(spoken))
        except _Ended as ended:
            return Probe(
                self.url, tuple(self.steps), self._shown(), failed=self.now, problem=safe_line(str(ended))
            )
        finally:
            if connection is not None:
                connection.close()
        return Probe(self.url, tuple(self.steps), self._shown(), *answer)

    def _step(self, name: StepName, action: Callable[[], T]) -> T:
        self.now = name
        began = time.perf_counter()
        try:
            result = action()
        except CertificatesUnreadable as problem:
            raise _Ended(certificates(problem).message) from problem
        except ssl.SSLCertVerificationError as problem:
            raise _Ended(
                _("the certificate is not trusted: {why}").format(why=reasons.of([problem]))
            ) from problem
        except TimeoutError as problem:
            raise _Ended(_("no answer within {seconds:g} s").format(seconds=self.limit_seconds)) from problem
        except http.client.HTTPException as problem:
            raise _Ended(_("what answers does not speak HTTP")) from problem
        except UnicodeError as problem:
            raise _Ended(_("it is no host name")) from problem
        except OSError as problem:
            raise _Ended(reasons.of([problem])) from problem
        self.steps.append(Step(name, time.perf_counter() - began))
        return result

    def _shown(self) -> str | None:
        return self.proxy.shown if self.proxy else None

    def _choose_proxy(self) -> proxies.Proxy | None:
        try:
            proxy = proxies.choose("https" if self.secure else "http", self.host, self.port, self._environ)
        except (UsageError, CannotConnect) as problem:
            raise _Ended(problem.message) from problem
        if proxy and not proxy.url.startswith("http://"):
            self.proxy = proxy
            raise _Ended(_("steps through a proxy of this kind cannot be told apart"))
        return proxy

    def _next_stop(self) -> tuple[str, int]:
        """Where the connection itself goes."""
        if self.proxy is None:
            return self.host, self.port
        return self.proxy.host, self.proxy.port

    def _waits(self) -> connecting.Wait:
        """For one step."""
        ends = time.monotonic() + self.limit_seconds

        def next_wait() -> float:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            return left

        return next_wait

    def _connect(self, addresses: list[connecting.Address]) -> socket.socket:
        connection = connecting.first_of(addresses, self._waits())
        connection.settimeout(self.limit_seconds)
        return connection

    def _tunnel(self, connection: socket.socket) -> None:
        name = f"[{self.host}]" if ":" in self.host else self.host
        lines = [f"CONNECT {name}:{self.port} HTTP/1.1", f"Host: {name}:{self.port}", *self._proxy_header()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = http.client.HTTPResponse(connection, method="CONNECT")
        answer.begin()
        if answer.status != 200:
            self._refused_by_proxy(answer)

    def _refused_by_proxy(self, answer: http.client.HTTPResponse) -> NoReturn:
        wanted = ", ".join(answer.headers.get_all("Proxy-Authenticate", []))
        said = f"{answer.status} {answer.reason}".rstrip()
        raise _Ended(refused_by_proxy(answer.status, said, {"proxy-authenticate": wanted}, self.host).message)

    def _proxy_header(self) -> list[str]:
        assert self.proxy is not None
        parts = urlsplit(self.proxy.url)
        if parts.username is None:
            return []
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return [f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}"]

    def _encrypt(self, connection: socket.socket) -> socket.socket:
        return self.tls().wrap_socket(connection, server_hostname=self.host)

    def _ask(self, connection: socket.socket) -> tuple[int, float | None]:
        """(status, the server's clock). HEAD, as nothing of the body is wanted."""
        through_proxy = self.proxy is not None and not self.secure
        target = f"{self.url.rstrip('/')}/" if through_proxy else "/"
        authority = urlsplit(self.url).netloc
        header = self._proxy_header() if through_proxy else []
        lines = [f"HEAD {target} HTTP/1.1", f"Host: {authority}", "Connection: close", *header]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = http.client.HTTPResponse(connection, method="HEAD")
        answer.begin()
        if answer.status == 407:
            self._refused_by_proxy(answer)
        return answer.status, _clock(answer.headers.get("Date", ""))


def _clock(date: str) -> float | None:
    from stackspot_cli.network.retry import http_date

    return http_date(date, now=time.time()) if date else None
