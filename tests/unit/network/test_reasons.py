"""Why the network failed: no number in brackets, no library's name, no place in somebody's C file."""

import errno
import socket
import ssl

import httpx
import pytest

from stackspot_cli.network import reasons


def certificate(code: int, told: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {told} (_ssl.c:1006)")
    error.verify_code, error.verify_message = code, told
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] something (_ssl.c:1006)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (UnicodeError("label empty or too long"), "it is no host name"),
        (OSError(errno.ECONNREFUSED, "Connection refused"), "nobody listens there"),
        (OSError(errno.ECONNRESET, "Connection reset by peer"), "the other side hung up"),
        (
            OSError(errno.ENETUNREACH, "Network is unreachable"),
            "there is no way to its network: is this machine online?",
        ),
        (OSError(errno.ENOENT, "No such file or directory"), "there is no such file"),
        (OSError(errno.EDOM, "Numerical argument out of domain"), "Numerical argument out of domain"),
        (OSError("without a number"), "without a number"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name is not known"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "no name server answers"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), "the name cannot be looked up"),
        (certificate(10, "certificate has expired"), "it has expired; or this machine's clock is wrong"),
        (certificate(62, "Hostname mismatch"), "it is for another name"),
        (certificate(99, "something that is new"), "something that is new"),
        (tls("WRONG_VERSION_NUMBER"), "what answers there does not speak TLS"),
        (tls("SOMETHING_NEW"), "something new"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "the other side hung up"),
        (httpx.ReadError(""), "the other side hung up"),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            "the other side hung up",
        ),
        (
            httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body (incomplete chunked read)"
            ),
            "the other side hung up",
        ),
        (httpx.RemoteProtocolError("illegal status line: bytearray(b'SSH')"), "what came is not HTTP"),
        (httpx.DecodingError("it cannot be unpacked"), "it cannot be unpacked"),
        (httpx.ConnectTimeout("timed out"), ""),
    ],
)
def test_each_failure_has_its_words(error: BaseException, why: str) -> None:
    assert reasons.of([error]) == why


def test_the_innermost_failure_that_means_something_is_told() -> None:
    chain = [httpx.ConnectError("x"), OSError(errno.EHOSTUNREACH, "No route to host"), ValueError("?")]
    assert reasons.of(chain) == "the host is not reached"
