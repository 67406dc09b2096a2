"""A conversation that is taller than its window, through the person's pager: on a terminal, in processes of its own."""

from __future__ import annotations

import os

import pytest
from program import Program

WRITES_DOWN = """#!/bin/sh
cat > "$HOME/text"
printf '%s %s' "$LESS" "${STACKSPOTAI_CLIENT_KEY-none}" > "$HOME/surroundings"
exit 3
"""


@pytest.fixture
def told(program: Program) -> Program:
    """With one long answer in its history, and a pager of its own."""
    done = program.run("complete", "--no-stdin", "hello")
    assert done.code == 0, done.err
    for name, script in (("writes-down", WRITES_DOWN), ("leaves", "#!/bin/sh\nexit 1\n")):
        path = program.folder / name
        path.write_text(script)
        path.chmod(0o755)
    return program


def shown(told: Program, *argv: str, pager: str | None, size: tuple[int, int] = (80, 5)) -> tuple[int, str]:
    with told.on_terminal(*argv, env={"PAGER": pager, "NO_COLOR": "1"}, size=size) as screen:
        code = screen.end()
    return code, bytes(screen.shown).decode().replace("\r\n", "\n")


def test_what_is_too_tall_goes_to_the_pager_and_what_fits_does_not(told: Program) -> None:
    pager = os.fspath(told.folder / "writes-down")
    whole = shown(told, "history", "show", pager="cat")
    assert whole[0] == 0
    assert shown(told, "history", "show", pager=pager, size=(80, 200)) == whole
    assert not (told.folder / "text").exists()

    assert shown(told, "history", "show", pager=pager) == (0, "")
    assert (told.folder / "text").read_text() == whole[1]
    assert (told.folder / "surroundings").read_text() == "FRX none"


@pytest.mark.parametrize("command", [["history", "list"], ["history", "search", "h"], ["history", "show"]])
def test_every_reading_of_the_history_goes_there(told: Program, command: list[str]) -> None:
    pager = os.fspath(told.folder / "writes-down")
    whole = shown(told, *command, pager="cat", size=(80, 1))
    assert shown(told, *command, pager=pager, size=(80, 1)) == (0, "")
    assert (told.folder / "text").read_text() == whole[1]


def test_a_pager_that_is_left_early_is_no_failure(told: Program) -> None:
    assert shown(told, "history", "show", pager=os.fspath(told.folder / "leaves")) == (0, "")


def test_a_pager_that_is_not_there_costs_a_note(told: Program) -> None:
    whole = shown(told, "history", "show", pager="")
    note = "note: there is no pager nope: correct PAGER, or unset it\n"
    assert shown(told, "history", "show", pager="nope") == (0, note + whole[1])


def test_a_pager_that_another_program_did_not_find_has_shown_nothing(told: Program) -> None:
    whole = shown(told, "history", "show", pager="")
    code, text = shown(told, "history", "show", pager="env no-such-pager")
    assert (code, text.endswith(whole[1])) == (0, True)


def test_in_a_pipe_nobody_is_asked(told: Program) -> None:
    done = told.run("history", "show", env={"PAGER": os.fspath(told.folder / "writes-down")})
    assert (done.code, done.err, "hello" in done.out) == (0, "", True)
    assert not (told.folder / "text").exists()
