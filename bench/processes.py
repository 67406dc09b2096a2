"""How much CPU and memory a command takes, and when its first character comes, by runs that take turns."""

from __future__ import annotations

import contextlib
import json
import math
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
    """cpu_seconds: user and system, of all of it; first_cpu_seconds: until the first byte of stdout, or of a prompt.

    first_seconds: wall clock to that byte.
    """

    cpu_seconds: float
    first_cpu_seconds: float
    first_seconds: float
    total_seconds: float
    peak_mib: float


def environment(**more: str) -> dict[str, str]:
    """A plain environment: what Python itself is told (`PYTHONUNBUFFERED`…) changes what is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STACKSPOT"))}
    return {**kept, **more}


def cpu_seconds_of(process: int) -> float:
    """What a process that runs has taken until now, in all its threads; not a number where nobody tells."""
    if sys.platform != "linux":
        return float("nan")
    with contextlib.suppress(OSError):  # it has ended
        return time.clock_gettime(~process << 3 | 2)  # clock_getcpuclockid (3), which Python does not have
    return float("nan")


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
    with os.fdopen(told, "rb") as report:
        began, child = json.loads(report.readline())
        first = process.stdout.read(1)
        first_at, first_cpu = (time.monotonic(), cpu_seconds_of(child)) if first else (math.nan, math.nan)
        while process.stdout.read(1 << 16):
            pass
        ended_at = time.monotonic()
        process.wait()
        code, cpu_seconds, peak = json.loads(report.readline())
    if code != 0:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Measured(cpu_seconds, first_cpu, first_at - began, ended_at - began, peak / 1024)


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
            min(run.first_cpu_seconds for run in seen),
            statistics.median(run.first_seconds for run in seen),
            statistics.median(run.total_seconds for run in seen),
            statistics.median(run.peak_mib for run in seen),
        )
        for name, seen in runs.items()
    }


def program() -> str:
    return str(Path(sys.executable).with_name("stackspot"))
