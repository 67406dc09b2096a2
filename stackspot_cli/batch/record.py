"""OUT: one whole line an answer, on the disk before anything else happens; what an earlier run left is gone on with.

Knows the file. Refuses to know what a line says beyond its id and whether it is an answer. A line that a crash or a
full disk cut short is taken away before the next is written; every other byte of OUT that is there stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Self

from stackspot_cli.batch.ids import Ids, digest
from stackspot_cli.batch.result import NotAnOutLine, Recorded, read_out_line
from stackspot_cli.errors import OutputUnwritable, UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

TORN_BYTES = 1 << 20  # what is read at once, looking back for the end of the last whole line
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Record:
    """OUT, open for writing, as a context. Safe to share by threads.

    answered: what needs not be asked again. failed: how many of the lines there are no answers.
    torn: whether a line was taken away that was not whole.
    """

    def __init__(self, path: Path, *, resume: bool, retry_failed: bool = False) -> None:
        """Raises UsageError where OUT is there and is not to be gone on with, or is none; OutputUnwritable."""
        self._path = path
        self._shown = safe_line(os.fspath(path))
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        self._written = self._synced = 0  # lines of this run
        self.answered = Ids()
        self.failed = 0
        self.torn = False
        self._file = self._opened(resume)
        try:
            if self._is_regular:
                self._hold()
                self._read_on(retry_failed)
        except BaseException:
            self._file.close()
            raise

    def write(self, line: str) -> None:
        """The line and its end, whole and on the disk, or not at all. Raises OutputUnwritable."""
        data = line.encode("utf-8", "replace") + b"\n"
        with self._lock:
            ends = os.fstat(self._file.fileno()).st_size
            try:
                _write_all(self._file, data)
            except OSError as error:
                if self._is_regular:
                    with contextlib.suppress(OSError):
                        self._file.truncate(ends)
                raise self._cannot(error) from error
            self._written = number = self._written + 1
        if self._is_regular:
            self._sync(number)

    def _sync(self, number: int) -> None:
        """Until that line is on the disk: one go serves all who wait for it."""
        with self._syncing:
            if self._synced >= number:
                return
            written = self._written
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise self._cannot(error) from error
            self._synced = written

    def put_in_order(self, ids: Iterable[int]) -> None:
        """The lines in the order of these ids; others after them. All at once, or not at all."""
        places = [(digest(recorded.id), start) for start, _data, recorded in self._whole_lines()]
        starts = array("Q", (start for _digest, start in places))
        by_digest = sorted(places)
        digests = array("Q", (one for one, _start in by_digest))
        by_digest_starts = array("Q", (start for _one, start in by_digest))
        del places, by_digest
        wanted = array("Q")
        for one in ids:
            place = bisect_left(digests, one)
            while place < len(digests) and digests[place] == one:
                wanted.append(by_digest_starts[place])
                place += 1
        if len(wanted) < len(starts):
            seen = set(wanted)
            wanted.extend(start for start in starts if start not in seen)
        if wanted != starts:
            self._rewrite(self._lines_at(wanted))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object = None, *_exception: object) -> None:
        """What was begun and got no line is none: the same command would find it in its way."""
        with contextlib.suppress(OSError):  # a full disk, that has been told
            if kind is not None and self._is_new and not os.fstat(self._file.fileno()).st_size:
                self._path.unlink()
        with contextlib.suppress(OSError):
            self._file.close()

    # --- opening -----------------------------------------------------------------------------------

    def _opened(self, resume: bool) -> FileIO:
        try:
            facts = self._path.stat() if self._path.exists() else None
            if facts is not None and not stat.S_ISREG(facts.st_mode):
                self._is_regular = self._is_new = False
                return self._path.open("wb", buffering=0)
            self._is_regular, self._is_new = True, facts is None
            if facts is not None and not resume:
                raise UsageError(
                    _("{path} is there already").format(path=self._shown),
                    _("add --resume to go on with it, or name another file after -o"),
                )
            return os.fdopen(os.open(self._path, _FLAGS, 0o666), "r+b", buffering=0)
        except OSError as error:
            raise self._cannot(error) from error

    def _hold(self) -> None:
        """Two processes that went on with one OUT would ask everything twice. The hold ends with its process."""
        try:
            import fcntl
        except ImportError:  # Windows
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                _("another `stackspot batch` is writing {path}").format(path=self._shown),
                _("wait for its end, or name another file after -o"),
            ) from error
        except OSError:
            return  # a file system without locks

    def _read_on(self, retry_failed: bool) -> None:
        self._drop_torn_line()
        for _start, _data, recorded in self._whole_lines():
            if recorded.ok or not retry_failed:
                self.answered.add(digest(recorded.id))
            self.failed += not recorded.ok
        if retry_failed and self.failed:
            self._rewrite(data for _start, data, recorded in self._whole_lines() if recorded.ok)
            self.failed = 0

    def _drop_torn_line(self) -> None:
        """After the last line's end there is nothing, or a line that was being written."""
        ends = self._file.seek(0, os.SEEK_END)
        whole = ends
        while whole > 0:
            start = max(0, whole - TORN_BYTES)
            self._file.seek(start)
            newline = self._file.read(whole - start).rfind(b"\n")
            if newline >= 0:
                whole = start + newline + 1
                break
            whole = start
        if whole < ends:
            self._refuse_other_files(whole)
            self._file.truncate(whole)
            self.torn = True

    def _refuse_other_files(self, whole: int) -> None:
        """A file without any line of ours is somebody's text, and not a line that was cut short."""
        self._file.seek(0)
        if whole == 0 and not self._file.read(20).startswith((b'{"id":', b'{"id": ', b"\0")):
            raise self._no_line(1)

    # --- its lines ---------------------------------------------------------------------------------

    def _whole_lines(self) -> Iterator[tuple[int, bytes, Recorded]]:
        """(where it begins, the line with its end, what it says). Raises UsageError for what is none of ours."""
        start = 0
        with self._reader() as file:
            for number, data in enumerate(file, 1):
                if data.strip():
                    try:
                        yield start, data, read_out_line(data)
                    except NotAnOutLine as error:
                        raise self._no_line(number) from error
                start += len(data)

    def _lines_at(self, starts: Iterable[int]) -> Iterator[bytes]:
        with self._reader() as file:
            for start in starts:
                file.seek(start)
                yield file.readline()

    def _reader(self) -> BinaryIO:
        """Reads from the start what is written so far."""
        file = os.fdopen(os.dup(self._file.fileno()), "rb")
        file.seek(0)
        return file

    def _rewrite(self, lines: Iterable[bytes]) -> None:
        """With these lines in the place of all. Raises OutputUnwritable, and nothing has changed then."""
        path = Path(os.path.realpath(self._path))
        fresh = path.with_name(f".{path.name[:200]}.{secrets.token_hex(6)}.part")
        try:
            file = os.fdopen(os.open(fresh, _FLAGS | os.O_EXCL, 0o600), "r+b", buffering=0)
        except OSError as error:
            raise self._cannot(error) from error
        try:
            for line in lines:
                _write_all(file, line)
            os.fsync(file.fileno())
            fresh.chmod(stat.S_IMODE(os.fstat(self._file.fileno()).st_mode))
            old, self._file = self._file, file
            self._hold()
            if os.name == "nt":
                old.close()  # Windows replaces no file that is open
            fresh.replace(path)
            old.close()
        except BaseException as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            if isinstance(error, OSError):
                raise self._cannot(error) from error
            raise

    # --- what goes wrong ---------------------------------------------------------------------------

    def _no_line(self, number: int) -> UsageError:
        return UsageError(
            _("{path}, line {number}: it is no answer of a batch").format(path=self._shown, number=number),
            _("nothing was changed; take the line out, or name another file after -o"),
        )

    def _cannot(self, error: OSError) -> OutputUnwritable:
        return OutputUnwritable(
            _("cannot write {path}: {why}").format(path=self._shown, why=error.strerror or error),
            _("make room, then go on with --resume: everything that stands there is kept")
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
            else _("name another file after -o"),
        )


def _write_all(file: FileIO, data: bytes) -> None:
    """A raw file may take a part only."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
