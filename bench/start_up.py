"""Start-up: multiples of bare `python -I -c pass` in the same venv, CPU medians.

python -m bench.start_up [ROUNDS]
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.processes import environment, side_by_side, table

LIMITS = {"--version": 1.8, "completion": 7.5, "--help": 7.5}


def report(rounds: int = 15) -> str:
    python, program = sys.executable, str(Path(sys.executable).with_name("stackspot"))
    plain = environment()
    measured = side_by_side(
        {
            "bare": [python, "-I", "-c", "pass"],
            "--version": [program, "--version"],
            "--help": [program, "--help"],
            "typer alone": [python, "-I", "-c", "import typer"],
            "completion": [
                "env",
                "_STACKSPOT_COMPLETE=complete_bash",
                "COMP_WORDS=stackspot com",
                "COMP_CWORD=1",
                program,
            ],
        },
        plain,
        rounds=rounds,
    )
    bare = measured["bare"].cpu_seconds
    rows = [
        [
            name,
            f"{one.cpu_seconds * 1000:.0f} ms",
            f"{one.cpu_seconds / bare:.1f}",
            f"{LIMITS[name]}" if name in LIMITS else "",
            f"{one.peak_mib:.0f} MiB",
        ]
        for name, one in measured.items()
    ]
    return "## Start-up\n\n" + table(["command", "CPU", "× bare python", "goal ≤", "memory"], rows) + "\n"


if __name__ == "__main__":
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
