"""A file that appears whole or not at all."""

import os
from pathlib import Path

import pytest
from somebody import folder_of_somebody, give, run_as_somebody

from stackspot_cli.errors import LocalError
from stackspot_cli.output.file import WholeFile


def write(path: Path, *texts: str, fails: bool = False) -> list[str]:
    """Writes the texts; the notes that were told."""
    notes: list[str] = []
    try:
        with WholeFile(path, notes.append) as file:
            for text in texts:
                file.write(text)
            assert path.read_text() == "before" if path.exists() else True
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    return notes


def test_it_appears_when_all_is_there(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    path.write_text("before")
    assert write(path, "a", "é") == []
    assert path.read_text() == "aé"
    assert list(tmp_path.iterdir()) == [path]


def test_what_came_stays_beside_it_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    path.write_text("before")
    assert write(path, "half", fails=True) == [f"what came of the answer is in {path}.part"]
    assert (path.read_text(), (tmp_path / "answer.md.part").read_text()) == ("before", "half")


def test_where_nothing_came_nothing_is_left(tmp_path: Path) -> None:
    assert write(tmp_path / "answer.md", fails=True) == []
    assert list(tmp_path.iterdir()) == []


def test_a_links_target_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("before")
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link", "after")
    assert (tmp_path / "target").read_text() == "after"
    assert (tmp_path / "link").is_symlink()


def test_the_umask_decides_the_mode(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(tmp_path / "answer.md", "x")
    finally:
        os.umask(old)
    assert (tmp_path / "answer.md").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", [".", "no/such/folder/x"])
def test_a_place_that_cannot_be_written_is_found_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(LocalError, match="cannot write"):
        WholeFile(tmp_path / name, print)
    assert list(tmp_path.iterdir()) == []


def part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def test_a_link_that_lies_in_the_way_is_replaced_and_not_followed(tmp_path: Path) -> None:
    path, victim = tmp_path / "answer.md", tmp_path / "victim"
    victim.write_text("precious")
    part_of(path).symlink_to(victim)
    write(path, "whole")
    assert (path.read_text(), path.is_symlink(), victim.read_text()) == ("whole", False, "precious")
    path.unlink()
    write(path, "half", fails=True)
    assert (part_of(path).read_text(), part_of(path).is_symlink(), victim.read_text()) == (
        "half",
        False,
        "precious",
    )


def test_a_pipe_that_lies_in_the_way_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    os.mkfifo(part_of(path))
    write(path, "half", fails=True)
    assert part_of(path).read_text() == "half"


def test_two_that_write_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    notes: list[str] = []
    with WholeFile(path, notes.append) as first:
        first.write("first, ")
        with WholeFile(path, notes.append) as second:
            second.write("second")
        assert path.read_text() == "second"
        first.write("whole")
    assert (path.read_text(), notes) == ("first, whole", [])
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_kept_of_an_earlier_answer_is_not_lost_to_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    part_of(path).write_text("kept")
    assert write(path, fails=True) == []
    assert part_of(path).read_text() == "kept"


def test_an_old_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_text("before")
    path.chmod(0o755)
    write(path, "after")
    assert path.stat().st_mode & 0o777 == 0o755


def test_a_name_as_long_as_names_may_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    write(path, "x")
    assert path.read_text() == "x"


IMPORTS = """
import secrets, tempfile
from pathlib import Path
from stackspot_cli.errors import OutputUnwritable
from stackspot_cli.output.file import WholeFile
"""
WRITE = """
try:
    with WholeFile(Path(sys.argv[1]), print) as file:
        file.write("after")
except OutputUnwritable as error:
    print(error.message)
"""


def test_a_write_protected_file_is_left_alone() -> None:
    with folder_of_somebody() as folder:
        path = folder / "precious"
        path.write_text("before")
        path.chmod(0o444)
        give(path)
        assert run_as_somebody(IMPORTS, WRITE, str(path)) == f"cannot write {path}: Permission denied\n"
        assert path.read_text() == "before"


def test_a_file_in_a_closed_folder_is_written_in_place() -> None:
    with folder_of_somebody() as folder:
        path, new = folder / "mine", folder / "new"
        path.write_text("before, and longer")
        give(path)
        folder.chmod(0o555)
        assert run_as_somebody(IMPORTS, WRITE, str(path)) == ""
        assert path.read_text() == "after"
        assert run_as_somebody(IMPORTS, WRITE, str(new)) == f"cannot write {new}: Permission denied\n"
