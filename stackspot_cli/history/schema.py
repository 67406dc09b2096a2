"""The tables of the history, as the list of migrations that made them.

Entry n brings a file of version n to n + 1. What was released is never edited: a change is one more entry.
An answer that is still coming lies in `piece`, so that saving it costs what is new and not what is there;
`said` reads a turn as if it were whole.
"""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE conversation (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        profile TEXT NOT NULL,
        model TEXT NOT NULL,
        system TEXT,
        title TEXT NOT NULL,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL,
        remote_id TEXT,
        remote_scope TEXT,
        revision INTEGER NOT NULL DEFAULT 0,
        seen_revision INTEGER NOT NULL DEFAULT -1
    );
    CREATE INDEX conversation_by_time ON conversation (updated_at, number);
    CREATE INDEX conversation_by_profile ON conversation (profile, updated_at, number);
    CREATE TABLE turn (
        number INTEGER PRIMARY KEY,
        conversation INTEGER NOT NULL REFERENCES conversation (number) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        answer TEXT NOT NULL,
        state TEXT NOT NULL,
        model TEXT NOT NULL,
        started_at REAL NOT NULL,
        finished_at REAL,
        prompt_tokens INTEGER,
        completion_tokens INTEGER,
        message_id TEXT,
        sources TEXT NOT NULL DEFAULT '[]',
        indexed INTEGER NOT NULL DEFAULT 0,
        UNIQUE (conversation, place)
    );
    CREATE TABLE piece (
        number INTEGER PRIMARY KEY,
        turn INTEGER NOT NULL REFERENCES turn (number) ON DELETE CASCADE,
        text TEXT NOT NULL
    );
    CREATE INDEX piece_of_turn ON piece (turn);
    CREATE VIEW said AS SELECT
        number, conversation, place, prompt,
        answer || coalesce((
            SELECT group_concat(text, '')
            FROM (SELECT text FROM piece WHERE turn = turn.number ORDER BY number)
        ), '') AS answer,
        state, model, started_at, finished_at, prompt_tokens, completion_tokens, message_id, sources, indexed
        FROM turn;
    CREATE INDEX turn_not_indexed ON turn (number) WHERE indexed = 0;
    CREATE TABLE memo (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE conversation ADD COLUMN service TEXT;
    ALTER TABLE conversation ADD COLUMN realm TEXT;
    ALTER TABLE conversation ADD COLUMN client_id TEXT;
    """,
)
