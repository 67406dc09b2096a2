from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from repository import ENVIRON, Repository

from stackspot_cli.errors import UsageError
from stackspot_cli.review.change import Change
from stackspot_cli.review.choice import Wanted, choose
from stackspot_cli.review.files import read
from stackspot_cli.review.git import Git, GitFailed
from stackspot_cli.review.git import repository as repository_at


def review(repository: Repository, wanted: Wanted) -> Change:
    git, top = repository_at(repository.folder, ENVIRON)
    return read(git, top, choose(wanted, git, ENVIRON), wanted.paths)


def test_an_answer_is_bytes_and_a_no_is_told(repository: Repository) -> None:
    git = Git(repository.folder, ENVIRON)
    assert git.ask("hash-object", "--stdin", stdin=b"x") == b"c1b0730e0133447badcfd47fd144e254807b06e1\n"
    assert git.line("rev-parse", "--verify", "--quiet", "HEAD") is None
    with pytest.raises(GitFailed) as refusal:
        git.ask("rev-parse", "--verify", "nothing")
    assert refusal.value.complaint == "fatal: Needed a single revision"


def test_an_answer_has_a_bound(repository: Repository) -> None:
    repository.write("large", "x" * 1000)
    git = Git(repository.folder, ENVIRON)
    with pytest.raises(UsageError, match="too large"):
        git.ask("diff", "--no-index", os.devnull, "large", limit=100)


def test_without_git_or_a_repository_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git was not found"):
        Git(tmp_path, {"PATH": str(tmp_path)}).ask("version")
    with pytest.raises(UsageError, match="no working folder of a git repository"):
        repository_at(tmp_path, ENVIRON)


@pytest.mark.parametrize("path", [".", "", "./bin"])
def test_a_git_that_lies_in_the_folder_is_not_run(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    program = repository.write(f"{path or '.'}/git", "#!/bin/sh\ntouch ran\n")
    program.chmod(0o755)
    monkeypatch.chdir(repository.folder)
    with pytest.raises(UsageError, match="git was not found"):
        repository_at(repository.folder, {"PATH": path})
    assert not (repository.folder / "ran").exists()


@pytest.mark.parametrize("version", ["2.30.2", "1.8.3.1", "unknown"])
def test_a_git_that_obeys_the_repository_is_refused(
    repository: Repository, tmp_path: Path, version: str
) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text(f"#!/bin/sh\necho git version {version}\n")
    old.chmod(0o755)
    with pytest.raises(UsageError, match=f"this git is too old: git version {version}"):
        repository_at(repository.folder, {**ENVIRON, "PATH": str(old.parent)})


HOSTILE = {
    "core.fsmonitor": "{run}",
    "core.hooksPath": "{folder}/hooks",
    "core.pager": "{run}",
    "core.sshCommand": "{run}",
    "core.editor": "{run}",
    "core.attributesFile": "{folder}/attributes",
    "diff.external": "{run}",
    "diff.evil.command": "{run}",
    "diff.evil.textconv": "{run}",
    "filter.evil.clean": "{run}",
    "filter.evil.smudge": "{run}",
    "filter.evil.required": "true",
    "filter.evil.more.process": "{run}",
    "pager.diff": "{run}",
    "alias.diff": "!{run}",
    "interactive.diffFilter": "{run}",
    "gpg.program": "{run}",
    "remote.origin.url": "ext::{run}",
    "remote.origin.promisor": "true",
    "protocol.ext.allow": "always",
    "color.ui": "always",
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.relative": "true",
    "diff.renames": "false",
    "diff.suppressBlankEmpty": "true",
    "diff.context": "0",
    "diff.submodule": "log",
    "diff.wsErrorHighlight": "all",
    "diff.orderFile": "{folder}/nothing",
    "core.quotePath": "true",
    "status.showUntrackedFiles": "all",
}


@pytest.fixture
def hostile(repository: Repository, tmp_path: Path) -> Repository:
    """One whose configuration and attributes name programs, all of which leave a trace."""
    repository.write("add.py", "def add(a, b):\n\n    return a + b\n")
    repository.write("old.py", "x = 1\ny = 2\nz = 3\n")
    repository.commit()
    repository.git("checkout", "-q", "-b", "topic")
    repository.git("mv", "old.py", "new.py")
    repository.commit(**{"add.py": "def add(a, b):\n\n    return a - b\n"})
    repository.write(".gitattributes", "* diff=evil filter=evil\nadd.py filter=evil.more\n")
    repository.git("add", ".gitattributes")
    repository.write("staged.py", "s = 1\n")
    repository.git("add", "staged.py")
    repository.write("add.py", "def add(a, b):\n\n    return a * b\n")
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> {tmp_path}/trace\ncat\n")
    program.chmod(0o755)
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "post-index-change").symlink_to(program)
    for key, value in HOSTILE.items():
        repository.git("config", key, value.format(run=program, folder=tmp_path))
    return repository


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        (Wanted(base="main"), ["add.py", "new.py"]),
        (Wanted(commit="HEAD"), ["add.py", "new.py"]),
        (Wanted(staged=True), [".gitattributes", "staged.py"]),
        (Wanted(), [".gitattributes", "add.py", "staged.py"]),
        (Wanted(paths=(".",)), [".gitattributes", "add.py", "new.py", "staged.py"]),
    ],
)
def test_nothing_that_a_repository_names_is_run_or_obeyed(
    hostile: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: Wanted, paths: list[str]
) -> None:
    monkeypatch.chdir(hostile.folder)
    change = review(hostile, wanted)
    looked_at = [diff.path for diff in change.files] + [one.path for one in change.left_out]
    assert sorted(looked_at) == paths
    assert not (tmp_path / "trace").exists()


def test_the_attack_works_on_git_as_it_is(hostile: Repository, tmp_path: Path) -> None:
    """Otherwise the test above would prove nothing."""
    hostile.git("diff", "HEAD", check=False)
    assert (tmp_path / "trace").exists()


def test_an_index_is_not_even_refreshed(repository: Repository) -> None:
    repository.commit(a="1\n")
    os.utime(repository.folder / "a", (1, 1))
    before = (repository.folder / ".git" / "index").read_bytes()
    assert review(repository, Wanted()).is_empty
    assert (repository.folder / ".git" / "index").read_bytes() == before


@pytest.mark.parametrize("where", ["..", "/"])
def test_a_worktree_elsewhere_is_not_read(repository: Repository, where: str) -> None:
    repository.commit(a="1\n")
    repository.git("config", "core.worktree", str((repository.folder / where).resolve()))
    with pytest.raises(UsageError, match="points at another folder"):
        review(repository, Wanted())


def test_a_worktree_that_the_caller_names_is_the_callers(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="1\n")
    environ = {**ENVIRON, "GIT_DIR": str(repository.folder / ".git"), "GIT_WORK_TREE": str(repository.folder)}
    git, top = repository_at(repository.folder, environ)
    assert (git.line("rev-parse", "--is-inside-work-tree"), top) == ("true", repository.folder.resolve())


def test_a_second_worktree_and_a_submodule_are_repositories(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="1\n")
    repository.git("worktree", "add", "-q", str(tmp_path / "second"))
    assert repository_at(tmp_path / "second", ENVIRON)[1] == (tmp_path / "second").resolve()
    outer = Repository(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository.folder), "inner")
    assert repository_at(outer.folder / "inner", ENVIRON)[1] == (outer.folder / "inner").resolve()


def test_a_program_of_the_callers_environment_is_not_run(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="1\n")
    repository.write("a", "2\n")
    environ = {**ENVIRON, "GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "-u0", "GIT_TRACE": "1"}
    git, top = repository_at(repository.folder, environ)
    [diff] = read(git, top, choose(Wanted(), git, environ)).files
    assert [line.text for line in diff.lines] == ["1", "2"]


def test_the_callers_own_settings_of_one_call_stay(repository: Repository) -> None:
    environ = {**ENVIRON, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "N"}
    assert Git(repository.folder, environ).line("config", "user.name") == "N"
    assert Git(repository.folder, environ).line("config", "core.quotePath") == "false"


def test_an_owner_that_git_does_not_trust_is_told_how_to_be_trusted(repository: Repository) -> None:
    done = subprocess.run(["id", "-u"], capture_output=True, text=True, check=True)
    if done.stdout.strip() != "0":
        pytest.skip("only root can give a folder away")
    os.chown(repository.folder, 12345, 12345)
    os.chown(repository.folder / ".git", 12345, 12345)
    with pytest.raises(UsageError) as refusal:
        repository_at(repository.folder, ENVIRON)
    assert refusal.value.hint.startswith("git config --global --add safe.directory ")
