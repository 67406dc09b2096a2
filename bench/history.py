"""What a long history costs: listing and searching 10,000 conversations, and keeping a stream of 20,000 deltas.

    python -m bench.history [--quick]

list: the whole command, with 10,000 conversations and with one. search: inside a process, the history open, as
`chat` has it. kept: CPU of `complete` with history and with --no-history, and the ratio of the two.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.processes import environment, once, side_by_side
from bench.report import section, table
from bench.service import Service, environment_for
from stackspot_cli.account import Account
from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.history import rows, search
from stackspot_cli.history.database import Database
from stackspot_cli.history.store import History
from stackspot_cli.ulid import ulid

CONVERSATIONS, DELTAS = 10_000, 20_000
SYLLABLES = ("con", "pro", "tra", "ver", "de", "la", "ti", "mo", "ra", "st", "in", "per", "re", "co", "di")


def fill(path: Path, count: int) -> None:
    """Conversations of one turn, 30 words asked and 200 answered, their words as unevenly common as ours."""
    dice = random.Random(7)
    vocabulary = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 4))) for _ in range(30_000)]
    common = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(vocabulary))))

    def words(number: int) -> str:
        return " ".join(dice.choices(vocabulary, cum_weights=common, k=number))

    def insert(connection: sqlite3.Connection) -> None:
        for number in range(count):
            id_ = ulid(1_700_000_000 + number, dice.randbytes(10))
            conversation = Conversation(
                id_, Account("default"), "stackspot-ai", created_at=number, updated_at=number
            )
            turn = Turn(words(30), words(200), "complete", "stackspot-ai", number, number)
            place = rows.insert_conversation(connection, conversation, turn.prompt)
            row = rows.insert_turn(connection, place, turn)
            rows.update_turn(connection, row, turn)
            search.add(connection, row)

    database = Database(path, now=time.time, note=print)
    database.write(insert)
    database.close()


def report(*, quick: bool = False) -> str:
    rounds, conversations = (1, CONVERSATIONS // 20) if quick else (9, CONVERSATIONS)
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder, "long"), Path(folder, "short")
        fill(long / "history.db", conversations)
        fill(short / "history.db", 0)
        return "\n\n".join(
            [
                _list(long, short, conversations, rounds),
                _search(long / "history.db", conversations),
                _kept(short, long, conversations, rounds),
            ]
        )


def _list(long: Path, short: Path, conversations: int, rounds: int) -> str:
    program = str(Path(sys.executable).with_name("stackspot"))
    command = ["env", "STACKSPOTAI_HOME={home}", program, "history", "list"]
    measured = side_by_side(
        {
            name: [word.format(home=home) for word in command]
            for name, home in (("empty", short), (f"{conversations:,}", long))
        },
        environment(),
        rounds=rounds,
    )
    floor = measured["empty"].total_seconds
    shown = [
        [name, f"{one.total_seconds * 1000:.0f} ms", f"{one.total_seconds / floor:.2f}"]
        for name, one in measured.items()
    ]
    return section("history list", table(["conversations", "time", "× empty"], shown))


def _search(path: Path, conversations: int) -> str:
    history = History(path, note=print)
    history.summaries(1)
    shown = []
    for words in (["contra"], ["co"], ["c"], ["con", "de", "la"], ["nothinglikethis"], ["verde", "perti"]):
        times = []
        for _round in range(20):
            began = time.perf_counter()
            found = len(history.search(words, 20))
            times.append(time.perf_counter() - began)
        middle, worst = statistics.median(times) * 1000, max(times) * 1000
        shown.append([" ".join(words), str(found), f"{middle:.1f} ms", f"{worst:.1f} ms"])
    history.close()
    return section(f"search among {conversations:,}", table(["words", "found", "median", "worst"], shown))


def _kept(short: Path, long: Path, conversations: int, rounds: int) -> str:
    """CPU, least of the rounds, in an order that rotates: by medians in one order noise made keeping look free.

    The control runs the first command again: what lies within its distance from 1 says nothing.
    """
    program = str(Path(sys.executable).with_name("stackspot"))
    environ = environment(**environment_for(Service().start(), str(short)))
    plain = ["env", f"STACKSPOTAI_HOME={short}", program, "complete", "--no-history", str(DELTAS)]
    commands = {
        "--no-history": plain,
        "--no-history again (control)": plain,
        "kept": ["env", f"STACKSPOTAI_HOME={short}", program, "complete", str(DELTAS)],
        f"kept, after {conversations:,}": [
            "env",
            f"STACKSPOTAI_HOME={long}",
            program,
            "complete",
            str(DELTAS),
        ],
    }
    seen: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        names = list(commands)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            seen[name].append(once(commands[name], environ).cpu_seconds)
    least = {name: min(times[1:]) for name, times in seen.items()}  # the first round warms the caches
    history = History(short / "history.db", note=print)
    kept = [summary.state for summary in history.summaries()]
    history.close()
    assert kept == ["complete"] * (rounds + 1), "what was measured is keeping"
    floor = least["--no-history"]
    shown = [[name, f"{cpu * 1000:.0f} ms", f"{cpu / floor:.3f}"] for name, cpu in least.items()]
    return section(f"complete, {DELTAS:,} deltas", table(["", "CPU", "× --no-history"], shown))


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
