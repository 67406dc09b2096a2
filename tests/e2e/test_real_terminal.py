"""Streamed Markdown in a terminal that is no imitation: what tmux has in its window and its scrollback."""

from __future__ import annotations

import random
import re
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import END, HOLD, FaultServer, Pause, Step, Until, delta, stream
from program import Program
from tmux import Tmux, tmux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

GALLERY = (Path(__file__).parents[1] / "gallery.md").read_text(encoding="utf-8")
ASK = f"{shlex.quote(sys.executable)} -m stackspot_cli complete hi"
TABLE = "| a | b |\n|---|---|\n" + "".join(f"| row{n:02} | cell {n} |\n" for n in range(29))
WIDE = "|" + "a|" * 16 + "\n|" + "---|" * 16 + "\n" + "".join(f"|{f'r{n:02}|' * 16}\n" for n in range(60))


def halves(text: str, go: threading.Event, at: float = 0.5) -> list[Step]:
    """The answer in small pieces, which stops once until the test says go on."""
    chance, pieces, place = random.Random(7), list[bytes](), 0
    while place < len(text):
        size = chance.randint(1, 9)
        pieces.append(delta(text[place : place + size]))
        place += size
    first, *rest = stream(*pieces, END)
    half = int(len(rest) * at)
    return [first, *rest[:half], Pause(0.2), Until(go), *rest[half:]]


@pytest.fixture
def terminal(program: Program, tmp_path: Path) -> Iterator[Tmux]:
    with tmux(tmp_path, program.world({}), 90, 20) as started:
        yield started


def ended(terminal: Tmux, status: int = 0) -> list[str]:
    """The lines, once the shell tells how the program ended; without that line."""
    lines = terminal.until(lambda lines: lines[-1].startswith("status "))
    assert lines[-1] == f"status {status}"
    return lines[:-1]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_streamed_answer_is_left_as_one_that_was_waited_for(
    program: Program, server: FaultServer, tmp_path: Path, size: tuple[int, int]
) -> None:
    go = threading.Event()
    go.set()
    server.api(halves(GALLERY, go), stream(delta(GALLERY), END))
    seen = []
    for option in ("", "--no-stream"):
        folder = tmp_path / f"terminal{option}"
        folder.mkdir()
        with tmux(folder, program.world({}), *size) as terminal:
            terminal.types(f"{ASK} {option}; echo status $?")
            ended(terminal)
            seen.append(terminal.lines(colors=True))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("size", [(120, 40), (120, 8), (50, 40), (30, 8)])
def test_a_window_that_changes_costs_no_line(
    program: Program, server: FaultServer, terminal: Tmux, size: tuple[int, int]
) -> None:
    go = threading.Event()
    server.api(halves(TABLE, go, 0.9))
    terminal.types(f"seq -f shell%g 60; {ASK}; echo status $?")
    terminal.until(lambda lines: any("row22" in line for line in lines))
    terminal.resize(*size)
    go.set()
    lines = ended(terminal)
    assert lines[:60] == [f"shell{n}" for n in range(1, 61)]
    rows = iter(re.findall(r"row\d\d", "\n".join(lines)))
    assert [n for n in range(29) if f"row{n:02}" not in rows] == []


def test_a_long_table_goes_on_where_the_window_is_widened(
    program: Program, server: FaultServer, terminal: Tmux
) -> None:
    go = threading.Event()
    server.api(halves(WIDE, go, 0.8))
    terminal.resize(60, 20)
    terminal.types(f"{ASK}; echo status $?")
    terminal.until(lambda lines: any("r40" in line for line in lines))
    terminal.resize(200, 40)
    go.set()
    lines = ended(terminal)
    assert [line for line in lines if line.startswith("a: r")] == [
        f"a: r{n:02}" for n in range(60) for _ in range(16)
    ]


@pytest.mark.parametrize(
    "told", ["LINES=50", "COLUMNS=200", "COLUMNS=30", "COLUMNS=7", "COLUMNS=200 LINES=100"]
)
def test_what_the_environment_says_of_the_window_costs_and_doubles_nothing(
    program: Program, server: FaultServer, terminal: Tmux, told: str
) -> None:
    text = TABLE.replace("cell", "a cell with rather more words, so that it is wide, number") + "\n\nThe end."
    go = threading.Event()
    go.set()
    server.api(halves(text, go))
    terminal.types(f"{told} {ASK}; echo status $?")
    found = re.findall(r"row\d\d", "".join(ended(terminal)).replace(" ", "").replace("│", ""))
    assert found == [f"row{n:02}" for n in range(29)]


@pytest.mark.parametrize("text", ["A **paragraph** that goes", TABLE, "- an item\n  1. ```py\n     x = 1\n"])
def test_ctrl_c_within_an_open_block_leaves_the_cursor_on_a_fresh_line_and_no_mark(
    program: Program, server: FaultServer, terminal: Tmux, text: str
) -> None:
    first, *rest = halves(text, threading.Event(), 1.0)
    server.api([first, *rest[:-4], HOLD])
    word = re.findall(r"\w+", text)[-1]
    terminal.types(f"{ASK}; echo status $?")
    before = terminal.until(lambda lines: word in lines[-1])
    terminal("send-keys", "C-c")
    lines = ended(terminal, 130)
    assert lines[-1] == before[-1]
    assert "^C" not in "".join(lines)


def test_ctrl_z_gives_the_shell_its_terminal_and_the_answer_goes_on_below(
    program: Program, server: FaultServer, terminal: Tmux
) -> None:
    go = threading.Event()
    server.api(halves("One **paragraph** of words that goes on and on to its end.", go, 0.6))
    terminal.types("set -m")
    terminal.types(f"{ASK}; echo status $?")
    terminal.until(lambda lines: "words" in lines[-1])
    terminal("send-keys", "C-z")
    terminal.until(lambda lines: any("Stopped" in line for line in lines))
    terminal.types("stty echo; stty -a | grep -o '[-]*echoctl'; fg; echo status $?")
    go.set()
    lines = terminal.until(lambda lines: lines[-1] == "status 0")
    assert "echoctl" in lines
    [stopped] = [line for line in lines if "Stopped" in line]
    assert stopped.startswith("[1]")  # the shell's words stand on a line of their own
    assert lines[-2] == "One paragraph of words that goes on and on to its end."


def test_ctrl_z_finds_no_spinner_in_the_shell_s_line(
    program: Program, server: FaultServer, terminal: Tmux
) -> None:
    go = threading.Event()
    first, *rest = stream(delta("Done."), END)
    server.api([first, Until(go), *rest])
    terminal.types("set -m")
    terminal.types(f"{ASK}; echo status $?")
    terminal.until(lambda lines: lines[-1].endswith(" s"))
    terminal("send-keys", "C-z")
    lines = terminal.until(lambda lines: any("Stopped" in line for line in lines))
    [stopped] = [line for line in lines if "Stopped" in line]
    assert stopped.startswith("[1]") and not any(line.endswith(" s") for line in lines)
    go.set()
    terminal.types("fg; echo status $?")
    lines = terminal.until(lambda lines: lines[-1] == "status 0")
    assert lines[-2] == "Done."
