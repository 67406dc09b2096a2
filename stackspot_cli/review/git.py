"""The one small door to git: a bounded question, its bytes, and nothing in the repository that is obeyed.

Knows git's command line. A repository may have been made by somebody else: its configuration names programs
(fsmonitor, diff drivers, filters, transports), its attributes hide files, its `core.worktree` points elsewhere.
None of them is run or followed here. Refuses to know what is asked, and why.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

OLDEST = (
    2,
    31,
)  # the first that takes settings from the environment (GIT_CONFIG_COUNT); others obey the repository
PATIENCE_SECONDS = 120.0  # for one question; a large repository needs a few
MOST_BYTES = 64 * 1024 * 1024  # of one answer
# What a repository's own configuration must not decide. No transport: a partial clone would fetch, by programs
# that the repository names.
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "diff.suppressBlankEmpty": "false",
    "diff.autoRefreshIndex": "true",  # else a file that was only touched counts as changed
    "submodule.recurse": "false",
}
_ENVIRONMENT = {
    "LC_ALL": "C",
    "LANGUAGE": "",
    "GIT_OPTIONAL_LOCKS": "0",  # nothing is written by looking, not even a fresher index
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what is pushed counts, and not what this clone shows in its place
    "GIT_LITERAL_PATHSPECS": "1",
}
_DROPPED = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_PAGER", "GIT_CONFIG", "GIT_ATTR_SOURCE")
_FILTERS = r"^filter\..*\.(clean|process|required)$"


class GitFailed(Exception):
    """git ended with another code than 0. complaint: what it said, made safe, on one line."""

    def __init__(self, code: int, complaint: str) -> None:
        super().__init__(code, complaint)
        self.code = code
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class Git:
    """Questions to one repository. folder: where git is started.

    directory: the repository's `.git`. work_tree, index: in the place of its own, so that neither its files nor their
    attributes count. filters: keys of the configuration that would run a program over a file's content.
    """

    folder: Path
    environ: Mapping[str, str]
    directory: Path | None = None
    work_tree: Path | None = None
    index: Path | None = None
    filters: tuple[str, ...] = ()

    def ask(self, *words: str, stdin: bytes = b"", limit: int = MOST_BYTES) -> bytes:
        """What git writes. Raises GitFailed, and UsageError where there is no git or its answer has no end."""
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(  # noqa: S603  # no shell, and the words are ours or after `--`
                [_program(self.environ), "--no-pager", *words],
                cwd=self.work_tree or self.folder,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
            answer, in_time = _talk(process, stdin, limit)
            if len(answer) > limit or not in_time:
                raise UsageError(
                    _("git's answer is too large or takes too long: git {words}").format(
                        words=safe_line(" ".join(words[:2]))
                    ),
                    _("choose less: a nearer --base, some PATHs, or patterns in .reviewignore"),
                )
            if process.returncode:
                complaints.seek(0)
                said = complaints.read(4096).decode("utf-8", "replace")
                raise GitFailed(process.returncode, safe_line(said))
        return answer

    def lines(self, *words: str) -> list[str]:
        return self.ask(*words).decode("utf-8", "surrogateescape").splitlines()

    def line(self, *words: str) -> str | None:
        """The first line; None where git says no."""
        try:
            found = self.lines(*words)
        except GitFailed:
            return None
        return found[0] if found else None

    def elsewhere(self, work_tree: Path, index: Path) -> Git:
        return replace(self, work_tree=work_tree, index=index)

    def _environment(self) -> dict[str, str]:
        environ = {name: value for name, value in self.environ.items() if not _is_dropped(name)}
        environ |= _ENVIRONMENT
        if self.work_tree is not None and self.index is not None:
            assert self.directory is not None, "elsewhere git cannot find it by itself"
            environ |= {
                "GIT_DIR": str(self.directory),
                "GIT_WORK_TREE": str(self.work_tree),
                "GIT_INDEX_FILE": str(self.index),
            }
        return environ | _as_variables(environ, {**_SETTINGS, **_switched_off(self.filters)})


def _program(environ: Mapping[str, str]) -> str:
    """The git of the user's PATH; none that lies in the folder where we are, where some systems look first."""
    found = shutil.which("git", path=environ.get("PATH", os.defpath))
    if found is None or not Path(found).is_absolute():
        raise UsageError(
            _("git was not found"), _("install git, or add its folder to PATH: a review asks it")
        )
    return found


def _is_dropped(name: str) -> bool:
    return name in _DROPPED or name.startswith("GIT_TRACE")


def _switched_off(filters: Sequence[str]) -> dict[str, str]:
    return {key: "false" if key.endswith(".required") else "" for key in filters}


def _as_variables(environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as git-config(1) takes them from the environment, after those that the caller has there."""
    told = environ.get("GIT_CONFIG_COUNT", "")
    count = int(told) if told.isascii() and told.isdecimal() else 0
    variables: dict[str, str] = {}
    for number, (key, value) in enumerate(settings.items(), count):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**variables, "GIT_CONFIG_COUNT": str(count + len(settings))}


def _talk(process: subprocess.Popen[bytes], stdin: bytes, limit: int) -> tuple[bytes, bool]:
    """The answer, up to one byte more than the limit, and whether it came in time."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    assert process.stdin is not None and process.stdout is not None
    timer = threading.Timer(PATIENCE_SECONDS, give_up)
    timer.daemon = True
    timer.start()
    writer = threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True)
    writer.start()
    try:
        answer = process.stdout.read(limit + 1)
        if len(answer) > limit:
            process.kill()
        process.wait()
    finally:
        timer.cancel()
        process.kill()  # an interrupted question; without effect on one that has ended
        process.wait()
        writer.join()
        process.stdout.close()
    return answer, not late.is_set()


def _feed(stream: IO[bytes], content: bytes) -> None:
    with contextlib.suppress(OSError):  # git may have heard enough
        stream.write(content)
    with contextlib.suppress(OSError):
        stream.close()


def repository(folder: Path, environ: Mapping[str, str]) -> tuple[Git, Path]:
    """The repository that the folder stands in, and its top. Raises UsageError."""
    git = Git(folder, environ)
    _check_version(git)
    try:
        top = git.ask("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").removesuffix("\n")
    except GitFailed as error:
        raise _no_repository(error) from error
    where = Path(top)
    if not top or not (_is_its_own(where, environ) and folder.resolve().is_relative_to(where.resolve())):
        raise UsageError(
            _("the repository's configuration points at another folder: {path}").format(path=safe_line(top)),
            _("nothing outside the repository is read; see `git config core.worktree`"),
        )
    try:
        filters = git.ask("config", "-z", "--name-only", "--get-regexp", _FILTERS)
    except GitFailed:  # there are none
        filters = b""
    keys = tuple(dict.fromkeys(filters.decode("utf-8", "surrogateescape").split("\0")[:-1]))
    every = {
        f"{key.rpartition('.')[0]}.{end}": None for key in keys for end in ("clean", "process", "required")
    }
    directory = git.line("rev-parse", "--absolute-git-dir")
    return Git(where, environ, Path(directory or where / ".git"), filters=tuple(every)), where


def _check_version(git: Git) -> None:
    told = git.line("version") or ""
    found = re.search(r"(\d+)\.(\d+)", told)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise UsageError(
            _("this git is too old: {version}").format(version=safe_line(told, 100)),
            _("install git {version} or newer: older ones run what a repository tells them to").format(
                version=needed
            ),
        )


def _is_its_own(top: Path, environ: Mapping[str, str]) -> bool:
    """Whether the folder looks like a repository's top by itself, or is what the caller's environment names."""
    return bool(environ.get("GIT_WORK_TREE") or environ.get("GIT_DIR")) or os.path.lexists(top / ".git")


def _no_repository(error: GitFailed) -> UsageError:
    if "dubious ownership" in error.complaint:
        return UsageError(
            _("this repository belongs to somebody else, and git reads it only when told to"),
            _("git config --global --add safe.directory {path}").format(path=Path.cwd()),
        )
    return UsageError(
        _("this is no working folder of a git repository"),
        _("go into one: a review asks git what has changed ({complaint})").format(complaint=error.complaint),
    )
