"""Stdin and files, read within one bound and as text.

Knows descriptors and pipes. Refuses to know what is asked, and how bytes become text (`encodings`).
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from stackspot_cli.errors import TimedOut, UsageError
from stackspot_cli.files import plain_files
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.encodings import decode, guessed
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

INPUT_BYTES = 8 * 1024 * 1024  # the contract: stdin and files together
NOTE_SECONDS = 2.0
GUESSES_TOLD = 3  # names in one note


class InputReader:
    """Reads stdin and files for one prompt, counting towards one bound.

    ends: the `now()`-time of the deadline, or None. What keeps silent until then is a TimedOut.
    encoding: of all of it; None is UTF-8, or what a byte order mark says.
    """

    def __init__(
        self,
        terminal: Terminal,
        note: Callable[[str], None],
        *,
        ends: float | None = None,
        now: Callable[[], float] = time.monotonic,
        encoding: str | None = None,
    ) -> None:
        self._terminal = terminal
        self._note = note
        self._ends = ends
        self._now = now
        self._left = INPUT_BYTES
        self._encoding = encoding
        self._guesses: dict[str, list[str]] = {}  # encoding -> names

    @property
    def stdin_is_closed(self) -> bool:
        return self._terminal.stdin is None

    def note(self, text: str) -> None:
        """Something about what was read, for the person."""
        self._note(text)

    def stdin(self, *, may_skip: bool | None) -> str:
        """All of stdin. may_skip: whether `--no-stdin` would make the waiting unnecessary; None where it is asked for.

        Raises UsageError where it is too large or no text, TimedOut at the deadline.
        """
        source = self._terminal.stdin
        if source is None:
            return ""
        self._note_silence(may_skip)
        try:
            data = self._read_stdin(source, self._left + 1)
        except OSError as error:
            raise _unreadable(_("stdin"), error) from error
        return decode(self._counted(data, _("stdin")), _("stdin"), self._encoding)

    def source(self, path: Path) -> str:
        """A file that somebody wrote by hand: as `file`, and one that is not UTF-8 is guessed. `tell_guesses` tells."""
        data, shown = self._bytes_of(path)
        if self._encoding is not None:
            return decode(data, shown, self._encoding)
        text, encoding = guessed(data, shown, self._terminal.encoding)
        if encoding is not None:
            self._guesses.setdefault(encoding, []).append(shown)
        return text

    def tell_guesses(self) -> None:
        """One note for each encoding that was guessed."""
        for encoding, names in self._guesses.items():
            shown = ", ".join(names[:GUESSES_TOLD]) + (", …" if len(names) > GUESSES_TOLD else "")
            self._note(
                _("not UTF-8, so read as {encoding}: {names}; --encoding says otherwise").format(
                    encoding=encoding, names=shown
                )
            )
        self._guesses.clear()

    def file(self, path: Path) -> str:
        """A text file. Raises UsageError where there is none, or it is a folder, a device, too large, no text."""
        data, shown = self._bytes_of(path)
        return decode(data, shown, self._encoding)

    def _bytes_of(self, path: Path) -> tuple[bytes, str]:
        """What is in it, and its name as it may be shown."""
        shown = safe_line(os.fspath(path))
        try:
            descriptor = plain_files.open_at_once(path)
        except OSError as error:
            raise _unreadable(shown, error) from error
        with _closing(descriptor):
            mode = os.fstat(descriptor).st_mode
            first = b""
            if stat.S_ISDIR(mode):
                raise UsageError(
                    _("{path} is a folder").format(path=shown),
                    _("name its files, for example -f '{path}/*.py'").format(path=shown.rstrip("/")),
                )
            if stat.S_ISFIFO(mode):
                first = _first_of_pipe(descriptor, shown)
                os.set_blocking(descriptor, True)
            elif not stat.S_ISREG(mode):
                raise UsageError(
                    _("{path} is no file but a device").format(path=shown), _("name a text file after -f")
                )
            try:
                data = first + self._read_all(descriptor, self._left + 1 - len(first), shown)
            except OSError as error:
                raise _unreadable(shown, error) from error
        return self._counted(data, shown), shown

    def _counted(self, data: bytes, shown: str) -> bytes:
        if len(data) > self._left:
            raise UsageError(
                _("{what} makes the input larger than {limit} bytes").format(what=shown, limit=INPUT_BYTES),
                _("send less: the part that matters, or upload the file with --upload"),
            )
        self._left -= len(data)
        return data

    def _read_stdin(self, source: BinaryIO, limit: int) -> bytes:
        try:
            descriptor = source.fileno()
        except (OSError, AttributeError):
            return source.read(limit)  # a test's, in memory
        return self._read_all(descriptor, limit, _("stdin"))

    def _read_all(self, descriptor: int, limit: int, shown: str) -> bytes:
        """To the end, or `limit` bytes; waits where another owner of the pipe has made it non-blocking."""
        parts = []
        size = 0
        while size < limit:
            self._await(descriptor, shown)
            try:
                part = os.read(descriptor, min(1 << 20, limit - size))
            except BlockingIOError:
                if self._ends is None:
                    select.select([descriptor], [], [])
                continue
            if not part:
                break
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def _await(self, descriptor: int, shown: str) -> None:
        """Until there is something to read, or the deadline. Windows cannot wait for pipes: it reads on."""
        if self._ends is None:
            return
        with contextlib.suppress(OSError, ValueError):
            if select.select([descriptor], [], [], max(0.0, self._ends - self._now()))[0]:
                return
            raise TimedOut(
                _("the deadline passed before the text from {what} had ended").format(what=shown),
                _("give it longer with --deadline; --no-stdin leaves stdin alone"),
            )

    def _note_silence(self, may_skip: bool | None) -> None:
        source = self._terminal.stdin
        assert source is not None
        try:
            left = NOTE_SECONDS if self._ends is None else max(0.0, self._ends - self._now())
            ready, _w, _x = select.select([source.fileno()], [], [], min(NOTE_SECONDS, left))
        except (OSError, ValueError, AttributeError):
            return  # Windows pipes and test doubles cannot be waited for: no note then
        if ready or left < NOTE_SECONDS:
            return
        if may_skip is None:
            self._note(_("waiting for text on stdin, which - names; Ctrl-D ends it"))
        elif may_skip:
            self._note(_("waiting for text on stdin; --no-stdin goes on without it"))
        else:
            self._note(
                _(
                    "waiting for the prompt on stdin; give it as an argument with --no-stdin, or end with Ctrl-D"
                )
            )


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _first_of_pipe(descriptor: int, shown: str) -> bytes:
    """What a named pipe holds first; one that nobody writes to would keep us for ever."""
    try:
        return plain_files.first_of_pipe(descriptor, NOTE_SECONDS)
    except plain_files.NobodyWrites as error:
        raise UsageError(
            _("nothing writes to the pipe {path}").format(path=shown), _("start the writer first")
        ) from error


def _unreadable(shown: str, error: OSError) -> UsageError:
    return UsageError(
        _("cannot read {path}: {why}").format(path=shown, why=error.strerror or error),
        _("check the name and the permissions"),
    )
