"""The clipboard: which ways are taken, and what goes over each."""

import base64
import os
from pathlib import Path

import pytest

from stackspot_cli.commands.chat.clipboard import OSC_52_BYTES, commands, copy
from stackspot_cli.errors import LocalError
from stackspot_cli.terminal.streams import Terminal

NASTY = "olá \U0001f600\n'$(x)'\n"


def tool(folder: Path, name: str, ends_with: int = 0) -> Path:
    """A clipboard tool that keeps what it gets; returns the file that it keeps it in."""
    kept = folder / f"{name}.kept"
    script = folder / name
    script.write_text(f'#!/bin/sh\necho "$@" > {kept}.arguments\n/bin/cat > {kept}\nexit {ends_with}\n')
    script.chmod(0o755)
    return kept


def test_the_terminal_gets_osc_52(tmp_path: Path) -> None:
    terminal = Terminal.fake(stdout_is_terminal=True)
    assert copy(NASTY, terminal, {"PATH": os.fspath(tmp_path)}) == ["the terminal (OSC 52)"]
    assert terminal.out == f"\x1b]52;c;{base64.b64encode(NASTY.encode()).decode()}\x07"


def test_where_stdout_goes_elsewhere_the_terminal_is_stderr(tmp_path: Path) -> None:
    terminal = Terminal.fake(stderr_is_terminal=True)
    assert copy("x", terminal, {"PATH": os.fspath(tmp_path)}) == ["the terminal (OSC 52)"]
    assert (terminal.out, terminal.err) == ("", "\x1b]52;c;eA==\x07")


def test_a_tool_and_the_terminal_both_get_it(tmp_path: Path) -> None:
    kept = tool(tmp_path, "wl-copy")
    environ = {"PATH": os.fspath(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}
    terminal = Terminal.fake(stdout_is_terminal=True)
    assert copy(NASTY, terminal, environ) == ["wl-copy", "the terminal (OSC 52)"]
    assert kept.read_text() == NASTY


def test_a_tool_that_fails_gives_way_to_the_next(tmp_path: Path) -> None:
    tool(tmp_path, "wl-copy", ends_with=1)
    kept = tool(tmp_path, "xsel")
    environ = {"PATH": os.fspath(tmp_path), "WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    assert copy(NASTY, Terminal.fake(), environ) == ["xsel"]
    assert kept.read_text() == NASTY
    assert Path(f"{kept}.arguments").read_text() == "--clipboard --input\n"


def test_windows_own_tool_is_given_its_own_encoding(tmp_path: Path) -> None:
    kept = tool(tmp_path, "clip.exe")
    environ = {"PATH": os.fspath(tmp_path), "WSL_DISTRO_NAME": "Debian"}
    assert copy(NASTY, Terminal.fake(), environ) == ["clip.exe"]
    assert kept.read_bytes().decode("utf-16-le") == NASTY


@pytest.mark.parametrize(
    ("terminal", "text"),
    [
        (Terminal.fake(), "x"),
        (Terminal.fake(environ={"TERM": "dumb"}, stdout_is_terminal=True), "x"),
        (Terminal.fake(stdout_is_terminal=True), "é" * (OSC_52_BYTES // 2 + 1)),
    ],
)
def test_no_way_is_an_error_that_names_one(tmp_path: Path, terminal: Terminal, text: str) -> None:
    with pytest.raises(LocalError) as caught:
        copy(text, terminal, {"PATH": os.fspath(tmp_path)})
    assert caught.value.hint == "install wl-copy, xclip or xsel, or write it to a file with /save FILE"
    assert terminal.out == ""


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("darwin", {"DISPLAY": ":0"}, ["pbcopy"]),
        ("win32", {}, ["clip.exe"]),
        ("linux", {}, []),
        ("linux", {"DISPLAY": ":0"}, ["xclip", "xsel"]),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, ["wl-copy", "xclip", "xsel"]),
    ],
)
def test_each_platform_has_its_tools(platform: str, environ: dict[str, str], expected: list[str]) -> None:
    assert [command[0] for command in commands(environ, platform)] == expected
