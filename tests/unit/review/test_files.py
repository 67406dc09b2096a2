"""Files that are looked at as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repository import ENVIRON, Repository

from stackspot_cli.errors import UsageError
from stackspot_cli.review.change import Change
from stackspot_cli.review.choice import Wanted, choose
from stackspot_cli.review.files import read
from stackspot_cli.review.git import repository as repository_at


def review(repository: Repository, wanted: Wanted = Wanted()) -> Change:  # noqa: B008  # frozen
    git, top = repository_at(repository.folder, ENVIRON)
    return read(git, top, choose(wanted, git, ENVIRON), wanted.paths)


def left_out(change: Change) -> dict[str, str]:
    return {one.path: one.why for one in change.left_out}


@pytest.fixture
def here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository.write(".gitignore", "*.log\n")
    repository.commit(a="1\n2\n")
    repository.write("src/new.py", "n\n")
    repository.write("src/deep/x.log", "l\n")
    monkeypatch.chdir(repository.folder)
    return repository


def test_paths_are_files_as_they_are(here: Repository) -> None:
    change = review(here, Wanted(paths=("a", "src")))
    assert [(diff.path, diff.status, len(diff.lines)) for diff in change.files] == [
        ("a", "whole", 2),
        ("src/new.py", "whole", 1),
    ]


def test_a_path_is_seen_from_where_one_stands(here: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here.folder / "src")
    for path in ("new.py", ".", "./../src/new.py", str(here.folder / "src" / "new.py")):
        assert [diff.path for diff in review(here, Wanted(paths=(path,))).files] == ["src/new.py"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("..", "lies outside the repository"),
        ("/etc/passwd", "lies outside the repository"),
        ("src/../../x", "lies outside the repository"),
        ("nothing", "no file nothing"),
        ("src/deep/x.log", "git knows no file"),
        (".git/config", "git knows no file"),
    ],
)
def test_what_is_no_file_of_the_repository_is_refused(here: Repository, path: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        review(here, Wanted(paths=(path,)))


def test_no_link_leads_outside(here: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("k")
    (here.folder / "file").symlink_to(tmp_path / "secret" / "key")
    (here.folder / "folder").symlink_to(tmp_path / "secret")
    here.git("add", "-A")
    here.write("real/key", "x\n")
    here.git("add", "-A")
    (here.folder / "real" / "key").unlink()
    (here.folder / "real").rmdir()
    (here.folder / "real").symlink_to(tmp_path / "secret")  # a folder of the index that is a link by now
    change = review(here, Wanted(paths=(".",)))
    assert left_out(change) == dict.fromkeys(["file", "folder", "real", "real/key"], "symbolic link")
    assert [diff.path for diff in review(here).files] == ["src/new.py"]
    with pytest.raises(UsageError):
        review(here, Wanted(paths=("folder/key",)))


def test_a_pipe_is_no_file(here: Repository) -> None:
    here.write("p", "x\n")
    here.git("add", "p")
    (here.folder / "p").unlink()
    os.mkfifo(here.folder / "p")
    assert left_out(review(here, Wanted(paths=("p",)))) == {"p": "no regular file"}
