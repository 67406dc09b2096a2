"""Reading a file that may be no file: a pipe or a device in its place keeps nobody for ever.

Knows descriptors. Refuses to know what is in a file, and whose it is.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

from stackspot_cli.translation import _

WRITER_SECONDS = 2.0  # for somebody to open the pipe's other end: a shell's `<(…)` has done so already
SILENCE_SECONDS = 30.0  # what fills the pipe may ask a vault first


class NobodyWrites(OSError):
    """A pipe whose other end nobody opened, or was silent for too long."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, _("nothing writes to the pipe"))


def open_at_once(path: Path) -> int:
    """A descriptor for reading; opening never waits, not for the writer of a pipe either. Raises OSError."""
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))


def read(
    path: Path,
    limit: int,
    *,
    writer_seconds: float = WRITER_SECONDS,
    silence_seconds: float = SILENCE_SECONDS,
) -> bytes:
    """Up to `limit` bytes of a file, or of a pipe such as a shell's `<(…)`. Raises OSError, for a device as well."""
    descriptor = open_at_once(path)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(mode):
            return _of_pipe(descriptor, limit, writer_seconds, silence_seconds)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, _("it is no file but a device"))
        parts = []
        while limit > 0 and (part := os.read(descriptor, limit)):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def first_of_pipe(descriptor: int, seconds: float = WRITER_SECONDS) -> bytes:
    """What a pipe holds first, which may be nothing where a writer takes its time. Raises NobodyWrites."""
    ends = time.monotonic() + seconds
    while True:
        ready, _writable, _failed = select.select([descriptor], [], [], 0.05)
        try:
            first = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return b""  # a writer is there
        if first or ready:
            return first
        if time.monotonic() > ends:
            raise NobodyWrites
        time.sleep(0.05)


def _of_pipe(descriptor: int, limit: int, writer_seconds: float, silence_seconds: float) -> bytes:
    content = first_of_pipe(descriptor, writer_seconds)
    while len(content) < limit:
        if not select.select([descriptor], [], [], silence_seconds)[0]:
            raise NobodyWrites
        try:
            part = os.read(descriptor, limit - len(content))
        except BlockingIOError:
            continue  # somebody else reads it, too
        if not part:
            break
        content += part
    return content[:limit]
