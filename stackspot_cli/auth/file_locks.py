"""A lock that processes share, beside the file that it is for.

Knows `filelock`. The lock is the kernel's: a holder that is killed blocks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stackspot_cli.errors import LocalError

LOCK_SECONDS = 10.0


@contextmanager
def held(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """The lock of a file whose folder is there. Raises OSError, TimeoutError where another process keeps it."""
    import filelock  # deferred: 60 ms, for a change alone

    lock = filelock.FileLock(f"{path}.lock", timeout=seconds, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout as problem:
        raise TimeoutError from problem
    try:
        yield
    finally:
        lock.release()


@contextmanager
def alone(path: Path, *, make_folder: bool, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """The same; without a lock where none is to be had: better than not to go on at all.

    make_folder: also where its folder is missing; otherwise there is then nobody to be alone from.
    """
    from stackspot_cli.files import private_files

    if not make_folder and not path.parent.is_dir():
        yield
        return
    lock = held(path, seconds)
    try:
        private_files.make_folder(path.parent)
        lock.__enter__()
    except (OSError, LocalError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.__exit__(None, None, None)
