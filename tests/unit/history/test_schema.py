"""The tables, as the list of migrations that made them."""

import hashlib
import sqlite3
from contextlib import closing

from stackspot_cli.history.schema import MIGRATIONS

RELEASED = ("1060730d0d5501a3",)


def test_a_released_migration_is_never_edited() -> None:
    digests = tuple(hashlib.sha256(step.encode()).hexdigest()[:16] for step in MIGRATIONS)
    assert digests[: len(RELEASED)] == RELEASED


def test_the_migrations_make_the_tables() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in MIGRATIONS:
            connection.executescript(step)
        found = connection.execute("SELECT name FROM sqlite_master WHERE type != 'index'").fetchall()
    names = {name for (name,) in found}
    assert {"conversation", "turn", "piece", "said"} <= names
