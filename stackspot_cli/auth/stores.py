"""The vocabulary of the credential stores: what each can do, and what a kept entry looks like.

A store has four methods, and every store passes the same contract test:

    get(profile)       -> Entry | None   nothing there is None; part of a pair is an Entry with gaps
    set(profile, pair) -> None           keeps the pair and has read it back, or raises LocalError
    delete(profile)    -> bool           whether something was there; a second time is no error
    describe()         -> str            the store in words, without touching it

and `profiles()`, the names that it holds something for.

The keyring and the private file keep one JSON object a profile, so that id, key and realm change in one step.
Knows no place where anything is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.redaction import CLIENT_KEY_VARIABLES
from stackspot_cli.safe_text import mended
from stackspot_cli.settings import setting_kinds
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _

StoreName: TypeAlias = Literal["environment", "keyring", "file", "config"]

ID_VARIABLES = ("STACKSPOTAI_CLIENT_ID", "STACKSPOT_CLIENT_ID")
KEY_VARIABLES = CLIENT_KEY_VARIABLES
REALM_VARIABLES = ("STACKSPOTAI_REALM", "STACKSPOT_REALM")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a store holds for one profile. stored_at: when `login` put it there (UTC), None where unknown."""

    client_id: Setting[str] | None = None
    client_key: Setting[Secret] | None = None
    realm: Setting[str] | None = None
    stored_at: datetime | None = None

    @property
    def complete(self) -> bool:
        return self.client_id is not None and self.client_key is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """What `login` stores, after it was proved."""

    client_id: str
    client_key: Secret
    realm: str | None
    stored_at: datetime


class Store(Protocol):
    """Somewhere that credentials are kept; the module's docstring has the contract."""

    @property
    def name(self) -> StoreName: ...
    def get(self, profile: str) -> Entry | None: ...
    def set(self, profile: str, pair: Pair) -> None: ...
    def delete(self, profile: str) -> bool: ...
    def describe(self) -> str: ...
    def profiles(self) -> tuple[str, ...]: ...


class StoreUnavailable(LocalError):
    """A store that could not be asked.

    remedy: what would mend the store itself; the hint adds where else a key can be stored, which helps nobody
    who wants to forget one.
    expected: it is so on machines of this kind (a server has no keyring): no news while another store helps.
    """

    def __init__(self, message: str, hint: str = "", *, remedy: str = "", expected: bool = False) -> None:
        super().__init__(message, hint)
        self.remedy = remedy
        self.expected = expected


def to_json(pair: Pair) -> dict[str, str]:
    """The object that is kept. Holds the key itself: for a store's hands only."""
    kept = {
        "client_id": pair.client_id,
        "client_key": pair.client_key.reveal(),
        "stored_at": pair.stored_at.isoformat(timespec="seconds"),
    }
    return kept | ({"realm": pair.realm} if pair.realm else {})


def to_text(pair: Pair) -> str:
    return json.dumps(to_json(pair), ensure_ascii=False)


def from_json(kept: object, origin: str) -> Entry | None:
    """The entry of an object that a store held; None for one that is not ours."""
    if not isinstance(kept, dict):
        return None
    texts = {key: value for key, value in kept.items() if isinstance(value, str) and _is_text(value)}
    if "client_id" not in texts or "client_key" not in texts:
        return None
    return Entry(
        Setting(texts["client_id"], origin, "stored"),
        Setting(Secret(texts["client_key"]), origin, "stored"),
        Setting(texts["realm"], origin, "stored") if "realm" in texts else None,
        _time(texts.get("stored_at", "")),
    )


def _is_text(value: str) -> bool:
    """JSON may hold half a surrogate pair, which can be sent nowhere."""
    return bool(value) and mended(value) == value


def from_text(text: str, origin: str) -> Entry | None:
    try:
        return from_json(json.loads(text), origin)
    except (ValueError, RecursionError):
        return None


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None


def check_client_id(text: str) -> str:
    """A typed client id, trimmed. Errors: UsageError."""
    return checked(text.strip(), _("the client id"), setting_kinds.TEXT)


def check_realm(text: str) -> str:
    """A typed realm, trimmed. Errors: UsageError."""
    return checked(text.strip(), _("the realm"), setting_kinds.REALM)


def overriding_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that are set and come before what a store holds."""
    names = (*ID_VARIABLES, *KEY_VARIABLES, *REALM_VARIABLES)
    return tuple(name for name in names if environ.get(name, "").strip())


def check_client_key(text: str) -> Secret:
    """A typed or piped client key, trimmed of white space and line ends.

    Errors: UsageError, never with the key.
    """
    return Secret(checked(text.strip(), _("the client key"), setting_kinds.SECRET))


def checked(text: str, origin: str, kind: setting_kinds.Kind[str]) -> str:
    """The text, if it can be one of the kind. Errors: UsageError, which names the origin and never a secret."""
    try:
        if not text:
            raise ValueError(_("is empty"))
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":  # `docker --env-file` keeps them
            raise ValueError(_("stands in quotes, which would be sent as a part of it"))
        kind.parse(text)
    except ValueError as problem:
        raise UsageError(
            _("{origin} {problem}").format(origin=origin, problem=problem),
            _("copy it again from the StackSpot portal"),
        ) from problem
    return text


def secret(setting: Setting[str]) -> Setting[Secret]:
    return Setting(Secret(setting.value), setting.origin, setting.source, setting.place)
