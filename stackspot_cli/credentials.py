"""Which client id, key and realm count: the order of the stores, and what may go together.

Knows the order and the rules; refuses to know how any store keeps things (`credentials_*` do) and what a
token is (`auth` does).

Order: 1 environment, 2 OS keyring, 3 private file, 4 config file. With an explicit `--profile`, 2 to 4 of
that profile alone. A pair comes from one store: an id is never sent with another store's key. One exception,
both halves of which a person wrote down: the environment and the config file may complete one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from stackspot_cli.credentials_store import (
    ID_VARIABLES,
    KEY_VARIABLES,
    Entry,
    Store,
    StoreName,
    StoreUnavailable,
)
from stackspot_cli.domain import Secret, Setting
from stackspot_cli.errors import CredentialsMissing, UsageError
from stackspot_cli.messages import _, joined


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a token is asked with, each with its origin. store: the one that the key came from."""

    client_id: Setting[str]
    client_key: Setting[Secret]
    realm: Setting[str]
    store: StoreName | None = None
    stored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stores:
    """The four, in the order in which they are asked."""

    environment: Store
    keyring: Store
    file: Store
    config: Store

    def in_order(self, *, profile_is_explicit: bool) -> tuple[Store, ...]:
        """With an explicit profile nothing falls through to the environment, which belongs to no profile."""
        stored = (self.keyring, self.file, self.config)
        return stored if profile_is_explicit else (self.environment, *stored)


def find(
    stores: Stores,
    *,
    profile: Setting[str],
    profile_is_explicit: bool,
    realm: Setting[str],
    note: Callable[[str], None],
) -> Credentials:
    """The first store's complete pair that does not contradict what the environment sets.

    realm: as the settings have it; a stored pair's own realm comes before the config's and the default.
    note: told of a store that could not be asked although a later one could help.
    Errors: CredentialsMissing, which says what is missing and how to give it; UsageError for a value that
    cannot be one.
    """
    seen: list[tuple[Store, Entry]] = []
    troubles: list[StoreUnavailable] = []
    for store in stores.in_order(profile_is_explicit=profile_is_explicit):
        try:
            entry = store.get(profile.value)
        except StoreUnavailable as problem:
            troubles.append(problem)
            continue
        if entry is None:
            continue
        if entry.complete and not any(_contradicts(earlier, entry) for _store, earlier in seen):
            for trouble in troubles:
                if not trouble.expected:
                    note(trouble.message)
            return _chosen(store.name, entry, realm, profile_is_explicit=profile_is_explicit)
        seen.append((store, entry))
    joined = _joined(seen, realm)
    if joined:
        return joined
    raise _missing(stores, profile, profile_is_explicit, seen, troubles)


def kept(
    stores: Stores, *, profile: Setting[str], profile_is_explicit: bool, realm: Setting[str]
) -> Iterator[Credentials]:
    """Every complete pair that a store holds for the profile; stores that cannot be asked are passed over."""
    for store in stores.in_order(profile_is_explicit=profile_is_explicit):
        try:
            entry = store.get(profile.value)
        except StoreUnavailable:
            continue
        if entry is not None and entry.complete:
            yield _chosen(store.name, entry, realm, profile_is_explicit=profile_is_explicit)


def halves(stores: Stores, *, profile: Setting[str], profile_is_explicit: bool) -> Entry:
    """The first client id and the first client key that any store holds, where no pair can be used: for people
    who ask what there is. They need not belong together."""
    client_id: Setting[str] | None = None
    client_key: Setting[Secret] | None = None
    for store in stores.in_order(profile_is_explicit=profile_is_explicit):
        try:
            entry = store.get(profile.value) or Entry()
        except (StoreUnavailable, UsageError):
            continue  # `find` has told
        client_id = client_id or entry.client_id
        client_key = client_key or entry.client_key
    return Entry(client_id, client_key)


def _contradicts(earlier: Entry, entry: Entry) -> bool:
    """Whether using this entry would overrule half a pair that stands higher."""
    return (earlier.client_id is not None and earlier.client_id.value != _value(entry.client_id)) or (
        earlier.client_key is not None and earlier.client_key.value != _value(entry.client_key)
    )


def _value(setting: Setting[str] | Setting[Secret] | None) -> str | Secret | None:
    return None if setting is None else setting.value


def _chosen(store: StoreName, entry: Entry, realm: Setting[str], *, profile_is_explicit: bool) -> Credentials:
    assert entry.client_id is not None and entry.client_key is not None
    set_higher = ("option",) if profile_is_explicit else ("option", "environment")
    own = store in ("keyring", "file") and realm.source not in set_higher
    return Credentials(
        entry.client_id, entry.client_key, (own and entry.realm) or realm, store, entry.stored_at
    )


def _joined(seen: Sequence[tuple[Store, Entry]], realm: Setting[str]) -> Credentials | None:
    """Half a pair in the environment and the other half in the config file: both were written by hand."""
    halves = {store.name: entry for store, entry in seen}
    upper, lower = halves.get("environment"), halves.get("config")
    if upper is None or lower is None or upper.complete or lower.complete:
        return None
    client_id = upper.client_id or lower.client_id
    key = upper.client_key or lower.client_key
    if client_id is None or key is None:
        return None
    return Credentials(client_id, key, realm, "environment" if upper.client_key else "config")


def _missing(
    stores: Stores,
    profile: Setting[str],
    profile_is_explicit: bool,
    seen: Sequence[tuple[Store, Entry]],
    troubles: Sequence[StoreUnavailable],
) -> CredentialsMissing:
    lone_id = next((entry.client_id for _store, entry in seen if entry.client_key is None), None)
    lone_key = next((entry.client_key for _store, entry in seen if entry.client_id is None), None)
    name = profile.value
    if lone_id:
        what = _("the client key is missing: only the client id is set ({origin})").format(
            origin=lone_id.origin
        )
    elif lone_key:
        what = _("the client id is missing: only the client key is set ({origin})").format(
            origin=lone_key.origin
        )
    elif profile_is_explicit:
        what = _("profile {profile} has no client id and no client key").format(profile=name)
    else:
        what = _("there is no client id and no client key")
    if len(seen) > 1:
        what += _("; another store holds a pair, and halves of two pairs are not mixed")
    what = joined("; ", [what, *(trouble.message for trouble in troubles)])
    if profile_is_explicit:
        hint = _(
            "`stackspot --profile {profile} login` stores them; without --profile the environment counts too"
        )
        return CredentialsMissing(what, hint.format(profile=name))
    return CredentialsMissing(
        what,
        _(
            "set {id} and {key}, or type `stackspot login`; `stackspot --sandbox …` tries things without any"
        ).format(id=ID_VARIABLES[0], key=KEY_VARIABLES[0]),
    )
