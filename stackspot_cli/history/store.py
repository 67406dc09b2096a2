"""What was said, kept on this machine: SQLite, one file, private.

    history = History(path, note=print)
    history.last(Account("stackspot")); history.find("01K4"); history.search(["factorial"])
    recording = history.recording(conversation, turn, answer)    # see `conversation.Answering`

Knows what can be asked of the past; refuses to know services, screens and formats. Nothing is created by
reading. `database` has the file, `rows` the columns, `search` the index, `recording` the way in.
Errors: LocalError where the file cannot be used, UsageError for an id that is none.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from stackspot_cli.account import Account
from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.history import rows, search
from stackspot_cli.history.database import Database
from stackspot_cli.history.growing_text import GrowingText
from stackspot_cli.history.opening import BUSY_SECONDS
from stackspot_cli.history.recording import Recording
from stackspot_cli.history.rows import Hit, Summary
from stackspot_cli.safe_text import mended, safe_line
from stackspot_cli.translation import _

__all__ = ["History", "Hit", "Recording", "Summary"]

T = TypeVar("T")

CANDIDATES = 5
NEWEST_FIRST = " ORDER BY updated_at DESC, number DESC LIMIT ?"
NO_LIMIT = -1  # sqlite.org/lang_select.html: a negative limit is none
ALL_IDS = "SELECT id FROM conversation WHERE (? IS NULL OR profile = ?) ORDER BY created_at, number"
PROFILES = "SELECT DISTINCT profile FROM conversation ORDER BY profile"


class History:
    def __init__(
        self,
        path: Path,
        *,
        note: Callable[[str], None],
        now: Callable[[], float] = time.time,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.path = path
        self._note = note
        self._told: set[str] = set()
        self._database = Database(path, now=now, note=note, busy_seconds=busy_seconds)

    # --- writing ----------------------------------------------------------------------------------

    def recording(self, conversation: Conversation, turn: Turn, answer: GrowingText) -> Recording:
        """A turn that is about to be answered; `answer` grows as it comes. Call `start`, `finish`."""
        return Recording(self._database, conversation, turn, answer, self._tell_once)

    def _tell_once(self, text: str) -> None:
        """A chat whose turns are not kept says so once."""
        if text not in self._told:
            self._told.add(text)
            self._note(text)

    def drop_last_turn(self, conversation: Conversation) -> None:
        """Takes the last turn back (`/undo`, `/retry`). The service has then seen more than we hold.

        Of the first turn the conversation's title is made: without a turn no conversation is left.
        """

        def drop(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                "SELECT turn.number FROM turn JOIN conversation ON conversation.number = turn.conversation"
                " WHERE id = ? ORDER BY place DESC LIMIT 1",
                (conversation.id,),
            ).fetchone()
            if row is not None:
                search.remove(connection, row)
                connection.execute("DELETE FROM turn WHERE number = ?", row)
                connection.execute(
                    "UPDATE conversation SET revision = revision + 1 WHERE id = ?", (conversation.id,)
                )
                connection.execute(
                    "DELETE FROM conversation WHERE id = ? AND NOT EXISTS"
                    " (SELECT 1 FROM turn WHERE turn.conversation = conversation.number)",
                    (conversation.id,),
                )

        self._database.write(drop)
        self._database.write(search.scrub)  # the words that were taken back leave the index, too
        # And from the `-wal`, unless somebody is reading it: then the next call does it.
        self._database.shrink(seconds=0)
        self._database.tell()

    def delete(self, ids: Sequence[str]) -> int:
        """Deletes these, and every copy of their words that SQLite holds. Returns how many there were.

        Returns when the words are gone from the file, or raises LocalError that says what is left where.
        """

        def delete(connection: sqlite3.Connection) -> int:
            return sum(delete_one(connection, id_) for id_ in ids)

        if not self.path.exists():
            return 0
        generation = self._database.generation
        count = self._database.write(delete)
        self._database.write(search.scrub)
        self._database.tell()
        if self._database.generation != generation:
            raise LocalError(
                _("the history was damaged, and nothing was deleted: the words are in the file put aside"),
                _("delete that file, or run `stackspot history delete --all`, which deletes it as well"),
            )
        if not self._database.shrink():
            raise LocalError(
                _(
                    "deleted, but another program is using the history: the words are on the disk until it ends"
                ),
                _("end it; the next call of `stackspot` that keeps an answer takes them off the disk"),
            )
        return count

    def delete_all(self) -> int:
        """Everything, the damaged files that were put aside included. As `delete`."""
        for path in self.put_aside():
            path.unlink(missing_ok=True)
        return self.delete(self.ids())

    def put_aside(self) -> list[Path]:
        """Damaged files beside the history, which may hold anything that was ever said."""
        return sorted(self.path.parent.glob(f"{self.path.name}.damaged-*"))

    def remember(self, name: str, change: Callable[[str | None], str]) -> None:
        """Changes a small remembered value, as one step between processes."""

        def update(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO memo (name, value) VALUES (?, ?)",
                (name, change(memo(connection, name))),
            )

        self._database.write(update)

    # --- reading ----------------------------------------------------------------------------------

    def recall(self, name: str) -> str | None:
        return self._read(lambda connection: memo(connection, name))

    def last(self, account: Account) -> Conversation | None:
        """The account's conversation that was added to last. What is not known, here or there, does not count."""
        where = " WHERE profile = ?" + "".join(
            f" AND ({column} IS NULL OR ? IS NULL OR {column} = ?)" for column in rows.OF_AN_ACCOUNT
        )
        own = [value for column in rows.OF_AN_ACCOUNT for value in [getattr(account, column)] * 2]
        found = self._read(
            lambda connection: read_conversations(
                connection, where + NEWEST_FIRST, (account.profile, *own, 1)
            )
        )
        return found[0] if found else None

    def holder(self, id_: str) -> Conversation | None:
        """The conversation that has this very id, here or at the service."""
        where = " WHERE id = ? OR remote_id = ?" + NEWEST_FIRST
        values = (mended(id_.strip().upper()), mended(id_.strip()), 1)
        found = self._read(lambda connection: read_conversations(connection, where, values))
        return found[0] if found else None

    def find(self, prefix: str) -> Conversation:
        """The one conversation whose id begins so. UsageError where there is none, or more than one."""
        start = mended(prefix.strip().upper())
        where = " WHERE substr(id, 1, ?) = ?" + NEWEST_FIRST
        values = (len(start), start, CANDIDATES + 1)
        found = (
            self._read(lambda connection: read_conversations(connection, where, values)) if start else ()
        ) or ()
        match found:
            case []:
                raise UsageError(
                    _("no conversation {id}").format(id=safe_line(prefix, 60)),
                    _("`stackspot history list` shows the conversations there are"),
                )
            case [conversation]:
                return conversation
        names = [conversation.id for conversation in found[:CANDIDATES]]
        names += ["…"] if len(found) > CANDIDATES else []
        raise UsageError(
            _("more than one conversation begins with {id}: {candidates}").format(
                id=prefix, candidates=", ".join(names)
            ),
            _("give more of the id"),
        )

    def summaries(self, limit: int | None = None, profile: str | None = None) -> list[Summary]:
        """The newest conversations, newest first: of one profile, or of all."""
        values = (*rows.of_profile(profile), NO_LIMIT if limit is None else limit)
        clause = rows.OF_PROFILE + NEWEST_FIRST
        return self._read(lambda connection: read_summaries(connection, clause, values)) or []

    def profiles(self) -> list[str]:
        """Whose conversations there are, by name."""
        return self._read(lambda connection: [name for (name,) in connection.execute(PROFILES)]) or []

    def ids(self, profile: str | None = None) -> list[str]:
        """The conversations' ids, oldest first: of one profile, or of all."""
        values = rows.of_profile(profile)
        return self._read(lambda connection: [id_ for (id_,) in connection.execute(ALL_IDS, values)]) or []

    def conversations(self, ids: Sequence[str]) -> Iterator[Conversation]:
        """One after another, so that an export of everything fits in memory."""
        for id_ in ids:
            yield self.find(id_)

    def search(self, words: Sequence[str], limit: int | None = None, profile: str | None = None) -> list[Hit]:
        """Conversations with a turn that has all the words, the newest such turn first: of one profile, or of all."""
        try:
            return self._read(lambda connection: hits(connection, words, limit, profile)) or []
        except search.IndexDamaged:  # and it lies where nothing can be mended
            return (
                self._read(lambda connection: hits(connection, words, limit, profile, by_index=False)) or []
            )

    def close(self) -> None:
        self._database.close()

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            return self._database.read(work)
        finally:
            self._database.tell()


def memo(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM memo WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def read_summaries(connection: sqlite3.Connection, clause: str, values: Sequence[Any]) -> list[Summary]:
    return [Summary(*row) for row in connection.execute(rows.SUMMARY + clause, values)]


def read_conversations(
    connection: sqlite3.Connection, clause: str, values: Sequence[Any]
) -> list[Conversation]:
    found = connection.execute(rows.CONVERSATION + clause, values).fetchall()
    return [rows.conversation_of(connection, row) for row in found]


def hits(
    connection: sqlite3.Connection,
    words: Sequence[str],
    limit: int | None,
    profile: str | None = None,
    *,
    by_index: bool = True,
) -> list[Hit]:
    found: dict[str, Hit] = {}
    for number in search.find(connection, words, by_index=by_index):
        if limit is not None and len(found) >= limit:
            break
        [(id_, text)] = connection.execute(
            "SELECT id, prompt || char(10) || answer FROM said"
            " JOIN conversation ON conversation.number = said.conversation WHERE said.number = ?",
            (number,),
        )
        if id_ not in found:
            [summary] = read_summaries(connection, " WHERE id = ?", (id_,))
            if profile in (None, summary.profile):
                found[id_] = Hit(summary, search.excerpt(text, words))
    return list(found.values())


def delete_one(connection: sqlite3.Connection, id_: str) -> int:
    numbers = connection.execute(
        "SELECT turn.number FROM turn JOIN conversation ON conversation.number = turn.conversation"
        " WHERE id = ?",
        (id_,),
    ).fetchall()
    search.remove(connection, [number for (number,) in numbers])
    return connection.execute("DELETE FROM conversation WHERE id = ?", (id_,)).rowcount
