"""The quota that all processes of this machine share."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stackspot_cli.errors import QuotaExceeded
from stackspot_cli.network.quota import Limits, Used
from stackspot_cli.network.shared_quota import SharedQuota


class World:
    """One file, a clock that is set by hand, the notes that were told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "cache" / "quota" / "account.json"
        self.now = 1_700_000_000.0
        self.notes: list[str] = []

    def quota(self, **limits: int) -> SharedQuota:
        return SharedQuota(self.path, Limits(**limits), self.notes.append, wall_clock=lambda: self.now)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_where_nothing_is_set_and_nothing_was_refused_there_is_no_file(world: World) -> None:
    quota = world.quota()
    assert [quota.reserve() for _ in range(3)] == [0.0] * 3
    quota.spent(100)
    assert quota.used() is None
    assert not world.path.parent.exists()


def test_a_full_minute_waits_its_turn_in_every_process(world: World) -> None:
    waits = [world.quota(per_minute=2).reserve() for _ in range(4)]
    assert waits == pytest.approx([0, 0, 60, 60], abs=0.1)


def test_a_wait_beyond_the_deadline_is_refused_and_not_counted(world: World) -> None:
    quota = world.quota(per_minute=1)
    quota.reserve()
    with pytest.raises(QuotaExceeded) as refused:
        quota.reserve(longest_seconds=5.0)
    assert refused.value.message == "the quota of this minute is used up, and opens in 60 s"
    assert refused.value.retry_after_seconds == pytest.approx(60, abs=0.1)
    world.now += 61
    assert quota.reserve(longest_seconds=5.0) == 0.0


def test_a_full_day_ends_at_once_and_says_when_it_opens(world: World) -> None:
    quota = world.quota(per_day=1)
    quota.reserve()
    with pytest.raises(QuotaExceeded, match="the quota of this day is used up") as refused:
        quota.reserve()
    assert "it opens again at 20" in refused.value.hint


def test_after_a_refusal_everybody_is_slower_without_a_quota_too(world: World) -> None:
    world.quota().refused()
    assert world.path.exists()
    waits = [world.quota().reserve() for _ in range(3)]
    assert waits == pytest.approx([0, 60, 120], abs=0.1)


def test_what_was_used_is_told(world: World) -> None:
    quota = world.quota(per_day=10)
    assert quota.used() == Used(0, 0, 0, 0, None)
    quota.reserve()
    quota.spent(70)
    assert quota.used() == Used(1, 1, 70, 70, None)


@pytest.mark.parametrize("junk", [b"", b"junk", b"\xff", json.dumps({"version": 9}).encode()])
def test_a_damaged_file_is_a_note_and_begins_anew(world: World, junk: bytes) -> None:
    world.path.parent.mkdir(parents=True)
    world.path.write_bytes(junk)
    world.path.chmod(0o600)
    assert world.quota(per_minute=1).reserve() == 0.0
    assert world.notes == [f"the count of requests was damaged, and begins anew: {world.path}"]
    assert world.quota(per_minute=1).reserve() == pytest.approx(60, abs=0.1)


def test_a_place_that_cannot_be_written_costs_one_note_and_not_the_request(world: World) -> None:
    world.path.parent.parent.mkdir()
    world.path.parent.write_text("a file stands here")
    quota = world.quota(per_minute=1)
    assert [quota.reserve() for _ in range(3)] == [0.0] * 3
    assert len(world.notes) == 1
    assert world.notes[0].startswith("requests are not counted, so the quota may be passed: ")


def test_its_file_is_private(world: World) -> None:
    world.quota(per_minute=1).reserve()
    assert [path.stat().st_mode & 0o777 for path in world.path.parent.glob("account.*")] == [0o600, 0o600]
    assert world.path.parent.stat().st_mode & 0o777 == 0o700


HOLD_AND_DIE = """
import os, sys
from pathlib import Path
from filelock import FileLock
path = Path(sys.argv[1])
path.parent.mkdir(parents=True)
FileLock(path.with_suffix(".lock")).acquire()
os.kill(os.getpid(), 9)
"""
MANY = """
import sys
from pathlib import Path
from stackspot_cli.network.quota import Limits
from stackspot_cli.network.shared_quota import SharedQuota
quota = SharedQuota(Path(sys.argv[1]), Limits(per_minute=1_000), print)
for _ in range(50):
    assert quota.reserve() == 0.0
"""


def test_a_process_that_was_killed_holds_nobody_up(world: World) -> None:
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE, str(world.path)], check=False)
    assert world.quota(per_minute=1).reserve() == 0.0
    assert world.notes == []


def test_no_process_loses_what_another_counted(world: World) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", MANY, str(world.path)]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    world.now = time.time()
    told = world.quota(per_minute=1_000).used()
    assert told is not None
    assert told.day_requests == 200
