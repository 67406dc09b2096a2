"""The spinner on a terminal in memory, with a clock of ours."""

from __future__ import annotations

import pytest
from emulator import Terminal

from stackspot_cli.terminal.spinner import FRAME, PATIENCE, Spinner


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_waits_a_moment_then_turns_and_counts_the_seconds(clock: Clock) -> None:
    terminal = Terminal(20, 5)
    spinner = Spinner(terminal.write, now=clock, enabled=True)
    spinner.start()
    assert spinner.tick() == pytest.approx(PATIENCE)
    assert terminal.lines == []
    seen = []
    for time in (100.4, 101.6, 112.0):
        clock.time = time
        assert spinner.tick() == FRAME
        seen.append(terminal.lines)
    assert seen == [["⠋ 0 s"], ["⠙ 2 s"], ["⠹ 12 s"]]


def test_it_leaves_no_trace(clock: Clock) -> None:
    terminal = Terminal(20, 5)
    terminal.write("before\n")
    spinner = Spinner(terminal.write, now=clock, enabled=True)
    spinner.start()
    clock.time = 103.0
    spinner.tick()
    spinner.stop()
    spinner.stop()
    assert spinner.tick() is None
    assert (terminal.lines, terminal.cursor) == (["before"], (0, 1))


@pytest.mark.parametrize(("enabled", "seconds"), [(False, 5.0), (True, 0.1)])
def test_nothing_is_written_where_it_is_not_wanted_or_the_answer_is_quick(
    clock: Clock, enabled: bool, seconds: float
) -> None:
    written: list[str] = []
    spinner = Spinner(written.append, now=clock, enabled=enabled)
    spinner.start()
    clock.time += seconds
    spinner.tick()
    spinner.stop()
    assert written == []


def test_an_encoding_without_the_mark_gets_ascii(clock: Clock) -> None:
    written: list[str] = []
    spinner = Spinner(written.append, now=clock, enabled=True, encoding="latin-1")
    spinner.start()
    clock.time += 1.0
    spinner.tick()
    assert written == ["\r| 1 s"]
