"""A file that appears whole or not at all."""

import os
from pathlib import Path

import pytest

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
