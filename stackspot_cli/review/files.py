"""Files that are looked at as they are: which of them are meant, and their lines.

The only place of this room that reads files of the working folder. A link is never followed, and nothing outside
the repository is read. Refuses to know models and parts.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from stackspot_cli.errors import UsageError
from stackspot_cli.files.scratch_folders import ScratchFolder
from stackspot_cli.review.change import (
    MOST_FILE_BYTES,
    Change,
    of_content,
    read_change,
    refuse_too_much,
    too_large,
)
from stackspot_cli.review.choice import Compared
from stackspot_cli.review.diff import FileDiff, whole
from stackspot_cli.review.git import Git, GitFailed
from stackspot_cli.review.leaving_out import LeftOut, by_name, names_of, rules
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _


def read(git: Git, top: Path, compared: Compared, paths: Sequence[str] = ()) -> Change:
    """What is to be looked at. paths: files and folders, as they were typed, where no change is. Raises UsageError."""
    try:
        return read_change(git, top, compared) if compared.old else read_files(git, top, compared, paths)
    except GitFailed as error:
        raise UsageError(
            _("git cannot tell the change: {complaint}").format(complaint=error.complaint),
            _("see what `git diff` says; of a partial clone, fetch what is missing first"),
        ) from error


def read_files(git: Git, top: Path, compared: Compared, paths: Sequence[str]) -> Change:
    wanted = [_inside(top, path) for path in paths]
    asked = [one or "." for one in wanted]
    listed = names_of(git.ask("ls-files", "-z", "-c", "-o", "--exclude-standard", "--", *asked))
    names = [name for name in dict.fromkeys(listed) if os.path.lexists(top / name) and not name.endswith("/")]
    for typed, one in zip(paths, wanted, strict=True):
        if not any(name == one or name.startswith(f"{one}/") or not one for name in names):
            raise UsageError(
                _("git knows no file {path}, or ignores it").format(path=safe_line(typed)),
                _("`git add -f {path}` makes it part of the repository").format(path=safe_line(typed)),
            )
    with ScratchFolder("review") as folder:
        reasons = rules(git, top, names, None, folder.path).reasons(names)
    looked_at: list[FileDiff] = []
    left_out: list[LeftOut] = []
    size = 0
    for name in names:
        why = reasons.get(name) or by_name(name)
        read = _read_whole(top, name) if why is None else why
        if isinstance(read, FileDiff):
            why = of_content(read)
            looked_at += [read] if why is None else []
            size += sum(len(line.text) + 1 for line in read.lines) if why is None else 0
            refuse_too_much(size)
        else:
            why = read
        left_out += [] if why is None else [LeftOut(name, why)]
    return Change(
        compared,
        tuple(sorted(looked_at, key=lambda diff: diff.path)),
        tuple(sorted(left_out, key=lambda one: one.path)),
    )


def _inside(top: Path, typed: str) -> str:
    """The path as git has it, from the top on; "" for the top. Raises UsageError."""
    path = Path(os.path.normpath(Path.cwd() / typed))
    top = top.resolve()
    if not path.is_relative_to(top):
        path = path.parent.resolve() / path.name
    if not path.is_relative_to(top):
        raise UsageError(
            _("{path} lies outside the repository").format(path=safe_line(typed)),
            _("nothing outside the repository is read; {top} is its top").format(top=safe_line(str(top))),
        )
    if not os.path.lexists(path):
        hint = _("to look at a branch or a commit, say --base {path} or --commit {path}")
        base = re.fullmatch(
            r"(.+?)\.{2,3}(?:HEAD|@)?", typed
        )  # git's words for what HEAD has and a commit has not
        if base is not None:
            hint = _("to look at what HEAD has and {path} has not, say --base {path}")
        raise UsageError(
            _("no file {path}").format(path=safe_line(typed)),
            hint.format(path=safe_line(base[1] if base is not None else typed)),
        )
    found = path.relative_to(top).as_posix()
    return "" if found == "." else found


def _read_whole(top: Path, name: str) -> FileDiff | str:
    """The file, or why it is not looked at. A link is never followed, neither the file's nor a folder's."""
    path = top.resolve() / name
    if path.resolve() != path:
        return _("symbolic link")
    if path.is_dir():  # what git lists as one name
        return _("submodule")
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return _("no regular file")
            content = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        return error.strerror or str(error)
    return too_large() if len(content) > MOST_FILE_BYTES else whole(name, content)
