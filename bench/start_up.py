"""Start-up: multiples of bare `python -I -c pass` in the same venv, by CPU.

python -m bench.start_up [--quick]
"""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

from bench.processes import Measured, cpu_seconds_of, environment, program, side_by_side
from bench.report import Goal, section, table
from bench.service import Service, environment_for

LIMITS = {
    "--version": 1.8,
    "--help": 7.5,
    "TAB": 7.5,
    "complete --dry-run hi": 9,
    "complete hi, to its first character": 12.5,
    "chat, to its prompt": 16,
    "history list": 6.5,
    "status --offline": 9,
}
PROMPT = b"> "
TO_THE_FIRST = ("complete hi, to its first character", "chat, to its prompt")


def report(*, quick: bool = False) -> str:
    python = sys.executable
    tab = ("_STACKSPOT_COMPLETE=complete_bash", "COMP_WORDS=stackspot com", "COMP_CWORD=1")
    commands = {
        "bare python": [python, "-I", "-c", "pass"],
        "typer alone": [python, "-I", "-c", "import typer"],
        "httpx alone": [python, "-I", "-c", "import httpx"],
        "--version": [program(), "--version"],
        "--help": [program(), "--help"],
        "TAB": ["env", *tab, program()],
        "complete --dry-run hi": [program(), "complete", "--dry-run", "hi"],
        "complete hi, to its first character": [program(), "complete", "5"],
        "history list": [program(), "history", "list"],
        "status --offline": [program(), "status", "--offline"],
    }
    with tempfile.TemporaryDirectory() as home:
        environ = environment(**environment_for(Service().start(), home))
        measured = side_by_side(commands, environ, rounds=1 if quick else 15)
        chats = [_chat({**environ, "TERM": "xterm-256color"}) for _round in range(1 if quick else 8)]
        measured["chat, to its prompt"] = min(chats, key=lambda one: one.first_cpu_seconds)
    taken = {
        name: one.first_cpu_seconds if name in TO_THE_FIRST else one.cpu_seconds
        for name, one in measured.items()
    }
    bare = taken["bare python"]
    rows = [
        [
            *(name, f"{taken[name] * 1000:.0f} ms", f"{taken[name] / bare:.1f}"),
            *(f"{LIMITS[name]:g}" if name in LIMITS else "", f"{one.peak_mib:.1f} MiB"),
        ]
        for name, one in measured.items()
    ]
    goals = [
        Goal(f"start-up: {name}, × bare python", taken[name] / bare, most) for name, most in LIMITS.items()
    ]
    heading = ["command", "CPU", "× bare python", "goal ≤", "memory"]
    return section("Start-up", table(heading, rows), goals=goals)


def _chat(environ: Mapping[str, str]) -> Measured:
    """A chat on a terminal, left as soon as its prompt stands."""
    ours, theirs = pty.openpty()
    began = time.monotonic()
    process = subprocess.Popen([program(), "chat"], stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    shown, came, taken = b"", float("nan"), float("nan")
    with contextlib.suppress(OSError):  # Linux says EIO when the last process has closed the other side
        while data := os.read(ours, 1 << 16):
            shown += data
            if came != came and PROMPT in shown:
                came, taken = time.monotonic() - began, cpu_seconds_of(process.pid)
                os.write(ours, b"\x04")
    _pid, _status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    os.close(ours)
    total = time.monotonic() - began
    return Measured(usage.ru_utime + usage.ru_stime, taken, came, total, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
