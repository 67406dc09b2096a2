"""Folders that outlive no process: what is swept, and what is never touched."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from somebody import NOBODY

from stackspot_cli.files.scratch_folders import ScratchFolder, sweep

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks, and sweeps nothing")
ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="giving files away needs root")
LEFT_OVER = "stackspot-sandbox-0abc_xyz.tmp"
HOLDS_ONE = """
import sys
from pathlib import Path
from stackspot_cli.files.scratch_folders import ScratchFolder
folder = ScratchFolder("sandbox")
(folder.path / "history.db").touch()
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_over(place: Path, name: str = LEFT_OVER) -> Path:
    folder = place / name
    folder.mkdir(mode=0o700)
    (folder / "history.db").touch()
    return folder


def test_one_is_private_and_goes_when_it_is_told_to(place: Path) -> None:
    with ScratchFolder("sandbox") as folder:
        assert (folder.path.parent, folder.path.stat().st_mode & 0o777) == (place, 0o700)
        (folder.path / "history.db").touch()
    folder.remove()
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_and_what_a_living_one_holds_stays(place: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE], stdin=-1, stdout=-1, text=True, env=environ
    ) as process:
        assert process.stdout is not None
        held = Path(process.stdout.readline().rstrip("\n"))
        with ScratchFolder("sandbox"), ScratchFolder("sandbox"):
            assert (held / "history.db").exists()
            process.kill()
            process.wait()
            assert len(list(place.iterdir())) == 3
        with ScratchFolder("sandbox") as ours:
            assert list(place.iterdir()) == [ours.path]


def test_another_kind_and_other_names_are_not_looked_at(place: Path) -> None:
    names = (
        "stackspot-review-0abc_xyz.tmp",
        "stackspot-sandbox-projects",
        "stackspot-sandbox-0abc_xyz.tmp.bak",
        "my-stackspot-sandbox-0abc_xyz.tmp",
    )
    kept = [left_over(place, name) for name in names]
    sweep("sandbox")
    assert all((folder / "history.db").exists() for folder in kept)
    sweep("review")
    assert [folder.exists() for folder in kept] == [False, True, True, True]


def test_a_link_is_not_followed(place: Path) -> None:
    (place / "mine").mkdir(mode=0o700)
    (place / "mine" / "precious").touch()
    (place / LEFT_OVER).symlink_to(place / "mine")
    inside = left_over(place, "stackspot-sandbox-00000000.tmp")
    (inside / "link").symlink_to(place / "mine")
    sweep("sandbox")
    assert (place / "mine" / "precious").exists() and (place / LEFT_OVER).is_symlink()
    assert not inside.exists()


def test_a_folder_that_others_may_look_into_was_not_made_here(place: Path) -> None:
    folder = left_over(place)
    folder.chmod(0o755)
    sweep("sandbox")
    assert folder.exists()


@ROOT
def test_nor_was_one_of_somebody_else(place: Path) -> None:
    folder = left_over(place)
    os.chown(folder, NOBODY, NOBODY)
    sweep("sandbox")
    assert folder.exists()


def test_a_file_of_that_name_stays_and_a_folder_that_cannot_be_listed_stops_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / LEFT_OVER).touch(mode=0o600)
    sweep("sandbox")
    assert (place / LEFT_OVER).exists()
    monkeypatch.setattr(tempfile, "tempdir", str(place / "missing"))
    sweep("sandbox")
