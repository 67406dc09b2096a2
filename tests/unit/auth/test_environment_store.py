"""The environment: the same for every profile, checked before it is used, changed by its shell alone."""

import pytest

from stackspot_cli.auth.environment_store import EnvironmentStore
from stackspot_cli.auth.stores import Entry, check_client_key
from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.settings.setting import Setting

WHOLE = {"STACKSPOTAI_CLIENT_ID": "id", "STACKSPOTAI_CLIENT_KEY": " key\n", "STACKSPOTAI_REALM": "acme"}


def test_every_value_knows_its_variable_and_every_profile_has_the_same() -> None:
    store = EnvironmentStore(WHOLE)
    entry = Entry(
        Setting("id", "environment STACKSPOTAI_CLIENT_ID", "environment"),
        Setting(Secret("key"), "environment STACKSPOTAI_CLIENT_KEY", "environment"),
        Setting("acme", "environment STACKSPOTAI_REALM", "environment"),
    )
    assert store.get("one") == store.get("another") == entry
    assert (store.profiles(), store.describe()) == (
        (),
        "environment variables STACKSPOTAI_CLIENT_ID and STACKSPOTAI_CLIENT_KEY",
    )


@pytest.mark.parametrize("environ", [{}, {"STACKSPOTAI_REALM": "acme"}, {"STACKSPOTAI_CLIENT_ID": " "}])
def test_a_realm_alone_or_nothing_is_no_entry(environ: dict[str, str]) -> None:
    assert EnvironmentStore(environ).get("x") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STACKSPOTAI_CLIENT_ID", "two\nlines"),
        ("STACKSPOTAI_CLIENT_KEY", "hunter2\x00"),
        ("STACKSPOTAI_REALM", "../elsewhere"),
    ],
)
def test_a_value_that_cannot_be_one_is_refused_by_its_variable(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        EnvironmentStore(WHOLE | {name: value}).get("x")
    assert caught.value.message.startswith(f"environment {name} ")
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("variable", "fallbacks"),
    [
        ("STACKSPOTAI_CLIENT_ID", ["STACKSPOT_CLIENT_ID"]),
        ("STACKSPOTAI_CLIENT_KEY", ["STACKSPOT_CLIENT_KEY", "STACKSPOT_CLIENT_SECRET"]),
        ("STACKSPOTAI_REALM", ["STACKSPOT_REALM"]),
    ],
)
def test_the_other_tools_names_are_read_in_their_order(variable: str, fallbacks: list[str]) -> None:
    names = [variable, *fallbacks]
    for first, name in enumerate(names):
        environ = WHOLE | {variable: ""} | {later: later for later in names[first:]}
        entry = EnvironmentStore(environ).get("x")
        assert entry is not None
        held = (entry.client_id, entry.client_key, entry.realm)
        assert f"environment {name}" in [one.origin for one in held if one is not None]


@pytest.mark.parametrize("key", ["hun\nter2", "hunter2\x00", "“hunter2”", "hunter2•"])
def test_a_key_that_cannot_be_one_is_refused_and_never_echoed(key: str) -> None:
    with pytest.raises(UsageError) as exported:
        EnvironmentStore(WHOLE | {"STACKSPOTAI_CLIENT_KEY": key}).get("x")
    with pytest.raises(UsageError) as typed:
        check_client_key(key)
    assert exported.value.message.startswith(
        "environment STACKSPOTAI_CLIENT_KEY holds a character that no key has"
    )
    for error in (exported.value, typed.value):
        assert "hunter2" not in f"{error!r}{error.hint}{error.__cause__!r}"


def test_forgetting_names_exactly_what_is_set() -> None:
    store = EnvironmentStore({"STACKSPOT_CLIENT_SECRET": "key"})
    with pytest.raises(LocalError) as caught:
        store.delete("x")
    assert (caught.value.message, caught.value.hint) == (
        "only the shell that set the environment can change it",
        "type `unset STACKSPOT_CLIENT_SECRET`",
    )
