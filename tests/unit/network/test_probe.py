"""How far the network reaches: each step that can fail is told apart from the others."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from stackspot_cli.network.probe import Probe, probe
from stackspot_cli.network.tls import CertificatesUnreadable

OK = b"HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
Talk = Callable[[socket.socket], None]


@contextmanager
def listening(talk: Talk) -> Iterator[int]:
    """A server on loopback that has one conversation per connection; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                if closing.is_set():
                    return
                with suppress(OSError):
                    talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        closing.set()
        with socket.create_connection(listener.getsockname()):
            pass
        thread.join()
        listener.close()


def heard(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


def answering(answer: bytes, said: list[bytes] | None = None) -> Talk:
    def talk(connection: socket.socket) -> None:
        request = heard(connection)
        if said is not None:
            said.append(request)
        connection.sendall(answer)

    return talk


def no_tls() -> ssl.SSLContext:
    raise AssertionError("http needs no TLS context")


def look(url: str, environ: dict[str, str] | None = None, *, limit_seconds: float = 5.0) -> Probe:
    return probe(url, environ or {}, no_tls, limit_seconds=limit_seconds)


def names(seen: Probe) -> list[str]:
    return [step.name for step in seen.steps]


def test_any_status_means_reached_and_the_clock_is_read() -> None:
    said: list[bytes] = []
    with listening(answering(OK, said)) as port:
        seen = look(f"http://127.0.0.1:{port}/deep/base")
    assert (names(seen), seen.status, seen.server_time, seen.problem) == (
        ["dns", "tcp", "http"],
        204,
        784_111_777.0,
        None,
    )
    assert seen.reached and seen.seconds == sum(step.seconds for step in seen.steps) > 0
    assert said == [f"HEAD / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()]


@pytest.mark.parametrize("host", ["a" * 64 + ".invalid", "x..invalid"])  # no name server is asked for these
def test_a_name_that_is_not_known_ends_at_dns(host: str) -> None:
    seen = look(f"http://{host}")
    assert (names(seen), seen.failed, seen.problem) == (
        [],
        "dns",
        "it is no host name",
    )


def test_a_closed_port_ends_at_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    seen = look(f"http://127.0.0.1:{port}")
    assert (names(seen), seen.failed, seen.problem) == (["dns"], "tcp", "nobody listens there")


def test_silence_ends_at_http() -> None:
    with listening(
        lambda connection: connection.recv(1) and connection.recv(65536) and connection.recv(1) and None
    ) as port:
        seen = look(f"http://127.0.0.1:{port}", limit_seconds=0.05)
    assert (names(seen), seen.failed, seen.problem) == (["dns", "tcp"], "http", "no answer within 0.05 s")


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b""])
def test_what_does_not_speak_http_ends_at_http(answer: bytes) -> None:
    with listening(answering(answer)) as port:
        seen = look(f"http://127.0.0.1:{port}")
    assert (seen.failed, seen.problem) == ("http", "what answers does not speak HTTP")


# --- TLS -------------------------------------------------------------------------------------------


def over_tls(context: ssl.SSLContext, talk: Talk) -> Talk:
    def encrypted(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            talk(wrapped)

    return encrypted


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_context(authority: trustme.CA | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority:
        authority.configure_trust(context)
    return context


def test_a_trusted_certificate_is_one_more_step(authority: trustme.CA) -> None:
    with listening(over_tls(server_context(authority), answering(OK))) as port:
        seen = probe(f"https://127.0.0.1:{port}", {}, lambda: client_context(authority))
    assert (names(seen), seen.status) == (["dns", "tcp", "tls", "http"], 204)


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example", True)])
def test_a_certificate_that_is_not_trusted_ends_at_tls(
    authority: trustme.CA, name: str, trusted: bool
) -> None:
    with listening(over_tls(server_context(authority, name), answering(OK))) as port:
        seen = probe(f"https://127.0.0.1:{port}", {}, lambda: client_context(authority if trusted else None))
    assert (names(seen), seen.failed) == (["dns", "tcp"], "tls")
    assert seen.problem and seen.problem.startswith("the certificate is not trusted: ")


def test_what_does_not_speak_tls_ends_at_tls(authority: trustme.CA) -> None:
    with listening(lambda connection: (connection.recv(1) and connection.sendall(OK)) or None) as port:
        seen = probe(f"https://127.0.0.1:{port}", {}, lambda: client_context(authority))
    assert (names(seen), seen.failed) == (["dns", "tcp"], "tls")


def test_certificates_that_cannot_be_read_end_at_tls() -> None:
    def unreadable() -> ssl.SSLContext:
        raise CertificatesUnreadable("SSL_CERT_FILE", "/ca.pem") from FileNotFoundError(2, "No such file")

    with listening(answering(OK)) as port:
        seen = probe(f"https://127.0.0.1:{port}", {}, unreadable)
    assert (seen.failed, seen.problem) == (
        "tls",
        "cannot read the certificates that SSL_CERT_FILE names, /ca.pem: there is no such file",
    )


# --- proxies ---------------------------------------------------------------------------------------


def test_http_goes_through_a_proxy_with_the_whole_address_and_the_password_is_not_shown() -> None:
    said: list[bytes] = []
    with listening(answering(OK, said)) as port:
        seen = look("http://service.invalid/x", {"HTTP_PROXY": f"http://user:p%40ss@127.0.0.1:{port}"})
    assert (names(seen), seen.proxy, seen.status) == (["dns", "tcp", "http"], f"http://127.0.0.1:{port}", 204)
    assert said[0].splitlines()[0] == b"HEAD http://service.invalid/x/ HTTP/1.1"
    assert b"Proxy-Authorization: Basic dXNlcjpwQHNz" in said[0]
    assert "p%40ss" not in repr(seen) and "p@ss" not in repr(seen)


def test_https_goes_through_a_tunnel(authority: trustme.CA) -> None:
    said: list[bytes] = []
    secure = over_tls(server_context(authority, "service.invalid"), answering(OK))

    def tunnel(connection: socket.socket) -> None:
        said.append(heard(connection))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        secure(connection)

    with listening(tunnel) as port:
        environ = {"https_proxy": f"127.0.0.1:{port}"}
        seen = probe("https://service.invalid", environ, lambda: client_context(authority))
    assert (names(seen), seen.status) == (["dns", "tcp", "proxy", "tls", "http"], 204)
    assert said == [b"CONNECT service.invalid:443 HTTP/1.1\r\nHost: service.invalid:443\r\n\r\n"]


@pytest.mark.parametrize(
    ("url", "answer", "failed", "problem"),
    [
        (
            "https://service.invalid",
            b"HTTP/1.1 407 No\r\n\r\n",
            "proxy",
            "the proxy wants a user name and password (407)",
        ),
        (
            "https://service.invalid",
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
            "proxy",
            "the proxy wants a sign-on by Negotiate, NTLM (407), which is not spoken here",
        ),
        (
            "https://service.invalid",
            b"HTTP/1.1 403 No\r\n\r\n",
            "proxy",
            "the proxy forbids service.invalid (403 No)",
        ),
        (
            "https://service.invalid",
            b"HTTP/1.1 502 No\r\n\r\n",
            "proxy",
            "the proxy did not let the connection to service.invalid through: 502 No",
        ),
        (
            "http://service.invalid",
            b"HTTP/1.1 407 No\r\n\r\n",
            "http",
            "the proxy wants a user name and password (407)",
        ),
    ],
)
def test_a_proxy_that_refuses_is_told_apart(url: str, answer: bytes, failed: str, problem: str) -> None:
    with listening(answering(answer)) as port:
        seen = look(url, {"ALL_PROXY": f"http://127.0.0.1:{port}"})
    assert (seen.failed, seen.problem) == (failed, problem)


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("HTTP_PROXY", "https://127.0.0.1:1", "steps through a proxy of this kind cannot be told apart"),
        (
            "HTTP_PROXY",
            "socks5://127.0.0.1:1",
            "HTTP_PROXY names a SOCKS proxy, and only HTTP proxies are spoken",
        ),
        ("HTTP_PROXY", "ftp://x", "HTTP_PROXY does not hold the address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_followed_says_so(variable: str, value: str, problem: str) -> None:
    seen = look("http://service.invalid", {variable: value})
    assert (names(seen), seen.failed, seen.problem) == ([], "proxy", problem)


def test_no_proxy_and_the_sandbox_go_straight() -> None:
    with listening(answering(OK)) as port:
        bad = {"HTTP_PROXY": "http://127.0.0.1:1"}
        assert look(f"http://127.0.0.1:{port}", bad | {"NO_PROXY": "127.0.0.0/8"}).reached
        assert probe(f"http://127.0.0.1:{port}", bad, no_tls, direct=True).reached
