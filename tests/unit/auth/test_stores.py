"""The contract that every store keeps, and what they have in common."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pairs import PAIR, WHEN, values

from stackspot_cli.auth.config_store import ConfigStore
from stackspot_cli.auth.environment_store import EnvironmentStore
from stackspot_cli.auth.file_store import PrivateFileStore
from stackspot_cli.auth.keyring_store import KeyringStore, MemoryBackend
from stackspot_cli.auth.stores import (
    Entry,
    Pair,
    Store,
    check_client_id,
    check_client_key,
    check_realm,
    from_json,
    from_text,
    overriding_variables,
    to_json,
    to_text,
)
from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.settings import config_file
from stackspot_cli.settings.setting import Setting

Maker = Callable[[Path], Store]


def config_store(folder: Path) -> Store:
    return ConfigStore(config_file.read(folder / "config.yaml", required=False), {})


MAKERS: dict[str, Maker] = {
    "keyring": lambda folder: KeyringStore(MemoryBackend),
    "file": lambda folder: PrivateFileStore(folder / "data" / "credentials.json"),
    "config": config_store,
}


class SelfSetting(EnvironmentStore):
    """The environment as its shell would leave it, after the shell did what `set` and `delete` say."""

    def __init__(self) -> None:
        self.environ: dict[str, str] = {}
        super().__init__(self.environ)

    def set(self, profile: str, pair: Pair) -> None:
        with pytest.raises(LocalError) as caught:
            super().set(profile, pair)
        assert caught.value.hint == "type `export STACKSPOTAI_CLIENT_ID=… STACKSPOTAI_CLIENT_KEY=…`"
        self.environ.update(
            STACKSPOTAI_CLIENT_ID=pair.client_id,
            STACKSPOTAI_CLIENT_KEY=pair.client_key.reveal(),
            STACKSPOTAI_REALM=pair.realm or "",
        )

    def delete(self, profile: str) -> bool:
        try:
            return super().delete(profile)
        except LocalError as told:
            assert told.hint == "type `unset STACKSPOTAI_CLIENT_ID STACKSPOTAI_CLIENT_KEY STACKSPOTAI_REALM`"
            self.environ.clear()
            return True


MAKERS["environment"] = lambda folder: SelfSetting()


@pytest.fixture(params=sorted(MAKERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MAKERS[request.param](tmp_path)


# --- the contract ----------------------------------------------------------------------------------


def test_a_new_store_holds_nothing(store: Store) -> None:
    assert store.get("stackspot") is None


def test_what_is_set_comes_back_whole(store: Store) -> None:
    store.set("stackspot", PAIR)
    assert values(store.get("stackspot")) == ("the-id", PAIR.client_key, "acme")


def test_setting_again_replaces_the_whole_pair(store: Store) -> None:
    store.set("stackspot", PAIR)
    store.set("stackspot", Pair("new-id", Secret("new-key"), "new-realm", WHEN))
    assert values(store.get("stackspot")) == ("new-id", Secret("new-key"), "new-realm")


def test_deleting_says_whether_something_was_there_and_a_second_time_is_no_error(store: Store) -> None:
    store.set("stackspot", PAIR)
    assert [store.delete("stackspot"), store.delete("stackspot"), store.get("stackspot")] == [
        True,
        False,
        None,
    ]


def test_a_store_describes_itself_without_being_touched(store: Store) -> None:
    before = store.describe()
    store.set("stackspot", PAIR)
    assert before == store.describe() != ""
    assert "the-id" not in before


def test_every_value_knows_the_store_that_it_came_from(store: Store) -> None:
    store.set("stackspot", PAIR)
    entry = store.get("stackspot")
    assert entry and entry.client_key
    assert entry.client_key.origin != ""
    assert entry.client_key.source == ("stored" if store.name in ("keyring", "file") else store.name)


@pytest.mark.parametrize("name", ["keyring", "file", "config"])
def test_profiles_do_not_see_one_another(name: str, tmp_path: Path) -> None:
    store = MAKERS[name](tmp_path)
    store.set("acme", PAIR)
    assert store.get("stackspot") is None
    store.set("stackspot", Pair("s", Secret("s"), "s", WHEN))
    assert store.delete("stackspot")
    assert values(store.get("acme")) == ("the-id", PAIR.client_key, "acme")


@pytest.mark.parametrize("name", ["keyring", "file"])
def test_a_stored_pair_knows_when_it_was_stored(name: str, tmp_path: Path) -> None:
    store = MAKERS[name](tmp_path)
    store.set("stackspot", PAIR)
    entry = store.get("stackspot")
    assert entry and entry.stored_at == WHEN


@pytest.mark.parametrize("name", ["keyring", "file"])
def test_a_store_knows_its_profiles(name: str, tmp_path: Path) -> None:
    store: Any = MAKERS[name](tmp_path)
    for profile in ("a", "b", "a"):
        store.set(profile, PAIR)
    assert store.profiles() == ("a", "b")
    store.delete("a")
    store.delete("b")
    assert store.profiles() == ()


# --- the object that is kept -------------------------------------------------------------------------


def test_a_pair_survives_its_json() -> None:
    kept = {
        "client_id": "the-id",
        "client_key": PAIR.client_key.reveal(),
        "stored_at": "2026-11-22T17:00:00+00:00",
        "realm": "acme",
    }
    assert to_json(PAIR) == json.loads(to_text(PAIR)) == kept
    entry = Entry(
        Setting("the-id", "here", "stored"),
        Setting(PAIR.client_key, "here", "stored"),
        Setting("acme", "here", "stored"),
        WHEN,
    )
    assert from_json(kept, "here") == from_text(to_text(PAIR), "here") == entry


def test_a_pair_need_not_have_a_realm() -> None:
    bare = Pair("i", Secret("k"), None, WHEN)
    assert "realm" not in to_json(bare)
    read = from_json(to_json(bare), "here")
    assert read is not None and read.realm is None


@pytest.mark.parametrize("kept", [None, 1, [], {}, {"client_id": "x"}, {"client_id": 1, "client_key": "k"}])
def test_what_is_not_ours_is_no_entry(kept: object) -> None:
    assert from_json(kept, "here") is None


@pytest.mark.parametrize("stored_at", ["", "yesterday", "2026-11-22T17:00:00", 7])
def test_a_time_that_nobody_can_place_is_unknown(stored_at: object) -> None:
    entry = from_json({"client_id": "i", "client_key": "k", "stored_at": stored_at}, "here")
    assert entry is not None and entry.stored_at is None


# --- what was typed or piped -------------------------------------------------------------------------


def test_white_space_around_what_was_typed_is_not_part_of_it() -> None:
    assert (check_client_id(" id\n"), check_client_key("\tk+\r\n"), check_realm(" acme ")) == (
        "id",
        Secret("k+"),
        "acme",
    )


@pytest.mark.parametrize(
    ("check", "text", "message"),
    [
        (check_client_id, " \n", "the client id is empty"),
        (check_client_key, "", "the client key is empty"),
        (check_realm, " ", "the realm is empty"),
    ],
)
def test_an_empty_answer_is_refused_by_name(check: Callable[[str], object], text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(text)
    assert (caught.value.message, caught.value.hint) == (message, "copy it again from the StackSpot portal")


def test_the_variables_that_come_before_a_store_are_named_in_their_order() -> None:
    environ = {
        "STACKSPOT_REALM": "r",
        "STACKSPOTAI_CLIENT_KEY": "k",
        "STACKSPOTAI_CLIENT_ID": " ",
        "PATH": "/",
    }
    assert overriding_variables(environ) == ("STACKSPOTAI_CLIENT_KEY", "STACKSPOT_REALM")
