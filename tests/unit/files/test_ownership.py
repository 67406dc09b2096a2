"""Whose word a file is: owners, modes and folders. As somebody without root's rights where that matters."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from somebody import NOBODY, folder_of_somebody, run_as_somebody

from stackspot_cli.files.ownership import doubt, doubt_of_folder

ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="giving files away needs root")
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows keeps no modes")
SOMEBODY_ELSE = 65533


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A private file in a private folder."""
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    path = folder / "config.yaml"
    path.touch(mode=0o600)
    return path


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400, 0o755])
def test_what_only_its_owner_writes_is_not_doubted(own: Path, mode: int) -> None:
    own.chmod(mode)
    assert doubt(own) is None


@POSIX
def test_what_others_may_write_is_doubted_and_the_command_mends_it(own: Path) -> None:
    own.chmod(0o666)
    found = doubt(own)
    assert found is not None and found.why == f"others may write {own}"
    command = found.remedy.split("`")[1]
    subprocess.run(command, shell=True, check=True)
    assert doubt(own) is None and stat.S_IMODE(own.stat().st_mode) == 0o644


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o703])
def test_a_folder_in_which_others_may_write_counts_sticky_or_not(own: Path, mode: int) -> None:
    own.parent.chmod(mode)
    found = doubt(own)
    assert found is not None and found.why == f"others may write {own.parent}"
    assert doubt(own.parent / "missing") == found == doubt_of_folder(own.parent)
    assert ("folder of your own" in found.remedy) == bool(mode & stat.S_ISVTX)


@POSIX
def test_a_link_counts_with_both_its_ends(own: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(own)
    assert doubt(link) is None
    own.parent.chmod(0o777)
    assert doubt(link) is not None
    own.parent.chmod(0o700)
    tmp_path.chmod(0o777)
    assert doubt(link) is not None


@pytest.mark.parametrize("name", ["missing/too", "nul\0", "x" * 5000])
def test_what_cannot_be_looked_at_is_not_doubted(tmp_path: Path, name: str) -> None:
    assert doubt(tmp_path / name) is None


@ROOT
def test_a_group_that_is_only_this_users_may_write(own: Path) -> None:
    own.chmod(0o660)
    assert doubt(own) is None  # root's own
    os.chown(own, 0, 54321)
    found = doubt(own)
    assert found is not None and found.why == f"the group 54321 may write {own}"


@ROOT
def test_sudo_reads_the_files_of_who_called_it(own: Path) -> None:
    os.chown(own, NOBODY, NOBODY)
    code = "print(doubt(Path(sys.argv[1])) is None)"
    imports = "import sys; from pathlib import Path; from stackspot_cli.files.ownership import doubt"
    found = {
        caller: subprocess.run(
            [sys.executable, "-c", f"{imports}\n{code}", str(own)],
            env={**os.environ, "SUDO_UID": caller},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for caller in (str(NOBODY), "1", "")
    }
    assert found == {str(NOBODY): "True", "1": "False", "": "False"}


@pytest.fixture
def theirs() -> Iterator[Path]:
    with folder_of_somebody() as folder:
        yield folder


WHOSE = {
    "mine": (NOBODY, None),
    "root's": (0, None),
    "somebody else's": (SOMEBODY_ELSE, "belongs to somebody else (65533)"),
}


@ROOT
@pytest.mark.parametrize("whose", WHOSE)
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_of_somebody_else_is_doubted_and_one_of_roots_is_not(
    theirs: Path, what: str, whose: str
) -> None:
    owner, why = WHOSE[whose]
    path = theirs / "config.yaml"
    path.touch()
    os.chown(path, NOBODY, NOBODY)
    os.chown(path if what == "file" else theirs, owner, owner)
    theirs.chmod(0o755)
    told = json.loads(
        run_as_somebody(
            "import json; from pathlib import Path; from stackspot_cli.files.ownership import doubt",
            "found = doubt(Path(sys.argv[1])); print(json.dumps(found and found.why))",
            str(path),
        )
    )
    assert told == (why and f"{path if what == 'file' else theirs} {why}")
