"""What a line of a batch costs beside one answer in the Python API, and how near eight jobs come to eight a second.

python -m bench.batch [--quick]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.processes import environment, side_by_side
from bench.report import Goal, section, table
from bench.service import Service, environment_for

FEW, MANY = 1_000, 10_000
SLOW_LINES, JOBS = 240, 8
MORE_MS, MORE_MIB, LACK = 3.0, 3.0, 5.0  # CPU a line beyond the API, growth of memory, % of the rate
ANSWERS = """
import sys
from stackspot_cli import StackSpot
with StackSpot() as client:
    for _ in range(int(sys.argv[1])):
        client.completion(messages=[{"role": "user", "content": "5"}])
"""


def report(*, quick: bool = False) -> str:
    with tempfile.TemporaryDirectory() as folder:
        cost = _cost(Path(folder), MANY // 50 if quick else MANY)
        return cost + "\n\n" + _rate(Path(folder), JOBS * 2 if quick else SLOW_LINES)


def _cost(folder: Path, many: int) -> str:
    service = Service().start()
    environ = environment(**environment_for(service, str(folder)))
    program = str(Path(sys.executable).with_name("stackspot"))
    target = str(folder / "out.jsonl")
    few = many // 10
    rows, goals = [], list[Goal]()
    measured = {}
    for count in (few, many):
        batches = {
            f"stackspot batch, {jobs} job{'s' if jobs > 1 else ''}": [
                *("sh", "-c", 'rm -f "$0" && exec "$@"', target, program, "batch", _lines(folder, count)),
                *("-o", target, "--jobs", str(jobs)),
            ]
            for jobs in (1, 4)
        }
        api = {"Python API, one answer after another": [sys.executable, "-c", ANSWERS, str(count)]}
        measured[count] = side_by_side({**api, **batches}, environ, rounds=1)
    floor = None
    for name in measured[many]:
        cpu = (measured[many][name].cpu_seconds - measured[few][name].cpu_seconds) / (many - few) * 1_000
        floor = cpu if floor is None else floor
        grows = measured[many][name].peak_mib - measured[few][name].peak_mib
        rows.append([name, f"{cpu:.2f} ms", f"{cpu - floor:+.2f} ms", f"{grows:+.1f} MiB"])
        if floor != cpu:
            goals.append(Goal(f"CPU a line of {name}, beyond the Python API", cpu - floor, MORE_MS, "ms"))
            goals.append(Goal("… and the growth of its memory", grows, MORE_MIB, "MiB"))
    return section(
        f"A batch of {few:,} to {many:,} lines against a fast service",
        table(["asked by", "CPU an answer", "beyond the API", "memory grows"], rows),
        goals=goals,
    )


def _rate(folder: Path, lines: int) -> str:
    service = Service(pause_seconds=1.0).start()
    environ = environment(**environment_for(service, str(folder)))
    program = str(Path(sys.executable).with_name("stackspot"))
    target = folder / "slow.jsonl"
    argv = [program, "batch", _lines(folder, lines, "1"), "-o", str(target), "--jobs", str(JOBS)]
    began = time.perf_counter()
    subprocess.run(argv, env=environ, stderr=subprocess.DEVNULL, check=True)
    seconds = time.perf_counter() - began
    rate = target.read_bytes().count(b"\n") / seconds
    return section(
        f"{JOBS} jobs, {lines} lines, a service that takes 1 s an answer; start-up and disk included",
        table(["answers a second", "of what is possible"], [[f"{rate:.2f}", f"{rate / JOBS:.1%}"]]),
        goals=[Goal(f"what {JOBS} jobs lack of {JOBS} answers a second", 100 * (1 - rate / JOBS), LACK, "%")],
    )


def _lines(folder: Path, count: int, prompt: str = "5") -> str:
    path = folder / f"{count}-{prompt}.jsonl"
    path.write_text("".join(json.dumps({"id": number, "prompt": prompt}) + "\n" for number in range(count)))
    return str(path)


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
