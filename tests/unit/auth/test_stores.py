"""The contract that every store keeps, and each store's own ways to fail."""

import json
import os
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stackspot_cli.auth.config_store import ConfigStore
from stackspot_cli.auth.environment_store import EnvironmentStore
from stackspot_cli.auth.file_store import PrivateFileStore
from stackspot_cli.auth.keyring_store import KeyringStore, MemoryBackend
from stackspot_cli.auth.stores import Entry, Pair, Store, StoreUnavailable
from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError
from stackspot_cli.settings import config_file

WHEN = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
PAIR = Pair("the-id", Secret('k"&+%=\\ é'), "acme", WHEN)
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


def values(entry: Entry | None) -> tuple[Any, ...]:
    assert entry is not None and entry.client_id and entry.client_key and entry.realm
    return entry.client_id.value, entry.client_key.value, entry.realm.value


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


# --- the private file ------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_the_private_file_is_0600_in_a_0700_folder_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "a" / "b" / "credentials.json"
    before = os.umask(umask)
    try:
        PrivateFileStore(path).set("stackspot", PAIR)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)]
    assert [oct(mode) for mode in modes] == ["0o600", "0o700", "0o700"]


def test_the_private_file_is_gone_with_its_last_profile_and_reading_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "credentials.json"
    store = PrivateFileStore(path)
    assert [store.get("x"), store.delete("x"), path.parent.exists()] == [None, False, False]
    store.set("x", PAIR)
    store.delete("x")
    assert not path.exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"profiles": []}', "[" * 100_000, "\ufeff", '{"profiles": 1}']
)
def test_a_damaged_private_file_is_named_and_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(content, encoding="utf-8")
    store = PrivateFileStore(path)
    for action in (lambda: store.get("x"), lambda: store.set("x", PAIR), lambda: store.delete("x")):
        with pytest.raises(StoreUnavailable) as caught:
            action()
        assert caught.value.message == f"the private file {path} is damaged"
        assert "login --insecure-storage" in caught.value.hint
    assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("kept", [1, {}, {"client_id": "x"}, {"client_id": 1, "client_key": "k"}])
def test_an_entry_that_is_not_ours_reads_as_none(tmp_path: Path, kept: object) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({"profiles": {"x": kept}}))
    assert PrivateFileStore(path).get("x") is None


def test_two_logins_at_once_lose_neither_profile(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    names = [f"p{number}" for number in range(8)]
    threads = [threading.Thread(target=PrivateFileStore(path).set, args=(name, PAIR)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(PrivateFileStore(path).profiles()) == names


def test_a_place_that_is_no_folder_is_a_local_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LocalError, match="cannot write"):
        PrivateFileStore(tmp_path / "file" / "credentials.json").set("x", PAIR)


# --- the keyring -----------------------------------------------------------------------------------

ELSEWHERE = (
    "store the key in a private file by `stackspot login --insecure-storage`, "
    "or set STACKSPOTAI_CLIENT_ID and STACKSPOTAI_CLIENT_KEY"
)


class Failing:
    """A backend whose every call raises."""

    def __init__(self, problem: BaseException) -> None:
        self.problem = problem

    def get_password(self, service: str, username: str) -> str | None:
        raise self.problem

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.problem

    def delete_password(self, service: str, username: str) -> None:
        raise self.problem


def problem(name: str) -> BaseException:
    import keyring.errors

    kind = getattr(keyring.errors, name, None)
    return kind("hunter2") if kind else {"RuntimeError": RuntimeError, "OSError": OSError}[name]("hunter2")


FAILURES = {
    "NoKeyringError": "this machine has no keyring",
    "KeyringLocked": "the keyring is locked",
    "InitError": "the keyring is locked",
    "PasswordSetError": "the keyring failed (PasswordSetError)",
    "RuntimeError": "the keyring failed (RuntimeError)",
    "OSError": "the keyring failed (OSError)",
}


@pytest.mark.parametrize(("name", "sentence"), FAILURES.items())
def test_each_failure_of_a_backend_is_one_sentence_and_the_next_thing_to_do(name: str, sentence: str) -> None:
    store = KeyringStore(lambda: Failing(problem(name)))
    for action in (
        lambda: store.get("x"),
        lambda: store.set("x", PAIR),
        lambda: store.delete("x"),
        lambda: store.profiles(),
    ):
        with pytest.raises(StoreUnavailable) as caught:
            action()
        assert caught.value.message == sentence
        assert caught.value.hint.endswith(ELSEWHERE)
        assert caught.value.exit_code == 3


def test_a_missing_module_is_named() -> None:
    def backend() -> Any:
        raise ModuleNotFoundError("No module named 'secretstorage'", name="secretstorage")

    with pytest.raises(StoreUnavailable) as caught:
        KeyringStore(backend).get("x")
    assert caught.value.message == "the keyring cannot be used: the Python module secretstorage is missing"


def test_a_keyring_that_does_not_answer_is_given_up_and_not_waited_for_twice() -> None:
    release = threading.Event()
    asked: list[None] = []

    def hang() -> Any:
        asked.append(None)
        release.wait(60)
        return MemoryBackend()

    store = KeyringStore(hang, limit_seconds=0.01)
    try:
        for _time in range(2):
            with pytest.raises(StoreUnavailable) as caught:
                store.get("x")
            assert caught.value.message == "the keyring did not answer within 0.01 s"
            assert caught.value.hint.startswith(
                "unlock it, where a window asks for its password, and try again; or "
            )
    finally:
        release.set()
    assert len(asked) == 1


def test_the_limit_is_5_seconds() -> None:
    assert KeyringStore()._limit_seconds == 5.0


def test_a_null_backend_that_keeps_nothing_is_found_out_by_reading_back() -> None:
    from keyring.backends.null import Keyring

    store = KeyringStore(Keyring)
    assert store.get("x") is None
    with pytest.raises(StoreUnavailable, match="the keyring took the entry and kept nothing"):
        store.set("x", PAIR)


def test_a_fail_backend_is_a_machine_without_a_keyring() -> None:
    from keyring.backends.fail import Keyring

    with pytest.raises(StoreUnavailable, match="this machine has no keyring") as caught:
        KeyringStore(Keyring).set("x", PAIR)
    assert caught.value.expected


def test_a_backend_that_changes_what_it_was_given_is_found_out() -> None:
    class Shortening(MemoryBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            super().set_password(service, username, password[:20])

    with pytest.raises(StoreUnavailable, match="gave back something else"):
        KeyringStore(Shortening).set("x", PAIR)


def test_an_entry_that_is_too_long_is_told_with_its_length() -> None:
    class Windows(MemoryBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            if len(password.encode("utf-16-le")) > 2560:
                raise OSError(1783, "CredWrite", "The stub received bad data")
            super().set_password(service, username, password)

    store = KeyringStore(Windows)
    store.set("x", PAIR)
    with pytest.raises(StoreUnavailable, match=r"the keyring does not take an entry of 2\d\d\d characters"):
        store.set("x", Pair("i", Secret("k" * 2000), None, WHEN))
    assert values(store.get("x")) == ("the-id", PAIR.client_key, "acme")


def test_one_entry_holds_the_whole_pair_so_that_it_changes_in_one_step() -> None:
    writes: list[tuple[str, str]] = []

    class Watching(MemoryBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            writes.append((service, username))
            super().set_password(service, username, password)

    store = KeyringStore(Watching)
    store.set("acme", PAIR)
    store.set("acme", PAIR)
    assert [one for one in writes if one[0] == "stackspot-cli"] == [("stackspot-cli", "acme")] * 2


@pytest.mark.parametrize("text", ["", "secret", "[]", '{"client_id": "x"}', "[" * 100_000])
def test_a_keyring_entry_that_is_not_ours_reads_as_none(text: str) -> None:
    backend = MemoryBackend()
    backend.set_password("stackspot-cli", "x", text)
    assert KeyringStore(lambda: backend).get("x") is None
