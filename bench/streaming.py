"""The first character, and the CPU of a delta into a pipe, beside a bare httpx loop and the peers installed.

python -m bench.streaming [--quick]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench import peers
from bench.processes import environment, once, program, side_by_side
from bench.report import Goal, section, table
from bench.service import Service, environment_for

FEW, MANY = 1_000, 100_000
LIMITS = {"stackspot": 1.0, "stackspot, JSON Lines": 1.3, "stackspot, kept": 1.0}  # times the bare loop's CPU
Commands = dict[str, list[str]]


def report(*, quick: bool = False) -> str:
    minimal = [sys.executable, str(Path(__file__).with_name("minimal.py"))]
    ours = {
        "bare httpx": minimal,
        "stackspot": [program(), "complete", "--no-history"],
        "stackspot, JSON Lines": [program(), "complete", "--no-history", "--format", "jsonl"],
        "stackspot, kept": [program(), "complete"],
    }
    with tempfile.TemporaryDirectory() as home:
        service = Service().start()
        others, more = peers.found(service, Path(home))
        environ = environment(**environment_for(service, home), **more)
        return "\n\n".join(
            [
                _first(
                    {"bare httpx": minimal, "stackspot": ours["stackspot, kept"], **others}, environ, quick
                ),
                _stream(ours, others, environ, quick),
            ]
        )


def _first(commands: Commands, environ: dict[str, str], quick: bool) -> str:
    asking = {name: [*command, "5"] for name, command in commands.items()}
    if shutil.which("curl"):
        asking["curl -N"] = [
            *("curl", "-sN", environ["STACKSPOTAI_ENDPOINT_URL"] + "/v3/chat"),
            *("-H", "Authorization: Bearer bench", "-d", '{"user_prompt": "5"}'),
        ]
    measured = side_by_side(asking, environ, rounds=1 if quick else 9)
    floor = measured["bare httpx"].first_seconds
    rows = [
        [
            name,
            f"{one.first_seconds * 1000:.0f} ms",
            f"{one.first_seconds / floor:.2f}",
            f"{one.cpu_seconds * 1000:.0f} ms",
            f"{one.peak_mib:.0f} MiB",
        ]
        for name, one in measured.items()
    ]
    return section(
        "First character, with a cached token",
        table(["command", "first", "× bare httpx", "CPU", "memory"], rows),
    )


def _stream(ours: Commands, others: Commands, environ: dict[str, str], quick: bool) -> str:
    high = MANY // 5 if quick else MANY
    spent = _cpu(ours, environ, 1 if quick else 5, FEW, high)
    spent |= _cpu(others, environ, 1, FEW, FEW * 5)
    floor = spent["bare httpx"]
    rows = [
        [
            *(name, f"{cpu * 1e6:.1f} µs", f"{cpu / floor:.2f}"),
            f"{LIMITS[name]:.1f}" if name in LIMITS else "",
        ]
        for name, cpu in spent.items()
    ]
    goals = [
        Goal(f"CPU a delta: {name}, × bare httpx", spent[name] / floor, most) for name, most in LIMITS.items()
    ]
    return section(
        f"CPU a delta into a pipe, by {FEW:,} and {high:,} (the peers: {FEW * 5:,})",
        table(["command", "CPU a delta", "× bare httpx", "goal ≤"], rows),
        goals=goals,
    )


def _cpu(commands: Commands, environ: dict[str, str], rounds: int, low: int, high: int) -> dict[str, float]:
    """Seconds a delta: the least of the rounds, in which the commands take turns."""
    seen: dict[str, list[float]] = {name: [] for name in commands}
    for _round in range(rounds):
        for name, command in commands.items():
            few, many = (once([*command, str(count)], environ).cpu_seconds for count in (low, high))
            seen[name].append((many - few) / (high - low))
    return {name: min(found) for name, found in seen.items()}


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
