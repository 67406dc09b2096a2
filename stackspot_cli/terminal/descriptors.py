"""The process's three descriptors: what they are, and how one is written whatever its other owners did to it."""

from __future__ import annotations

import os
import select
import stat
from typing import BinaryIO, Literal

from stackspot_cli.errors import OutputUnwritable
from stackspot_cli.translation import _

StdinKind = Literal["terminal", "data", "none"]
_MOMENT_SECONDS = 0.3
_ROOM_BYTES = 512  # what a pipe that can be written takes at once (POSIX: PIPE_BUF)


def write_all(stream: BinaryIO, data: bytes, *, patient: bool) -> None:
    """All of it, straight to the descriptor, whose reader may be slow and whose other owners may have made it
    non-blocking (Node does so with the pipes that it shares).

    patient: False gives up on a reader that takes nothing for a moment.
    """
    raw = getattr(stream, "raw", stream)
    rest = memoryview(data)
    while rest:
        if not patient and (os.name == "nt" or not select.select([], [raw.fileno()], [], _MOMENT_SECONDS)[1]):
            return  # Windows cannot say whether a pipe has room
        written = raw.write(rest if patient else rest[:_ROOM_BYTES])
        if written is None:
            select.select([], [raw.fileno()], [])
        else:
            rest = rest[written:]


def is_terminal(descriptor: int, stream: object) -> bool:
    return stream is not None and os.isatty(descriptor)


def kind_of_stdin() -> StdinKind:
    """A pipe, a socket and a file hold data; a device (`/dev/null`) and a closed stdin hold none."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return "none"
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode):
        return "data"
    return "terminal" if os.isatty(0) else "none"


def descriptor_of(stream: BinaryIO | None) -> int | None:
    """None: it is closed, or only in memory."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None


def ours_alone(stdout: BinaryIO | None, stderr: BinaryIO | None) -> int | None:
    """The terminal that one of them is, if nobody but us reads its keys: who reads the answer from a pipe may be a
    pager, which has set the terminal's modes for itself.
    """
    answer = descriptor_of(stdout)
    if answer is not None:
        mode = os.fstat(answer).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            return None
    ours = [one for one in map(descriptor_of, (stderr, stdout)) if one is not None]
    return next((one for one in ours if os.isatty(one)), None)


def cannot_write(why: str) -> OutputUnwritable:
    return OutputUnwritable(
        _("cannot write to stdout: {why}").format(why=why), _("free some space or write elsewhere")
    )
