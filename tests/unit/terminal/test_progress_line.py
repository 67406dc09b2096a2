"""The line that tells how far something is, on a terminal in memory."""

import pytest
from emulator import Terminal

from stackspot_cli.terminal.progress_line import ProgressLine


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def line_on(terminal: Terminal, clock: Clock, *, columns: int = 80, encoding: str = "utf-8") -> ProgressLine:
    return ProgressLine(terminal.write, columns=lambda: columns, now=clock, enabled=True, encoding=encoding)


def test_what_is_new_is_drawn_at_once_and_leaves_no_trace() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    line.show("RUNNING: draft", 0.5)
    assert terminal.lines == ["⠋  ██████████░░░░░░░░░░   50 %  RUNNING: draft  0 s"]
    line.show("COMPLETED", 1.0)
    assert terminal.lines == ["⠙  ████████████████████  100 %  COMPLETED  0 s"]
    line.stop()
    assert (terminal.lines, terminal.cursor) == ([], (0, 0))


def test_the_same_again_draws_nothing() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, columns=lambda: 80, now=Clock(), enabled=True)
    line.show("x", 0.5)
    line.show("x", 0.5)
    assert len(written) == 1


def test_ticks_turn_the_mark_and_tell_the_seconds() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    assert line.tick() is None
    line.show("waiting")
    assert line.tick() == pytest.approx(0.1)
    clock.seconds = 2.5
    assert line.tick() == 0.1
    assert terminal.lines == ["⠙  waiting  2 s"]


def test_other_words_take_its_place_and_it_comes_back() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    line.show("x", 0.0)
    line.clear()
    terminal.write("note: something\n")
    line.tick()
    assert terminal.lines[0] == "note: something"
    assert terminal.lines[1].endswith("0 %  x  0 s")
    line.stop()
    assert terminal.lines == ["note: something"]
    assert line.tick() is None


@pytest.mark.parametrize("words", ["a" * 200, "日本語" * 50])
def test_a_line_never_wraps(words: str) -> None:
    terminal, clock = Terminal(20, 5), Clock()
    line = line_on(terminal, clock, columns=20)
    line.show(words, 0.5)
    assert terminal.cursor[1] == 0
    line.stop()
    assert terminal.lines == []


def test_a_poor_encoding_gets_ascii() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line_on(terminal, clock, encoding="ascii").show("x", 0.25)
    assert terminal.lines == ["|  #####...............   25 %  x  0 s"]


def test_words_from_outside_are_shown_and_not_obeyed() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line_on(terminal, clock).show("\x1b[2Jx\ny")
    assert terminal.lines == ["⠋  ␛[2Jx y  0 s"]


def test_without_a_terminal_nothing_is_written() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, columns=lambda: 80, now=Clock(), enabled=False)
    line.show("x", 0.5)
    line.tick()
    line.stop()
    assert written == []
