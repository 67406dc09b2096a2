"""One process at a time in a folder: the folder itself is what is locked, and no file is left in it.

The lock is the kernel's: a holder that is killed blocks nobody. Where none is to be had (Windows, some network drives,
a folder that is not there) everything goes on without it: better than not to go on at all.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE_SECONDS = 10.0  # a change takes some milliseconds
PAUSE_SECONDS = 0.01


@contextlib.contextmanager
def alone_in(folder: Path, seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """The body runs while no other process is in such a body, for the same folder."""
    descriptor = _locked(folder, seconds)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _locked(folder: Path, seconds: float) -> int | None:
    """A descriptor that holds the lock until it is closed."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    ends = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() < ends:
                time.sleep(PAUSE_SECONDS)
                continue
        except OSError:
            pass
        os.close(descriptor)
        return None
