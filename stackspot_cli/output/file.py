"""A file as an answer's place. Knows how it appears whole; refuses to know what is written."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Self

from stackspot_cli.errors import OutputUnwritable
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.build_log import LogCommandGuard
from stackspot_cli.translation import _

LONGEST_NAME = 200  # bytes of a name that ours is made of; most file systems end at 255


class WholeFile:
    """A file that appears whole or not at all, as a context: written under a fresh name, renamed at the end.

    What came of a broken answer stays as `FILE.part`, and note is told so; where nothing came, a `FILE.part` of
    an earlier call is left alone. A new file's mode follows the umask, an old one keeps its own. A device or
    pipe is written straight. A file that cannot be replaced (a mount, a folder that is closed) is written in
    place when all is there. Raises OutputUnwritable, at once where it can be known.
    """

    def __init__(self, path: Path, note: Callable[[str], None], *, guarded: bool = False) -> None:
        self._note = note
        self._shown = os.fspath(path)
        try:
            self._mode = path.stat().st_mode if path.exists() else None
            self._check()
            # A link's target keeps its name; a pipe's (`/dev/stdout`, `>(cat)`) is none that could be opened.
            self._path = Path(os.path.realpath(path)) if self._appears_whole else path
            if self._mode is not None and not os.access(self._path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._fresh, self._file = self._open()
            self._guard = LogCommandGuard() if guarded and not self._appears_whole else None
        except OSError as error:
            raise self._cannot(error) from error

    @property
    def _appears_whole(self) -> bool:
        return self._mode is None or stat.S_ISREG(self._mode)

    def _check(self) -> None:
        if self._mode is not None and stat.S_ISDIR(self._mode):
            raise IsADirectoryError(errno.EISDIR, _("it is a folder"))

    def _open(self) -> tuple[Path, BinaryIO]:
        if not self._appears_whole:
            return self._path, self._path.open("wb")
        import secrets  # deferred, as below: devices and pipes need none of it

        name = os.fsdecode(os.fsencode(self._path.name)[:LONGEST_NAME])
        fresh = self._path.with_name(f".{name}.{secrets.token_hex(6)}.part")
        flags = (
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        )
        try:
            return fresh, os.fdopen(os.open(fresh, flags, 0o666), "wb")
        except PermissionError:
            if self._mode is None:
                raise
        except OSError as error:
            if self._mode is None or error.errno != errno.EROFS:
                raise
        # The folder is closed and the file is not: it will be written in place.
        import tempfile

        handle, elsewhere = tempfile.mkstemp(prefix="stackspot-", suffix=".part")
        return Path(elsewhere), os.fdopen(handle, "wb")

    def write(self, text: str) -> None:
        if self._guard is not None:
            text = self._guard.feed(text)
        try:
            self._file.write(text.encode("utf-8", "replace"))
        except OSError as error:
            raise self._cannot(error) from error

    def flush(self) -> None:
        try:
            self._file.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._cannot(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        if kind is not None:
            self._abandon()
            return
        try:
            self._commit()
        except OSError as error:
            self._abandon()
            raise self._cannot(error) from error

    def _commit(self) -> None:
        """All is there: the file gets its name."""
        if self._guard is not None:
            self._file.write(self._guard.finish().encode("utf-8", "replace"))
        self._file.close()
        if not self._appears_whole:
            return
        if self._mode is not None and os.name == "posix":
            self._fresh.chmod(stat.S_IMODE(self._mode))
        try:
            self._fresh.replace(self._path)
        except OSError as error:
            if self._mode is None or error.errno not in (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM):
                raise
            with self._fresh.open("rb") as source, self._path.open("r+b") as target:
                target.truncate()
                shutil.copyfileobj(source, target)
            self._fresh.unlink()

    def _abandon(self) -> None:
        """Not all is there: what came gets the name `FILE.part`, and is told."""
        with contextlib.suppress(OSError):  # a full disk, that has been told
            self._file.close()
        if not self._appears_whole or not self._fresh.exists():
            return
        if not self._fresh.stat().st_size:
            with contextlib.suppress(OSError):
                self._fresh.unlink()
            return
        part = self._path.with_name(self._path.name + ".part")
        with contextlib.suppress(OSError):
            self._fresh.replace(part)
        self._note(
            _("what came of the answer is in {path}").format(
                path=safe_line(os.fspath(self._fresh if self._fresh.exists() else part))
            )
        )

    def _cannot(self, error: OSError) -> OutputUnwritable:
        return OutputUnwritable(
            _("cannot write {path}: {why}").format(
                path=safe_line(self._shown), why=error.strerror or str(error)
            ),
            _("check that its folder exists, is yours and has room"),
        )
