"""Sockets with patience: waits as numbers on a scripted wire, and whole requests over real sockets."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpcore
import httpx
import pytest
import trustme
from clock import Clock
from fault_server import CLOSE, FaultServer, reply
from forward_proxy import ForwardProxy

from stackspot_cli.network.patience import Patience
from stackspot_cli.network.transport import (
    CONNECT_SECONDS,
    LONGEST_WAIT_SECONDS,
    Attempt,
    CertificatesUnreadable,
    PatientStream,
    PatientTransport,
    tls_context,
)


class Wire(httpcore.NetworkStream):
    """Gives what its script says: (seconds until it comes, bytes); time-outs move the clock."""

    def __init__(self, clock: Clock, *script: tuple[float, bytes]) -> None:
        self.clock, self.script = clock, list(script)
        self.timeouts: list[float] = []
        self.written: list[bytes] = []
        self.write_fails_after: int | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        assert timeout is not None
        self.timeouts.append(timeout)
        delay, data = self.script[0]
        if delay > timeout:
            self.script[0] = (delay - timeout, data)
            self.clock.seconds += timeout
            raise httpcore.ReadTimeout
        self.clock.seconds += delay
        self.script.pop(0)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        assert timeout is not None
        self.timeouts.append(timeout)
        if self.write_fails_after == len(self.written):
            raise httpcore.WriteError("Broken pipe")
        self.written.append(bytes(buffer))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        assert timeout is not None
        self.timeouts.append(timeout)
        return self

    def get_extra_info(self, info: str) -> str:
        return f"the wire's {info}"

    def close(self) -> None:
        self.written.append(b"closed")


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


def read(stream: PatientStream, patience: Patience | Attempt) -> bytes:
    attempt = patience if isinstance(patience, Attempt) else Attempt(patience)
    return stream.read(9, attempt)  # type: ignore[arg-type]  # an Attempt travels in the place of a time-out


# --- waiting -----------------------------------------------------------------------------------------


def test_silence_ends_the_patience_and_no_wait_is_longer_than_the_longest(clock: Clock) -> None:
    wire = Wire(clock, (100.0, b"late"))
    with pytest.raises(httpcore.ReadTimeout):
        read(PatientStream(wire), Patience(12.0, now=clock.now))
    assert wire.timeouts == [LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, 2.0]
    assert clock.seconds == 1_012.0


def test_bytes_that_mean_nothing_do_not_end_the_silence(clock: Clock) -> None:
    patience = Patience(3.0, now=clock.now)
    stream = PatientStream(Wire(clock, *[(1.0, b":\n")] * 9))
    seen = []
    with pytest.raises(httpcore.ReadTimeout):
        while True:
            seen.append(read(stream, patience))
    assert (seen, clock.seconds) == ([b":\n"] * 3, 1_003.0)


def test_a_touch_begins_the_silence_anew(clock: Clock) -> None:
    patience = Patience(3.0, now=clock.now)
    stream = PatientStream(Wire(clock, *[(2.0, b"x")] * 5))
    for _ in range(5):
        assert read(stream, patience) == b"x"
        patience.touch()
    assert clock.seconds == 1_010.0


def test_time_between_two_reads_is_not_silence(clock: Clock) -> None:
    patience = Patience(3.0, now=clock.now)
    stream = PatientStream(Wire(clock, (1.0, b"x"), (1.0, b"y")))
    read(stream, patience)
    clock.seconds += 3_600  # the reader of our stdout took a break
    assert read(stream, patience) == b"y"


def test_the_time_that_a_suspended_process_missed_is_not_silence(clock: Clock) -> None:
    patience = Patience(60.0, now=clock.now)

    class Suspended(Wire):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            if not self.timeouts:
                self.timeouts.append(timeout or 0.0)
                clock.seconds += 3_600  # Ctrl-Z, lunch, fg
                raise httpcore.ReadTimeout
            return b"still there"

    assert read(PatientStream(Suspended(clock)), patience) == b"still there"
    assert patience.remaining_seconds() == 60.0 - LONGEST_WAIT_SECONDS


def test_a_deadline_counts_everything(clock: Clock) -> None:
    patience = Patience(60.0, deadline=1_005.0, now=clock.now)
    stream = PatientStream(Wire(clock, (1.0, b"x"), (9.0, b"y")))
    read(stream, patience)
    with pytest.raises(httpcore.ReadTimeout):
        read(stream, patience)
    assert (clock.seconds, patience.deadline_passed()) == (1_005.0, True)


def test_whoever_draws_is_called_before_each_wait_and_sets_its_length(clock: Clock) -> None:
    wishes = iter([0.5, 0.0, None])
    wire = Wire(clock, (0.7, b"x"))
    assert read(PatientStream(wire), Patience(60.0, idle=lambda: next(wishes), now=clock.now)) == b"x"
    assert wire.timeouts == [0.5, 0.001, LONGEST_WAIT_SECONDS]


# --- what is seen of an attempt ----------------------------------------------------------------------


def test_a_large_body_is_written_in_pieces_each_of_which_is_told_and_begins_the_silence_anew(
    clock: Clock,
) -> None:
    sent: list[int] = []
    attempt = Attempt(Patience(1.0, now=clock.now), sent.append)
    wire = Wire(clock)
    PatientStream(wire).write(b"x" * 150_000, attempt)  # type: ignore[arg-type]
    assert [len(one) for one in wire.written] == [65_536, 65_536, 18_928]
    assert sent == [65_536, 131_072, 150_000]
    assert (attempt.sent_bytes, attempt.reused, attempt.write_failed) == (150_000, False, False)


def test_who_stops_listening_is_known(clock: Clock) -> None:
    attempt = Attempt(Patience(1.0, now=clock.now))
    wire = Wire(clock)
    wire.write_fails_after = 1
    with pytest.raises(httpcore.WriteError):
        PatientStream(wire).write(b"x" * 150_000, attempt)  # type: ignore[arg-type]
    assert (attempt.sent_bytes, attempt.write_failed) == (65_536, True)


def test_a_connection_that_has_answered_before_is_reused(clock: Clock) -> None:
    first, second = (Attempt(Patience(1.0, now=clock.now)) for _ in range(2))
    stream = PatientStream(Wire(clock, (0.0, b"answer"), (0.0, b"")))
    stream.write(b"?", first)  # type: ignore[arg-type]
    read(stream, first)
    stream.write(b"?", second)  # type: ignore[arg-type]
    read(stream, second)
    assert [(one.reused, one.received) for one in (first, second)] == [(False, True), (True, False)]


@pytest.mark.parametrize(("silence_seconds", "limit"), [(180.0, CONNECT_SECONDS), (3.0, 3.0)])
def test_a_handshake_belongs_to_connecting(clock: Clock, silence_seconds: float, limit: float) -> None:
    wire = Wire(clock, (0.0, b"x"))
    attempt = Attempt(Patience(silence_seconds, now=clock.now))
    secured = PatientStream(wire).start_tls(ssl.create_default_context(), "x", attempt)  # type: ignore[arg-type]
    assert (wire.timeouts, secured.get_extra_info("peer")) == ([limit], "the wire's peer")
    secured.close()
    assert wire.written == [b"closed"]


@pytest.mark.parametrize("action", ["write", "start_tls"])
def test_nothing_is_begun_when_patience_has_ended(clock: Clock, action: str) -> None:
    wire = Wire(clock)
    attempt = Attempt(Patience(60.0, deadline=999.0, now=clock.now))
    stream = PatientStream(wire)
    with pytest.raises(httpcore.WriteTimeout if action == "write" else httpcore.ConnectTimeout):
        if action == "write":
            stream.write(b"x", attempt)  # type: ignore[arg-type]
        else:
            stream.start_tls(ssl.create_default_context(), "x", attempt)  # type: ignore[arg-type]
    assert (wire.timeouts, wire.written) == ([], [])


# --- over real sockets -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FaultServer(tls=context) as started:
        yield started


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


# --- certificates ------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_cannot_be_read_are_a_failure_of_their_own(tmp_path: Path, variable: str) -> None:
    transport = PatientTransport({variable: str(tmp_path / "nowhere")})
    with pytest.raises(CertificatesUnreadable) as caught:
        ask(transport, "https://127.0.0.1:9")
    assert isinstance(caught.value.__cause__, OSError)


def test_a_context_always_verifies_and_speaks_http_1_1(tmp_path: Path, authority: trustme.CA) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    contexts = [
        tls_context(environ) for environ in ({}, {"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": str(tmp_path)})
    ]
    assert [(one.verify_mode, one.check_hostname) for one in contexts] == [(ssl.CERT_REQUIRED, True)] * 2


def test_a_file_that_holds_no_certificate_is_an_os_error(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no PEM")
    with pytest.raises(OSError):
        tls_context({"SSL_CERT_FILE": str(file)})
