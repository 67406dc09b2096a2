"""Keeping one answer as it comes, beside the stream and never in its way.

Knows when to save and what a second writer means; refuses to know events and screens.
A thread of its own does the saving: the first save waits behind the network and not before it, a locked file
never holds up the words on the screen, and a stream that falls silent is on disk half a second later.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar

from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.errors import LocalError
from stackspot_cli.history import rows, search
from stackspot_cli.history.database import Database
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER, GrowingText
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.safe_text import mended
from stackspot_cli.translation import _

T = TypeVar("T")

FIRST_SAVE_SECONDS = 0.1
"""A call that fails at once leaves no trace; any other is on disk long before its first word."""
SAVE_SECONDS = 0.5
"""With a write of milliseconds, a kill -9 loses less than the last second."""
PIECE_CHARACTERS = 32 * 1024
"""SQLite copies what it writes several times."""
LONG_ANSWER = 128 * 1024
"""Characters, 32,000 tokens. An answer that is longer stays in the pieces that it was saved
in, where nobody needs it in memory: to join and to index it would take ten times its size there."""


class Recording:
    """One turn on its way to the disk. `answer` is what has come so far; whoever reads the stream appends.

    The row says "interrupted" until `finish` says better, so that a killed process leaves the truth.
    """

    def __init__(
        self,
        database: Database,
        conversation: Conversation,
        turn: Turn,
        answer: GrowingText,
        note: Callable[[str], None],
    ) -> None:
        self._database = database
        self._conversation = conversation
        self._turn = turn
        self._answer = answer
        self._note = note
        self._number: int | None = None  # the turn's row, once there is one
        self._saved = 0  # how many of the answer's characters are in it
        self._revision = 0  # the conversation's, as we left it
        self._alone = True  # nobody else had written between its reading and our beginning
        self._generation = database.generation
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_saving, name="history", daemon=True)

    def start(self) -> None:
        with contextlib.suppress(RuntimeError):  # no thread is to be had: then `finish` writes it all
            self._thread.start()

    def finish(self, turn: Turn, *, remote_id: str) -> int | None:
        """Writes how it ended. Returns the conversation's new revision, None where it could not be kept.

        Blocks for twice `database.BUSY_SECONDS` at worst. What fails costs a note.
        """
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        nothing_came = turn.state == "failed" and not turn.answer and not self._conversation.turns
        if nothing_came and self._number is None:
            return None
        try:
            return self._write(lambda connection: self._end(connection, turn, remote_id))
        except LocalError as error:
            self._note(_("this answer is not kept: {why}").format(why=error.message))
            return None
        finally:
            self._database.tell()

    def _keep_saving(self) -> None:
        wait = FIRST_SAVE_SECONDS
        while not self._ended.wait(wait):
            before, wait = self._saved, SAVE_SECONDS
            try:
                self._saved = self._write(self._save)
            except LocalError:
                continue  # tried again in half a second; `finish` has the last word and tells it
            if self._saved - before > PIECE_CHARACTERS:  # a flood: no more of it than this is held
                wait = FIRST_SAVE_SECONDS
            if self._answer.passing and self._saved > LONG_ANSWER:
                self._answer.let_go(self._saved)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction; what is known of the rows changes with it, or not at all."""
        before = self._number, self._saved, self._revision, self._alone

        def once(connection: sqlite3.Connection) -> T:
            self._number, self._saved, self._revision, self._alone = before
            if self._generation != self._database.generation:  # another file: nothing of ours is in it
                self._number, self._saved = None, self._answer.start
                self._generation = self._database.generation
            return work(connection)

        try:
            return self._database.write(once)
        except BaseException:
            self._number, self._saved, self._revision, self._alone = before
            raise

    def _save(self, connection: sqlite3.Connection) -> int:
        """Returns how many characters are saved then."""
        if self._number is None:
            self._begin(connection)
        came = self._rest()
        if came and self._advance(connection):
            self._insert(connection, came)
        return self._saved + len(came)

    def _rest(self) -> str:
        """What came and is not saved."""
        return self._answer.since(self._saved)[: max(0, LONGEST_KEPT_ANSWER - self._saved)]

    def _insert(self, connection: sqlite3.Connection, text: str) -> None:
        text = mended(text)
        for start in range(0, len(text), PIECE_CHARACTERS):
            piece = text[start : start + PIECE_CHARACTERS]
            connection.execute("INSERT INTO piece (turn, text) VALUES (?, ?)", (self._number, piece))

    def _begin(self, connection: sqlite3.Connection) -> None:
        ours = self._conversation
        row = connection.execute(
            "SELECT number, revision, (SELECT count(*) FROM turn WHERE conversation = conversation.number)"
            " FROM conversation WHERE id = ?",
            (ours.id,),
        ).fetchone()
        number, revision, turns = row or (rows.insert_conversation(connection, ours, self._turn.prompt), 0, 0)
        begins = row is None and not ours.turns  # also anew, after its only turn was taken back
        self._alone = begins or (revision, turns) == (ours.revision, len(ours.turns))
        self._revision = revision + 1
        connection.execute(
            "UPDATE conversation SET service = ?, realm = ?, client_id = ?, model = ?, system = ?,"
            " updated_at = ?, remote_id = ?, remote_scope = ?, revision = ? WHERE number = ?",
            (
                ours.account.service,
                ours.account.realm,
                ours.account.client_id,
                self._turn.model,
                None if ours.system is None else mended(ours.system),
                self._turn.started_at,
                ours.remote_id,
                ours.remote_scope,
                self._revision,
                number,
            ),
        )
        self._number = rows.insert_turn(connection, number, self._turn)

    def _advance(self, connection: sqlite3.Connection) -> bool:
        """One revision on. False where the conversation has been deleted: then it stays deleted."""
        self._revision += 1
        changed = connection.execute(
            "UPDATE conversation SET revision = revision + 1"
            " WHERE number = (SELECT conversation FROM turn WHERE number = ?) AND id = ?",
            (self._number, self._conversation.id),
        )
        return changed.rowcount == 1

    def _end(self, connection: sqlite3.Connection, turn: Turn, remote_id: str) -> int | None:
        if self._number is None:
            self._begin(connection)
        if not self._advance(connection):
            return None
        assert self._number is not None
        if turn.state == "failed" and not turn.answer and self._is_only_turn(connection):
            connection.execute("DELETE FROM conversation WHERE id = ?", (self._conversation.id,))
            return None
        if self._answer.start:
            # Its beginning is on the disk alone: the pieces are the answer, found by reading.
            self._insert(connection, self._rest())
            rows.update_turn(connection, self._number, replace(turn, answer=""))
        else:
            connection.execute("DELETE FROM piece WHERE turn = ?", (self._number,))
            rows.update_turn(connection, self._number, turn)
            search.add(connection, self._number)
        id_ = self._conversation.id
        connection.execute("UPDATE conversation SET updated_at = ? WHERE id = ?", (turn.finished_at, id_))
        if self._alone and turn.state == "complete":  # and nobody else has come in since we began
            connection.execute(
                "UPDATE conversation SET seen_revision = revision, remote_id = ?"
                " WHERE id = ? AND revision = ?",
                (remote_id, id_, self._revision),
            )
        return self._revision

    def _is_only_turn(self, connection: sqlite3.Connection) -> bool:
        row = connection.execute(
            "SELECT count(*) FROM turn JOIN conversation ON turn.conversation = conversation.number"
            " WHERE id = ?",
            (self._conversation.id,),
        ).fetchone()
        return bool(row[0] == 1)
