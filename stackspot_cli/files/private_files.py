"""Files that only their owner reads: written whole and atomically, 0600 in 0700 folders, whatever the umask.

Knows the file system; refuses to know what is in the files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from stackspot_cli.errors import LocalError
from stackspot_cli.files import ownership
from stackspot_cli.translation import _


def make_folder(folder: Path) -> None:
    """Makes the folder and its missing parents with mode 0700; one that exists keeps its mode.

    Errors: LocalError, also where a file stands in its place, and where somebody else may write in the folder.
    """
    missing = []
    place = folder
    try:
        while not place.exists():
            missing.append(place)
            if place.parent == place:
                break
            place = place.parent
        is_folder = place.is_dir()
    except OSError as problem:  # a folder on the way is closed to us
        raise _cannot_write(folder, problem) from problem
    if not is_folder:
        raise LocalError(
            _("cannot write into {folder}: {place} is not a folder").format(folder=folder, place=place),
            _("move it away, or name another folder by STACKSPOTAI_HOME"),
        ) from NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    doubt = ownership.doubt_of_folder(folder)
    if doubt is not None:
        raise LocalError(
            _("nothing is kept in {folder}: {why}").format(folder=folder, why=doubt.why), doubt.remedy
        )
    for one in reversed(missing):
        try:
            one.mkdir(mode=0o700)
            one.chmod(0o700)  # a umask such as 0277 would lock the owner out of its own folder
        except FileExistsError:
            pass  # another process was faster, or a file stands there: writing will tell
        except OSError as problem:
            raise _cannot_write(folder, problem) from problem


def write(path: Path, content: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Replaces the file in one step: a reader sees the old content or the new, never half of it.

    A symbolic link stays one: the file that it points at is replaced (people keep their config in a
    folder of dotfiles). mode: of the new file. durable: False where a power cut may lose it.
    Errors: LocalError, and nothing has changed then.
    """
    path = Path(os.path.realpath(path))
    make_folder(path.parent)
    try:
        # mkstemp opens with 0600: there is no instant in which others could read it
        import tempfile  # deferred: most calls only read

        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as problem:
        raise _cannot_write(path, problem) from problem
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException as problem:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if isinstance(problem, OSError):
            raise _cannot_write(path, problem) from problem
        raise


def read_private(path: Path, limit: int) -> bytes | None:
    """A private file's content, up to limit bytes; None where it is not exactly that.

    Not: absent, a link, a folder, somebody else's, readable by others, in a folder where they may write, too large.
    """
    if ownership.doubt_of_folder(path.parent) is not None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > limit:
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        if os.name == "posix" and (facts.st_uid != os.getuid() or facts.st_mode & 0o077):
            return None
        try:
            return file.read(limit)
        except OSError:
            return None


def is_there(path: Path) -> bool:
    """Whether there is a file that we can see: behind a closed folder there is none for us."""
    return os.path.exists(path)  # noqa: PTH110  # Path.exists raises PermissionError there, before Python 3.12


def others_can_read(path: Path) -> bool:
    """Whether the file's mode lets anyone but its owner in. Windows keeps no such bits: False there."""
    if os.name == "nt":
        return False
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def _cannot_write(path: Path, problem: OSError) -> LocalError:
    return LocalError(
        _("cannot write {path}: {why}").format(path=path, why=problem.strerror or problem),
        _("check that the folder exists, is yours and has room, or name another by STACKSPOTAI_HOME"),
    )
