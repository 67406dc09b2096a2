"""The history's one connection: opened on first use, mended or put aside when the file is damaged.

Knows SQLite's failures and what helps; refuses to know what a conversation is. `opening` has the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from stackspot_cli.errors import LocalError
from stackspot_cli.history import search
from stackspot_cli.history.opening import (
    BUSY_SECONDS,
    keep_private,
    make_private,
    open_for_writing,
    open_read_only,
    refuse_doubtful,
    refuse_newer,
    stored_version,
    transaction_on,
)
from stackspot_cli.translation import _

T = TypeVar("T")


# sqlite.org/rescode.html
CORRUPT, NOT_A_DATABASE = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB
NO_ROOM = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Database:
    """One connection, made on first use, shared by the threads of this process under a lock."""

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], float],
        note: Callable[[str], None],
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._now = now
        self._note = note
        self._notes: list[str] = []
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self.generation = 0  # counts the files that were set aside: rows known before are not in this one
        self._opened: tuple[int, int] | None = None

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What work finds, or None where no history has been written yet."""
        return self._attempt(work, create=False)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Does work as one transaction: all of it, or nothing."""

        def transaction(connection: sqlite3.Connection) -> T:
            with transaction_on(connection):
                return work(connection)

        return cast(T, self._attempt(transaction, create=True))  # create: there is always a file

    def shrink(self, seconds: float | None = None) -> bool:
        """Writes what the `-wal` holds into the file and gives back what is free. Whether nobody was in the way.

        seconds: how long others are waited for, None as for any other write.
        """
        ends = time.monotonic() + (self._busy_seconds if seconds is None else seconds)
        while True:
            busy = self.read(lambda connection: connection.execute(CHECKPOINT).fetchone()[0])
            if not busy:
                break
            if time.monotonic() >= ends:
                return False
            time.sleep(0.05)
        with contextlib.suppress(LocalError):  # without room for a copy the free pages stay, and are zeros
            self.read(give_back_free_pages)
        return True

    def tell(self) -> None:
        """Gives the notes that came up. Called on the thread that owns the screen, between two answers."""
        while self._notes:
            self._note(self._notes.pop(0))

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _attempt(self, work: Callable[[sqlite3.Connection], T], *, create: bool) -> T | None:
        """Every failure of SQLite or of the file becomes a LocalError; damage is mended or put aside, once.

        Raises IndexDamaged where the index cannot be mended: on a medium that cannot be written.
        """
        with self._lock:
            try:
                try:
                    return self._once(work, create)
                except search.IndexDamaged:
                    self._mend_index()
                except sqlite3.DatabaseError as error:
                    if not is_damage(error):
                        raise
                    self._set_aside()
                return self._once(work, create)
            except (sqlite3.Error, OSError) as error:
                raise self._cannot_use(error) from error

    def _cannot_use(self, error: Exception) -> LocalError:
        return LocalError(
            _("cannot use the history {path}: {why}").format(path=self.path, why=why(error)),
            _(
                "check that it is a file of yours, that its disk has room and that no other program "
                "holds it; STACKSPOTAI_HOME names another folder"
            ),
        )

    def _once(self, work: Callable[[sqlite3.Connection], T], create: bool) -> T | None:
        self._notice_removal()
        if self._connection is None:
            self._connection = self._open(create)
        return None if self._connection is None else work(self._connection)

    def _notice_removal(self) -> None:
        """SQLite goes on writing into a file that was removed, where nobody will ever find it."""
        if self._connection is None:
            return
        try:
            facts = self.path.stat()
        except FileNotFoundError:
            facts = None
        if facts is None or (facts.st_dev, facts.st_ino) != self._opened:
            self.close()
            self.generation += 1
            self._notes.append(_("the history was removed meanwhile: a new one begins"))

    def _mend_index(self) -> None:
        """The turns are whole: their words are indexed anew. Where the file is damaged as well, it is put aside."""
        assert self._connection is not None, "somebody has just used it"
        try:
            with transaction_on(self._connection):
                search.rebuild(self._connection)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self._set_aside()
            elif error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            return
        self._notes.append(_("the search index of the history was damaged: it was made anew"))

    def _open(self, create: bool) -> sqlite3.Connection | None:
        if create:
            make_private(self.path)
        elif not self.path.exists() or self.path.stat().st_size == 0:
            return None
        refuse_doubtful(self.path)
        refuse_newer(stored_version(self.path), self.path)
        facts = self.path.stat()
        self._opened = (facts.st_dev, facts.st_ino)
        if create:
            return open_for_writing(self.path, self._busy_seconds)
        if os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK):
            try:
                keep_private(self.path)
                return open_for_writing(self.path, self._busy_seconds)
            except (
                sqlite3.OperationalError
            ) as error:  # a full disk, a limit on files: the past can still be read
                if error.sqlite_errorcode & 0xFF not in NO_ROOM:
                    raise
        return open_read_only(self.path, self._busy_seconds)

    def _set_aside(self) -> None:
        """Renames the damaged file, never overwrites it, unless another process has done so already."""
        self.close()
        facts = self.path.stat()
        if (facts.st_dev, facts.st_ino) != self._opened:
            return
        moment = datetime.fromtimestamp(self._now(), UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = self.path.with_name(f"{self.path.name}.damaged-{moment}")
        count = 1
        while aside.exists():
            count += 1
            aside = self.path.with_name(f"{self.path.name}.damaged-{moment}-{count}")
        for suffix in ("", "-wal", "-shm"):
            beside = self.path.with_name(self.path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        self.generation += 1
        self._notes.append(
            _("the history was damaged: it is kept as {path}, and a new one begins").format(path=aside)
        )


CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"
WORTH_GIVING_BACK = 16 * 1024 * 1024  # bytes; fewer are soon used again


def give_back_free_pages(connection: sqlite3.Connection) -> None:
    """Rewrites a file that is mostly free pages; needs room for what is left in it."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    if free * size >= WORTH_GIVING_BACK and free * 2 > pages:
        connection.execute("VACUUM")
        connection.execute(CHECKPOINT)


def is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (CORRUPT, NOT_A_DATABASE)


def why(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
