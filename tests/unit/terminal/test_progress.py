"""The line that tells how far something is, on a terminal in memory."""

import re

import pytest
from emulator import Terminal
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting
from stackspot_cli.terminal.progress import FRAME, PATIENCE, UNTIL_LOADED, ProgressLine, progress_line
from stackspot_cli.terminal.streams import Terminal as Streams


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
    assert terminal.lines == ["⠋ ━━━━━━━━━━            50 % RUNNING: draft 0 s"]
    line.show("COMPLETED", 1.0)
    assert terminal.lines == ["⠋ ━━━━━━━━━━━━━━━━━━━━ 100 % COMPLETED 0 s"]
    line.stop()
    assert (terminal.lines, terminal.cursor) == ([], (0, 0))


def test_a_line_whose_writing_was_interrupted_is_wiped_too() -> None:
    terminal, clock = Terminal(80, 5), Clock()

    def write_and_interrupt(text: str) -> None:
        terminal.write(text)
        if "x" in text:
            raise KeyboardInterrupt

    line = ProgressLine(write_and_interrupt, columns=lambda: 80, now=clock, enabled=True)
    with pytest.raises(KeyboardInterrupt):
        line.show("x", 0.5)
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
    assert line.tick() == pytest.approx(FRAME)
    clock.seconds = 2.5
    assert line.tick() == 0.1
    assert terminal.lines == ["⠙ waiting 2 s"]


def test_other_words_take_its_place_and_it_comes_back() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    line.show("x", 0.0)
    line.clear()
    terminal.write("note: something\n")
    line.tick()
    assert terminal.lines[0] == "note: something"
    assert terminal.lines[1].endswith("  0 % x 0 s")
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
    assert terminal.lines == ["- -----                 25 % x 0 s"]


def test_words_from_outside_are_shown_and_not_obeyed() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line_on(terminal, clock).show("\x1b[2Jx\ny")
    assert terminal.lines == ["⠋ ␛[2Jx y 0 s"]


def test_without_a_terminal_nothing_is_written() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, columns=lambda: 80, now=Clock(), enabled=False)
    line.show("x", 0.5)
    line.tick()
    line.stop()
    assert written == []


def test_a_wait_shows_nothing_for_a_moment_then_turns_and_counts_the_seconds() -> None:
    terminal, clock = Terminal(20, 5), Clock()
    line = line_on(terminal, clock)
    line.wait()
    assert (line.tick(), terminal.lines) == (pytest.approx(UNTIL_LOADED), [])
    clock.seconds = UNTIL_LOADED
    assert (line.tick(), terminal.lines) == (pytest.approx(PATIENCE - UNTIL_LOADED), [])
    seen = []
    for clock.seconds in (0.4, 1.6, 12.0):
        assert line.tick() == FRAME
        seen.append(terminal.lines)
    assert seen == [["⠋ 0 s"], ["⠴ 2 s"], ["⠴ 12 s"]]


def test_a_wait_leaves_no_trace() -> None:
    terminal, clock = Terminal(20, 5), Clock()
    terminal.write("before\n")
    line = line_on(terminal, clock)
    line.wait()
    clock.seconds = 3.0
    line.tick()
    line.stop()
    line.stop()
    assert line.tick() is None
    assert (terminal.lines, terminal.cursor) == (["before"], (0, 1))


def test_a_wait_of_which_something_is_told_becomes_a_bar() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    line.wait()
    line.progress(Progress("RUNNING", 0.5, "draft"))
    assert terminal.lines == ["⠋ ━━━━━━━━━━            50 % RUNNING: draft 0 s"]


def test_the_terminal_shows_the_last_line_that_was_begun() -> None:
    """A bar within a wait takes its place, and gives it back."""
    streams, clock = Streams.fake(stderr_is_terminal=True), Clock()
    with progress_line(streams, clock) as outer:
        outer.show("outer")
        with progress_line(streams, clock) as inner:
            streams.progress(Progress("RUNNING", 0.25))
            assert streams.idle() == pytest.approx(FRAME)
            inner.stop()
        clock.seconds = 1.0
        assert streams.idle() == FRAME
        streams.note("words")
    assert streams.idle() is None
    shown = Terminal(80, 5)
    shown.write(streams.err)
    assert shown.lines == ["note: words"]


def test_who_wants_plain_text_hears_no_bar() -> None:
    streams = Streams.fake(stderr_is_terminal=True)
    with progress_line(streams, Clock(), alive=False) as line:
        line.show("x", 0.5)
        line.tick()
    assert streams.err == ""


RETRY = Waiting(12.0, "429", "StackSpot asks for fewer requests (429): Maximum reached", 2, 6)
QUOTA = Waiting(43.2, "waiting for the quota")


def test_a_wait_of_our_own_is_counted_down_and_then_it_is_as_before() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    line.show("RUNNING", 0.5)
    assert line.waiting(RETRY)
    seen = [*terminal.lines]
    for clock.seconds in (4.5, 11.9, 12.0):
        line.tick()
        seen += terminal.lines
    assert seen == [
        "⠋ 429, again in 12 s (2 of 6)",
        "⠦ 429, again in 8 s (2 of 6)",
        "⠇ 429, again in 1 s (2 of 6)",
        "⠋ ━━━━━━━━━━            50 % RUNNING 12 s",
    ]


def test_a_wait_for_the_quota_is_a_wait_where_nothing_was_shown_before() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    assert line.waiting(QUOTA)
    assert terminal.lines == ["⠋ waiting for the quota: 44 s"]
    line.stop()
    assert terminal.lines == []


def test_where_no_line_can_stand_a_wait_is_not_seen() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, columns=lambda: 80, now=Clock(), enabled=False)
    assert not line.waiting(RETRY)
    assert (written, line.tick()) == ([], None)


def test_what_moves_tells_how_long_it_will_take() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    seen = []
    for seconds, fraction in ((0.0, 0.25), (5.0, 0.5), (10.0, 0.75)):
        clock.seconds = seconds
        line.show("uploading", fraction)
        seen += [text.partition("% ")[2] for text in terminal.lines]
    for clock.seconds in (12.0, 20.0):  # nothing new: what was reckoned runs down, and then nobody knows
        line.tick()
        seen += [text.partition("% ")[2] for text in terminal.lines]
    assert seen == [
        "uploading 0 s",
        "uploading 5 s, 10 s left",
        "uploading 10 s, 5 s left",
        "uploading 12 s, 3 s left",
        "uploading 20 s",
    ]


def test_the_next_file_is_reckoned_anew() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    for seconds, words, fraction in ((0.0, "a", 0.5), (1.0, "a", 0.9), (2.0, "b", 0.1)):
        clock.seconds = seconds
        line.show(words, fraction)
    assert terminal.lines[-1].endswith(" 10 % b 2 s")


def test_a_long_wait_is_told_in_minutes() -> None:
    terminal, clock = Terminal(80, 5), Clock()
    line = line_on(terminal, clock)
    line.show("x")
    clock.seconds = 125.0
    line.tick()
    assert terminal.lines[-1].endswith(" x 2 min 5 s")


@given(
    words=st.text(max_size=60),
    fraction=st.none() | st.floats(0, 1),
    columns=st.integers(1, 120),
    seconds=st.floats(0, 1e5),
    encoding=st.sampled_from(["utf-8", "ascii", "latin-1"]),
)
def test_in_any_window_it_is_one_line_that_fits(
    words: str, fraction: float | None, columns: int, seconds: float, encoding: str
) -> None:
    written: list[str] = []
    clock = Clock()
    line = ProgressLine(
        written.append, columns=lambda: columns, now=clock, enabled=True, encoding=encoding, color=True
    )
    line.show("before", 0.0)
    clock.seconds = seconds
    line.show(words, fraction)
    line.waiting(RETRY)
    for text in written:
        plain = re.sub(r"\x1b\[[0-9;]*m|\x1b\[K|\r", "", text)
        assert "\n" not in plain
        assert cell_len(plain) <= max(1, columns - 1)
        plain.replace(words, "").encode(encoding, "backslashreplace")


@pytest.mark.parametrize("columns", [30, 40, 60, 80])
def test_what_matters_most_is_left_out_last(columns: int) -> None:
    terminal, clock = Terminal(columns, 5), Clock()
    line = line_on(terminal, clock, columns=columns)
    line.show("RUNNING: a-step-with-a-long-name", 0.25)
    clock.seconds = 10.0
    line.show("RUNNING: a-step-with-a-long-name", 0.5)
    [shown] = terminal.lines
    assert "50 %" in shown
    assert "RUNNING: a" in shown
    assert "10 s" in shown
    assert ("━" in shown) == (columns >= 40)
    assert ("20 s left" in shown) == (columns == 80)
