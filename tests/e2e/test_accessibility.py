"""For those who hear the screen, feel it, or see it without colours."""

from __future__ import annotations

import re

import pytest
from fault_server import CLOSE, CLOSE_HEAD, END, Pause, delta
from program import Program

from stackspot_cli.terminal.progress import PATIENCE

ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


def screen_after_a_wait(program: Program, *options: str) -> bytes:
    """What `complete` writes to its terminal when the answer lets wait longer than the spinner does."""
    program.server.api([CLOSE_HEAD, Pause(3 * PATIENCE), delta("Hi!"), END, CLOSE])
    with program.on_terminal("complete", *options, "Say hi") as screen:
        assert screen.end() == 0
    return bytes(screen.shown)


def test_text_on_a_terminal_is_plain_lines_in_reading_order(program: Program) -> None:
    """A screen reader reads again what is drawn again: nothing is, however long it takes."""
    assert screen_after_a_wait(program, "--format", "text") == b"Hi!\r\n"


def test_without_it_there_is_a_sign_of_life(program: Program) -> None:
    assert b"\r\x1b[K" in screen_after_a_wait(program)


@pytest.mark.parametrize(("option", "environ"), [("--no-color", {}), ("-v", {"NO_COLOR": "1"})])
@pytest.mark.parametrize(
    "argv",
    [
        ["complete", "Say hi"],
        ["models"],
        ["status", "--offline"],
        ["complete", "-x"],
        ["--help"],
        ["complete", "--help"],
    ],
)
def test_nothing_is_coloured_where_colours_are_not_wanted(
    program: Program, option: str, environ: dict[str, str], argv: list[str]
) -> None:
    with program.on_terminal(option, *argv, env=environ) as screen:
        screen.end()
    coloured = [code for code in COLOUR.findall(bytes(screen.shown)) if is_colour(code)]
    assert coloured == []


def is_colour(code: bytes) -> bool:
    """Bold, italic and underline are no colours."""
    numbers = [int(one or 0) for one in code[2:-1].split(b";")]
    return any(30 <= one <= 49 or 90 <= one <= 107 for one in numbers)


def test_an_error_begins_with_its_word_and_so_does_what_to_do(program: Program) -> None:
    with program.on_terminal("complete", "-m", "nonsense", "Say hi") as screen:
        code = screen.end()
    lines = [line for line in ESCAPE.sub(b"", bytes(screen.shown)).decode().splitlines() if line.strip()]
    assert code == 2
    assert [line.partition(":")[0] for line in lines[:1]] == ["error"]
    assert any(line.startswith("hint: ") for line in lines)
