"""Waits as numbers, on a scripted wire: what ends a silence, and what is seen of an attempt."""

import ssl

import httpcore
import pytest
from clock import Clock

from stackspot_cli.network.attempt import (
    CONNECT_SECONDS,
    LONGEST_WAIT_SECONDS,
    Attempt,
    Connecting,
    PatientStream,
)
from stackspot_cli.network.patience import Patience


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


def test_a_flood_is_a_silence_too_although_nobody_ever_waits(clock: Clock) -> None:
    patience = Patience(3.0, now=clock.now)
    stream = PatientStream(Wire(clock, *[(0.0, b":\n")] * 9))
    for _ in range(2):
        read(stream, patience)
        clock.seconds += 1.5  # to find out that it means nothing
    with pytest.raises(httpcore.ReadTimeout):
        read(stream, patience)


def test_the_time_that_a_slow_reader_of_ours_takes_is_not_silence(clock: Clock) -> None:
    def draw() -> None:
        clock.seconds += 3_600

    patience = Patience(3.0, idle=draw, now=clock.now)
    stream = PatientStream(Wire(clock, (1.0, b"x"), (1.0, b"y")))
    assert (read(stream, patience), read(stream, patience)) == (b"x", b"y")


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
    assert wire.timeouts == [pytest.approx(limit, abs=0.5)]
    assert secured.get_extra_info("peer") == "the wire's peer"
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


def test_all_that_connecting_takes_comes_out_of_one_time(clock: Clock) -> None:
    """The name, its addresses and the handshake; what a proxy thinks about in between is its own silence."""
    attempt = Attempt(Patience(180.0, now=clock.now))
    with Connecting(attempt, now=clock.now) as first:
        clock.seconds += 7.0
        assert first.left_seconds() == CONNECT_SECONDS - 7.0
    clock.seconds += 60.0
    with pytest.raises(httpcore.ConnectTimeout), Connecting(attempt, now=clock.now) as second:
        assert second.next_wait_seconds() == 3.0
        clock.seconds += 3.0
        second.left_seconds()
    assert attempt.connecting_seconds == CONNECT_SECONDS


@pytest.mark.parametrize(
    ("silence_seconds", "deadline", "left"), [(180.0, None, 10.0), (3.0, None, 3.0), (180.0, 1_002.0, 2.0)]
)
def test_connecting_takes_no_longer_than_the_least_of_all_limits(
    clock: Clock, silence_seconds: float, deadline: float | None, left: float
) -> None:
    attempt = Attempt(Patience(silence_seconds, deadline=deadline, now=clock.now))
    with Connecting(attempt, now=clock.now) as connecting:
        assert connecting.left_seconds() == left


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TimeoutError(), httpcore.ConnectTimeout),
        (ConnectionRefusedError(111, "refused"), httpcore.ConnectError),
        (UnicodeError("label too long"), httpcore.ConnectError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_what_ends_connecting_is_told_in_the_terms_of_those_above(
    clock: Clock, error: BaseException, told: type[BaseException]
) -> None:
    with pytest.raises(told) as caught, Connecting(Attempt(Patience(1.0, now=clock.now))):
        raise error
    assert caught.value is error or caught.value.__cause__ is error


def test_a_stream_is_found_where_it_is_kept_and_so_is_what_tls_makes_of_it(clock: Clock) -> None:
    kept: set[PatientStream] = set()
    stream = PatientStream(Wire(clock), kept)
    attempt = Attempt(Patience(1.0, now=clock.now))
    secured = stream.start_tls(ssl.create_default_context(), "x", attempt)  # type: ignore[arg-type]
    assert kept == {stream, secured}
