"""Eight processes, one account: twenty requests a minute, with a minute of a few seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import pytest

from stackspot_cli.sandbox import Sandbox

PROCESSES, EACH, PER_MINUTE = 8, 6, 20
MINUTE_SECONDS = 6.0
# A request takes its time to arrive, and that time is not scaled with the minute: the service's is a little shorter.
SERVICE_SECONDS = 5.6
SCRIPT = Path(__file__).parents[1] / "support" / "quota_process.py"


def all_at_once(sandbox: Sandbox, home: Path, quota: int) -> list[list[float]]:
    """The seconds that each request took, of each process."""
    environ = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "STACKSPOTAI_HOME": str(home),
        "STACKSPOTAI_RETRIES": "6",
        **sandbox.environment,
    }
    argv = [sys.executable, str(SCRIPT), str(MINUTE_SECONDS), str(quota), str(EACH)]
    processes = [
        subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    ends = [process.communicate(timeout=180) for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, ends
    return [json.loads(out) for out, _err in ends]


def refusals(sandbox: Sandbox) -> list[float]:
    """When each 429 was given."""
    assert sandbox.rate is not None
    return list(sandbox.rate.refused)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(per_minute=PER_MINUTE, minute_seconds=SERVICE_SECONDS) as server:
        yield server


WAITED_SECONDS = 0.8  # longer than any answer takes on a busy machine


def assert_nobody_starves(took: list[list[float]]) -> None:
    """Of those who had to wait the longest waited at most three times the mean, and so did the processes."""
    waits = [seconds for process in took for seconds in process if seconds > WAITED_SECONDS]
    assert len(waits) >= PROCESSES
    assert max(waits) <= 3 * mean(waits)
    assert max(map(sum, took)) <= 3 * mean(map(sum, took))


def test_with_a_quota_nobody_is_refused_and_nobody_starves(sandbox: Sandbox, tmp_path: Path) -> None:
    took = all_at_once(sandbox, tmp_path, PER_MINUTE)
    assert refusals(sandbox) == []
    assert_nobody_starves(took)


def test_without_one_the_first_refusal_teaches_them_all(sandbox: Sandbox, tmp_path: Path) -> None:
    took = all_at_once(sandbox, tmp_path, 0)
    given = refusals(sandbox)
    # Those that were on their way already when the first came; then none.
    assert 1 <= len(given) <= PROCESSES
    assert max(given) - min(given) < 2.0
    assert_nobody_starves(took)
