"""How far a batch is, on a terminal and elsewhere."""

from __future__ import annotations

from clock import Clock
from emulator import Terminal as Screen

from stackspot_cli.batch.result import BatchResult
from stackspot_cli.batch.tally import Tally
from stackspot_cli.commands.batch.drawing import BatchDrawing
from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting
from stackspot_cli.terminal.streams import Terminal

GOOD = BatchResult(1, "x")


def test_elsewhere_one_note_a_minute() -> None:
    terminal, clock = Terminal.fake(), Clock(0.0)
    tally = Tally(100, 0, 0.0)
    drawing = BatchDrawing(terminal, tally, clock.now)
    with terminal.drawing(drawing):
        for clock.seconds in (1.0, 30.0, 59.0, 61.0, 62.0, 122.0):
            tally.add(GOOD, clock.seconds)
            assert terminal.waiting(Waiting(9.0, "waiting for the quota"))  # no note of its own
            terminal.progress(Progress("RUNNING"))
            due = terminal.idle()
            assert due is not None and 0 < due <= 60
        drawing.stop()
    assert terminal.err == (
        "note: 4 of 100 done; waiting for the quota: 9 s\nnote: 6 of 100 done; waiting for the quota: 9 s\n"
    )


def test_shortly_before_the_end_there_is_no_note() -> None:
    terminal, clock = Terminal.fake(), Clock(0.0)
    tally = Tally(100, 0, 0.0)
    drawing = BatchDrawing(terminal, tally, clock.now)
    for _ in range(99):
        tally.add(GOOD, 60.0)
    clock.seconds = 60.0
    drawing.tick()
    assert terminal.err == ""


def test_on_a_terminal_a_bar_moves_and_is_gone_at_the_end() -> None:
    terminal, clock = Terminal.fake(stderr_is_terminal=True), Clock(0.0)
    tally = Tally(4, 0, 0.0)
    drawing = BatchDrawing(terminal, tally, clock.now)
    screen = Screen(80, 5)
    with terminal.drawing(drawing):
        tally.add(GOOD, 10.0)
        clock.seconds = 10.0
        terminal.idle()
        screen.receive(terminal.err)
        [line] = screen.lines
        assert "1 of 4 done, 6.0 a minute, 30 s left" in line
        assert "25" in line
        terminal.note("a word")
        drawing.stop()
    screen = Screen(80, 5)
    screen.receive(terminal.err)
    assert screen.lines == ["note: a word"]
