"""The config file as a store: a profile's own keys, variables in them, and changes that leave the rest alone."""

from pathlib import Path

import pytest
from pairs import PAIR, pair, values

from stackspot_cli.auth.config_store import ConfigStore
from stackspot_cli.auth.stores import Entry
from stackspot_cli.domain import Secret
from stackspot_cli.errors import UsageError
from stackspot_cli.settings import config_file
from stackspot_cli.settings.setting import Setting


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def store(path: Path, text: str | None = None, environ: dict[str, str] | None = None) -> ConfigStore:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return ConfigStore(config_file.read(path, required=False), environ or {})


def test_a_value_from_a_variable_says_so_and_a_key_does_not_say_its_variable(path: Path) -> None:
    made = store(
        path,
        "providers: {acme: {client_id: '${ID}', api_key: '${KEY}', client_realm: r}}",
        {"ID": "id", "KEY": "key"},
    )
    place = f"profile acme in {path}"
    assert made.get("acme") == Entry(
        Setting("id", f"{place} (${{ID}})", "config"),
        Setting(Secret("key"), place, "config"),
        Setting("r", place, "config"),
    )


def test_part_of_a_pair_is_an_entry_with_gaps_and_a_realm_alone_is_none(path: Path) -> None:
    made = store(path, "providers: {half: {client_id: id}, none: {client_realm: r}}")
    half = made.get("half")
    assert half is not None and half.client_id and half.client_key is None
    assert (made.get("none"), made.get("nobody")) == (None, None)


def test_a_variable_that_is_not_set_is_a_gap(path: Path) -> None:
    made = store(path, "providers: {acme: {client_id: id, api_key: '${KEY}'}}")
    entry = made.get("acme")
    assert entry is not None and entry.client_key is None


def test_a_value_that_cannot_be_one_is_told_with_its_place(path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        store(path, "providers: {acme: {client_id: id, api_key: k, client_realm: ../x}}").get("acme")
    assert f"{path}, line 1" in caught.value.message


def test_a_change_leaves_comments_and_the_other_profiles_as_they_are(path: Path) -> None:
    made = store(path, "# mine\nproviders:\n  other:\n    client_id: o  # theirs\n")
    made.set("acme", PAIR)
    assert values(made.get("acme")) == ("the-id", PAIR.client_key, "acme")
    assert made.delete("acme")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# mine\nproviders:\n  other:\n    client_id: o  # theirs\n")
    assert "the-id" not in text and PAIR.client_key.reveal() not in text


def test_forgetting_a_pair_keeps_the_realm_which_is_no_secret(path: Path) -> None:
    made = store(path)
    made.set("acme", pair("a", "the-realm"))
    made.delete("acme")
    assert "the-realm" in path.read_text(encoding="utf-8")


def test_every_profile_of_the_file_is_known_with_a_key_or_without(path: Path) -> None:
    made = store(path, "providers: {one: {client_id: id}, two: {client_realm: r}}")
    assert (made.profiles(), made.describe()) == (("one", "two"), f"config file {path}")
    assert store(path.with_name("nowhere.yaml")).profiles() == ()
