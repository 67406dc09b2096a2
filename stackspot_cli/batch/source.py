"""IN: lines that are read twice, once to look at all of them and once to ask. Knows files, pipes and encodings.

Refuses to know what a line means. Memory holds one line, whatever the size of the whole. What is not UTF-8 is copied
as UTF-8 first, for a line ends where that says so.
"""

from __future__ import annotations

import codecs
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, Self

from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal import encodings
from stackspot_cli.translation import _

LINE_BYTES = 8 * 1024 * 1024  # the contract's bound of what is read from outside, for a line of a batch


class RawLine(NamedTuple):
    """number: from 1, blank lines counted. data: None where it is longer than the bound."""

    number: int
    data: bytes | None


class Source:
    """One IN, as a context. name: as it may be shown."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self._file = file
        self._ends = file.seek(0, os.SEEK_END)

    @classmethod
    def of(cls, name: str, stdin: BinaryIO | None, encoding: str | None = None) -> Self:
        """A file's name, or `-`. What cannot be read twice is copied to a private file first. Raises UsageError.

        encoding: None is UTF-8, or what a byte order mark says.
        """
        if name == "-":
            if stdin is None:
                raise UsageError(
                    _("stdin is closed"), _("name the file of prompts: stackspot batch FILE -o OUT")
                )
            return cls(_("stdin"), _as_utf8(_copied(stdin), _("stdin"), encoding))
        shown = safe_line(name)
        try:
            file = Path(name).open("rb")  # noqa: SIM115  # closed by the context, or just below
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return cls(shown, _as_utf8(file, shown, encoding))
            with file:
                return cls(shown, _as_utf8(_copied(file), shown, encoding))
        except OSError as error:
            raise UsageError(
                _("cannot read {path}: {why}").format(path=shown, why=error.strerror or error),
                _("check the name and the permissions"),
            ) from error

    def lines(self) -> Iterator[RawLine]:
        """Those that were there at the beginning and are not blank; from the start each time."""
        self._file.seek(0)
        left, number = self._ends, 0
        while left > 0:
            data = self._file.readline(min(LINE_BYTES + 1, left))
            if not data:
                return
            number += 1
            left -= len(data)
            if len(data) > LINE_BYTES and not data.endswith(b"\n"):
                left -= self._skip_line(left)
                yield RawLine(number, None)
            elif data.strip():
                yield RawLine(number, data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data)

    def _skip_line(self, left: int) -> int:
        skipped = 0
        while skipped < left and (data := self._file.readline(min(LINE_BYTES, left - skipped))):
            skipped += len(data)
            if data.endswith(b"\n"):
                break
        return skipped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._file.close()


def _copied(stream: IO[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile(prefix="stackspot-batch-")  # noqa: SIM115  # the source closes it
    while part := stream.read(1 << 20):
        file.write(part)
    return file


def _as_utf8(file: IO[bytes], shown: str, encoding: str | None) -> IO[bytes]:
    """The file, or a copy where it is something else. Raises UsageError where it is not what it should be."""
    file.seek(0)
    mark = file.read(encodings.LONGEST_MARK)
    file.seek(0)
    known = encoding or encodings.marked(mark) or "utf-8"
    if known in ("utf-8", "utf-8-sig"):
        return file
    with file:
        copy = tempfile.TemporaryFile(prefix="stackspot-batch-")  # noqa: SIM115  # the source closes it
        decoder, begins = codecs.getincrementaldecoder(known)(), 0
        try:
            while part := file.read(1 << 20):
                copy.write(decoder.decode(part).encode("utf-8", "surrogatepass"))
                begins = file.tell() - len(decoder.getstate()[0])
            copy.write(decoder.decode(b"", final=True).encode("utf-8", "surrogatepass"))
        except UnicodeError as error:
            copy.close()
            raise encodings.not_text(shown, known, error, begins) from error
    return copy
