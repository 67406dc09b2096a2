"""Which client id, key and realm count: the order of the stores, and what may go together.

Knows the order and the rules; refuses to know how any store keeps things (the stores do) and what a token is
(`tokens` does).

Order: 1 environment, 2 OS keyring, 3 private file, 4 config file. With an explicit `--profile`, 2 to 4 of
that profile alone. A pair comes from one store: an id is never sent with another store's key. One exception,
both halves of which a person wrote down: the environment and the config file may complete one another, and
so they may for an explicit profile that has half a pair in the config file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from stackspot_cli.auth.stores import ID_VARIABLES, KEY_VARIABLES, Entry, Store, StoreName, StoreUnavailable
from stackspot_cli.domain import Secret
from stackspot_cli.errors import CredentialsMissing, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _, joined


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a token is asked with, each with its origin. store: the one that the key came from."""

    client_id: Setting[str]
    client_key: Setting[Secret]
    realm: Setting[str]
    store: StoreName | None = None
    stored_at: datetime | None = None

    @classmethod
    def of_sandbox(cls, client_id: str, client_key: str, realm: str) -> Credentials:
        """Of an emulated service, which has told them."""
        return cls(
            Setting(client_id, "sandbox", "sandbox"),
            Setting(Secret(client_key), "sandbox", "sandbox"),
            Setting(realm, "sandbox", "sandbox"),
        )


@dataclass(frozen=True, slots=True)
class Stores:
    """The four, in the order in which they are asked."""

    environment: Store
    keyring: Store
    file: Store
    config: Store

    @property
    def of_profiles(self) -> tuple[Store, ...]:
        """All but the environment, which belongs to no profile."""
        return (self.keyring, self.file, self.config)

    def in_order(self, profile: Setting[str]) -> tuple[Store, ...]:
        """With an explicit profile nothing falls through to the environment."""
        return self.of_profiles if profile.explicit else (self.environment, *self.of_profiles)


def find(
    stores: Stores, *, profile: Setting[str], realm: Setting[str], note: Callable[[str], None]
) -> Credentials:
    """The first store's complete pair that does not contradict what the environment sets.

    realm: as the settings have it; a stored pair's own realm comes before the config's and the default.
    note: told of a store that could not be asked although a later one could help.
    Errors: CredentialsMissing, which says what is missing and how to give it; UsageError for a value that
    cannot be one.
    """
    seen: list[tuple[Store, Entry]] = []
    troubles: list[StoreUnavailable] = []
    for store in stores.in_order(profile):
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
            return _chosen(store.name, entry, profile, realm)
        seen.append((store, entry))
    halves = {store.name: entry for store, entry in seen}
    upper, lower = halves.get("environment"), halves.get("config")
    if profile.explicit and lower is not None:
        upper, lower = lower, stores.environment.get(profile.value) or Entry()
        seen.append((stores.environment, lower))
    completed = _completed(upper, lower, realm)
    if completed:
        return completed
    raise _missing(stores, profile, seen, troubles)


def kept(stores: Stores, profile: str, realm: Setting[str]) -> Iterator[Credentials]:
    """Every complete pair that may be used under this profile, with each realm that it may be used with.

    realm: as the settings have it. Stores that cannot be asked are passed over.
    """
    for store in (stores.environment, *stores.of_profiles):
        try:
            entry = store.get(profile)
        except StoreUnavailable:
            continue
        if entry is not None and entry.client_id and entry.client_key:
            own = entry.realm or realm
            for one in (own,) if own.value == realm.value else (own, realm):
                yield Credentials(entry.client_id, entry.client_key, one, store.name, entry.stored_at)


def halves(stores: Stores, *, profile: Setting[str], realm: Setting[str]) -> Entry:
    """The first client id and the first client key that any store holds, where no pair can be used: for people
    who ask what there is. They need not belong together. realm: as the settings have it."""
    client_id: Setting[str] | None = None
    client_key: Setting[Secret] | None = None
    for store in stores.in_order(profile):
        try:
            entry = store.get(profile.value) or Entry()
        except (StoreUnavailable, UsageError):
            continue  # `find` has told
        client_id = client_id or entry.client_id
        client_key = client_key or entry.client_key
    return Entry(client_id, client_key, realm)


def _contradicts(earlier: Entry, entry: Entry) -> bool:
    """Whether using this entry would overrule half a pair that stands higher."""
    return (earlier.client_id is not None and earlier.client_id.value != _value(entry.client_id)) or (
        earlier.client_key is not None and earlier.client_key.value != _value(entry.client_key)
    )


def _value(setting: Setting[str] | Setting[Secret] | None) -> str | Secret | None:
    return None if setting is None else setting.value


def _chosen(store: StoreName, entry: Entry, profile: Setting[str], realm: Setting[str]) -> Credentials:
    assert entry.client_id is not None and entry.client_key is not None
    set_higher = ("option",) if profile.explicit else ("option", "environment")
    own = store in ("keyring", "file") and realm.source not in set_higher
    return Credentials(
        entry.client_id, entry.client_key, (own and entry.realm) or realm, store, entry.stored_at
    )


def _completed(upper: Entry | None, lower: Entry | None, realm: Setting[str]) -> Credentials | None:
    """Half a pair in the environment and the other half in the config file: both were written by hand.

    upper: the one that counts first; lower is not taken where it says something else.
    """
    if upper is None or lower is None or upper.complete:
        return None
    client_id = upper.client_id or lower.client_id
    key = upper.client_key or lower.client_key
    if client_id is None or key is None or _disagree(upper, lower):
        return None
    return Credentials(client_id, key, realm, "config" if key.source == "config" else "environment")


def _disagree(one: Entry, other: Entry) -> bool:
    """Whether both hold the same half, and not the same value."""
    ids, keys = (one.client_id, other.client_id), (one.client_key, other.client_key)
    return any(a is not None and b is not None and a.value != b.value for a, b in (ids, keys))


def _missing(
    stores: Stores,
    profile: Setting[str],
    seen: Sequence[tuple[Store, Entry]],
    troubles: Sequence[StoreUnavailable],
) -> CredentialsMissing:
    entries = [entry for _store, entry in seen]
    lone_id = next((one.client_id for one in entries if one.client_id and one.client_key is None), None)
    lone_key = next((one.client_key for one in entries if one.client_key and one.client_id is None), None)
    what = _lack(profile, lone_id, lone_key)
    if sum(entry != Entry() for entry in entries) > 1:
        what += _("; another store holds a pair, and halves of two pairs are not mixed")
    what = joined("; ", [what, *(trouble.message for trouble in troubles)])
    meant = _meant(stores, profile.value) if profile.source != "default" and not seen else ""
    without_keyring = any(isinstance(one, StoreUnavailable) and one.expected for one in troubles)
    login = "stackspot login --insecure-storage" if without_keyring else "stackspot login"
    return CredentialsMissing(
        what, joined(" ", filter(None, (meant, _hint(profile, lone_id, lone_key, login))))
    )


def _lack(profile: Setting[str], lone_id: Setting[str] | None, lone_key: Setting[Secret] | None) -> str:
    if lone_id:
        return _("the client key is missing: only the client id is set ({origin})").format(
            origin=lone_id.origin
        )
    if lone_key:
        return _("the client id is missing: only the client key is set ({origin})").format(
            origin=lone_key.origin
        )
    if profile.explicit:
        return _("profile {profile} has no client id and no client key").format(profile=profile.value)
    if profile.source != "default":
        return _("profile {profile} ({origin}) has no client id and no client key").format(
            profile=profile.value, origin=profile.origin
        )
    return _("there is no client id and no client key")


def _hint(
    profile: Setting[str], lone_id: Setting[str] | None, lone_key: Setting[Secret] | None, login: str
) -> str:
    """login: the command that can store them on this machine."""
    lone = lone_id or lone_key
    if lone is not None:
        missing = KEY_VARIABLES[0] if lone_id else ID_VARIABLES[0]
        if lone.source == "environment" and not profile.explicit:  # it would come before what is stored
            return _("set {name} as well; or unset {lone}, and type `{login}`").format(
                name=missing, lone=lone.origin.split()[-1], login=login
            )
        return _("set {name}, or type `{login}`").format(name=missing, login=login)
    if profile.explicit:
        return _("`{login}` stores them; without --profile the environment counts too").format(login=login)
    return _(
        "set {id} and {key}, or type `{login}`; `stackspot --sandbox …` tries things without any"
    ).format(id=ID_VARIABLES[0], key=KEY_VARIABLES[0], login=login)


def _meant(stores: Stores, name: str) -> str:
    """A question that names the profile which somebody may have meant; empty where there is none like it."""
    known: list[str] = []
    for store in stores.of_profiles:
        with contextlib.suppress(StoreUnavailable):
            known += store.profiles()
    from stackspot_cli.nearest import nearest  # deferred: only a mistake needs it

    near = () if name in known else nearest(name, dict.fromkeys(known), most=1)
    return _("did you mean profile {name}?").format(name=near[0]) if near else ""
