"""A pair of credentials, and what a store gave back of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stackspot_cli.auth.stores import Entry, Pair
from stackspot_cli.domain import Secret

WHEN = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
PAIR = Pair("the-id", Secret('k"&+%=\\ é'), "acme", WHEN)


def pair(name: str, realm: str | None = None) -> Pair:
    return Pair(f"{name}-id", Secret(f"{name}-key"), realm, WHEN)


def values(entry: Entry | None) -> tuple[Any, ...]:
    assert entry is not None and entry.client_id and entry.client_key and entry.realm
    return entry.client_id.value, entry.client_key.value, entry.realm.value
