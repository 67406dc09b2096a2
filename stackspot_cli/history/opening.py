"""How the history's file is opened: private from its first instant, brought up to date, refused where it is newer.

Knows SQLite, file modes and the list of migrations. Opening for reading never makes a file. A file of a newer
version is refused before SQLite touches it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from stackspot_cli.errors import LocalError
from stackspot_cli.files import ownership, plain_files
from stackspot_cli.history import search
from stackspot_cli.history.schema import MIGRATIONS
from stackspot_cli.translation import _

BUSY_SECONDS = 5.0
"""How long a write waits for another process. Writes take about a millisecond, so this is 5,000 of them."""
USER_VERSION_AT = 60  # sqlite.org/fileformat2.html, section 1.3: four bytes, big-endian


def make_private(path: Path) -> None:
    """The folder 0700 and the file 0600 from their first instant, whatever the umask.

    SQLite gives `-wal` and `-shm` the mode of the main file (os_unix.c, findCreateFileMode).
    """
    if not path.parent.exists():
        from stackspot_cli.files import private_files  # deferred: its tempfile is slow to load

        private_files.make_folder(path.parent)
    refuse_doubtful(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    keep_private(path)


def keep_private(path: Path) -> None:
    """After an unusual umask, or where a copy came back from a backup."""
    if os.name == "posix" and path.stat().st_mode & 0o777 != 0o600:
        path.chmod(0o600)


def refuse_doubtful(path: Path) -> None:
    """Raises LocalError where somebody else may have written the file, or could replace it."""
    doubt = ownership.doubt(path)
    if doubt is not None:
        raise LocalError(
            _("the history {path} is left alone: {why}").format(path=path, why=doubt.why), doubt.remedy
        )


def stored_version(path: Path) -> int:
    """The schema version in the file's header, read without SQLite: opening it could already write."""
    header = plain_files.read(path, USER_VERSION_AT + 4)
    if not header.startswith(b"SQLite format 3\0"):
        return 0
    return int.from_bytes(header[USER_VERSION_AT:], "big", signed=True)


def refuse_newer(version: int, path: Path) -> None:
    if version > len(MIGRATIONS):
        raise LocalError(
            _("the history {path} was written by a newer version of stackspot").format(path=path),
            _("update stackspot, or set `STACKSPOTAI_HISTORY=off`; the file was left as it is"),
        )


def open_for_writing(path: Path, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    # connect() sets the busy time-out before any statement runs: journal_mode needs it already.
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    try:
        refuse_newer(user_version(connection), path)  # the header is behind where the WAL knows more
        use_wal(connection, busy_seconds)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "PRAGMA cache_size = -256"
        )  # 256 KiB: one answer is written, nothing is read twice
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_read_only(
    path: Path,
    busy_seconds: float = BUSY_SECONDS,
    modes: Sequence[str] = ("mode=ro", "immutable=1"),
) -> sqlite3.Connection:
    """Where nothing may be written: read-only, and immutable where even `-shm` cannot be made."""
    [mode, *others] = modes
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        user_version(connection)
    except BaseException as error:
        connection.close()
        if not others or not isinstance(error, sqlite3.OperationalError):
            raise
        return open_read_only(path, busy_seconds, others)
    return connection


def user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switching a new file to WAL needs it alone, and SQLite does not wait for that: so we do."""
    until = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def migrate(connection: sqlite3.Connection) -> None:
    if user_version(connection) == len(MIGRATIONS):
        return
    with transaction_on(connection):
        for version in range(user_version(connection), len(MIGRATIONS)):
            for statement in MIGRATIONS[version].split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")


@contextlib.contextmanager
def transaction_on(connection: sqlite3.Connection) -> Iterator[None]:
    """IMMEDIATE: a transaction that begins by reading could not wait for its turn to write."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    with search.using_index():
        connection.execute("COMMIT")
