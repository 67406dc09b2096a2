"""Connections begun before there is a request: who takes them, and what becomes of those that nobody takes."""

import os
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
import trustme
from exchange_world import ASKED
from fault_server import CLOSE, HOLD, FaultServer, Say, reply
from forward_proxy import ForwardProxy

from stackspot_cli.listener import Listener
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.connections import Connections
from stackspot_cli.network.early import EarlyConnections, Place, _is_quiet
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.retry import RetryPolicy
from stackspot_cli.network.tls import Trust
from stackspot_cli.network.transport import PatientTransport


@pytest.fixture
def secure(secure: FaultServer) -> FaultServer:
    secure.api(reply(200, b"Hi"))
    return secure


@pytest.fixture
def trusting(authority: trustme.CA) -> Callable[[], ssl.SSLContext]:
    def context() -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(made)
        return made

    return context


def soon() -> float:
    """Between two looks."""
    return 0.05


def ask(transport: PatientTransport, url: str, patience: Patience | None = None) -> bytes:
    attempt = Attempt(patience or Patience(10.0))
    response = transport.handle_request(httpx.Request("GET", url, extensions={"attempt": attempt}))
    try:
        return response.read()
    finally:
        response.close()


def refused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


# --- who takes one -------------------------------------------------------------------------------------


def test_a_request_goes_out_on_the_connection_that_was_begun(server: FaultServer) -> None:
    server.api(reply(200, b"Hi"))
    early = EarlyConnections({})
    transport = PatientTransport({}, early=early)
    for _time in range(2):
        early.begin(f"{server.url}/v3/chat")  # the second one asks for what is under way
    answers = [ask(transport, server.url), ask(transport, server.url)]
    transport.close()
    assert (answers, server.connections) == ([b"Hi", b"Hi"], 1)


def test_tls_is_spoken_before_there_is_a_request(
    secure: FaultServer, trusting: Callable[[], ssl.SSLContext]
) -> None:
    early = EarlyConnections({}, tls=trusting)
    early.begin(secure.url)
    begun = early.taken(Place(True, "127.0.0.1", secure.port))
    assert begun is not None
    begun.wait(begun.over, soon)
    assert isinstance(begun.connection, ssl.SSLSocket) and begun.connection.version()
    begun.leave()


def test_a_request_over_tls_shakes_hands_once(
    secure: FaultServer, trusting: Callable[[], ssl.SSLContext]
) -> None:
    made: list[ssl.SSLContext] = []
    early = EarlyConnections({}, tls=lambda: made.append(trusting()) or made[-1])  # type: ignore[func-returns-value]  # append gives None
    transport = PatientTransport({}, early=early)
    early.begin(secure.url)
    answers = [ask(transport, secure.url), ask(transport, secure.url)]
    transport.close()
    assert (answers, secure.connections, len(made)) == ([b"Hi", b"Hi"], 1, 1)


def test_a_tunnel_is_dug_early_by_whoever_may_use_the_proxy(
    secure: FaultServer, trusting: Callable[[], ssl.SSLContext]
) -> None:
    with ForwardProxy(password="user:p@ss") as proxy:
        environ = {"https_proxy": f"http://user:p%40ss@{proxy.netloc}"}
        early = EarlyConnections(environ, tls=trusting)
        transport = PatientTransport(environ, early=early)
        early.begin(secure.url)
        assert [ask(transport, secure.url), ask(transport, secure.url)] == [b"Hi", b"Hi"]
        transport.close()
        assert (proxy.seen, secure.connections) == ([f"CONNECT {secure.netloc} HTTP/1.1"], 1)


def test_what_goes_through_no_proxy_is_begun_straight(
    secure: FaultServer, trusting: Callable[[], ssl.SSLContext]
) -> None:
    with ForwardProxy() as proxy:
        environ = {"https_proxy": proxy.url, "no_proxy": "127.0.0.1"}
        early = EarlyConnections(environ, tls=trusting)
        transport = PatientTransport(environ, early=early)
        early.begin(secure.url)
        assert ask(transport, secure.url) == b"Hi"
        transport.close()
        assert (proxy.seen, secure.connections) == ([], 1)


def test_another_address_does_not_take_it(server: FaultServer) -> None:
    early = EarlyConnections({})
    early.begin(server.url)
    assert early.taken(Place(False, "127.0.0.2", server.port)) is None
    assert early.taken(Place(True, "127.0.0.1", server.port)) is None
    early.close()


def test_what_is_needed_next_is_begun_without_the_http_library_and_used_by_it(server: FaultServer) -> None:
    server.api(reply(200, b"Hi"))
    connections = Connections({}, RetryPolicy(0), "stackspot-cli", Listener(), lambda _seconds: None)
    connections.expect(f"{server.url}/v3/chat")
    asked = replace(ASKED, url=server.url)
    answers = []
    for _time in range(2):
        answers.append(connections.exchange.fetch(asked, Patience(10.0), limit=100))
        connections.expect(server.url)  # a connection is free: no other one is opened
    connections.close()
    assert (answers, server.connections) == ([b"Hi", b"Hi"], 1)


# --- who does not --------------------------------------------------------------------------------------


def test_what_fails_early_is_told_by_the_request_and_met_once(secure: FaultServer) -> None:
    nowhere = f"http://127.0.0.1:{refused_port()}"
    early = EarlyConnections({}, tls=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    transport = PatientTransport({}, early=early)
    told = []
    for url in (nowhere, secure.url):
        early.begin(url)
        with pytest.raises(httpx.ConnectError) as caught:
            ask(transport, url)
        told.append(str(caught.value))
    transport.close()
    assert "refused" in told[0] and "certificate verify failed" in told[1]
    assert secure.connections == 1


def test_a_proxy_that_refuses_early_is_asked_once_and_heard(trusting: Callable[[], ssl.SSLContext]) -> None:
    with ForwardProxy(refuse="407 No", headers={"Proxy-Authenticate": "NTLM"}) as proxy:
        environ = {"https_proxy": proxy.url}
        early = EarlyConnections(environ, tls=trusting)
        transport = PatientTransport(environ, early=early)
        early.begin("https://x.invalid")
        attempt = Attempt(Patience(10.0))
        with pytest.raises(httpx.ProxyError, match="407 No"):
            transport.handle_request(
                httpx.Request("GET", "https://x.invalid", extensions={"attempt": attempt})
            )
        transport.close()
        assert proxy.seen == ["CONNECT x.invalid:443 HTTP/1.1"]
    status, told = attempt.last_head
    assert (status, told.get("proxy-authenticate")) == (407, "NTLM")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "https://",
        "https://[::1",
        "https://x:99999",
        "https://bücher.example",
        "https://x.invalid",
    ],
)
def test_an_odd_address_is_left_to_the_request(address: str) -> None:
    early = EarlyConnections({"https_proxy": "socks5://127.0.0.1:1"})
    early.begin(address)
    early.close()


def test_nobody_waits_longer_for_it_than_for_connecting(
    server: FaultServer, trusting: Callable[[], ssl.SSLContext]
) -> None:
    server.greet(HOLD)  # it accepts, and shakes no hands
    early = EarlyConnections({}, tls=trusting)
    transport = PatientTransport({}, early=early)
    url = server.url.replace("http:", "https:")
    early.begin(url)
    with pytest.raises(httpx.ConnectTimeout):
        ask(transport, url, Patience(0.1))
    assert server.hung_up.wait(10)
    transport.close()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
def test_one_that_was_closed_or_spoken_to_meanwhile_is_not_used(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert _is_quiet(ours)
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_RDWR)
        assert not _is_quiet(ours)


@pytest.mark.parametrize(("waited_seconds", "is_used"), [(0.5, True), (2.0, False)])
def test_a_service_that_hangs_up_at_once_sees_no_connection_more_for_it(
    server: FaultServer, waited_seconds: float, is_used: bool
) -> None:
    """What it would do to any connection is met by the request; an idle one that it has ended is replaced."""
    server.greet([CLOSE])
    early = EarlyConnections({})
    early.begin(server.url)
    begun = early.taken(Place(False, "127.0.0.1", server.port))
    assert begun is not None
    begun.wait(begun.over, lambda: 10.0)
    assert begun.connection is not None
    assert begun.connection.recv(1) == b""  # it has hung up
    begun.grow_old(waited_seconds)
    assert (begun.connection is not None) is is_used
    begun.leave()


# --- the end -------------------------------------------------------------------------------------------


def test_what_nobody_took_is_closed_at_the_end(server: FaultServer) -> None:
    came = threading.Event()
    server.greet([Say(came)])
    early = EarlyConnections({})
    early.begin(server.url)
    assert came.wait(10)
    early.close()
    assert server.hung_up.wait(10)


def test_a_handshake_that_nobody_waits_for_any_more_is_left(
    server: FaultServer, trusting: Callable[[], ssl.SSLContext]
) -> None:
    came = threading.Event()
    server.greet([Say(came), HOLD])
    early = EarlyConnections({}, tls=trusting)
    early.begin(server.url.replace("http:", "https:"))
    assert came.wait(10)
    begun = early.taken(Place(True, "127.0.0.1", server.port))
    assert begun is not None
    with pytest.raises(KeyboardInterrupt):
        begun.wait(begun.over, interrupted)
    assert server.hung_up.wait(10)


def interrupted() -> float:
    raise KeyboardInterrupt


def test_a_handshake_that_hangs_holds_up_no_other_one(server: FaultServer, authority: trustme.CA) -> None:
    """By the context of the program, and not by one of the test's."""
    came = threading.Event()
    server.greet([Say(came), HOLD])
    early = EarlyConnections({})
    early.begin(server.url.replace("http:", "https:"))
    assert came.wait(10)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as ours,
    ):
        theirs, _address = listener.accept()
        theirs.close()
        with pytest.raises(OSError, match=r".+"):  # at once, and not when the other handshake is over
            early.trust.context_beside().wrap_socket(ours, server_hostname="127.0.0.1")
    assert not server.hung_up.is_set()
    early.close()
    assert server.hung_up.wait(10)


def test_it_is_let_go_of_where_another_connection_answered(server: FaultServer) -> None:
    server.api(reply(200, b"Hi"))
    early = EarlyConnections({})
    transport = PatientTransport({}, early=early)
    assert ask(transport, server.url) == b"Hi"
    early.begin(server.url)
    assert ask(transport, server.url) == b"Hi"  # on the one that was kept
    assert early.taken(Place(False, "127.0.0.1", server.port)) is None
    transport.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_takes_nothing_that_its_parent_has_begun(server: FaultServer) -> None:
    server.api(reply(200, b"Hi"))
    early = EarlyConnections({})
    transport = PatientTransport({}, early=early)
    early.begin(server.url)
    child = os.fork()
    if child == 0:
        try:
            found = early.taken(Place(False, "127.0.0.1", server.port))
        except BaseException:  # noqa: BLE001  # nothing of the child may go on here
            os._exit(2)
        os._exit(0 if found is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert ask(transport, server.url) == b"Hi"
    transport.close()
    assert server.connections == 1


def test_one_context_is_made_for_all_and_another_one_in_a_child() -> None:
    trust = Trust(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    first = trust.context()
    assert trust.context() is first
    trust.renew_after_fork()
    assert trust.context() is not first
