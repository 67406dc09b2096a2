"""The real program on a real pseudo-terminal: what is left in the scrollback, and what never was in it."""

from __future__ import annotations

import fcntl
import random
import re
import signal
import struct
import termios
import threading
from pathlib import Path

import pytest
from emulator import Terminal
from fault_server import END, FaultServer, Pause, Step, Until, delta, stream
from program import Program

GALLERY = (Path(__file__).parents[1] / "gallery.md").read_text(encoding="utf-8")
SIZES = [(20, 10), (80, 24), (100, 40)]


def slices(text: str, seed: int) -> list[str]:
    """Tokens of one to nine characters."""
    chance = random.Random(seed)
    found, at = [], 0
    while at < len(text):
        size = chance.randint(1, 9)
        found.append(text[at : at + size])
        at += size
    return found


def streamed(text: str, seed: int) -> list[Step]:
    """The answer in slices, with a pause now and then in which frames are drawn."""
    chance = random.Random(seed)
    steps: list[Step] = []
    for step in stream(*[delta(piece) for piece in slices(text, seed)], END):
        steps.append(step)
        if chance.random() < 0.02:
            steps.append(Pause(0.08))
    return steps


def shown(
    program: Program, *options: str, size: tuple[int, int], **env: str | None
) -> tuple[Terminal, bytes]:
    with program.on_terminal("complete", *options, "Say hi", size=size, env=env) as screen:
        assert screen.end(60) == 0
    terminal = Terminal(*size)
    terminal.receive(bytes(screen.shown).decode())
    return terminal, bytes(screen.shown)


@pytest.mark.parametrize("size", SIZES)
def test_a_streamed_answer_is_left_as_one_that_was_waited_for(
    program: Program, server: FaultServer, size: tuple[int, int]
) -> None:
    server.api(streamed(GALLERY, 1), stream(delta(GALLERY), END))
    live, bytes_live = shown(program, size=size)
    once, _ = shown(program, "--no-stream", size=size)
    assert live.lines == once.lines
    assert live.styled == once.styled
    assert b"\x1b]" not in bytes_live, "a terminal hyperlink, or another order of its kind"
    assert [line for line in live.lines if "def factorial" in line] == [
        "def factorial(n: int) -> int:"[: size[0]]
    ]


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colour_there_is_structure_and_no_order(
    program: Program, server: FaultServer, env: dict[str, str]
) -> None:
    server.api(streamed(GALLERY, 2))
    terminal, written = shown(program, size=(80, 24), **env)
    assert not re.search(rb"\x1b\[[0-9;]*m", written)
    assert (b"\x1b" in written) is ("TERM" not in env)
    assert "# A gallery of Markdown" in terminal.lines
    assert "```python" in terminal.lines


def test_the_spinner_turns_until_the_first_character_and_leaves_no_trace(
    program: Program, server: FaultServer
) -> None:
    go = threading.Event()
    first, *rest = stream(delta("Here it is."), END)
    server.api([first, Until(go), *rest])
    with program.on_terminal("complete", "Say hi") as screen:
        screen.wait_for(b" 0 s")
        go.set()
        assert screen.end() == 0
    terminal = Terminal(80, 24)
    terminal.receive(bytes(screen.shown).decode())
    assert terminal.lines == ["Here it is."]


@pytest.mark.parametrize("sizes", [[(40, 24)], [(120, 24)], [(80, 10)], [(30, 8), (100, 40)]])
def test_a_resize_in_mid_answer_loses_and_repeats_nothing(
    program: Program, server: FaultServer, sizes: list[tuple[int, int]]
) -> None:
    text = "# Head\n\n" + " ".join(f"word{n:03}" for n in range(60)) + "\n\n" + "- last\n"
    go = threading.Event()
    begin, *middle = stream(*[delta(piece) for piece in slices(text, 3)], END)
    half = len(middle) // 2
    server.api([begin, *middle[:half], Pause(0.3), Until(go), *middle[half:]])
    with program.on_terminal("complete", "Say hi", size=(80, 24)) as screen:
        screen.wait_for(b"word020")
        for columns, rows in sizes:
            fcntl.ioctl(screen._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            screen.process.send_signal(signal.SIGWINCH)
        go.set()
        assert screen.end() == 0
    terminal = Terminal(120, 40)  # wide enough that nothing wraps: what was written, in its order
    terminal.receive(bytes(screen.shown).decode())
    assert re.findall(r"word\d{3}", " ".join(terminal.lines)) == [f"word{n:03}" for n in range(60)]
    assert terminal.lines[0] == "Head"
    assert terminal.lines[-1] == "• last"
