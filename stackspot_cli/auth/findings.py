"""What there is of credentials, for those who ask: as a report and as a script are shown it.

Knows values with their origins, and that a key is shown as dots. Refuses to know which of them count (`credentials`
does) and how a report looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.stores import Entry
from stackspot_cli.domain import DOTS, Secret, Setting
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Finding:
    """A setting as it is shown to whoever asks what there is; value None is none."""

    name: str
    value: str | None
    origin: str


def findings(held: Credentials | Entry) -> tuple[Finding, ...]:
    """Id, key and realm as they may be shown: the key as dots."""
    client_id, key, realm = held.client_id, held.client_key, held.realm
    return (
        Finding("client_id", client_id.value if client_id else None, _origin(client_id)),
        Finding("client_key", DOTS if key else None, _origin(key)),
        Finding("realm", realm.value if realm else None, _origin(realm)),
    )


def _origin(setting: Setting[str] | Setting[Secret] | None) -> str:
    return setting.origin if setting else _("nowhere")
