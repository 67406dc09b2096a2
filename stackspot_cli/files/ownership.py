"""Whose word a file is: whether anybody but this user and root could have put there what it says.

Knows owners and modes as POSIX has them; on Windows, which keeps none, nothing is doubted. Refuses to know what is
in a file, and what becomes of one that is doubted.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Doubt:
    """why: a clause for a sentence. remedy: what helps, as a hint."""

    why: str
    remedy: str


def doubt(path: Path) -> Doubt | None:
    """Of the file at the path, or of what somebody could put there; None where only this user and root could.

    Its folder counts as well, also where nobody but a file's owner may take it away (the sticky bit): a name in it
    is anybody's who is first. A link counts with both its ends.
    """
    if os.name != "posix":
        return None
    try:
        ends = dict.fromkeys((path, Path(os.path.realpath(path))))
    except (OSError, ValueError):
        return None  # opening it will tell
    for place in ends:
        found = _doubt(place) or _doubt(place.parent)
        if found is not None:
            return found
    return None


def doubt_of_what_is_there(path: Path) -> Doubt | None:
    """The same of a file that exists: of no file there is nothing to doubt."""
    return doubt(path) if os.path.lexists(path) else None


def doubt_of_folder(folder: Path) -> Doubt | None:
    """Whether what is in the folder may have been put there by somebody else."""
    return _doubt(folder) if os.name == "posix" else None


def _doubt(place: Path) -> Doubt | None:
    """Of one file or folder by itself. What is not there, or not to be looked at, is not doubted."""
    try:
        facts = place.stat()
    except (OSError, ValueError):
        return None
    shown = safe_line(os.fspath(place))
    if not _is_trusted(facts.st_uid):
        return Doubt(
            _("{path} belongs to somebody else ({owner})").format(
                path=shown, owner=safe_line(_user(facts.st_uid), 40)
            ),
            _("look at what it says, and copy it into a folder of your own"),
        )
    others = bool(facts.st_mode & stat.S_IWOTH)
    group = bool(facts.st_mode & stat.S_IWGRP) and not _is_group_of_one(facts)
    if not (others or group) or _cannot_be_written(place):
        return None
    if others:
        why = _("others may write {path}").format(path=shown)
    else:
        why = _("the group {group} may write {path}").format(
            group=safe_line(_group(facts.st_gid), 40), path=shown
        )
    if facts.st_uid != os.geteuid() or facts.st_mode & stat.S_ISVTX:
        return Doubt(why, _("use a folder of your own"))
    import shlex  # deferred: only a mistake needs it

    command = shlex.join(["chmod", "go-w", os.fspath(place)])
    return Doubt(why, _("`{command}` keeps them out").format(command=safe_line(command, 500)))


def _is_trusted(owner: int) -> bool:
    """This user, root, and for root whoever called it by sudo."""
    user = os.geteuid()
    return owner in (user, 0) or (user == 0 and os.environ.get("SUDO_UID", "") == str(owner))


def _is_group_of_one(facts: os.stat_result) -> bool:
    """Whether the group is the user's own, as Debian gives everybody one and lets it write, or root's.

    A group that has no name, in a container for any user, is the user's own where it has the user's number.
    """
    import grp  # deferred: only what a group may write needs them
    import pwd

    user = os.geteuid()
    names: set[str] = set()
    with contextlib.suppress(KeyError):
        names.add(pwd.getpwuid(user).pw_name)
    try:
        group = grp.getgrgid(facts.st_gid)
    except KeyError:
        return facts.st_gid == user == facts.st_uid
    own = facts.st_gid == 0 or group.gr_name in names
    return own and set(group.gr_mem) <= names | {"root"}


def _cannot_be_written(place: Path) -> bool:
    """Whether its medium is only read, as an orchestrator's volumes for containers are, whatever the modes there."""
    try:
        return bool(os.statvfs(place).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
