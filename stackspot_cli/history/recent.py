"""A look at the newest conversations that leaves no trace: for a shell's TAB.

Opens read-only, makes no file, migrates nothing, puts nothing aside; where anything is wrong there is nothing to
see. `History` is for everybody else.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from stackspot_cli.history.opening import open_read_only

PATIENCE_SECONDS = 0.2  # somebody holds the TAB key
NEWEST = "SELECT id, title FROM conversation WHERE substr(id, 1, ?) = ? ORDER BY updated_at DESC, number DESC LIMIT ?"


def newest(path: Path, limit: int, prefix: str = "") -> list[tuple[str, str]]:
    """(id, title) of the conversations whose id begins so, newest first."""
    try:
        if not path.exists():
            return []
        connection = open_read_only(path, PATIENCE_SECONDS, modes(path))
    except (sqlite3.Error, OSError):
        return []
    try:
        return [
            (str(id_), str(title)) for id_, title in connection.execute(NEWEST, (len(prefix), prefix, limit))
        ]
    except sqlite3.Error:
        return []
    finally:
        connection.close()


def modes(path: Path) -> tuple[str, ...]:
    """Without a `-wal` the file alone is the truth, and only `immutable` makes no `-shm` beside it."""
    beside = path.with_name(f"{path.name}-wal")
    return ("mode=ro", "immutable=1") if beside.exists() else ("immutable=1",)
