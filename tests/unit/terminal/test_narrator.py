"""What happens on the way to an answer, told on a terminal."""

from __future__ import annotations

import pytest
from clock import Clock

from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting
from stackspot_cli.terminal.narrator import narrator
from stackspot_cli.terminal.progress import progress_line
from stackspot_cli.terminal.streams import Terminal

LONG, SHORT = Waiting(12.0, "429", "slow down (429)", 2, 3), Waiting(2.0, "503", "busy (503)", 2, 3)
NOTED = "note: slow down (429); trying again in 12 s (attempt 2 of 3)\n"


@pytest.mark.parametrize(("steps", "said"), [(False, "note: n\n"), (True, "note: n\n* s\n")])
def test_notes_are_for_all_and_steps_for_those_who_ask(steps: bool, said: str) -> None:
    terminal = Terminal.fake()
    heard = narrator(terminal, steps=steps, wire=False)
    heard.note("n")
    heard.step("s")
    assert (terminal.err, heard.wire) == (said, None)


def test_the_wire_is_for_those_who_ask_for_more() -> None:
    terminal = Terminal.fake()
    heard = narrator(terminal, steps=True, wire=True)
    assert heard.wire is not None
    heard.wire("> host: x")
    assert terminal.err == "* > host: x\n"


@pytest.mark.parametrize(
    ("waiting", "steps", "said"), [(LONG, False, NOTED), (SHORT, False, ""), (LONG, True, "")]
)
def test_in_a_pipe_a_long_wait_is_noted_once(waiting: Waiting, steps: bool, said: str) -> None:
    terminal = Terminal.fake()
    narrator(terminal, steps=steps, wire=False).waiting(waiting)
    assert terminal.err == said


def test_on_a_terminal_a_wait_stands_where_something_is_waited_for_already() -> None:
    terminal, clock = Terminal.fake(environ={"NO_COLOR": "1"}, stderr_is_terminal=True), Clock()
    heard = narrator(terminal, steps=False, wire=False)
    with progress_line(terminal, clock.now) as line:
        line.wait()
        heard.waiting(LONG)
        heard.progress(Progress("RUNNING"))
    assert terminal.err == "\r⠋ 429, again in 12 s (2 of 3)\r⠋ 429, again in 12 s (2 of 3)\x1b[K\r\x1b[K"


def test_where_the_screen_is_to_stay_quiet_a_long_wait_is_noted() -> None:
    terminal, clock = Terminal.fake(stderr_is_terminal=True), Clock()
    with progress_line(terminal, clock.now, alive=False):
        narrator(terminal, steps=False, wire=False).waiting(LONG)
    assert terminal.err == NOTED
