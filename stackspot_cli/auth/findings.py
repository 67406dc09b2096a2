"""What there is of credentials, for those who ask: as a report and as a script are shown it.

Knows values with their origins, and that a key is shown as dots. Refuses to know which of them count (`credentials`
does) and how a report looks.
"""

from __future__ import annotations

from typing import Any

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.stores import Entry
from stackspot_cli.domain import DOTS
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.redaction import is_key_like
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Finding:
    """A setting as it is shown to whoever asks what there is; value None is none."""

    name: str
    value: str | float | bool | None
    origin: str

    @classmethod
    def of(cls, name: str, setting: Setting[Any] | None) -> Finding:
        """setting: None is one that nobody made."""
        return cls(name, None, _("nowhere")) if setting is None else cls(name, setting.value, setting.origin)


def findings(held: Credentials | Entry) -> tuple[Finding, ...]:
    """Id, key and realm as they may be shown: the key as dots, and in the id's place what may be one."""
    key = held.client_key
    id_ = dotted(held.client_id) if id_is_doubtful(held) else held.client_id
    return (
        Finding.of("client_id", id_),
        Finding.of("client_key", dotted(key)),
        Finding.of("realm", held.realm),
    )


def dotted(setting: Setting[Any] | None) -> Setting[str] | None:
    return None if setting is None else Setting(DOTS, setting.origin, setting.source)


def id_is_doubtful(held: Credentials | Entry) -> bool:
    """Whether what stands in the client id's place may be a key."""
    key = "" if held.client_key is None else held.client_key.value.reveal()
    return held.client_id is not None and is_key_like(held.client_id.value, key)


def id_to_remember(held: Credentials) -> str:
    """What tells accounts apart, where it is kept and shown: the id, or something made of what may be a key."""
    if not id_is_doubtful(held):
        return held.client_id.value
    from hashlib import sha256  # deferred: an id is an id

    return DOTS + sha256(held.client_id.value.encode()).hexdigest()[:8]


def doubt_of_id() -> str:
    """What a person is told where the id is not shown."""
    return _("the client id looks like a client key and is not shown: are the two swapped?")
