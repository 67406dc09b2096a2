"""How the history's file is opened."""

import sqlite3
from pathlib import Path

import pytest

from stackspot_cli.errors import LocalError
from stackspot_cli.history.opening import (
    make_private,
    open_for_writing,
    open_read_only,
    refuse_newer,
    stored_version,
    transaction_on,
)
from stackspot_cli.history.schema import MIGRATIONS


def test_a_new_file_is_private_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "history.db"
    make_private(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert stored_version(path) == 0
    open_for_writing(path).close()
    assert stored_version(path) == len(MIGRATIONS)


def test_a_newer_file_is_refused_before_it_is_touched(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="was written by a newer version"):
        refuse_newer(len(MIGRATIONS) + 1, tmp_path / "history.db")
    refuse_newer(len(MIGRATIONS), tmp_path / "history.db")


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    make_private(tmp_path / "history.db")
    connection = open_for_writing(tmp_path / "history.db")
    with pytest.raises(ZeroDivisionError), transaction_on(connection):
        connection.execute("INSERT INTO memo (name, value) VALUES ('a', 'b')")
        _ = 1 / 0
    with transaction_on(connection):
        connection.execute("INSERT INTO memo (name, value) VALUES ('c', 'd')")
    assert connection.execute("SELECT name FROM memo").fetchall() == [("c",)]
    connection.close()


def test_reading_only_cannot_write(tmp_path: Path) -> None:
    make_private(tmp_path / "history.db")
    open_for_writing(tmp_path / "history.db").close()
    connection = open_read_only(tmp_path / "history.db")
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("INSERT INTO memo (name, value) VALUES ('a', 'b')")
    connection.close()
