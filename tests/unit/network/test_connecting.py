"""From a name to a connection: real sockets on loopback, a resolver and a network that do as the test says."""

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from stackspot_cli.network.connecting import Address, NameTimedOut, addresses, alternating, first_of

FOUR, SIX = socket.AF_INET, socket.AF_INET6


def patient(seconds: float = 10.0) -> Callable[[], float]:
    """Waits in slices, and for so long in all."""
    ends = time.monotonic() + seconds

    def next_wait() -> float:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, 0.05)

    return next_wait


@contextmanager
def listening() -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield FOUR, listener.getsockname()


@contextmanager
def swallowing() -> Iterator[Address]:
    """An address where connecting hangs: a full backlog drops the handshake on Linux."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield FOUR, listener.getsockname()


def closed() -> Address:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return FOUR, listener.getsockname()


# --- names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", FOUR), ("::1", SIX)])
def test_an_address_is_asked_of_nobody(host: str, family: socket.AddressFamily) -> None:
    def never() -> float:
        raise AssertionError("nothing is waited for")

    assert [(kind, place[:2]) for kind, place in addresses(host, 80, never)] == [(family, (host, 80))]


def test_a_name_is_looked_up() -> None:
    found = addresses("localhost", 80, patient())
    assert (FOUR, ("127.0.0.1", 80)) in found or any(place[0] == "::1" for _family, place in found)


def test_a_name_that_is_not_known_is_the_resolvers_failure() -> None:
    with pytest.raises(socket.gaierror):
        addresses("no-such-host.invalid", 80, patient())


@pytest.mark.parametrize("host", ["x..invalid", "a" * 64 + ".invalid"])
def test_what_is_no_name_is_told_apart(host: str) -> None:
    with pytest.raises(UnicodeError):
        addresses(host, 80, patient())


@contextmanager
def slow_resolver(patch: pytest.MonkeyPatch) -> Iterator[tuple[list[str], threading.Event]]:
    """The system's resolver, as it is when no name server answers: silent until the test says go."""
    asked: list[str] = []
    go = threading.Event()
    real = socket.getaddrinfo

    def ask(host: str, *rest: object, **more: object) -> object:
        if host != "silent.test":
            return real(host, *rest, **more)  # type: ignore[arg-type]
        if more.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "no number")
        asked.append(host)
        go.wait(10)
        return [(FOUR, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]

    patch.setattr(socket, "getaddrinfo", ask)
    yield asked, go
    go.set()


def test_a_resolver_that_hangs_is_left_when_patience_ends_and_asked_by_one_thread_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with slow_resolver(monkeypatch) as (asked, go):
        for _time in range(3):
            with pytest.raises(NameTimedOut):
                addresses("silent.test", 80, patient(0.05))
        go.set()
        assert addresses("silent.test", 80, patient()) == [(FOUR, ("127.0.0.1", 80))]
    assert asked in (["silent.test"], ["silent.test"] * 2)  # again, where the first had ended just before


def test_what_interrupts_the_wait_for_a_name_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> float:
        raise KeyboardInterrupt

    with slow_resolver(monkeypatch), pytest.raises(KeyboardInterrupt):
        addresses("silent.test", 80, interrupted)


# --- addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "ordered"),
    [("", ""), ("444", "444"), ("6644", "6464"), ("4666", "4666"), ("66644", "64646")],
)
def test_the_families_take_turns_and_the_systems_first_is_first(found: str, ordered: str) -> None:
    def given(families: str) -> list[Address]:
        return [(FOUR if family == "4" else SIX, ()) for family in families]

    assert alternating(given(found)) == given(ordered)


def test_within_a_family_the_order_stays() -> None:
    found: list[Address] = [(SIX, (1,)), (SIX, (2,)), (FOUR, (3,)), (FOUR, (4,))]
    assert [place for _family, place in alternating(found)] == [(1,), (3,), (2,), (4,)]


def test_the_first_address_that_answers_is_taken_and_the_others_are_left() -> None:
    with (
        listening() as good,
        listening() as other,
        first_of([closed(), good, other], patient()) as connection,
    ):
        assert (connection.getpeername(), connection.getblocking()) == (good[1], True)


def test_an_address_that_hangs_costs_the_next_one_a_moment_alone() -> None:
    with swallowing() as dead, listening() as good:
        began = time.monotonic()
        with first_of([dead, dead, good], patient()) as connection:
            assert connection.getpeername() == good[1]
        assert time.monotonic() - began < 5.0


def test_an_address_that_answers_late_is_still_taken() -> None:
    """The one after it fails meanwhile."""
    with swallowing() as dead, pytest.raises(TimeoutError):
        first_of([dead, closed()], patient(0.3), delay_seconds=0.01)


def test_where_all_fail_the_last_failure_is_told() -> None:
    with pytest.raises(ConnectionRefusedError) as caught:
        first_of([closed(), closed()], patient())
    assert caught.value.errno == errno.ECONNREFUSED


def test_no_address_is_a_failure_too() -> None:
    with pytest.raises(OSError):
        first_of([], patient())


def test_an_address_of_a_family_that_is_not_to_be_had_is_passed_over() -> None:
    unknown: Address = (socket.AddressFamily.AF_APPLETALK, (1, 2))
    with listening() as good, first_of([unknown, good], patient()) as connection:
        assert connection.getpeername() == good[1]


def test_patience_over_all_addresses_is_one_and_nothing_is_left_open() -> None:
    with swallowing() as one, swallowing() as other:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            first_of([one, other] * 5, patient(0.4), delay_seconds=0.05)
        assert time.monotonic() - began < 5.0
