"""Folders that go with the process that made them, also where nobody let it tidy up (`kill -9`, a power cut).

    folder = ScratchFolder("sandbox"); folder.path; folder.remove()

Its process holds the kernel's lock on a folder; one that nobody holds is left over, and who makes the next of its kind
removes it. Refuses to know what is in them.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path
from types import TracebackType

if os.name == "posix":
    import fcntl

SUFFIX = ".tmp"
_MOST_SWEPT = 100  # of one kind at a time: nobody waits for a broom


class ScratchFolder:
    """One in the system's folder for temporary files, 0700. Raises OSError where none can be made."""

    def __init__(self, kind: str) -> None:
        sweep(kind)
        self.path, self._lock = _new(kind)

    def __enter__(self) -> ScratchFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep(kind: str) -> None:
    """Removes what no living process holds. What cannot be looked at, or cannot be removed, stays."""
    if os.name != "posix" or not shutil.rmtree.avoids_symlink_attacks:
        return
    name = re.compile(rf"{re.escape(_prefix(kind))}[a-z0-9_]{{8}}{re.escape(SUFFIX)}")
    with contextlib.suppress(OSError):
        names = [found for found in os.listdir(tempfile.gettempdir()) if name.fullmatch(found)]  # noqa: PTH208  # Path.iterdir makes a Path of each file there
        for found in names[:_MOST_SWEPT]:
            _remove_if_left_over(Path(tempfile.gettempdir(), found))


def _prefix(kind: str) -> str:
    return f"stackspot-{kind}-"


def _new(kind: str) -> tuple[Path, int | None]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_prefix(kind), suffix=SUFFIX))
        try:
            lock = _opened(path)
        except OSError:
            if not path.exists():  # another process took it for left over, before we held it
                continue
            return path, None  # a medium without locks, where nobody else can have one either
        if lock is None or _is_there(path, lock):
            return path, lock
        os.close(lock)


def _opened(path: Path, *, wait: bool = True) -> int | None:
    """The folder, locked; None on Windows. Raises OSError, BlockingIOError where another process holds it."""
    if os.name != "posix":
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _is_there(path: Path, descriptor: int) -> bool:
    """Whether the path still is the folder that was opened."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False


def _remove_if_left_over(path: Path) -> None:
    """Only a folder of ours, closed to others: a link of that name, or somebody else's, is none of our business."""
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
        return
    with contextlib.suppress(OSError):
        descriptor = _opened(path, wait=False)
        assert descriptor is not None, "Windows sweeps nothing"
        try:
            if _is_there(path, descriptor):
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)
