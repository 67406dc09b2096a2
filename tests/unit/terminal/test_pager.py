"""Which pager, and for what; the real one on a terminal is `e2e`'s."""

from pathlib import Path

import pytest

from stackspot_cli.terminal import pager
from stackspot_cli.terminal.streams import Terminal


@pytest.fixture
def path(tmp_path: Path) -> str:
    for name in ("less", "my pager"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("named", "command"),
    [
        (None, ["less"]),
        ("less -N", ["less", "-N"]),
        ("'my pager' -x", ["my pager", "-x"]),
        ("", None),
        ("  ", None),
        ("cat", None),
    ],
)
def test_the_pager_is_the_persons_or_less(path: str, named: str | None, command: list[str] | None) -> None:
    environ = {"PATH": path} if named is None else {"PATH": path, "PAGER": named}
    notes: list[str] = []
    assert (pager.pager_command(environ, notes.append), notes) == (command, [])


@pytest.mark.parametrize("named", ["nope", "nope -x", "an 'open quote"])
def test_a_pager_that_is_not_there_is_told(path: str, named: str) -> None:
    notes: list[str] = []
    assert pager.pager_command({"PATH": path, "PAGER": named}, notes.append) is None
    assert notes == [f"there is no pager {named}: correct PAGER, or unset it"]


def test_without_less_there_is_none(tmp_path: Path) -> None:
    assert pager.pager_command({"PATH": str(tmp_path)}, print) is None


@pytest.mark.parametrize(
    ("text", "taller"),
    [
        ("", False),
        ("line\n" * 4, False),
        ("line\n" * 5, True),
        ("\n" * 5, True),
        ("wide " * 2 + "\n", False),
        ("wide " * 8 + "\n", False),
        ("wide " * 9, True),  # five lines of ten cells
        ("日本語日本語" * 8, True),
        ("\x1b[31m\x1b[39m" * 40, False),
    ],
)
def test_a_text_is_taller_than_the_window_in_lines_as_they_stand_there(text: str, taller: bool) -> None:
    terminal = Terminal.fake(stdout_is_terminal=True, size=(10, 5))
    assert pager.taller_than_window(terminal, text) is taller


@pytest.mark.parametrize(
    ("environ", "is_terminal"), [({}, True), ({}, False), ({"TERM": "dumb"}, True), ({"CI": "true"}, True)]
)
def test_where_no_program_can_have_the_window_the_text_goes_out(
    environ: dict[str, str], is_terminal: bool
) -> None:
    terminal = Terminal.fake(environ=environ, stdout_is_terminal=is_terminal)
    pager.put(terminal, "line\n" * 100)
    assert (terminal.out, terminal.err) == ("line\n" * 100, "")
