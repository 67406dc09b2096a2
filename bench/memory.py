"""How much memory one call takes, and how it grows with its answer.

python -m bench.memory [--quick]
"""

from __future__ import annotations

import itertools
import sys
import tempfile

from bench.processes import environment, program, side_by_side
from bench.report import Goal, section, table
from bench.service import WORDS, Service, environment_for

FEW, MANY = 2_000, 200_000
MIB = 1024 * 1024
# As they are loaded here: the collector off, httpx without its command line, no tear-down; nothing is sent.
LIBRARIES = """
import gc, os
gc.disable()
import stackspot_cli.network.lean_httpx, httpcore, typer
os._exit(0)
"""
PEAKS = {"--no-history": 28.0, "kept": 30.0}


def report(*, quick: bool = False) -> str:
    many = MANY // 10 if quick else MANY
    size = sum(map(len, itertools.islice(itertools.cycle(WORDS), many))) / MIB
    grows = {"--no-history": 2e6 / MIB, "kept": size}
    options = {"--no-history": ["--no-history"], "kept": []}
    with tempfile.TemporaryDirectory() as home:
        environ = environment(**environment_for(Service().start(), home))
        asking = {
            f"{name} {count}": [program(), "complete", *more, str(count)]
            for name, more in options.items()
            for count in (FEW, many)
        }
        alone = {
            "bare python": [sys.executable, "-I", "-c", "pass"],
            "Typer and httpx with its httpcore": [sys.executable, "-c", LIBRARIES],
        }
        measured = side_by_side({**alone, **asking}, environ, rounds=1 if quick else 7)
    peaks = {name: one.peak_mib for name, one in measured.items()}
    rows = [[name, f"{peaks[name]:.1f} MiB", "", "", "", ""] for name in alone]
    goals = []
    for name in options:
        few = peaks[f"{name} {FEW}"]
        grown = peaks[f"{name} {many}"] - few
        rows.append(
            [
                *(f"complete, {name}", f"{few:.1f} MiB", f"{PEAKS[name]:g} MiB"),
                *(f"{peaks[f'{name} {many}']:.1f} MiB", f"{grown:+.2f} MiB", f"{grows[name]:.2f} MiB"),
            ]
        )
        goals += [
            Goal(f"memory of a piped `complete`, {name}", few, PEAKS[name], "MiB"),
            Goal(f"… and its growth over {many:,} deltas", grown, grows[name], "MiB"),
        ]
    heading = ["command", f"{FEW:,} deltas", "goal ≤", f"{many:,}", "grown", "goal ≤"]
    return section(
        f"Memory of one call; an answer of {many:,} deltas has {size:.2f} MiB",
        table(heading, rows),
        goals=goals,
    )


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
