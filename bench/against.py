"""Streamed Markdown beside another version of this program, in one run: CPU, memory and bytes by document, and when
the first character stands on a terminal.

    python -m bench.against TREE [--quick]

TREE: a checkout of that version (`git worktree add TREE COMMIT`). Both run with the libraries of this Python, each
document and each start in turn, so that a slow moment of the machine meets both. The least of several runs counts:
other work on the machine only ever adds.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from bench.markdown import COLUMNS, ROWS
from bench.processes import environment
from bench.report import Goal, section, table
from bench.service import WORDS, Service, environment_for

HERE = Path(__file__).parents[1]
PLAN = [("mixed", 1_000), ("mixed", 4_000), ("mixed", 16_000)]
PLAN += [(kind, 8_000) for kind in ("fence", "table", "list", "paragraph", "words")]
QUICK = [(kind, 2_000) for kind in ("mixed", "fence", "table", "list", "paragraph", "words")]
MEDIAN, WORST = 1.3, 1.6  # times the other's CPU, at most
LATER = {
    0.0: 0.060,
    0.3: 0.010,
}  # seconds until the service answers: how much later the first character may be


def on_terminal(
    command: list[str], environ: Mapping[str, str], awaited: bytes = b"\0"
) -> tuple[float, bytes, bytes]:
    """When the awaited text had come, all that came, and stderr where that is no terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    begun = time.monotonic()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=dict(environ), cwd="/"
    )
    os.close(theirs)
    shown, came = b"", float("nan")
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # Linux says EIO when the last process has closed the other side
            break
        shown += data
        if came != came and awaited in shown:
            came = time.monotonic() - begun
    _out, err = process.communicate()
    os.close(ours)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{err.decode()}")
    return came, shown, err


def rendered(tree: Path, kind: str, tokens: int) -> dict[str, float]:
    child = [sys.executable, str(tree / "bench" / "markdown.py"), "--child", "live", kind, str(tokens)]
    _came, shown, err = on_terminal(child, environment(PYTHONPATH=str(tree)))
    found: dict[str, float] = json.loads(err)
    return {"cpu": found["cpu"], "peak": found["peak"], "bytes": len(shown)}


def cost(tree: Path, plan: list[tuple[str, int]], rounds: int) -> tuple[str, list[str]]:
    rows, ratios = [], []
    for kind, tokens in plan:
        runs = [(rendered(tree, kind, tokens), rendered(HERE, kind, tokens)) for _round in range(rounds)]
        then, now = ({key: min(run[side][key] for run in runs) for key in runs[0][side]} for side in (0, 1))
        ratios.append(now["cpu"] / then["cpu"])
        rows.append(
            [
                *(kind, f"{tokens:,}"),
                *(f"{then['cpu'] * 1000:.0f} ms", f"{now['cpu'] * 1000:.0f} ms", f"{ratios[-1]:.2f}"),
                *(f"{then['peak']:.1f}", f"{now['peak']:.1f}", f"{now['bytes'] / then['bytes']:.2f}"),
            ]
        )
    median, worst = statistics.median(ratios), max(ratios)
    head = ["document", "tokens", "CPU then", "CPU now", "ratio", "MiB then", "MiB now", "bytes"]
    faults = [f"median {median:.2f} > {MEDIAN}"] if median > MEDIAN else []
    faults += [f"worst {worst:.2f} > {WORST}"] if worst > WORST else []
    return f"{table(head, rows)}\n\nMedian {median:.2f}, worst {worst:.2f}.", faults


def first(tree: Path, wait_seconds: float, rounds: int) -> tuple[float, float]:
    """Seconds from the start of the program to the first word of the answer, then and now."""
    service = Service(wait_seconds=wait_seconds).start()
    seen: dict[Path, list[float]] = {tree: [], HERE: []}
    with tempfile.TemporaryDirectory() as home:
        environ = environment(**environment_for(service, home), TERM="xterm-256color")
        for round_ in range(rounds + 1):
            for one in seen:
                command = [sys.executable, "-m", "stackspot_cli", "complete", "--no-history", "8"]
                came, _shown, _err = on_terminal(
                    command, {**environ, "PYTHONPATH": str(one)}, WORDS[0].strip().encode()
                )
                seen[one] += [came] if round_ else []  # the first one writes byte code and gets a token
    return min(seen[tree]), min(seen[HERE])


def report(tree: Path, *, quick: bool = False) -> str:
    text, faults = cost(tree, QUICK if quick else PLAN, 2 if quick else 3)
    rows = []
    for wait_seconds, later in LATER.items():
        then, now = first(tree, wait_seconds, 9 if quick else 21)
        answers = f"after {wait_seconds * 1000:.0f} ms" if wait_seconds else "at once"
        rows.append(
            [answers, f"{then * 1000:.0f} ms", f"{now * 1000:.0f} ms", f"{(now - then) * 1000:+.0f} ms"]
        )
        faults += [f"first character {answers}: {now - then:.3f} > {later}"] if now - then > later else []
    commit = subprocess.run(
        ["git", "-C", str(tree), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return section(
        f"Markdown on a terminal, beside commit {commit or '(no checkout)'}",
        text,
        table(["the service answers", "first character then", "now", ""], rows),
        "\n".join(faults) if faults else "Every limit is kept.",
        goals=[Goal("… beside an older version: limits that are not kept", len(faults), 0)],
    )


if __name__ == "__main__":
    print(report(Path(sys.argv[1]).resolve(), quick="--quick" in sys.argv))
