"""Every claim about speed, in one run, as Markdown on stdout; `--write` keeps it in RESULTS.md.

    python -m bench [--write]

Each part is a process of its own, so that none pays for another's libraries. Peers are measured where they are
installed (`bench.peers`); the floors always.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS = ("start_up", "round_trips", "streaming", "markdown", "history", "gateway", "batch")


def part(name: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", f"bench.{name}"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    text = run.stdout.strip("\n")
    return text if text.startswith("##") else f"## {name.replace('_', ' ').capitalize()}\n\n```\n{text}\n```"


def main() -> None:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    head = f"# How fast\n\nMeasured on one machine in one run ({machine}): read the ratios, not the milliseconds."
    text = "\n\n".join([head, *(part(name) for name in PARTS)]) + "\n"
    print(text)
    if "--write" in sys.argv[1:]:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
