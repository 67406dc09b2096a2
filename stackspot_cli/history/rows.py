"""Between rows and nouns: what a conversation and a turn look like in the tables.

Knows the columns; refuses to know the file, the index and the stream.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, cast

from stackspot_cli.account import Account
from stackspot_cli.domain import Conversation, Source, Turn, TurnState, Usage, title_of
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import mended

CONVERSATION = (
    "SELECT number, id, profile, service, realm, client_id, model, system, created_at, updated_at, remote_id,"
    " remote_scope, revision, seen_revision FROM conversation"
)
TURN = (
    "SELECT prompt, answer, state, model, started_at, finished_at, prompt_tokens, completion_tokens,"
    " message_id, sources FROM said"
)
SUMMARY = (
    "SELECT id, title, profile, model, created_at, updated_at,"
    " (SELECT count(*) FROM turn WHERE turn.conversation = conversation.number),"
    " coalesce((SELECT state FROM turn WHERE turn.conversation = conversation.number ORDER BY place DESC LIMIT 1),"
    " 'complete')"  # of one without turns
    " FROM conversation"
)


OF_AN_ACCOUNT = (
    "service",
    "realm",
    "client_id",
)  # columns: what, beside the profile, tells two accounts apart
OF_PROFILE = " WHERE (? IS NULL OR profile = ?)"


def of_profile(profile: str | None) -> tuple[str | None, ...]:
    """The values of OF_PROFILE; None is any profile."""
    return (profile, profile)


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list. state: how the last turn ended."""

    id: str
    title: str
    profile: str
    model: str
    created_at: float
    updated_at: float
    turn_count: int
    state: TurnState


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation in which something was found, and where."""

    conversation: Summary
    excerpt: str


def countable(number: int | None) -> int | None:
    """SQLite's integers have 64 bits; a service's JSON may hold any."""
    return None if number is None else max(0, min(number, 2**63 - 1))


def conversation_of(connection: sqlite3.Connection, row: Sequence[Any]) -> Conversation:
    number, id_, *account, model, system, created_at, updated_at, remote_id, scope, revision, seen = row
    turns = connection.execute(TURN + " WHERE conversation = ? ORDER BY place", (number,))
    return Conversation(
        id=id_,
        account=Account(*account),
        model=model,
        system=system,
        created_at=created_at,
        updated_at=updated_at,
        turns=tuple(map(turn_of, turns)),
        remote_id=remote_id,
        remote_scope=scope,
        in_sync=seen == revision,
        revision=revision,
    )


def turn_of(row: Sequence[Any]) -> Turn:
    import json  # deferred: a list of conversations reads no turns

    prompt, answer, state, model, started_at, finished_at, tokens_in, tokens_out, message_id, sources = row
    return Turn(
        prompt=prompt,
        answer=answer,
        state=cast(TurnState, state),
        model=model,
        started_at=started_at,
        finished_at=finished_at,
        usage=Usage(tokens_in, tokens_out),
        sources=tuple(Source(**source) for source in json.loads(sources)),
        message_id=message_id,
    )


def insert_conversation(connection: sqlite3.Connection, conversation: Conversation, prompt: str) -> int:
    cursor = connection.execute(
        "INSERT INTO conversation (id, profile, model, system, title, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            conversation.id,
            conversation.account.profile,
            conversation.model,
            None if conversation.system is None else mended(conversation.system),
            mended(title_of(prompt)),
            conversation.created_at,
            conversation.created_at,
        ),
    )
    return cast(int, cursor.lastrowid)


def insert_turn(connection: sqlite3.Connection, conversation: int, turn: Turn) -> int:
    cursor = connection.execute(
        "INSERT INTO turn (conversation, place, prompt, answer, state, model, started_at)"
        " VALUES (?, (SELECT coalesce(max(place), 0) + 1 FROM turn WHERE conversation = ?), ?, ?, ?, ?, ?)",
        (
            conversation,
            conversation,
            mended(turn.prompt),
            mended(turn.answer),
            turn.state,
            turn.model,
            turn.started_at,
        ),
    )
    return cast(int, cursor.lastrowid)


def update_turn(connection: sqlite3.Connection, number: int, turn: Turn) -> None:
    import json

    sources = [source.fields() for source in turn.sources]
    connection.execute(
        "UPDATE turn SET answer = ?, state = ?, finished_at = ?, prompt_tokens = ?, completion_tokens = ?,"
        " message_id = ?, sources = ? WHERE number = ?",
        (
            mended(turn.answer),
            turn.state,
            turn.finished_at,
            countable(turn.usage.prompt_tokens),
            countable(turn.usage.completion_tokens),
            None if turn.message_id is None else mended(turn.message_id),
            json.dumps(sources),
            number,
        ),
    )
