"""A file as an answer's place. Knows how it appears whole; refuses to know what is written."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Self

from stackspot_cli.errors import LocalError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _


class WholeFile:
    """A file that appears whole or not at all, as a context: `FILE.part` beside its name, renamed at the end.

    note: told where what came lies, when the body is broken off. The umask decides the file's mode.
    A device or pipe is written straight. Raises LocalError.
    """

    def __init__(self, path: Path, note: Callable[[str], None]) -> None:
        self._note = note
        self._shown = os.fspath(path)
        self._written = False
        try:
            mode = path.stat().st_mode if path.exists() else stat.S_IFREG
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(21, _("it is a folder"))
            self._whole = stat.S_ISREG(mode)
            # A link's target keeps its name; a pipe's (`/dev/stdout`, `>(cat)`) is none that could be opened.
            self._path = Path(os.path.realpath(path)) if self._whole else path
            self._part = self._path.with_name(self._path.name + ".part")
            self._file = open(self._part if self._whole else self._path, "wb")  # noqa: SIM115, PTH123  # closed by commit and abandon
        except OSError as error:
            raise self._cannot(error) from error

    def write(self, text: str) -> None:
        self._written = self._written or bool(text)
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
        if kind is None:
            self._commit()
            return
        part = self._abandon()
        if part is not None:
            self._note(_("what came of the answer is in {path}").format(path=part))

    def _commit(self) -> None:
        """All is there: the file gets its name."""
        try:
            self._file.close()
            if self._whole:
                self._part.replace(self._path)
        except OSError as error:
            raise self._cannot(error) from error

    def _abandon(self) -> Path | None:
        """Not all is there: `FILE.part` stays where something came, and its name is returned."""
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._whole:
            return None
        if self._written:
            return self._part
        with contextlib.suppress(OSError):
            self._part.unlink()
        return None

    def _cannot(self, error: OSError) -> LocalError:
        return LocalError(
            _("cannot write {path}: {why}").format(
                path=safe_line(self._shown), why=error.strerror or str(error)
            ),
            _("check that its folder exists, is yours and has room"),
        )
