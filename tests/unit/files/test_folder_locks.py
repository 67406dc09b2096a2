"""One process at a time in a folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stackspot_cli.files.folder_locks import alone_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no folder can be locked there")

ADDS_ONE = """
import sys
from pathlib import Path
from stackspot_cli.files.folder_locks import alone_in
path = Path(sys.argv[1], "count")
for _turn in range(50):
    with alone_in(path.parent, 60.0):
        path.write_text(str(int(path.read_text()) + 1))
"""


def test_processes_take_turns_and_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0")
    command = [sys.executable, "-c", ADDS_ONE, str(tmp_path)]
    for process in [subprocess.Popen(command) for _process in range(3)]:
        assert process.wait(60) == 0
    assert (tmp_path / "count").read_text() == "150"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


def test_threads_take_turns_as_well(tmp_path: Path) -> None:
    inside, most = [], []

    def work() -> None:
        with alone_in(tmp_path, 60.0):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_a_lock_that_nobody_lets_go_of_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with alone_in(tmp_path), alone_in(tmp_path, 0.02):
        pass


def test_where_there_is_no_folder_nothing_is_locked(tmp_path: Path) -> None:
    with alone_in(tmp_path / "nowhere"):
        pass
    assert list(tmp_path.iterdir()) == []
