"""How much CPU and memory a command takes, and when its first character comes, by runs that take turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ALONE = Path(__file__).with_name("alone.py")


@dataclass(frozen=True, slots=True)
class Measured:
    """cpu_seconds: user and system; first_seconds: wall clock to the first byte of stdout."""

    cpu_seconds: float
    first_seconds: float
    total_seconds: float
    peak_mib: float


def environment(**more: str) -> dict[str, str]:
    """A plain environment: what Python itself is told (`PYTHONUNBUFFERED`…) changes what is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STACKSPOT"))}
    return {**kept, **more}


def once(command: Sequence[str], environ: Mapping[str, str]) -> Measured:
    told, telling = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(ALONE), str(telling), *command],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[telling],
    )
    os.close(telling)
    assert process.stdout is not None
    first = process.stdout.read(1)
    first_at = time.monotonic() if first else float("nan")
    while process.stdout.read(1 << 16):
        pass
    ended_at = time.monotonic()
    process.wait()
    with os.fdopen(told, "rb") as report:
        began, code, cpu_seconds, peak = json.load(report)
    if code != 0:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Measured(cpu_seconds, first_at - began, ended_at - began, peak / 1024)


def side_by_side(
    commands: Mapping[str, Sequence[str]], environ: Mapping[str, str], *, rounds: int = 15
) -> dict[str, Measured]:
    """Each command once a round, so that a slow moment of the machine meets them all. The least of their CPU, since
    other work only ever adds; of the rest the medians.
    """
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for command in commands.values():
        once(command, environ)  # warms the file cache and writes the byte code
    for _round in range(rounds):
        for name, command in commands.items():
            runs[name].append(once(command, environ))
    return {
        name: Measured(
            min(run.cpu_seconds for run in seen),
            statistics.median(run.first_seconds for run in seen),
            statistics.median(run.total_seconds for run in seen),
            statistics.median(run.peak_mib for run in seen),
        )
        for name, seen in runs.items()
    }


def program() -> str:
    return str(Path(sys.executable).with_name("stackspot"))
