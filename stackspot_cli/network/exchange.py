"""One request, sent until it is answered or hopeless; every failure below becomes an error of ours, here.

Knows httpx and the retry rules. Refuses to know tokens, routes and what an answer means.
"""

from __future__ import annotations

import copy
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from stackspot_cli import __version__
from stackspot_cli.errors import (
    CannotConnect,
    CertificateRejected,
    NotAnAnswer,
    RateLimited,
    StackSpotError,
    TimedOut,
    Unavailable,
)
from stackspot_cli.network import retry
from stackspot_cli.network.transport import CertificatesUnreadable, Watch, httpx
from stackspot_cli.redaction import redact_url
from stackspot_cli.routes.refusals import ERROR_BODY_BYTES
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

T = TypeVar("T")
Explain = Callable[[int, bytes, Mapping[str, str], str], StackSpotError]
DEFAULT_HEADERS = {
    "User-Agent": f"stackspot-cli/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}


@dataclass(frozen=True, slots=True)
class Narration:
    """Where the story of an exchange goes: `step` for `-v`, `wire` for `--debug`. Both get made-safe text."""

    step: Callable[[str], None] = lambda _text: None
    wire: Callable[[str], None] | None = None


class Exchange:
    """Sends requests by the contract's retry rules, over one pool of connections. Safe to share by threads."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        policy: retry.RetryPolicy,
        *,
        narration: Narration | None = None,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        # The transport itself: `httpx.Client` would keep cookies, and trip over a redirect that it need not follow.
        self._transport = transport
        self._policy = policy
        self._narration = narration or Narration()
        self._sleep = sleep
        self._uniform = uniform
        self._wall_clock = wall_clock

    def without_retries(self) -> Exchange:
        """The same connections, with one attempt: for a question whose answer is wanted soon or not at all."""
        once = copy.copy(self)
        once._policy = retry.RetryPolicy(0, self._policy.base_seconds)
        return once

    def send(
        self,
        method: str,
        url: str,
        watch: Watch,
        *,
        explain: Explain,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        repeatable: bool,
    ) -> httpx.Response:
        """The open 2xx response, its body not yet read; the caller closes it.

        repeatable: a lost connection or a silence may be tried again even though all was sent.
        Raises StackSpotError for everything else.
        """
        request = self._request(method, url, watch, content, headers or {})
        return self._until_answered(request, watch, explain, repeatable, lambda response: response)

    def fetch(
        self,
        method: str,
        url: str,
        watch: Watch,
        *,
        explain: Explain,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int,
        repeatable: bool = True,
    ) -> bytes:
        """The whole body of the 2xx answer; one that breaks off is asked for again where the request is repeatable.

        Raises StackSpotError, for a body over the limit NotAnAnswer.
        """
        request = self._request(method, url, watch, content, headers or {})
        return self._until_answered(
            request, watch, explain, repeatable, lambda response: read_bounded(response, limit)
        )

    def _until_answered(
        self,
        request: httpx.Request,
        watch: Watch,
        explain: Explain,
        repeatable: bool,
        read: Callable[[httpx.Response], T],
    ) -> T:
        url = str(request.url)
        attempt = 0
        while True:
            watch.begin()
            self._narrate_request(request, attempt)
            try:
                response = self._transport.handle_request(request)
                response.request = request
                self._narrate_response(response)
                if 200 <= response.status_code < 300:
                    watch.accepted = True
                    return read(response)
            except (httpx.TransportError, httpx.DecodingError) as error:
                failure = translate(error, url, watch)
                outcome = self._after_loss(error, watch, attempt, repeatable)
            except CertificatesUnreadable as error:
                raise _unreadable_certificates(error.__cause__) from error
            else:
                failure, outcome = self._refused(response, watch, attempt, explain, url)
            match outcome:
                case retry.Wait(seconds):
                    self._narrate_wait(failure, seconds, attempt)
                    self.pause(seconds, watch)
                    attempt += 1
                case retry.GiveUp() as verdict:
                    raise _with_verdict(failure, verdict)

    def _request(
        self, method: str, url: str, watch: Watch, content: bytes, headers: Mapping[str, str]
    ) -> httpx.Request:
        all_headers = {**DEFAULT_HEADERS, **headers}
        try:
            return httpx.Request(
                method, url, content=content or None, headers=all_headers, extensions={"watch": watch}
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise CannotConnect(
                _("{url} is not an address").format(url=safe_line(redact_url(url))),
                _("check the service addresses with `stackspot config show`"),
            ) from error

    def _refused(
        self, response: httpx.Response, watch: Watch, attempt: int, explain: Explain, url: str
    ) -> tuple[StackSpotError, retry.Wait | retry.GiveUp]:
        status = response.status_code
        failure = explain(status, read_bounded(response, ERROR_BODY_BYTES, cut=True), response.headers, url)
        if status not in retry.RETRIED_STATUSES:
            raise failure
        told = retry.retry_after_seconds(
            response.headers.get("retry-after"), date=response.headers.get("date"), now=self._wall_clock()
        )
        return failure, retry.decide(
            self._policy,
            attempt=attempt,
            status=status,
            retry_after_seconds=told,
            remaining_seconds=watch.retry_seconds(),
            uniform=self._uniform,
        )

    def _after_loss(
        self, error: httpx.RequestError, watch: Watch, attempt: int, repeatable: bool
    ) -> retry.Wait | retry.GiveUp:
        if watch.reused and not watch.received and not isinstance(error, httpx.TimeoutException):
            return retry.Wait(0.0)  # a kept connection that the other side had closed: nothing was read by it
        never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
        if not (never_sent or watch.write_failed or repeatable) or not _may_pass(error):
            return retry.GiveUp("definite")
        if watch.expired_by_deadline:
            return retry.GiveUp("deadline")
        return retry.decide(
            self._policy,
            attempt=attempt,
            status=None,
            remaining_seconds=watch.retry_seconds(),
            uniform=self._uniform,
        )

    def pause(self, seconds: float, watch: Watch) -> None:
        """Waits; the watch's idle hook may draw meanwhile."""
        ends = watch.now() + seconds
        while (left := ends - watch.now()) > 0:
            wanted = watch.idle()
            self._sleep(left if wanted is None else min(left, wanted))

    def _narrate_request(self, request: httpx.Request, attempt: int) -> None:
        where = safe_line(redact_url(str(request.url)), 500)
        total = self._policy.retries + 1
        self._narration.step(f"{request.method} {where} ({attempt + 1}/{total})")
        if self._narration.wire is not None:
            from stackspot_cli.redaction import redact_headers

            for name, value in redact_headers(request.headers.multi_items()):
                self._narration.wire(f"> {name}: {safe_line(value)}")

    def _narrate_response(self, response: httpx.Response) -> None:
        request_id = response.headers.get("x-request-id") or response.headers.get("x-correlation-id")
        named = f", request id {safe_line(request_id, 80)}" if request_id else ""
        self._narration.step(f"{response.status_code} {safe_line(response.reason_phrase, 60)}{named}")
        if self._narration.wire is not None:
            from stackspot_cli.redaction import redact_headers

            for name, value in redact_headers(response.headers.multi_items()):
                self._narration.wire(f"< {name}: {safe_line(value)}")

    def _narrate_wait(self, failure: StackSpotError, seconds: float, attempt: int) -> None:
        self._narration.step(
            _("{what}; trying again in {seconds} s ({attempt} of {retries})").format(
                what=failure.message,
                seconds=f"{seconds:.1f}",
                attempt=attempt + 1,
                retries=self._policy.retries,
            )
        )


def read_bounded(response: httpx.Response, limit: int, *, cut: bool = False) -> bytes:
    """The body, then the connection is closed or given back. Over the limit: cut, or NotAnAnswer.

    A body that breaks off is given as far as it came: what it says is already a failure.
    """
    parts: list[bytes] = []
    size = 0
    try:
        for chunk in response.iter_bytes():
            parts.append(chunk)
            size += len(chunk)
            if size > limit:
                if cut:
                    break
                raise NotAnAnswer(
                    _("the answer of {url} is larger than {limit} bytes").format(
                        url=safe_line(redact_url(str(response.url))), limit=limit
                    ),
                    _("a proxy or captive portal may stand in between: look with `stackspot status`"),
                )
    except (httpx.TransportError, httpx.DecodingError):
        if not cut:
            raise
    finally:
        response.close()
    return b"".join(parts)[:limit]


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain


def _may_pass(error: Exception) -> bool:
    """Whether trying again could help: not where a certificate, the address or the proxy's password is wrong."""
    if isinstance(error, httpx.UnsupportedProtocol):
        return False
    if isinstance(error, httpx.ProxyError) and str(error).startswith("4"):  # httpcore: "407 Proxy Auth…"
        return False
    return not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _unreadable_certificates(error: BaseException | None) -> StackSpotError:
    return CertificateRejected(
        _("cannot read the certificates that SSL_CERT_FILE or SSL_CERT_DIR names: {why}").format(
            why=safe_line(getattr(error, "strerror", None) or str(error))
        ),
        _("point SSL_CERT_FILE at a readable PEM file, or unset it"),
    )


def translate(error: Exception, url: str, watch: Watch) -> StackSpotError:
    """The one table from the libraries' failures to ours. Its sentences hold the host, never a secret."""
    host = safe_line(httpx.URL(url).netloc.decode("ascii", "replace"), 200)
    why = safe_line(_why(error), 200)
    network = _("check the network and proxy with `stackspot status`")
    place = host if watch.proxy is None else _("the proxy {proxy}").format(proxy=safe_line(watch.proxy))
    if watch.expired_by_deadline:
        return TimedOut(
            _("the deadline passed before the whole answer of {host} had come").format(host=host),
            _("give it longer with --deadline, or ask for less"),
        )
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return CertificateRejected(
            _("the certificate of {host} is not trusted: {why}").format(host=host, why=why),
            _("behind a company proxy, set SSL_CERT_FILE to its CA certificate (PEM)"),
        )
    match error:
        case httpx.ConnectTimeout():
            return TimedOut(_("connecting to {host} took too long").format(host=place), network)
        case httpx.TimeoutException():
            return TimedOut(
                _("{host} was silent for {seconds} s").format(
                    host=host, seconds=f"{watch.silence_seconds:g}"
                ),
                _(
                    "set STACKSPOTAI_TIMEOUT to wait longer (`complete`, `chat` and `run` take --timeout), or try "
                    "again; `stackspot status` shows what is reached"
                ),
            )
        case httpx.ProxyError():
            return CannotConnect(
                _("the proxy did not let the connection to {host} through: {why}").format(host=host, why=why),
                _(
                    "check HTTPS_PROXY; a proxy that wants a password is set like http://USER:PASSWORD@proxy:8080"
                ),
            )
        case httpx.ConnectError() if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
            return CannotConnect(
                _("no secure connection to {host}: {why}").format(host=host, why=why),
                _("something that does not speak TLS may stand in between: look with `stackspot status`"),
            )
        case httpx.ConnectError():
            return CannotConnect(_("cannot connect to {host}: {why}").format(host=place, why=why), network)
        case httpx.UnsupportedProtocol():
            return CannotConnect(
                _("cannot use the proxy or address for {host}: {why}").format(host=host, why=why),
                _("check HTTPS_PROXY, ALL_PROXY and the service addresses with `stackspot config show`"),
            )
        case httpx.RemoteProtocolError() if "without sending" not in why:
            return Unavailable(
                _("{host} did not answer in HTTP, or broke off: {why}").format(host=host, why=why), network
            )
        case _:
            return Unavailable(
                _("the connection to {host} was lost: {why}").format(
                    host=host, why=why or type(error).__name__
                ),
                _("try again; if it stays so, look with `stackspot status`"),
            )


def _why(error: BaseException) -> str:
    """The innermost cause's words: the outer layers only repeat them."""
    texts = [str(cause) for cause in _causes(error) if str(cause)]
    return texts[-1] if texts else ""


def _with_verdict(failure: StackSpotError, verdict: retry.GiveUp) -> StackSpotError:
    """Where the service told when to come back, so do we; later than is sensible is exit 5, whatever the status."""
    told = verdict.come_back_seconds
    if told is None:
        return failure
    hint = _("come back in {seconds} s, as StackSpot asked").format(seconds=f"{told:.0f}")
    if verdict.reason in ("told", "deadline") and not isinstance(failure, RateLimited):
        return RateLimited(
            failure.message,
            hint,
            status=failure.status,
            service_code=failure.service_code,
            retry_after_seconds=told,
        )
    failure.hint, failure.retry_after_seconds = hint, told
    return failure
