"""What an attempt can die of, as one error of ours with a next step; and whether sending again could help.

Knows httpx's tree and the causes below it. Refuses to know what was asked, and statuses: an answer is no failure of
the way there. The sentences hold the host, never a secret.
"""

from __future__ import annotations

import ssl
from typing import TypeAlias

from stackspot_cli.errors import (
    CannotConnect,
    CertificateRejected,
    NotAnAnswer,
    RateLimited,
    StackSpotError,
    TimedOut,
    Unavailable,
)
from stackspot_cli.network import reasons
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.connecting import NameTimedOut
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.network.retry import GiveUp
from stackspot_cli.network.tls import CertificatesUnreadable
from stackspot_cli.redaction import redact_url
from stackspot_cli.routes.in_between import refused_by_proxy
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, numeral

LOSSES = (httpx.TransportError, httpx.DecodingError)  # what reading from the transport raises


# A class of failures and what may have caused it; then what it means, the sentence and the hint. The first row that
# fits counts. A sentence may name {host}, or {asked}, with the proxy on the way there; the {place} that was to be
# connected to, {why} and the {seconds} of silence.
# Plain tuples: a class for the rows would be made at every start.
_Row: TypeAlias = tuple[type[Exception], type[BaseException], type[StackSpotError], str, str]
_ANY = BaseException
_LOOK = _("check the network and proxy with `stackspot status`")
_TRY_AGAIN = _("try again; if it stays so, look with `stackspot status`")
_TABLE: tuple[_Row, ...] = (
    (
        Exception,
        ssl.SSLCertVerificationError,
        CertificateRejected,
        _("the certificate of {host} is not trusted: {why}"),
        _("behind a company proxy, set SSL_CERT_FILE to its CA certificate (PEM)"),
    ),
    (
        httpx.ConnectTimeout,
        NameTimedOut,
        TimedOut,
        _("no name server answered for {place} in time"),
        _("check this machine's network and name servers; `stackspot status` shows what is reached"),
    ),
    (httpx.ConnectTimeout, _ANY, TimedOut, _("connecting to {place} took too long"), _LOOK),
    (
        httpx.TimeoutException,
        _ANY,
        TimedOut,
        _("{asked} was silent for {seconds} s"),
        _(
            "set STACKSPOTAI_TIMEOUT to wait longer (`complete`, `chat` and `run` take --timeout), or try "
            "again; `stackspot status` shows what is reached"
        ),
    ),
    (
        httpx.ConnectError,
        ssl.SSLError,
        CannotConnect,
        _("no secure connection to {host}: {why}"),
        _("something that does not speak TLS may stand in between: look with `stackspot status`"),
    ),
    (httpx.ConnectError, _ANY, CannotConnect, _("cannot connect to {place}: {why}"), _LOOK),
    (
        httpx.UnsupportedProtocol,
        _ANY,
        CannotConnect,
        _("cannot use the proxy or address for {host}"),
        _("check HTTPS_PROXY, ALL_PROXY and the service addresses with `stackspot config show`"),
    ),
    (httpx.DecodingError, _ANY, NotAnAnswer, _("the answer of {host} cannot be read: {why}"), _TRY_AGAIN),
    (Exception, _ANY, Unavailable, _("the connection to {asked} was lost: {why}"), _TRY_AGAIN),
)
_NO_HTTP: _Row = (
    httpx.RemoteProtocolError,
    _ANY,
    Unavailable,
    _("what {host} sent is not HTTP"),
    _("a proxy or something else may stand in between: look with `stackspot status`"),
)


def explained(error: Exception, url: str, attempt: Attempt) -> StackSpotError:
    """What one of LOSSES means, met by this attempt at this address."""
    host = safe_line(httpx.URL(url).netloc.decode("ascii", "replace"), 200)
    if attempt.patience.deadline_passed():
        return TimedOut(
            _("the deadline passed before the whole answer of {host} had come").format(host=host),
            _("give it longer with --deadline, or ask for less"),
        )
    if isinstance(error, httpx.ProxyError):
        status, headers = attempt.last_head
        return refused_by_proxy(status, str(error), headers, host)
    proxy = safe_line(attempt.proxy) if attempt.proxy else ""
    kind, what, hint = next(row[2:] for row in _rows(error) if _fits(row, error))
    what = what.format(
        host=host,
        asked=_("{host}, through the proxy {proxy},").format(host=host, proxy=proxy) if proxy else host,
        place=_("the proxy {proxy}").format(proxy=proxy) if proxy else host,
        why=safe_line(reasons.of(_causes(error)), 200) or _("nobody says why"),
        seconds=numeral(f"{attempt.patience.silence_seconds:g}"),
    )
    return kind(what, hint)


def certificates(error: CertificatesUnreadable) -> StackSpotError:
    """What it means that no TLS context could be made."""
    return CertificateRejected(
        _("cannot read the certificates that {variable} names, {path}: {why}").format(
            variable=error.variable,
            path=safe_line(error.named, 200),
            why=safe_line(reasons.of(_causes(error)), 200),
        ),
        _("point {variable} at readable certificates (PEM), or unset it").format(variable=error.variable),
    )


def no_address(url: str) -> StackSpotError:
    return CannotConnect(
        _("{url} is not an address").format(url=safe_line(redact_url(url))),
        _("check the service addresses with `stackspot config show`"),
    )


def found_closed(error: Exception, attempt: Attempt) -> bool:
    """Whether a kept connection had been closed by the other side: nothing of the request was read."""
    return attempt.reused and not attempt.received and not isinstance(error, httpx.TimeoutException)


def may_be_sent_again(error: Exception, attempt: Attempt, *, repeatable: bool) -> bool:
    """Whether it does no harm, and could help.

    repeatable: the request may reach the service twice. No attempt helps where a certificate, the address or the
    proxy's password is wrong.
    """
    never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
    if not (never_sent or attempt.write_failed or repeatable):
        return False
    if isinstance(error, httpx.UnsupportedProtocol):
        return False
    if isinstance(error, httpx.ProxyError) and str(error).startswith("4"):  # httpcore: "407 Proxy Auth…"
        return False
    return not _is_caused_by(ssl.SSLCertVerificationError, error)


def _rows(error: Exception) -> tuple[_Row, ...]:
    """What came may be no HTTP at all; a connection that ended too early is the same class of failure."""
    return _TABLE if reasons.hung_up(error) else (_NO_HTTP, *_TABLE)


def _fits(row: _Row, error: Exception) -> bool:
    return isinstance(error, row[0]) and _is_caused_by(row[1], error)


def _is_caused_by(kind: type[BaseException], error: BaseException) -> bool:
    return any(isinstance(cause, kind) for cause in _causes(error))


def _causes(error: BaseException) -> list[BaseException]:
    """The error itself, and what it was raised from."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain


def with_verdict(failure: StackSpotError, verdict: GiveUp) -> StackSpotError:
    """Where the service said when to come back, so do we; later than is sensible is exit 5, whatever the status."""
    seconds = verdict.come_back_seconds
    if seconds is None:
        return failure
    hint = _("come back in {seconds} s, as StackSpot asked").format(seconds=f"{seconds:.0f}")
    if verdict.reason in ("later", "deadline") and not isinstance(failure, RateLimited):
        return RateLimited(
            failure.message,
            hint,
            status=failure.status,
            service_code=failure.service_code,
            retry_after_seconds=seconds,
        )
    failure.hint, failure.retry_after_seconds = hint, seconds
    return failure
