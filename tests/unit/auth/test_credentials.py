"""Which pair counts, what goes together, and what is said when nothing does."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pairs import pair

from stackspot_cli.auth.config_store import ConfigStore
from stackspot_cli.auth.credentials import Credentials, Stores, find, halves, kept
from stackspot_cli.auth.environment_store import EnvironmentStore
from stackspot_cli.auth.file_store import PrivateFileStore
from stackspot_cli.auth.keyring_store import KeyringStore, MemoryBackend
from stackspot_cli.auth.stores import Entry
from stackspot_cli.domain import Secret
from stackspot_cli.errors import CredentialsMissing
from stackspot_cli.settings import config_file
from stackspot_cli.settings.setting import Setting, SettingSource

BOTH = {"STACKSPOTAI_CLIENT_ID": "env-id", "STACKSPOTAI_CLIENT_KEY": "env-key"}


class Locked(MemoryBackend):
    def get_password(self, service: str, username: str) -> str | None:
        from keyring.errors import KeyringLocked

        raise KeyringLocked("hunter2")


class Absent(MemoryBackend):
    def get_password(self, service: str, username: str) -> str | None:
        from keyring.errors import NoKeyringError

        raise NoKeyringError


class Cabinet:
    """All four stores in one folder, and `find` over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ: dict[str, str] = {}
        self.backend: Callable[[], MemoryBackend] = MemoryBackend
        self.config = ""
        self.notes: list[str] = []

    @property
    def stores(self) -> Stores:
        backend = self.backend()
        self.backend = lambda: backend
        return Stores(
            EnvironmentStore(self.environ),
            KeyringStore(self.backend),
            PrivateFileStore(self.folder / "credentials.json"),
            ConfigStore(config_file.parse(self.config, self.folder / "config.yaml"), self.environ),
        )

    def find(
        self,
        profile: str = "stackspot",
        *,
        explicit: bool = False,
        realm: str = "stackspot",
        realm_source: SettingSource = "default",
    ) -> Credentials:
        return find(
            self.stores,
            profile=Setting(profile, "here", "option" if explicit else "default"),
            realm=Setting(realm, "settings", realm_source),
            note=self.notes.append,
        )

    def found(self, profile: str = "stackspot", *, explicit: bool = False) -> tuple[str, str, str]:
        found = self.find(profile, explicit=explicit)
        return found.client_id.value, found.client_key.value.reveal(), found.realm.value

    def missing(self, profile: str = "stackspot", *, explicit: bool = False) -> tuple[str, str]:
        with pytest.raises(CredentialsMissing) as caught:
            self.find(profile, explicit=explicit)
        assert caught.value.exit_code == 4
        return caught.value.message, caught.value.hint


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(tmp_path)


def test_the_order_is_environment_keyring_private_file_config_file(cabinet: Cabinet) -> None:
    cabinet.environ = dict(BOTH)
    cabinet.config = "providers: {stackspot: {client_id: cfg-id, api_key: cfg-key}}"
    stores = cabinet.stores
    stores.keyring.set("stackspot", pair("ring"))
    stores.file.set("stackspot", pair("file"))
    assert cabinet.found() == ("env-id", "env-key", "stackspot")
    cabinet.environ.clear()
    assert cabinet.found() == ("ring-id", "ring-key", "stackspot")
    stores.keyring.delete("stackspot")
    assert cabinet.found() == ("file-id", "file-key", "stackspot")
    stores.file.delete("stackspot")
    assert cabinet.found() == ("cfg-id", "cfg-key", "stackspot")
    cabinet.config = ""
    assert cabinet.missing()[0] == "there is no client id and no client key"


def test_an_explicit_profiles_own_credentials_come_before_the_environment(cabinet: Cabinet) -> None:
    cabinet.environ = dict(BOTH)
    cabinet.stores.keyring.set("acme", pair("ring"))
    assert cabinet.found("acme", explicit=True) == ("ring-id", "ring-key", "stackspot")
    assert cabinet.found("acme") == ("env-id", "env-key", "stackspot")


def test_an_explicit_profile_without_credentials_fails_rather_than_fall_through(cabinet: Cabinet) -> None:
    cabinet.environ = dict(BOTH)
    cabinet.stores.keyring.set("stackspot", pair("ring"))
    message, hint = cabinet.missing("acme", explicit=True)
    assert message == "profile acme has no client id and no client key"
    assert hint.startswith("`stackspot login` stores them")


def test_nothing_at_all_names_the_variables_login_and_the_sandbox(cabinet: Cabinet) -> None:
    assert cabinet.missing() == (
        "there is no client id and no client key",
        "set STACKSPOTAI_CLIENT_ID and STACKSPOTAI_CLIENT_KEY, or type `stackspot login`; "
        "`stackspot --sandbox …` tries things without any",
    )


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (
            "STACKSPOT_CLIENT_ID",
            "the client key is missing: only the client id is set (environment STACKSPOT_CLIENT_ID)",
        ),
        (
            "STACKSPOTAI_CLIENT_KEY",
            "the client id is missing: only the client key is set (environment STACKSPOTAI_CLIENT_KEY)",
        ),
    ],
)
def test_half_a_pair_is_answered_with_the_missing_half(cabinet: Cabinet, variable: str, message: str) -> None:
    cabinet.environ = {variable: "x"}
    assert cabinet.missing()[0] == message


@pytest.mark.parametrize("variable", ["STACKSPOTAI_CLIENT_ID", "STACKSPOTAI_CLIENT_KEY"])
def test_half_a_pair_in_the_environment_is_never_completed_from_the_keyring(
    cabinet: Cabinet, variable: str
) -> None:
    cabinet.stores.keyring.set("stackspot", pair("ring"))
    cabinet.environ = {variable: "another"}
    assert "halves of two pairs are not mixed" in cabinet.missing()[0]


def test_half_a_pair_in_the_environment_that_agrees_with_the_keyring_is_no_obstacle(cabinet: Cabinet) -> None:
    cabinet.stores.keyring.set("stackspot", pair("ring"))
    cabinet.environ = {"STACKSPOTAI_CLIENT_ID": "ring-id"}
    assert cabinet.found() == ("ring-id", "ring-key", "stackspot")


@pytest.mark.parametrize(
    ("variable", "config", "found"),
    [
        ("STACKSPOTAI_CLIENT_KEY", "client_id: cfg", ("cfg", "env", "stackspot")),
        ("STACKSPOTAI_CLIENT_ID", "api_key: cfg", ("env", "cfg", "stackspot")),
    ],
)
def test_environment_and_config_file_may_complete_one_another(
    cabinet: Cabinet, variable: str, config: str, found: tuple[str, str, str]
) -> None:
    cabinet.environ = {variable: "env"}
    cabinet.config = f"providers: {{stackspot: {{{config}}}}}"
    assert cabinet.found() == cabinet.found(explicit=True) == found


@pytest.mark.parametrize(
    ("environ", "config", "message", "hint"),
    [
        (
            {"STACKSPOTAI_CLIENT_ID": "other", "STACKSPOTAI_CLIENT_KEY": "env"},
            "client_id: cfg",
            "the client key is missing: only the client id is set (profile stackspot in FILE); "
            "another store holds a pair, and halves of two pairs are not mixed",
            "set STACKSPOTAI_CLIENT_KEY, or type `stackspot login`",
        ),
        (
            {"STACKSPOTAI_CLIENT_KEY": "env"},
            "api_key: cfg",
            "the client id is missing: only the client key is set (profile stackspot in FILE); "
            "another store holds a pair, and halves of two pairs are not mixed",
            "set STACKSPOTAI_CLIENT_ID, or type `stackspot login`",
        ),
        (
            {},
            "client_id: cfg",
            "the client key is missing: only the client id is set (profile stackspot in FILE)",
            "set STACKSPOTAI_CLIENT_KEY, or type `stackspot login`",
        ),
    ],
)
def test_the_environment_never_contradicts_an_explicit_profiles_half(
    cabinet: Cabinet, environ: dict[str, str], config: str, message: str, hint: str
) -> None:
    cabinet.environ = environ
    cabinet.config = f"providers: {{stackspot: {{{config}}}}}"
    told, what_to_do = cabinet.missing(explicit=True)
    assert (told.replace(str(cabinet.folder / "config.yaml"), "FILE"), what_to_do) == (message, hint)


def test_the_whole_pair_in_the_environment_completes_an_explicit_profile_that_names_its_id(
    cabinet: Cabinet,
) -> None:
    cabinet.environ = dict(BOTH)
    cabinet.config = "providers: {stackspot: {client_id: env-id, client_realm: acme}}"
    assert cabinet.found(explicit=True)[:2] == ("env-id", "env-key")


@pytest.mark.parametrize("place", ["keyring", "file", "config"])
def test_a_misspelt_profile_is_told_the_nearest_wherever_it_is_kept(cabinet: Cabinet, place: str) -> None:
    if place == "config":
        cabinet.config = "providers: {work: {client_realm: acme}}"
    else:
        getattr(cabinet.stores, place).set("work", pair("a"))
    message, hint = cabinet.missing("wrok", explicit=True)
    assert message == "profile wrok has no client id and no client key"
    assert hint.startswith("did you mean profile work? `stackspot login` stores them")
    assert cabinet.missing("another", explicit=True)[1].startswith("`stackspot login`")


@pytest.mark.parametrize("source", ["config", "environment"])
def test_a_profile_that_was_not_typed_is_named_with_where_it_came_from(
    cabinet: Cabinet, source: SettingSource
) -> None:
    cabinet.config = "providers: {node: {client_realm: acme}}"
    with pytest.raises(CredentialsMissing) as caught:
        find(
            cabinet.stores,
            profile=Setting("nope", "somewhere", source),
            realm=Setting("stackspot", "default", "default"),
            note=cabinet.notes.append,
        )
    assert caught.value.message == "profile nope (somewhere) has no client id and no client key"
    assert caught.value.hint.startswith("did you mean profile node? set STACKSPOTAI_CLIENT_ID and ")


def test_a_complete_pair_in_the_config_file_does_not_overrule_half_a_pair_in_the_environment(
    cabinet: Cabinet,
) -> None:
    cabinet.environ = {"STACKSPOTAI_CLIENT_ID": "env"}
    cabinet.config = "providers: {stackspot: {client_id: cfg, api_key: key}}"
    assert "halves of two pairs are not mixed" in cabinet.missing()[0]


def test_the_integrations_file_takes_its_pair_from_the_environment(cabinet: Cabinet) -> None:
    cabinet.config = "providers: {stackspot: {client_id: '${ID}', api_key: '${KEY}'}}"
    cabinet.environ = {"ID": "i", "KEY": "k"}
    found = cabinet.find()
    assert (found.client_id.value, found.client_key.value.reveal()) == ("i", "k")
    assert found.client_id.origin == f"profile stackspot in {cabinet.folder / 'config.yaml'} (${{ID}})"
    cabinet.environ = {"ID": "i"}
    assert cabinet.missing()[0].startswith(
        "the client key is missing: only the client id is set (profile stackspot"
    )


def test_the_realm_of_a_stored_pair_comes_before_config_and_default_but_not_before_a_set_one(
    cabinet: Cabinet,
) -> None:
    cabinet.stores.keyring.set("stackspot", pair("ring", "stored"))
    realms = [
        cabinet.find(realm="settings", realm_source=source, explicit=explicit).realm.value
        for source in ("default", "config", "environment", "option")
        for explicit in (False, True)
    ]
    assert realms == ["stored", "stored", "stored", "stored", "settings", "stored", "settings", "settings"]


def test_a_realm_from_a_stored_pair_does_not_join_a_pair_from_the_environment(cabinet: Cabinet) -> None:
    cabinet.stores.keyring.set("stackspot", pair("ring", "stored"))
    cabinet.environ = dict(BOTH)
    assert cabinet.found() == ("env-id", "env-key", "stackspot")


def test_a_locked_keyring_is_noted_while_a_later_store_helps_and_named_when_none_does(
    cabinet: Cabinet,
) -> None:
    cabinet.backend = Locked
    assert cabinet.missing()[0] == "there is no client id and no client key; the keyring is locked"
    cabinet.stores.file.set("stackspot", pair("file"))
    assert cabinet.found() == ("file-id", "file-key", "stackspot")
    assert cabinet.notes == ["the keyring is locked"]


def test_a_machine_without_a_keyring_is_no_news_while_the_private_file_helps(cabinet: Cabinet) -> None:
    cabinet.backend = Absent
    cabinet.stores.file.set("stackspot", pair("file"))
    assert cabinet.found() == ("file-id", "file-key", "stackspot")
    assert cabinet.notes == []
    cabinet.stores.file.delete("stackspot")
    assert cabinet.missing()[0] == "there is no client id and no client key; this machine has no keyring"


def test_the_keyring_is_not_asked_while_the_environment_has_the_pair(cabinet: Cabinet) -> None:
    asked: list[str] = []

    def never() -> MemoryBackend:
        asked.append("keyring")
        return MemoryBackend()

    cabinet.environ = dict(BOTH)
    cabinet.backend = MemoryBackend
    stores = cabinet.stores
    real = Stores(stores.environment, KeyringStore(never), stores.file, stores.config)
    find(
        real,
        profile=Setting("stackspot", "", "default"),
        realm=Setting("r", "", "default"),
        note=cabinet.notes.append,
    )
    assert asked == []


# --- where no pair can be used ------------------------------------------------------------------------


def test_the_halves_that_there_are_need_not_belong_together_and_go_with_the_realm_of_the_settings(
    cabinet: Cabinet,
) -> None:
    cabinet.environ = {"STACKSPOTAI_CLIENT_KEY": "env"}
    cabinet.stores.keyring.set("stackspot", pair("ring"))
    realm = Setting("acme", "settings", "config")
    assert halves(cabinet.stores, profile=Setting("stackspot", "here", "default"), realm=realm) == Entry(
        Setting("ring-id", "the system's keyring, entry stackspot-cli", "stored"),
        Setting(Secret("env"), "environment STACKSPOTAI_CLIENT_KEY", "environment"),
        realm,
    )


def test_a_store_that_cannot_be_asked_holds_no_half(cabinet: Cabinet) -> None:
    cabinet.backend = Locked
    realm = Setting("stackspot", "default", "default")
    held = halves(cabinet.stores, profile=Setting("stackspot", "here", "default"), realm=realm)
    assert held == Entry(realm=realm)


# --- whose tokens may be about ------------------------------------------------------------------------


def test_every_pair_that_may_be_used_is_kept_with_each_realm_that_it_may_go_with(cabinet: Cabinet) -> None:
    cabinet.environ = dict(BOTH)
    cabinet.config = "providers: {acme: {client_id: cfg-id, api_key: cfg-key}}"
    stores = cabinet.stores
    stores.keyring.set("acme", pair("ring", "own"))
    stores.file.set("acme", pair("file", "settings"))
    stores.file.set("other", pair("other"))
    held = kept(stores, "acme", Setting("settings", "here", "config"))
    assert [(one.store, one.client_id.value, one.realm.value) for one in held] == [
        ("environment", "env-id", "settings"),
        ("keyring", "ring-id", "own"),
        ("keyring", "ring-id", "settings"),
        ("file", "file-id", "settings"),
        ("config", "cfg-id", "settings"),
    ]


def test_a_store_that_cannot_be_asked_and_half_a_pair_are_passed_over(cabinet: Cabinet) -> None:
    cabinet.backend = Locked
    cabinet.environ = {"STACKSPOTAI_CLIENT_ID": "env"}
    cabinet.stores.file.set("acme", pair("file"))
    held = kept(cabinet.stores, "acme", Setting("settings", "here", "config"))
    assert [one.store for one in held] == ["file"]
