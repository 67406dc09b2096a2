"""The change itself: which of its files are looked at, with their lines, and which are not, with the reason.

Knows which questions git is asked, and in what order; reads no file by itself. Refuses to know models and parts.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from stackspot_cli.review.choice import Compared
from stackspot_cli.review.diff import FileDiff, parse
from stackspot_cli.review.git import Git
from stackspot_cli.review.leaving_out import (
    IGNORE_FILE,
    MARKED_LINES,
    LeftOut,
    by_name,
    is_marked_generated,
    names_of,
    rules,
)
from stackspot_cli.translation import _

MOST_FILE_BYTES = 1024 * 1024  # a larger one was written by a program, or fits no model
ALL_LINES = 2_000_000  # more than a file of that size can have: git shows the file whole, around its changes
_WORDS_BYTES = 60_000  # of one command line's names
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
    blob: str
    deleted: bool


def read_change(git: Git, top: Path, compared: Compared) -> Change:
    """The change between two commits, or what is staged, or what lies in the working folder. Raises GitFailed."""
    with TemporaryDirectory(prefix="stackspot-review-") as name:
        folder = Path(name)
        if compared.side == "files":
            git = _with_index_of_its_own(git, top, folder / "seen")
        entries = _entries(git.ask(*_DIFF, "--raw", "-z", *_sides(compared), "--"))
        gone = tuple(entry.path for entry in entries if entry.deleted)
        there = [entry for entry in entries if not entry.deleted]
        names = [entry.path for entry in there]
        ours = rules(git, top, names, compared.old if compared.side == "commit" else None, folder)
        # Attributes can call a file binary, and so hide it: those of the tree before count, as its rules do.
        asked = ours.git if compared.side == "commit" else git
        wanted, left_out = _sorted_out(there, ours.reasons(names), _sizes(git, top, there))
        diffs = [diff for batch in _batches(wanted) for diff in _diffs(asked, compared, batch)]
        untracked = _untracked(git) if compared.side == "files" else []
        uncommitted = _uncommitted(git, top, folder / "seen") if compared.to_head else []
    looked_at, more = _with_lines(diffs)
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
        _old_mode, mode, _old_blob, blob, status = facts.removeprefix(":").split(" ")
        names = list(islice(fields, 2 if status[0] in "RC" else 1))
        if status[0] == "U" and names[0] in found:
            continue
        found[names[-1]] = _Entry(
            names[-1], names[0] if len(names) == 2 else None, mode, blob, deleted=status[0] == "D"
        )
    return list(found.values())


def _sizes(git: Git, top: Path, entries: Sequence[_Entry]) -> dict[str, int]:
    """In bytes; a file of the working folder that git has not stored is measured there."""
    sizes = {}
    stored = [entry for entry in entries if entry.blob.strip("0") and entry.mode != _SUBMODULE]
    asked = "".join(f"{entry.blob}\n" for entry in stored).encode()
    told = git.ask("cat-file", "--batch-check=%(objectsize)", stdin=asked).decode().splitlines()
    for entry, size in zip(stored, told, strict=True):
        sizes[entry.path] = int(size) if size.isdecimal() else 0
    for entry in entries:
        if entry.path not in sizes and entry.mode != _SUBMODULE:
            try:
                sizes[entry.path] = (top / entry.path).lstat().st_size
            except OSError:
                sizes[entry.path] = 0
    return sizes


def _sorted_out(
    entries: Sequence[_Entry], reasons: dict[str, str], sizes: dict[str, int]
) -> tuple[list[_Entry], list[LeftOut]]:
    wanted, left_out = [], []
    for entry in entries:
        why = _of_mode(entry.mode) or reasons.get(entry.path) or by_name(entry.path)
        if why is None and sizes.get(entry.path, 0) > MOST_FILE_BYTES:
            why = too_large()
        if why is None:
            wanted.append(entry)
        else:
            left_out.append(LeftOut(entry.path, why))
    return wanted, left_out


def _of_mode(mode: str) -> str | None:
    return {_SYMLINK: _("symbolic link"), _SUBMODULE: _("submodule")}.get(mode)


def too_large() -> str:
    return _("larger than {limit} KiB").format(limit=MOST_FILE_BYTES // 1024)


def _batches(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    """As many as one command line holds. The two names of a rename stay together."""
    batch: list[_Entry] = []
    size = 0
    for entry in entries:
        length = sum(
            len(name.encode("utf-8", "surrogateescape")) + 1 for name in (entry.path, entry.old_path or "")
        )
        if batch and size + length > _WORDS_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


def _diffs(git: Git, compared: Compared, batch: Sequence[_Entry]) -> list[FileDiff]:
    names = [name for entry in batch for name in (entry.path, entry.old_path) if name is not None]
    patch = git.ask(*_DIFF, f"--unified={ALL_LINES}", *_sides(compared), "--", *names)
    wanted = {entry.path for entry in batch}
    return [diff for diff in parse(patch) if diff.path in wanted and diff.status != "deleted"]


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
    first = [line.text for line in diff.lines if (line.number or ALL_LINES) <= MARKED_LINES]
    return _("generated") if is_marked_generated(first) else None
