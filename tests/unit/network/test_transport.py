"""Whole requests over real sockets: pools, proxies, what a failure is called and what it does not hold."""

import os
import ssl
import threading
import traceback

import httpcore
import httpx
import pytest
import trustme
from fault_server import CLOSE, HOLD, STREAM_HEAD, FaultServer, Pause, chunk, reply
from forward_proxy import ForwardProxy

from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.transport import PatientTransport


def ask(transport: PatientTransport, url: str, patience: Patience | None = None) -> tuple[bytes, Attempt]:
    attempt = Attempt(patience or Patience(10.0))
    response = transport.handle_request(httpx.Request("GET", url, extensions={"attempt": attempt}))
    try:
        return response.read(), attempt
    finally:
        response.close()


def never() -> ssl.SSLContext:
    raise AssertionError("no TLS context is needed")


def test_two_requests_share_a_connection_and_plain_loopback_makes_no_tls_context(server: FaultServer) -> None:
    server.api(reply(200, b"Hi"))
    transport = PatientTransport({}, tls=never)
    answers = [ask(transport, server.url) for _time in range(2)]
    transport.close()
    assert [(body, attempt.reused, attempt.received, attempt.proxy) for body, attempt in answers] == [
        (b"Hi", False, True, None),
        (b"Hi", True, True, None),
    ]
    assert server.connections == 1


def test_a_certificate_of_a_known_authority_is_trusted_and_the_context_made_once(
    secure: FaultServer, authority: trustme.CA
) -> None:
    secure.api(reply(200, b"Hi"))
    made: list[ssl.SSLContext] = []

    def context() -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        authority.configure_trust(made[-1])
        return made[-1]

    transport = PatientTransport({}, tls=context)
    assert [ask(transport, secure.url)[0] for _time in range(2)] == [b"Hi", b"Hi"]
    transport.close()
    assert len(made) == 1


def test_a_failure_has_httpxs_name_and_keeps_its_cause(secure: FaultServer) -> None:
    transport = PatientTransport({}, tls=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    with pytest.raises(httpx.ConnectError) as caught:
        ask(transport, secure.url)
    transport.close()
    assert isinstance(caught.value.__cause__, httpcore.ConnectError)
    assert "certificate verify failed" in str(caught.value)


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (CLOSE, httpx.RemoteProtocolError),
        ([b"SSH-2.0-x\r\n", CLOSE], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", CLOSE], httpx.RemoteProtocolError),
    ],
)
def test_what_breaks_off_is_a_failure_of_the_transport(
    server: FaultServer, steps: object, kind: type[Exception]
) -> None:
    server.api(steps)
    transport = PatientTransport({})
    with pytest.raises(kind):
        ask(transport, server.url)
    transport.close()


@pytest.mark.parametrize("host", ["x..invalid", "a" * 64 + ".invalid"])
def test_what_is_no_host_name_is_a_failure_to_connect(host: str) -> None:
    transport = PatientTransport({})
    with pytest.raises(httpx.ConnectError, match="it is no host name"):
        ask(transport, f"http://{host}")
    transport.close()


def test_a_proxy_of_the_environment_is_used_and_named_unless_everything_is_direct(
    server: FaultServer,
) -> None:
    server.api(reply(200, b"Hi"))
    with ForwardProxy(password="user:pw") as proxy:
        environ = {"http_proxy": f"http://user:pw@{proxy.netloc}"}
        through, straight = PatientTransport(environ), PatientTransport(environ, direct=True)
        shown = [ask(one, server.url)[1].proxy for one in (through, straight)]
        through.close()
        straight.close()
        assert proxy.seen == [f"GET {server.url}/ HTTP/1.1"]
    assert shown == [f"http://{proxy.netloc} (http_proxy)", None]


# --- what an exception holds ---------------------------------------------------------------------------


def libraries(error: BaseException | None) -> set[str]:
    """Those in whose frames the error, or what it was raised from, can be looked at."""
    found = set()
    while error is not None:
        found |= {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        error = error.__cause__ or error.__context__
    return {name for name in ("httpcore", "h11", "stackspot_cli") if any(f"/{name}/" in one for one in found)}


@pytest.mark.parametrize("steps", [CLOSE, [STREAM_HEAD, chunk(b"half"), CLOSE]])
def test_a_failure_holds_no_frames_of_the_libraries_below(server: FaultServer, steps: object) -> None:
    server.api(steps)
    transport = PatientTransport({})
    with pytest.raises(httpx.TransportError) as caught:
        ask(transport, server.url)
    transport.close()
    assert libraries(caught.value) == {"stackspot_cli"}


def test_what_is_no_failure_of_the_network_says_where_it_was(server: FaultServer) -> None:
    def broken() -> None:
        raise LookupError("ours")

    transport = PatientTransport({})
    with pytest.raises(LookupError) as caught:
        ask(transport, server.url, Patience(10.0, idle=broken))
    transport.close()
    assert libraries(caught.value) == {"stackspot_cli"}
    assert "/httpcore/" in caught.value.__notes__[0] and "in broken" in caught.value.__notes__[0]


def test_who_wants_a_fresh_connection_gets_one_and_the_kept_ones_are_let_go_of(server: FaultServer) -> None:
    server.api(lambda request: reply(200, f"{request.connection}"))
    transport = PatientTransport({})
    ask(transport, server.url)
    attempt = Attempt(Patience(10.0), fresh=True)
    request = httpx.Request("GET", server.url, extensions={"attempt": attempt})
    assert transport.handle_request(request).read() == b"1"
    assert server.hung_up.wait(10)
    assert ask(transport, server.url)[0] == b"1"
    transport.close()


# --- after a fork --------------------------------------------------------------------------------------


def in_a_child(action: object) -> bytes:
    """What the action gives in a forked process; empty where it fails."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, action())  # type: ignore[operator]
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        answer = said.read()
    os.waitpid(child, 0)
    return answer


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_opens_its_own_connection_and_the_parent_keeps_its(server: FaultServer) -> None:
    server.api(lambda request: reply(200, f"{request.connection}"))
    transport = PatientTransport({})
    ours = [ask(transport, server.url)[0]]
    theirs = [in_a_child(lambda: ask(transport, server.url)[0]) for _child in range(2)]
    ours.append(ask(transport, server.url)[0])
    transport.close()
    assert (ours, theirs) == ([b"0", b"0"], [b"1", b"2"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_does_not_take_what_its_parent_is_reading(secure: FaultServer, authority: trustme.CA) -> None:
    def context() -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(made)
        return made

    go = threading.Event()
    secure.api([STREAM_HEAD, chunk(b"one"), Pause(0.2), chunk(b"two"), b"0\r\n\r\n"])
    transport = PatientTransport({}, tls=context)
    attempt = Attempt(Patience(10.0))
    response = transport.handle_request(httpx.Request("GET", secure.url, extensions={"attempt": attempt}))
    body = iter(response.stream)  # type: ignore[arg-type]  # of a synchronous transport

    def steal() -> bytes:
        try:
            return next(body)
        except httpx.TransportError:
            return b"nothing"

    assert (next(body), in_a_child(steal), next(body), next(body, None)) == (b"one", b"nothing", b"two", None)
    go.set()
    response.close()
    transport.close()


# --- proxies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "headers", "seen"),
    [
        ("403 Forbidden", {}, (403, None)),
        ("407 No", {"Proxy-Authenticate": "NTLM"}, (407, "NTLM")),
    ],
)
def test_what_a_proxy_answers_to_a_tunnel_is_seen(
    answer: str, headers: dict[str, str], seen: tuple[int, str | None]
) -> None:
    with ForwardProxy(refuse=answer, headers=headers) as proxy:
        transport = PatientTransport({"https_proxy": proxy.url}, tls=ssl.create_default_context)
        attempt = Attempt(Patience(10.0))
        with pytest.raises(httpx.ProxyError):
            transport.handle_request(
                httpx.Request("GET", "https://x.invalid", extensions={"attempt": attempt})
            )
        transport.close()
    status, told = attempt.last_head
    assert (status, told.get("proxy-authenticate")) == seen


def test_a_connection_that_hangs_is_left_by_the_deadline(server: FaultServer) -> None:
    server.greet(HOLD)
    transport = PatientTransport({}, tls=ssl.create_default_context)
    with pytest.raises(httpx.ConnectTimeout):
        ask(transport, server.url.replace("http:", "https:"), Patience(0.1))
    transport.close()
