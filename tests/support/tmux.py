"""A real terminal: tmux, without anybody's configuration."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class Tmux:
    """One window, in which a shell without a prompt runs."""

    def __init__(self, socket: Path, environ: Mapping[str, str], cwd: Path) -> None:
        self._socket, self._environ, self._cwd = socket, environ, cwd

    def __call__(self, *words: str) -> str:
        run = subprocess.run(
            ["tmux", "-f", os.devnull, "-S", os.fspath(self._socket), *words],
            env={**self._environ, "TERM": "xterm-256color"},
            cwd=self._cwd,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return run.stdout

    def start(self, columns: int, rows: int) -> None:
        size = ("-x", str(columns), "-y", str(rows))
        self("set-option", "-g", "history-limit", "50000", ";", "new-session", "-d", *size, "env PS1= sh")
        self.types("stty -echo; clear")

    def types(self, line: str) -> None:
        self("send-keys", "-l", line)
        self("send-keys", "Enter")

    def resize(self, columns: int, rows: int) -> None:
        self("resize-window", "-x", str(columns), "-y", str(rows))

    def lines(self, *, colors: bool = False) -> list[str]:
        """Scrollback and screen, without the empty rows below the text. colors: as a terminal takes them."""
        shown = self("capture-pane", "-p", "-S", "-", *(["-e"] if colors else []))
        return [line.rstrip() for line in shown.rstrip("\n").split("\n")]

    def until(self, is_so: Callable[[list[str]], bool], seconds: float = 30.0) -> list[str]:
        ends = time.monotonic() + seconds
        while not is_so(lines := self.lines()):
            assert time.monotonic() < ends, "\n".join(lines)
            time.sleep(0.02)
        return lines


@contextmanager
def tmux(folder: Path, environ: Mapping[str, str], columns: int, rows: int) -> Iterator[Tmux]:
    terminal = Tmux(folder / "tmux", environ, folder)
    terminal.start(columns, rows)
    try:
        yield terminal
    finally:
        terminal("kill-server")
