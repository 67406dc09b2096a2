"""Finding words in the history: by SQLite's FTS5 where it has it, by reading where not.

Knows the index and the meaning of "these words": all of them, each the beginning of a word, case and accents
aside. Both ways answer alike. A turn is indexed when its answer has ended; until then (and after a kill -9,
and for good where SQLite was built without FTS5, or the answer stays in pieces) it has `indexed = 0` and is found by
reading.

The index says nothing that the turns do not say: one that is damaged is made anew (`IndexDamaged`, `rebuild`).
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import merge

WORD = re.compile(r"[^\W_]+")
EXCERPT_CHARACTERS = 160
READ_ALL = "SELECT number, prompt, answer FROM said ORDER BY number DESC"
READ_NOT_INDEXED = "SELECT number, prompt, answer FROM said WHERE indexed = 0 ORDER BY number DESC"
INDEX_WHOLE = (
    "INSERT INTO turn_search (rowid, prompt, answer) SELECT number, prompt, answer FROM turn"
    " WHERE finished_at IS NOT NULL AND number NOT IN (SELECT turn FROM piece)"
)
MARK_WHOLE = (
    "UPDATE turn SET indexed = 1 WHERE finished_at IS NOT NULL AND number NOT IN (SELECT turn FROM piece)"
)
LOOK_UP = "SELECT rowid FROM turn_search WHERE turn_search MATCH ? ORDER BY rowid DESC"


class IndexDamaged(Exception):
    """The index cannot be used; the turns themselves may be whole."""


_INDEX_ERRORS = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CONSTRAINT)


@contextmanager
def using_index() -> Iterator[None]:
    """Whatever our statements fail with here is the index's fault, but for a full or busy disk. A commit is one
    of them: only then FTS5 writes its pages.

    sqlite.org/rescode.html: SQLITE_ERROR is what FTS5 says of a missing table or another version of itself,
    SQLITE_CONSTRAINT of pages that are there already.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _INDEX_ERRORS:
            raise IndexDamaged from error
        raise


def fold(text: str) -> str:
    """Case and accents aside, as FTS5's unicode61 does with remove_diacritics."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in plain if not unicodedata.combining(character))


def words_of(text: str) -> list[str]:
    return WORD.findall(fold(text))


def matches(prompt: str, answer: str, words: Sequence[str]) -> bool:
    """Whether each of the words begins a word (or a run of words) of the prompt or of the answer."""
    spaced = " ".join(["", *words_of(prompt), "\n", *words_of(answer)])
    return all(" " + " ".join(words_of(word)) in spaced for word in words)


def match_expression(words: Sequence[str]) -> str:
    """The same in FTS5's language. Quoted phrases: nothing that a person types is an operator."""
    parts = (" ".join(WORD.findall(unicodedata.normalize("NFC", word))) for word in words)
    return " AND ".join(f'"{part}" *' for part in parts)


def has_index(connection: sqlite3.Connection, *, make: bool = False) -> bool:
    """Whether the search index is there and usable; made on the first write where SQLite can."""
    try:
        connection.execute("SELECT fts5_source_id()")
    except sqlite3.OperationalError:  # built without FTS5
        return False
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'turn_search'").fetchone()
    if found is None and make:
        connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS turn_search USING fts5 (prompt, answer,"
            " content = 'turn', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2',"
            " prefix = '1 2 3')"  # else the beginning `co` merges thousands of words: 86 ms against 0.1
        )
    return found is not None or make


def add(connection: sqlite3.Connection, number: int) -> None:
    if has_index(connection, make=True):
        with using_index():
            connection.execute(
                "INSERT INTO turn_search (rowid, prompt, answer)"
                " SELECT number, prompt, answer FROM turn WHERE number = ? AND indexed = 0",
                (number,),
            )
        connection.execute("UPDATE turn SET indexed = 1 WHERE number = ?", (number,))


def remove(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Takes turns out of the index, before their rows go. The words stay in its pages until `scrub`.

    A turn that another SQLite indexed and this one cannot take out is an error, and nothing is deleted.
    """
    for number in numbers:
        row = connection.execute(
            "SELECT number, prompt, answer FROM turn WHERE number = ? AND indexed = 1", (number,)
        ).fetchone()
        if row is not None:
            with using_index():
                connection.execute(
                    "INSERT INTO turn_search (turn_search, rowid, prompt, answer) VALUES ('delete', ?, ?, ?)",
                    row,
                )


def scrub(connection: sqlite3.Connection) -> None:
    """Rewrites the index as one piece: until then FTS5 keeps deleted words, with a mark beside them."""
    if has_index(connection):
        with using_index():
            connection.execute("INSERT INTO turn_search (turn_search) VALUES ('optimize')")


def rebuild(connection: sqlite3.Connection) -> None:
    """Makes the index anew from the turns, within the transaction that is open."""
    _discard(connection)
    connection.execute("UPDATE turn SET indexed = 0")
    if has_index(connection, make=True):
        connection.execute(INDEX_WHOLE)
        connection.execute(MARK_WHOLE)


def _discard(connection: sqlite3.Connection) -> None:
    """Takes the index out of the file, also where SQLite cannot even open it to drop it."""
    try:
        connection.execute("DROP TABLE IF EXISTS turn_search")
    except sqlite3.DatabaseError:
        if not connection.in_transaction:  # SQLite may have rolled back all of it; nothing was done in it yet
            connection.execute("BEGIN IMMEDIATE")
    # What is left when its row is gone from the schema are tables like any other (sqlite.org/fts5.html, 9).
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("DELETE FROM sqlite_master WHERE name = 'turn_search'")
    connection.execute("PRAGMA writable_schema = RESET")
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE name GLOB 'turn_search_*' AND type = 'table'"
    )
    for (name,) in tables.fetchall():
        connection.execute(f"DROP TABLE {name}")


def find(connection: sqlite3.Connection, words: Sequence[str], *, by_index: bool = True) -> Iterator[int]:
    """Numbers of the turns that hold all the words, newest first, found as they are asked for.

    by_index: False reads all, for an index that cannot be used. Raises IndexDamaged, also in mid-way.
    """
    worded = [word for word in words if words_of(word)]
    signs = [word for word in words if not words_of(word)]  # `++`: nothing to look up, so all is read
    indexed = by_index and has_index(connection) and not signs
    by_reading = (
        number
        for number, prompt, answer in connection.execute(READ_NOT_INDEXED if indexed else READ_ALL)
        if matches(prompt, answer, worded) and all(sign in prompt or sign in answer for sign in signs)
    )
    return merge(by_reading, _looked_up(connection, words) if indexed else (), reverse=True)


def _looked_up(connection: sqlite3.Connection, words: Sequence[str]) -> Iterator[int]:
    with using_index():
        for (number,) in connection.execute(LOOK_UP, (match_expression(words),)):
            yield number


def excerpt(text: str, words: Sequence[str]) -> str:
    """The neighbourhood of the first word found, on one line."""
    line = " ".join(text.split())
    folded = line.casefold()
    places = [folded.find(part) for word in words for part in words_of(word)]
    at = min((place for place in places if place >= 0), default=0)
    start = max(0, at - EXCERPT_CHARACTERS // 4)
    piece = line[start : start + EXCERPT_CHARACTERS]
    return ("…" if start else "") + piece + ("…" if start + EXCERPT_CHARACTERS < len(line) else "")
