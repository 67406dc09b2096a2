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
    """Id, key and realm as they may be shown: the key as dots."""
    key = held.client_key
    return (
        Finding.of("client_id", held.client_id),
        Finding.of("client_key", Setting(DOTS, key.origin, key.source) if key else None),
        Finding.of("realm", held.realm),
    )
