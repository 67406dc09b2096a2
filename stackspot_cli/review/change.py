"""The change itself: which of its files are looked at, with their lines, and which are not, with the reason.

Knows which questions git is asked, and in what order; reads no file by itself. Refuses to know models and parts.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from stackspot_cli.errors import UsageError
from stackspot_cli.files.scratch_folders import ScratchFolder
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.review.choice import Compared
from stackspot_cli.review.diff import FileDiff, parse
from stackspot_cli.review.git import Git
from stackspot_cli.review.leaving_out import (
    IGNORE_FILE,
    MARKED_LINES,
    LeftOut,
    by_name,
    in_batches,
    is_marked_generated,
    names_of,
    rules,
)
from stackspot_cli.translation import _

MOST_FILE_BYTES = 1024 * 1024  # a larger one was written by a program, or fits no model
ALL_LINES = 2_000_000  # more than a file of that size can have: git shows the file whole, around its changes
MOST_BYTES = 32 * 1024 * 1024  # of all files together
BATCH_BYTES = 16 * 1024 * 1024  # of files in one question: what git writes has a bound
_SYMLINK, _SUBMODULE = "120000", "160000"
# Nothing that a configuration says changes the form of what git writes, and no program of its choice is run.
_DIFF = (
    *("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--full-index", "--no-abbrev"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--find-renames", "-O/dev/null", "--inter-hunk-context=0"),
    *(
        "--ignore-submodules=dirty",
        "--submodule=short",
        "--diff-algorithm=default",
        "--ws-error-highlight=none",
    ),
)


@dataclass(frozen=True, slots=True)
class Change:
    """files: to be looked at, by path. gone: names that are deleted. untracked: files that git does not know.

    uncommitted: files that have gone on since the commit that is looked at. rules_changed: files of the change by
    which it would be judged.
    """

    compared: Compared
    files: tuple[FileDiff, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    gone: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    uncommitted: tuple[str, ...] = ()
    rules_changed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.files or self.left_out or self.gone)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of `git diff --raw`."""

    path: str
    old_path: str | None
    mode: str
    old_blob: str
    blob: str
    deleted: bool
    in_conflict: bool


def read_change(git: Git, top: Path, compared: Compared) -> Change:
    """The change between two commits, or what is staged, or what lies in the working folder. Raises GitFailed."""
    with ScratchFolder("review") as scratch:
        folder = scratch.path
        if compared.side == "files":
            git = _with_index_of_its_own(git, top, folder / "seen")
        entries = _entries(git.ask(*_DIFF, "--raw", "-z", *_sides(compared), "--"))
        gone = tuple(entry.path for entry in entries if entry.deleted)
        there = [entry for entry in entries if not entry.deleted]
        names = [entry.path for entry in there]
        ours = rules(git, top, names, compared.old if compared.side == "commit" else None, folder)
        # Attributes can call a file binary, and so hide it: those of the tree before count, as its rules do.
        asked = ours.git if compared.side == "commit" else git
        sizes = _sizes(git, top, there)
        wanted, left_out = _sorted_out(there, ours.reasons(names), sizes)
        refuse_too_much(sum(sizes[entry.path] for entry in wanted))
        diffs = list(_diffs(asked, compared, wanted, sizes))
        untracked = _untracked(git) if compared.side == "files" else []
        uncommitted = _uncommitted(git, top, folder / "seen") if compared.to_head else []
    looked_at, more = _with_lines(diffs)
    told = {diff.path for diff in diffs}
    more += [LeftOut(entry.path, _("git shows no lines of it")) for entry in wanted if entry.path not in told]
    return Change(
        compared,
        tuple(sorted(looked_at, key=lambda diff: diff.path)),
        tuple(sorted([*left_out, *more], key=lambda one: one.path)),
        gone,
        tuple(untracked),
        tuple(uncommitted),
        tuple(path for path in (*names, *gone) if path.rpartition("/")[2] == IGNORE_FILE),
    )


def _untracked(git: Git) -> list[str]:
    return names_of(git.ask("ls-files", "-z", "-o", "--exclude-standard"))


def _uncommitted(git: Git, top: Path, copy: Path) -> list[str]:
    asked = _with_index_of_its_own(git, top, copy)
    return [entry.path for entry in _entries(asked.ask(*_DIFF, "--raw", "-z", "HEAD", "--"))]


def _with_index_of_its_own(git: Git, top: Path, copy: Path) -> Git:
    """`git diff` writes the index where it finds that a file was touched and not changed: it gets a copy."""
    index = git.line("rev-parse", "--git-path", "index")
    if index is not None and (top / index).exists():
        shutil.copy2(top / index, copy)  # with its time: by that git tells files that changed just after
    return git.elsewhere(top, copy)


def _sides(compared: Compared) -> list[str]:
    assert compared.old is not None, "files that are looked at whole have no side"
    if compared.side == "index":
        return ["--cached", compared.old]
    return [compared.old] if compared.new is None else [compared.old, compared.new]


def _entries(raw: bytes) -> list[_Entry]:
    """`:MODE MODE ID ID STATUS`, a name, and a second one for a rename or a copy."""
    fields = iter(names_of(raw))
    found: dict[str, _Entry] = {}
    for facts in fields:
        _old_mode, mode, old_blob, blob, status = facts.removeprefix(":").split(" ")
        names = list(islice(fields, 2 if status[0] in "RC" else 1))
        if status[0] == "U" and names[0] in found:
            continue
        found[names[-1]] = _Entry(
            names[-1],
            names[0] if len(names) == 2 else None,
            mode,
            old_blob,
            blob,
            deleted=status[0] == "D",
            in_conflict=status[0] == "U",
        )
    return list(found.values())


def _sizes(git: Git, top: Path, entries: Sequence[_Entry]) -> dict[str, int]:
    """The larger of what it was and what it is, in bytes. What git has not stored is measured in the folder."""
    sides = [
        (entry, blob)
        for entry in entries
        for blob in (entry.old_blob, entry.blob)
        if entry.mode != _SUBMODULE
    ]
    stored = [(entry, blob) for entry, blob in sides if blob.strip("0")]
    asked = "".join(f"{blob}\n" for _entry, blob in stored).encode()
    told = git.ask("cat-file", "--batch-check=%(objectsize)", stdin=asked).decode().splitlines()
    sizes = {entry.path: 0 for entry in entries}
    for (entry, _blob), size in zip(stored, told, strict=True):
        sizes[entry.path] = max(sizes[entry.path], int(size) if size.isdecimal() else 0)
    for entry, blob in sides:
        if not blob.strip("0") and blob is entry.blob:
            with contextlib.suppress(OSError):
                sizes[entry.path] = max(sizes[entry.path], (top / entry.path).lstat().st_size)
    return sizes


def _sorted_out(
    entries: Sequence[_Entry], reasons: dict[str, str], sizes: dict[str, int]
) -> tuple[list[_Entry], list[LeftOut]]:
    wanted, left_out = [], []
    for entry in entries:
        why = _("in conflict") if entry.in_conflict else _of_mode(entry.mode)
        why = why or reasons.get(entry.path) or by_name(entry.path)
        if why is None and sizes.get(entry.path, 0) > MOST_FILE_BYTES:
            why = too_large()
        if why is None:
            wanted.append(entry)
        else:
            left_out.append(LeftOut(entry.path, why))
    return wanted, left_out


def _of_mode(mode: str) -> str | None:
    return {_SYMLINK: _("symbolic link"), _SUBMODULE: _("submodule")}.get(mode)


def refuse_too_much(size: int) -> None:
    """All of it is in memory at once, and no account has so many questions. Raises UsageError."""
    if size > MOST_BYTES:
        raise UsageError(
            _("there are {size} MiB of files to look at; {limit} are the most at once").format(
                size=size // 2**20, limit=MOST_BYTES // 2**20
            ),
            _("choose less: a nearer --base, some PATHs, or patterns in .reviewignore"),
        )


def too_large() -> str:
    return _("larger than {limit} KiB").format(limit=MOST_FILE_BYTES // 1024)


def _diffs(
    git: Git, compared: Compared, wanted: Sequence[_Entry], sizes: Mapping[str, int]
) -> Iterator[FileDiff]:
    """The two names of a rename stay together."""
    by_path = {entry.path: entry for entry in wanted}
    for batch in in_batches(by_path, sizes, BATCH_BYTES):
        old_paths = [old for path in batch if (old := by_path[path].old_path) is not None]
        patch = git.ask(*_DIFF, f"--unified={ALL_LINES}", *_sides(compared), "--", *batch, *old_paths)
        yield from (diff for diff in parse(patch) if diff.path in batch and diff.status != "deleted")


def _with_lines(diffs: Sequence[FileDiff]) -> tuple[list[FileDiff], list[LeftOut]]:
    looked_at, left_out = [], []
    for diff in diffs:
        why = of_content(diff)
        if why is None:
            looked_at.append(diff)
        else:
            left_out.append(LeftOut(diff.path, why))
    return looked_at, left_out


def of_content(diff: FileDiff) -> str | None:
    """Why a file with these lines is not looked at; None where it is."""
    if diff.binary or any("\0" in line.text for line in diff.lines):
        return _("binary")
    if not diff.lines:
        return _("only its name or mode changed") if diff.status == "changed" else _("empty")
    return _("generated") if _is_marked(diff) else None


def _is_marked(diff: FileDiff) -> bool:
    """Whether a program wrote it. A change that adds the mark to a file does not take it out of its review."""
    now = [line.text for line in diff.lines if (line.number or ALL_LINES) <= MARKED_LINES]
    if diff.status != "changed":
        return is_marked_generated(now)
    before = islice((line.text for line in diff.lines if line.kind != "added"), MARKED_LINES)
    return is_marked_generated(now) and is_marked_generated(before)
