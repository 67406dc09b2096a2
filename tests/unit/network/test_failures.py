"""What an attempt dies of, in our words: each row of the table, and which of them may be sent again."""

import ssl

import httpx
import pytest
from clock import Clock

from stackspot_cli.errors import (
    CannotConnect,
    CertificateRejected,
    NotAnAnswer,
    StackSpotError,
    TimedOut,
    Unavailable,
)
from stackspot_cli.network import failures
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.connecting import NameTimedOut
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.tls import CertificatesUnreadable

URL = "https://user:pw@api.example:8443/v3/chat?key=s3cr3t"
NETWORK = "check the network and proxy with `stackspot status`"
UNTRUSTED = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
UNTRUSTED.verify_code = 18


def under(patience: Patience | None = None, **seen: object) -> Attempt:
    attempt = Attempt(patience or Patience(180.0))
    for name, value in seen.items():
        setattr(attempt, name, value)
    return attempt


def caused(error: Exception, *causes: BaseException) -> Exception:
    """The error as if it had been raised from the first cause, that from the second, and so on."""
    above: BaseException = error
    for cause in causes:
        above.__cause__ = cause
        above = cause
    return error


ROWS: dict[str, tuple[Exception, type[StackSpotError], str, str]] = {
    "an untrusted certificate": (
        caused(httpx.ConnectError("handshake"), UNTRUSTED),
        CertificateRejected,
        "the certificate of api.example:8443 is not trusted: it vouches for itself",
        "behind a company proxy, set SSL_CERT_FILE to its CA certificate (PEM)",
    ),
    "connecting hangs": (
        httpx.ConnectTimeout("timed out"),
        TimedOut,
        "connecting to api.example:8443 took too long",
        NETWORK,
    ),
    "silence": (
        httpx.ReadTimeout("patience ended"),
        TimedOut,
        "api.example:8443 was silent for 180 s",
        "set STACKSPOTAI_TIMEOUT to wait longer (`complete`, `chat` and `run` take --timeout), or try again; "
        "`stackspot status` shows what is reached",
    ),
    "a name server that does not answer": (
        caused(httpx.ConnectTimeout(""), NameTimedOut()),
        TimedOut,
        "no name server answered for api.example:8443 in time",
        "check this machine's network and name servers; `stackspot status` shows what is reached",
    ),
    "no TLS": (
        caused(httpx.ConnectError("handshake"), ssl.SSLEOFError(8, "EOF occurred")),
        CannotConnect,
        "no secure connection to api.example:8443: the other side hung up",
        "something that does not speak TLS may stand in between: look with `stackspot status`",
    ),
    "a closed port": (
        caused(httpx.ConnectError("x"), ConnectionRefusedError(111, "Connection refused")),
        CannotConnect,
        "cannot connect to api.example:8443: nobody listens there",
        NETWORK,
    ),
    "an odd scheme": (
        httpx.UnsupportedProtocol("Request URL has an unsupported protocol 'ftp://'."),
        CannotConnect,
        "cannot use the proxy or address for api.example:8443",
        "check HTTPS_PROXY, ALL_PROXY and the service addresses with `stackspot config show`",
    ),
    "no HTTP": (
        httpx.RemoteProtocolError("illegal status line"),
        Unavailable,
        "what api.example:8443 sent is not HTTP",
        "a proxy or something else may stand in between: look with `stackspot status`",
    ),
    "a connection that ends without a word": (
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        Unavailable,
        "the connection to api.example:8443 was lost: the other side hung up",
        "try again; if it stays so, look with `stackspot status`",
    ),
    "a connection that is cut": (
        httpx.ReadError(""),
        Unavailable,
        "the connection to api.example:8443 was lost: the other side hung up",
        "try again; if it stays so, look with `stackspot status`",
    ),
    "a body that cannot be unpacked": (
        httpx.DecodingError("it cannot be unpacked\x1b[2J"),
        NotAnAnswer,
        "the answer of api.example:8443 cannot be read: it cannot be unpacked␛[2J",
        "try again; if it stays so, look with `stackspot status`",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_failure_is_a_sentence_with_the_next_thing_to_do(name: str) -> None:
    error, kind, message, hint = ROWS[name]
    failure = failures.explained(error, URL, under())
    assert (type(failure), failure.message, failure.hint) == (kind, message, hint)
    assert isinstance(error, failures.LOSSES)


def test_behind_a_proxy_it_is_named_as_what_may_be_to_blame() -> None:
    attempt = under(proxy="http://proxy.example:3128 (HTTPS_PROXY)")
    messages = [
        failures.explained(error, URL, attempt).message
        for error in (
            httpx.ConnectTimeout(""),
            caused(httpx.ConnectError("x"), ConnectionRefusedError(111, "Connection refused")),
            httpx.ReadTimeout(""),
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
        )
    ]
    assert messages == [
        "connecting to the proxy http://proxy.example:3128 (HTTPS_PROXY) took too long",
        "cannot connect to the proxy http://proxy.example:3128 (HTTPS_PROXY): nobody listens there",
        "api.example:8443, through the proxy http://proxy.example:3128 (HTTPS_PROXY), was silent for 180 s",
        "the connection to api.example:8443, through the proxy http://proxy.example:3128 (HTTPS_PROXY), was lost: "
        "the other side hung up",
    ]


@pytest.mark.parametrize("error", [httpx.ReadTimeout(""), httpx.ConnectTimeout(""), httpx.ReadError("")])
def test_after_the_deadline_nothing_else_is_to_blame(error: Exception) -> None:
    clock = Clock(1_000.0)
    failure = failures.explained(error, URL, under(Patience(180.0, deadline=1_000.0, now=clock.now)))
    assert (type(failure), failure.message, failure.hint) == (
        TimedOut,
        "the deadline passed before the whole answer of api.example:8443 had come",
        "give it longer with --deadline, or ask for less",
    )


def test_a_proxy_that_lets_nothing_through_is_known_by_its_answer() -> None:
    attempt = under(proxy="http://proxy.example:3128 (HTTPS_PROXY)", last_head=(403, {}))
    failure = failures.explained(httpx.ProxyError("403 Forbidden"), URL, attempt)
    assert (type(failure), failure.message) == (
        CannotConnect,
        "the proxy forbids api.example:8443 (403 Forbidden)",
    )


def test_certificates_that_cannot_be_read_are_told_with_their_variable_and_path() -> None:
    unreadable = CertificatesUnreadable("SSL_CERT_FILE", "/etc/ca\x1b.pem")
    unreadable.__cause__ = FileNotFoundError(2, "No such file or directory")
    failure = failures.certificates(unreadable)
    assert (type(failure), failure.message, failure.hint) == (
        CertificateRejected,
        "cannot read the certificates that SSL_CERT_FILE names, /etc/ca␛.pem: there is no such file",
        "point SSL_CERT_FILE at readable certificates (PEM), or unset it",
    )


def test_what_is_no_address_is_shown_without_its_secrets() -> None:
    failure = failures.no_address("http://user:pw@[::1/x?key=s3cr3t")
    assert (type(failure), failure.hint) == (
        CannotConnect,
        "check the service addresses with `stackspot config show`",
    )
    assert failure.message.endswith(" is not an address")
    assert "s3cr3t" not in failure.message and "pw" not in failure.message


# --- again, or not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "seen", "closed"),
    [
        (httpx.RemoteProtocolError(""), {"reused": True}, True),
        (httpx.ReadError(""), {"reused": True}, True),
        (httpx.ReadError(""), {"reused": True, "received": True}, False),
        (httpx.ReadError(""), {"reused": False}, False),
        (httpx.ReadTimeout(""), {"reused": True}, False),
    ],
)
def test_a_kept_connection_that_was_closed_is_known_by_having_said_nothing(
    error: Exception, seen: dict[str, bool], closed: bool
) -> None:
    assert failures.found_closed(error, under(**seen)) is closed


@pytest.mark.parametrize(
    ("error", "write_failed", "once", "repeatable"),
    [
        (httpx.ConnectError("refused"), False, True, True),
        (httpx.ConnectTimeout(""), False, True, True),
        (httpx.ProxyError("502 Bad Gateway"), False, True, True),
        (httpx.ReadError(""), False, False, True),
        (httpx.ReadTimeout(""), False, False, True),
        (httpx.RemoteProtocolError(""), False, False, True),
        (httpx.DecodingError(""), False, False, True),
        (httpx.WriteError(""), True, True, True),
        (httpx.ReadError(""), True, True, True),
        (httpx.ProxyError("407 Proxy Authentication Required"), False, False, False),
        (httpx.UnsupportedProtocol(""), False, False, False),
        (caused(httpx.ConnectError(""), UNTRUSTED), False, False, False),
        (caused(httpx.ConnectError(""), OSError(), UNTRUSTED), False, False, False),
    ],
)
def test_what_may_be_sent_again(error: Exception, write_failed: bool, once: bool, repeatable: bool) -> None:
    """once: for a request that must not arrive twice."""
    attempt = under(write_failed=write_failed)
    assert [failures.may_be_sent_again(error, attempt, repeatable=may) for may in (False, True)] == [
        once,
        repeatable,
    ]


def test_causes_that_go_round_in_a_circle_end() -> None:
    one, other = httpx.ReadError("one"), OSError("other")
    one.__cause__, other.__cause__ = other, one
    assert (
        failures.explained(one, URL, under()).message == "the connection to api.example:8443 was lost: other"
    )
