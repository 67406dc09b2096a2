"""Patience with one request, as numbers: no socket, no clock but ours."""

import httpcore
import pytest

from stackspot_cli.network.transport import LONGEST_WAIT_SECONDS, Watch, _WatchedStream


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Wire(httpcore.NetworkStream):
    """Gives what its script says: (seconds until it comes, bytes); time-outs move the clock."""

    def __init__(self, clock: Clock, *script: tuple[float, bytes]) -> None:
        self.clock, self.script, self.timeouts = clock, list(script), []
        self.written: list[bytes] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        assert timeout is not None
        self.timeouts.append(timeout)
        delay, data = self.script[0]
        if delay > timeout:
            self.script[0] = (delay - timeout, data)
            self.clock.now += timeout
            raise httpcore.ReadTimeout
        self.clock.now += delay
        self.script.pop(0)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written.append(bytes(buffer))

    def close(self) -> None:
        pass


def test_silence_ends_the_patience_and_no_wait_is_longer_than_the_longest() -> None:
    clock = Clock()
    wire = Wire(clock, (100.0, b"late"))
    with pytest.raises(httpcore.ReadTimeout):
        _WatchedStream(wire).read(1, Watch(12.0, now=clock))
    assert wire.timeouts == [LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, 2.0]
    assert clock.now == 1012.0


def test_bytes_that_mean_nothing_do_not_end_the_silence() -> None:
    clock = Clock()
    watch = Watch(3.0, now=clock)
    stream = _WatchedStream(Wire(clock, *[(1.0, b":\n")] * 9))
    seen = []
    with pytest.raises(httpcore.ReadTimeout):
        while True:
            seen.append(stream.read(9, watch))
    assert (seen, clock.now) == ([b":\n"] * 3, 1003.0)


def test_a_touch_begins_the_silence_anew() -> None:
    clock = Clock()
    watch = Watch(3.0, now=clock)
    stream = _WatchedStream(Wire(clock, *[(2.0, b"x")] * 5))
    for _ in range(5):
        assert stream.read(9, watch) == b"x"
        watch.touch()
    assert clock.now == 1010.0


def test_time_between_two_reads_is_not_silence() -> None:
    clock = Clock()
    watch = Watch(3.0, now=clock)
    stream = _WatchedStream(Wire(clock, (1.0, b"x"), (1.0, b"y")))
    stream.read(9, watch)
    clock.now += 3600  # the reader of our stdout took a break
    assert stream.read(9, watch) == b"y"


def test_the_time_that_a_suspended_process_missed_is_not_silence() -> None:
    clock = Clock()
    watch = Watch(60.0, now=clock)

    class Suspended(Wire):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            if not self.timeouts:
                self.timeouts.append(timeout or 0.0)
                clock.now += 3600  # Ctrl-Z, lunch, fg
                raise httpcore.ReadTimeout
            return b"still there"

    assert _WatchedStream(Suspended(clock)).read(99, watch) == b"still there"
    assert watch.waited_seconds == LONGEST_WAIT_SECONDS


def test_a_deadline_counts_everything() -> None:
    clock = Clock()
    watch = Watch(60.0, deadline=1005.0, now=clock)
    stream = _WatchedStream(Wire(clock, (1.0, b"x"), (9.0, b"y")))
    stream.read(9, watch)
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(9, watch)
    assert (clock.now, watch.expired_by_deadline, watch.deadline_seconds()) == (1005.0, True, 0.0)


def test_whoever_draws_is_called_before_each_wait_and_sets_its_length() -> None:
    clock = Clock()
    wanted = iter([0.5, 0.0, None])
    wire = Wire(clock, (0.7, b"x"))
    watch = Watch(60.0, idle=lambda: next(wanted), now=clock)
    assert _WatchedStream(wire).read(9, watch) == b"x"
    assert wire.timeouts == [0.5, 0.001, LONGEST_WAIT_SECONDS]


def test_a_large_body_is_written_in_pieces_and_each_begins_the_silence_anew() -> None:
    clock = Clock()
    watch = Watch(1.0, now=clock)
    wire = Wire(clock)
    _WatchedStream(wire).write(b"x" * 150_000, watch)
    assert [len(one) for one in wire.written] == [65536, 65536, 18928]
    assert (watch.reused, watch.write_failed) == (False, False)
