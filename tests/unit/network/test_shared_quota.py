"""The quota that all processes of this machine share."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stackspot_cli.errors import QuotaExceeded, RateLimited
from stackspot_cli.network.quota import Limits, Used
from stackspot_cli.network.shared_quota import SharedQuota


class World:
    """One file, a clock that is set by hand, the notes that were told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "cache" / "quota" / "account.json"
        self.now = 1_700_000_000.0
        self.notes: list[str] = []

    def quota(self, **limits: int) -> SharedQuota:
        return SharedQuota(
            self.path, Limits(**limits), self.notes.append, wall_clock=lambda: self.now, lock_seconds=0.05
        )


def wait(quota: SharedQuota) -> float:
    return quota.reserve().wait_seconds


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_where_nothing_is_set_and_nothing_was_refused_there_is_no_file(world: World) -> None:
    quota = world.quota()
    assert [wait(quota) for _ in range(3)] == [0.0] * 3
    quota.spent(100)
    quota.give_back(quota.reserve())
    assert quota.used() is None
    assert not world.path.parent.exists()


def test_a_full_minute_waits_its_turn_in_every_process(world: World) -> None:
    waits = [wait(world.quota(per_minute=2)) for _ in range(4)]
    assert waits == pytest.approx([0, 0, 60.5, 60.5])


def test_a_turn_that_is_not_taken_is_there_for_the_next(world: World) -> None:
    world.quota(per_minute=1).reserve()
    turn = world.quota(per_minute=1).reserve()
    world.quota(per_minute=1).give_back(turn)
    assert world.quota(per_minute=1).reserve() == turn


def test_a_retry_waits_for_its_own_time_too(world: World) -> None:
    assert world.quota().reserve(wait_seconds=4.0).wait_seconds == 4.0
    assert world.quota(per_minute=1).reserve(wait_seconds=4.0).wait_seconds == pytest.approx(4.0)
    assert world.quota(per_minute=1).reserve(wait_seconds=4.0).wait_seconds == pytest.approx(64.5)


def test_a_wait_beyond_the_deadline_is_refused_and_not_counted(world: World) -> None:
    quota = world.quota(per_minute=1)
    quota.reserve()
    with pytest.raises(RateLimited) as refused:
        quota.reserve(longest_seconds=5.0)
    assert refused.value.message == "the quota of this minute is used up, and opens in 60 s"
    assert refused.value.retry_after_seconds == pytest.approx(60.5)
    world.now += 61
    assert quota.reserve(longest_seconds=5.0).wait_seconds == 0.0


def test_a_full_day_ends_at_once_and_says_when_it_opens(world: World) -> None:
    quota = world.quota(per_day=1)
    quota.reserve()
    with pytest.raises(QuotaExceeded, match="the quota of this day is used up") as refused:
        quota.reserve()
    assert "it opens again at 20" in refused.value.hint


def test_after_a_refusal_everybody_is_slower_without_a_quota_too(world: World) -> None:
    busy = world.quota()
    for _ in range(20):
        busy.reserve()
        world.now += 1.0
    busy.refused()
    assert world.path.exists()
    waits = [wait(world.quota()) for _ in range(3)]
    assert waits == pytest.approx(
        [60.5, 66.5, 72.5]
    )  # what others did is not known: a minute, then ten a minute
    with pytest.raises(RateLimited, match="StackSpot asked for fewer requests: the next may begin in 78 s"):
        world.quota().reserve(longest_seconds=5.0)


def test_once_somebody_counts_all_tell_what_they_began_before(world: World) -> None:
    one, other = world.quota(), world.quota()
    for quota in (one, one, one, other, other, other):
        quota.reserve()
    one.refused()
    assert world.quota().used() == Used(3, 3, 0, 0, None)
    other.refused()
    assert world.quota().used() == Used(6, 6, 0, 0, 10.0)


def test_a_turn_is_given_back_when_everybody_was_slowed_down_meanwhile(world: World) -> None:
    quota = world.quota(per_minute=5)
    for _ in range(5):
        quota.reserve()
    turn = quota.reserve()
    assert not quota.is_over(turn)
    world.now += 1.0
    world.quota(per_minute=5).refused()
    assert quota.is_over(turn)
    assert wait(quota) == pytest.approx(60.5)


def test_a_lone_request_that_is_refused_begins_a_count_and_no_slower_pace(world: World) -> None:
    quota = world.quota()
    quota.reserve()
    quota.refused()
    assert world.quota().used() == Used(1, 1, 0, 0, None)
    assert wait(world.quota()) == 0.0


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
    assert wait(world.quota(per_minute=1)) == 0.0
    assert world.notes == [f"the count of requests was damaged, and begins anew: {world.path}"]
    assert wait(world.quota(per_minute=1)) == pytest.approx(60.5)


def test_where_nothing_can_be_written_a_process_counts_for_itself_and_says_so_once(world: World) -> None:
    world.path.parent.parent.mkdir()
    world.path.parent.write_text("a file stands here")
    quota = world.quota(per_minute=1)
    assert [wait(quota) for _ in range(3)] == pytest.approx([0.0, 60.5, 121.0])
    quota.spent(7)
    assert quota.used() == Used(1, 1, 7, 7, None)
    assert world.notes == [
        "this process counts its requests alone, for the count cannot be shared: Not a directory"
    ]


def test_the_last_word_that_cannot_be_written_is_not_lost(world: World) -> None:
    world.quota(per_minute=1).reserve()
    world.path.parent.chmod(0o500)
    quota = world.quota(per_minute=1)
    waits = [wait(quota) for _ in range(2)]
    world.path.parent.chmod(0o700)
    # Whoever may write everywhere (root) never counts alone.
    assert waits == pytest.approx([60.5, 121.0])


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
lock = FileLock(path.with_suffix(".lock"))
lock.acquire()
os.kill(os.getpid(), 9)
"""
MANY = """
import sys
from pathlib import Path
from stackspot_cli.network.quota import Limits
from stackspot_cli.network.shared_quota import SharedQuota
quota = SharedQuota(Path(sys.argv[1]), Limits(per_minute=1_000), print)
for _ in range(50):
    assert quota.reserve().wait_seconds == 0.0
"""


def test_a_process_that_was_killed_holds_nobody_up(world: World) -> None:
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE, str(world.path)], check=False)
    assert wait(world.quota(per_minute=1)) == 0.0
    assert world.notes == []


STOPPED = """
import sys, time
from pathlib import Path
from filelock import FileLock
path = Path(sys.argv[1])
path.parent.mkdir(parents=True)
lock = FileLock(path.with_suffix(".lock"))
lock.acquire()
print(flush=True)
sys.stdin.read()
"""


def test_a_process_that_holds_the_count_and_sleeps_costs_a_moment_and_not_the_request(world: World) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(world.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as sleeper:
        assert sleeper.stdout is not None
        sleeper.stdout.readline()
        assert wait(world.quota(per_minute=1)) == 0.0
        sleeper.communicate()
    assert world.notes == [
        "this process counts its requests alone, for the count cannot be shared: another process holds it"
    ]


def test_no_process_loses_what_another_counted(world: World) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", MANY, str(world.path)]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    world.now = time.time()
    told = world.quota(per_minute=1_000).used()
    assert told is not None
    assert told.day_requests == 200
