"""What streamed Markdown costs, beside plain text and beside rendering the whole answer once at the end.

    python -m bench.markdown [--quick]

Each row is a process of its own on a pseudo-terminal of 100x40, fed one token (four characters) a millisecond.
cpu: user and system time of that process, imports included. bytes: written to the terminal. late: how long it
ended after the last token. seen: from the moment a word was fed to its arrival at the terminal, median.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from bench.report import Goal, section
from stackspot_cli.conversation.answer import Answer
from stackspot_cli.domain import Delta
from stackspot_cli.output.markdown import MarkdownSink, MarkdownWriter
from stackspot_cli.output.sink import Sink
from stackspot_cli.output.text import TextSink
from stackspot_cli.terminal.streams import Terminal

COLUMNS, ROWS = 100, 40
TOKEN = 4  # characters
INTERVAL = 0.001  # seconds a token
MODES = ("plain", "live", "once")
PROSE = "word{n} of a paragraph with **strong**, `code` and [a link](https://example.com/{n}) in it, and on it goes"
PYTHON = '''\
def function_{n}(name: str, times: int = {n}) -> list[str]:
    """Say hello, {n} times over."""
    greeting = f"Hello, {{name}}!"  # as people do
    return [greeting for _ in range(times)]

'''


def mixed(n: int) -> str:
    return (
        f"## Part {n}\n\n{PROSE.format(n=n)}. {PROSE.format(n=n + 1)}.\n\n"
        f"1. first of {n}\n2. second, with a longer text that has to be wrapped because it does not fit the line\n"
        f"   - nested **item**\n\n```python\n{PYTHON.format(n=n)}```\n\n"
        f"| name | value | remark |\n|---|--:|---|\n| alpha{n} | {n} | short |\n| beta | {n * n} | a longer remark |\n"
        f"| gamma | 3 | `code` |\n\n> A quote that says {n}.\n\n"
    )


def document(kind: str, tokens: int) -> str:
    size, parts, n = tokens * TOKEN, [], 0
    begin = {"fence": "```python\n", "table": "| a | b | c |\n|---|---|---|\n"}.get(kind, "")
    length = len(begin)
    while length < size:
        match kind:
            case "mixed":
                part = mixed(n)
            case "fence":
                part = PYTHON.format(n=n)
            case "table":
                part = f"| row {n} | {n * 7} and *some* more | the last cell of {n} |\n"
            case "list":
                part = f"{n + 1}. {PROSE.format(n=n)}\n"
            case "words":
                part = f"w{n:06} "
            case _:
                part = PROSE.format(n=n) + ". "
        parts.append(part)
        length += len(part)
        n += 1
    return (begin + "".join(parts))[:size]


# --- the measured process -------------------------------------------------------------------------------


def _stream(terminal: Terminal, *, live: bool) -> MarkdownWriter:
    from stackspot_cli.markdown.stream import MarkdownStream

    return MarkdownStream(terminal.write, size=lambda: (COLUMNS, ROWS), color=True, live=live)


def child(mode: str, kind: str, tokens: int) -> None:
    text = document(kind, tokens)
    pieces = [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]

    terminal = Terminal.of_process({"TERM": "xterm-256color"})
    sink: Sink = TextSink(terminal, for_terminal=True)
    if mode != "plain":
        sink = MarkdownSink(terminal, lambda: _stream(terminal, live=mode == "live"))
    cpu_after_start = time.process_time()
    begun = time.monotonic()
    for index, piece in enumerate(pieces):
        sink.event(Delta(piece))
        due = begun + (index + 1) * INTERVAL
        while True:
            wanted = None if mode == "once" else sink.tick()
            left = due - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, wanted) if wanted else left)
    last = begun + len(pieces) * INTERVAL
    busy = time.process_time() - cpu_after_start
    wall = time.monotonic() - begun
    sink.done(Answer())
    ended = time.monotonic()
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.split("\n") if line.startswith("VmHWM"))
    report = {
        "cpu": time.process_time(),
        "share": busy / wall,
        "late": ended - last,
        "begun": begun,
        "peak": peak / 1024,
    }
    os.write(2, json.dumps(report).encode())


# --- the measuring one ----------------------------------------------------------------------------------


def measured(mode: str, kind: str, tokens: int) -> dict[str, float]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.markdown", "--child", mode, kind, str(tokens)],
        stdout=slave,
        stderr=writer,
    )
    os.close(slave)
    os.close(writer)
    arrivals: list[tuple[float, bytes]] = []
    while True:
        select.select([master], [], [])
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        arrivals.append((time.monotonic(), data))
    process.wait()
    found: dict[str, float] = json.loads(os.read(reader, 65536))
    os.close(master)
    os.close(reader)
    found["bytes"] = sum(len(data) for _, data in arrivals)
    if kind == "words":
        found["seen"] = seen(arrivals, found["begun"])
    return found


def seen(arrivals: list[tuple[float, bytes]], begun: float) -> float:
    """Seconds from a word's last character being fed to its arrival, the median over all words."""
    waits: dict[int, float] = {}
    tail = b""
    for moment, data in arrivals:
        for word in re.finditer(rb"w(\d{6})", tail + data):
            n = int(word[1])
            token = (n * 8 + 6) // TOKEN  # eight characters a word, the seventh is its last digit
            waits.setdefault(n, moment - (begun + token * INTERVAL))
        tail = data[-6:]
    return statistics.median(waits.values())


def row(kind: str, tokens: int, mode: str, r: dict[str, float], base: dict[str, dict[str, float]]) -> str:
    over = (r["cpu"] - base["plain"]["cpu"]) * 1000 if "plain" in base else float("nan")
    ratio = r["bytes"] / base["once"]["bytes"] if mode == "live" and "once" in base else float("nan")
    cells = [
        f"{kind:9} {tokens:7,} {mode:6}",
        f"{r['cpu'] * 1000:8.0f} {over:8.0f} {r['share']:7.1%}",
        f"{r['bytes']:10,.0f} {ratio:6.2f}",
        f"{r['peak']:6.1f} {r['late'] * 1000:6.0f}",
        f"{r['seen'] * 1000:6.0f}" if "seen" in r else "     -",
    ]
    return "  ".join(cells).replace("nan", "  -")


LIMITS = (
    "cpu over plain: 150 ms and 60 µs a token; bytes over one render: 1.5; MiB: 32; late after plain: 150 ms;"
)
LIMITS += " share of a core over plain's: 30 %; seen: 70 ms; 16,000 tokens: 4.2 times the cpu of 4,000"


def faults_of(kind: str, tokens: int, base: dict[str, dict[str, float]]) -> list[str]:
    live, plain = base["live"], base["plain"]
    limits = {
        "cpu over plain": (live["cpu"] - plain["cpu"], 0.150 + 60e-6 * tokens),
        "bytes over one render": (live["bytes"] / base["once"]["bytes"], 1.5),
        "MiB": (live["peak"], 32),
        "late after plain": (live["late"] - plain["late"], 0.150),
        "share of a core": (live["share"] - plain["share"], 0.30),
        "seen": (live.get("seen", 0.0), 0.070),
    }
    return [f"{kind} {tokens}: {name} {v:.3f} > {most:.3f}" for name, (v, most) in limits.items() if v > most]


def report(*, quick: bool = False) -> str:
    plan = [("mixed", n) for n in ((500,) if quick else (1_000, 4_000, 16_000))]
    plan += [(kind, 200 if quick else 8_000) for kind in ("fence", "table", "list", "paragraph", "words")]
    lines = ["document   tokens mode     cpu ms  +plain    core       bytes  ratio     MiB   late    seen"]
    cpu: dict[tuple[str, int], float] = {}
    faults: list[str] = []
    for kind, tokens in plan:
        base: dict[str, dict[str, float]] = {}
        for mode in ("plain", "once", "live"):
            base[mode] = measured(mode, kind, tokens)
            lines.append(row(kind, tokens, mode, base[mode], base))
        cpu[kind, tokens] = base["live"]["cpu"]
        faults += faults_of(kind, tokens, base)
    if not quick:
        growth = cpu["mixed", 16_000] / cpu["mixed", 4_000]
        lines.append(f"16,000 tokens cost {growth:.2f} times the cpu of 4,000")
        faults += [f"growth {growth:.2f} > 4.2"] if growth > 4.2 else []
    text = "\n".join([*lines, *(faults or ["every limit is kept"])])
    goals = [Goal("Markdown on a terminal: limits that are not kept", len(faults), 0)]
    return section("Markdown", f"```\n{text}\n```", f"Limits: {LIMITS}.", goals=goals)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        print(report(quick="--quick" in sys.argv))
