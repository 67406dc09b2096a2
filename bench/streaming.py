"""The first character, and the cost of a delta into a pipe, beside a bare httpx loop and the peers installed.

python -m bench.streaming [ROUNDS]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench import peers
from bench.processes import environment, side_by_side, table
from bench.service import Service, environment_for

FEW, MANY = 10_000, 100_000


def report(rounds: int = 9) -> str:
    program = str(Path(sys.executable).with_name("stackspot"))
    minimal = [sys.executable, str(Path(__file__).with_name("minimal.py"))]
    with tempfile.TemporaryDirectory() as home:
        service = Service().start()
        commands, more = peers.found(service, Path(home))
        environ = environment(**environment_for(service, home), **more)
        return (
            _first(program, minimal, commands, environ, rounds)
            + "\n"
            + _stream(program, minimal, commands, environ, max(3, rounds // 3))
        )


def _first(
    program: str, minimal: list[str], others: dict[str, list[str]], environ: dict[str, str], rounds: int
) -> str:
    commands = {"bare httpx": [*minimal, "5"], "stackspot": [program, "complete", "5"]}
    commands.update({name: [*command, "5"] for name, command in others.items()})
    if shutil.which("curl"):
        commands["curl -N"] = [
            *("curl", "-sN", environ["STACKSPOTAI_ENDPOINT_URL"] + "/v3/chat"),
            *("-H", "Authorization: Bearer bench", "-d", '{"user_prompt": "5"}'),
        ]
    measured = side_by_side(commands, environ, rounds=rounds)
    floor = measured["bare httpx"].first_seconds
    rows = [
        [
            name,
            f"{one.first_seconds * 1000:.0f} ms",
            f"{one.first_seconds / floor:.2f}",
            f"{one.peak_mib:.0f} MiB",
        ]
        for name, one in measured.items()
    ]
    return (
        "## First character, with a cached token\n\n"
        + table(["command", "first", "× bare httpx", "memory"], rows)
        + "\n"
    )


def _stream(
    program: str, minimal: list[str], others: dict[str, list[str]], environ: dict[str, str], rounds: int
) -> str:
    ours = {
        "bare httpx": minimal,
        "stackspot": [program, "complete", "--no-history"],
        "stackspot, kept": [program, "complete"],
    }
    rows = _rows(ours, environ, rounds, FEW, MANY) + _rows(others, environ, rounds, FEW // 10, FEW // 2)
    heading = (
        f"## Streaming into a pipe, {FEW:,} to {MANY:,} deltas (the peers: {FEW // 10:,} to {FEW // 2:,})\n\n"
    )
    return (
        heading + table(["command", "CPU a delta", "CPU grows", "deltas grow", "memory grows"], rows) + "\n"
    )


def _rows(
    commands: dict[str, list[str]], environ: dict[str, str], rounds: int, low: int, high: int
) -> list[list[str]]:
    few = side_by_side(
        {name: [*command, str(low)] for name, command in commands.items()}, environ, rounds=rounds
    )
    many = side_by_side(
        {name: [*command, str(high)] for name, command in commands.items()}, environ, rounds=rounds
    )
    return [
        [
            name,
            f"{(many[name].cpu_seconds - few[name].cpu_seconds) / (high - low) * 1e6:.1f} µs",
            f"× {many[name].cpu_seconds / few[name].cpu_seconds:.1f}",
            f"× {high / low:.0f}",
            f"{many[name].peak_mib - few[name].peak_mib:+.1f} MiB",
        ]
        for name in commands
    ]


if __name__ == "__main__":
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
