"""Work side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from stackspot_cli.batch.jobs import READY, Jobs, Left


def test_results_come_as_they_are_done() -> None:
    last = threading.Event()

    def work(task: int, _jobs: Any) -> int:
        if task == 0:
            last.wait(10)
        if task == 3:
            last.set()
        return task

    assert list(Jobs(iter(range(4)), work, 2)) == [1, 2, 3, 0]


def test_so_many_work_at_once_and_no_more() -> None:
    together = threading.Barrier(3, timeout=10)
    most, now, lock = 0, 0, threading.Lock()

    def work(_task: int, _jobs: Any) -> None:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        together.wait()
        with lock:
            now -= 1

    assert len(list_of(Jobs(iter(range(9)), work, 3))) == 9
    assert most == 3


def list_of(jobs: Jobs[Any, Any]) -> list[Any]:
    found = []
    while True:
        try:
            found.append(jobs.take())
        except StopIteration:
            return found


def test_nothing_is_begun_before_somebody_asks_and_nothing_runs_far_ahead() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in count():
            taken.append(number)
            yield number

    jobs = Jobs(tasks(), lambda task, _jobs: task, 2)
    assert taken == []
    assert next(jobs) in (0, 1)  # the two workers may overtake each other
    while len(taken) < READY:
        time.sleep(0.001)
    assert len(taken) <= READY + 4
    jobs.close()
    with pytest.raises(StopIteration):
        next(jobs)


def test_what_a_job_raises_ends_it_after_what_has_begun() -> None:
    begun = threading.Barrier(2, timeout=10)

    def work(task: int, jobs: Jobs[int, int]) -> int:
        begun.wait()
        if task == 0:
            raise ValueError("no")
        while not jobs.stopping:
            time.sleep(0.001)
        return task

    jobs = Jobs(iter(range(100)), work, 2)
    assert next(jobs) == 1
    with pytest.raises(ValueError, match="no"):
        next(jobs)
    with pytest.raises(StopIteration):
        next(jobs)


def test_what_the_tasks_raise_ends_it_too() -> None:
    def tasks() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    jobs = Jobs(tasks(), lambda task, _jobs: task, 4)
    assert next(jobs) == 1
    with pytest.raises(ValueError, match="no more"):
        next(jobs)


def test_stopped_it_finishes_what_has_asked_and_leaves_what_has_not() -> None:
    outcomes: list[str] = []

    def work(task: int, jobs: Jobs[int, int]) -> int:
        jobs.stop()
        try:
            jobs.look(begun=task == 0)
        except Left:
            outcomes.append("left")
            raise
        outcomes.append("finished")
        return task

    assert list(Jobs(iter([0]), work, 1)) == [0]
    assert list(Jobs(iter([1]), work, 1)) == []
    assert outcomes == ["finished", "left"]


def test_closed_it_leaves_everything_and_waits_for_nobody() -> None:
    waits = threading.Event()

    def work(_task: int, jobs: Jobs[int, None]) -> None:
        waits.set()
        while True:
            time.sleep(min(0.001, jobs.look(begun=True)))

    jobs = Jobs(iter(range(5)), work, 3)
    assert jobs.take(0.05) is None
    assert waits.wait(10)
    began = time.monotonic()
    jobs.close()
    assert time.monotonic() - began < 2
    with pytest.raises(StopIteration):
        jobs.take()


def test_a_rest_ends_where_everything_does() -> None:
    def work(task: int, jobs: Jobs[int, bool]) -> bool:
        if task:
            jobs.stop()
            return True
        return jobs.rest(60)

    assert sorted(Jobs(iter([0, 1]), work, 2)) == [False, True]
    assert list(Jobs(iter([0]), lambda _task, jobs: jobs.rest(0.001), 1)) == [True]
