"""One command with the sandbox's variables set, run to its end.

Knows processes and signals; refuses to know what the command is and what the sandbox answers.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as shells, env and timeout say it
# What would lead the command past the sandbox, or to the credentials of somebody's account.
LEADING_AWAY = (
    "STACKSPOTAI_PROFILE",
    "STACKSPOTAI_IDM_BASE",
    "STACKSPOTAI_API_BASE",
    "STACKSPOTAI_INFERENCE_BASE",
    "STACKSPOTAI_DATA_BASE",
    "STACKSPOTAI_TOOLS_BASE",
)


class NotStarted(UsageError):
    """The command could not be run. shell_code: what a shell would end with."""

    def __init__(self, message: str, hint: str, shell_code: int) -> None:
        super().__init__(message, hint)
        self.shell_code = shell_code


def environment(environ: Mapping[str, str], server: Mapping[str, str], home: str) -> dict[str, str]:
    """The command's variables. home: where it keeps what it keeps, unless a folder was chosen for that."""
    found = {name: value for name, value in environ.items() if name not in LEADING_AWAY}
    found |= server
    found["STACKSPOTAI_HOME"] = environ.get("STACKSPOTAI_HOME") or home
    if (
        shutil.which("stackspot", path=found.get("PATH")) is None
    ):  # ours was called by its path, out of a venv
        ours = os.fspath(Path(sys.executable).parent)
        found["PATH"] = os.pathsep.join(filter(None, (found.get("PATH"), ours)))
    return found


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit code, as a shell gives it: 128 + N for a command that a signal ended. Raises NotStarted."""
    with _SignalsPassedOn() as signals:
        try:
            child = subprocess.Popen(_found(command, environ), env=dict(environ))  # noqa: S603  # as was asked for
        except OSError as error:
            raise _not_started(command[0], error) from error
        signals.go_to(child)
        code = child.wait()
    return 128 - code if code < 0 else code


class _SignalsPassedOn:
    """While the body runs, signals that would end us go to the command: it may tidy up, and its end is ours.

    Handlers and no exceptions: one that flew while the command is being started would leave it running alone.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._waiting: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _SignalsPassedOn:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def go_to(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._pass_on()

    def _hear(self, number: int, _frame: object) -> None:
        if number == signal.SIGINT and _has_terminal():
            return  # a terminal's Ctrl-C has reached the command by itself
        self._waiting.append(number)
        self._pass_on()

    def _pass_on(self) -> None:
        while self._child is not None and self._waiting:
            self._child.send_signal(self._waiting.pop(0))


def _found(command: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """With its place by the command's own PATH, which on Windows finds `.bat` and `.cmd` files, too."""
    return [shutil.which(command[0], path=environ.get("PATH")) or command[0], *command[1:]]


def _has_terminal() -> bool:
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _not_started(name: str, error: OSError) -> NotStarted:
    shown = safe_line(name)
    if isinstance(error, FileNotFoundError):
        return NotStarted(
            _("there is no command {name}").format(name=shown),
            _("what stands behind the options is run: stackspot sandbox -- pytest -q"),
            NOT_FOUND,
        )
    return NotStarted(
        _("cannot run {name}: {why}").format(name=shown, why=error.strerror or error),
        _("name a program that may be executed"),
        NOT_EXECUTABLE,
    )
