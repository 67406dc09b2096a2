"""Every claim about speed in one report, goals beside the figures, as Markdown on stdout.

    python -m bench                      all of it, about ten minutes of a machine that does nothing else
    python -m bench --quick              under two minutes, for its shape: the figures say little
    python -m bench --write [--against TREE]
                                         all of it, kept in RESULTS.md (`make results`)
    python -m bench --write SECTION…     only these measured anew; RESULTS.md keeps the rest as it is

TREE: a checkout of an older version to compare Markdown with (`bench.against`). Without it, RESULTS.md keeps what it
has of that comparison. Each section is a process of its own, so that none pays for another's libraries. Peers are
measured where they are installed (`bench.peers`); the floors always.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.report import GOALS, goals_in, goals_table

RESULTS = Path(__file__).with_name("RESULTS.md")
# One module of `bench` each, in the order of the report: a further one is a name here.
SECTIONS = (
    "start_up",
    "round_trips",
    "streaming",
    "floor",
    "memory",
    "gateway",
    "markdown",
    "against",
    "history",
    "batch",
)
AGAINST = "against"  # the one that needs to be told of another checkout
MARK = re.compile(r"^<!-- section (\w+) -->\n", re.MULTILINE)


def measured(name: str, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return run.stdout.strip("\n")


def sections_in(report: str) -> dict[str, str]:
    """A report's sections by name."""
    _head, *rest = MARK.split(report)
    return {name: text.strip("\n") for name, text in zip(rest[::2], rest[1::2], strict=True)}


def assembled(sections: Mapping[str, str]) -> str:
    """The report: its head, all goals with their figures, the sections in their order."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    names = [name for name in SECTIONS if name in sections]
    parts = [
        "# How fast",
        f"Measured by `python -m bench` on one machine ({machine}): read the ratios, not the milliseconds.",
        "## Goals",
        goals_table([goal for name in names for goal in goals_in(sections[name])]),
        *(f"<!-- section {name} -->\n{sections[name]}" for name in names),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="for the report's shape")
    parser.add_argument("--write", action="store_true", help="keep it in RESULTS.md")
    parser.add_argument("--against", metavar="TREE", help="a checkout of an older version to compare with")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    asked = parser.parse_args()
    if strange := set(asked.sections) - set(SECTIONS):
        parser.error(f"no section is called {', '.join(sorted(strange))}: {', '.join(SECTIONS)}")
    if asked.quick and asked.write:
        parser.error("what --quick measures is not worth keeping")
    quick = ["--quick"] if asked.quick else []
    sections = {}
    for name in SECTIONS:
        if (asked.sections and name not in asked.sections) or (name == AGAINST and not asked.against):
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        sections[name] = measured(name, *([asked.against] if name == AGAINST else []), *quick)
    if asked.write:
        kept = sections_in(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        sections = {**kept, **sections}
        RESULTS.write_text(assembled(sections), encoding="utf-8")
    print(GOALS.sub("", assembled(sections)), end="")


if __name__ == "__main__":
    main()
