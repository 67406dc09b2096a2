"""The keyring: each way in which it fails, its limits, and that what it took is read back."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pairs import PAIR, WHEN, values

from stackspot_cli.auth.keyring_store import LIMIT_SECONDS, KeyringStore, MemoryBackend
from stackspot_cli.auth.stores import Pair, StoreUnavailable
from stackspot_cli.domain import Secret

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
    assert LIMIT_SECONDS == 5.0


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


def test_it_names_the_backend_in_use() -> None:
    class Nameless(MemoryBackend):
        name = None  # type: ignore[assignment]  # as a plug-in may have it

    assert [KeyringStore(one).backend_name() for one in (MemoryBackend, Nameless)] == ["memory", "None"]


@pytest.mark.parametrize("listed", ["", "nonsense", "{}", "[1, null]"])
def test_a_list_of_profiles_that_is_not_ours_reads_as_none(listed: str) -> None:
    backend = MemoryBackend()
    backend.set_password("stackspot-cli profiles", "stackspot-cli profiles", listed)
    assert KeyringStore(lambda: backend).profiles() == ()


STARTED = """
import sys
started = []
sys.addaudithook(lambda event, arguments: started.append(arguments[0]) if event == "subprocess.Popen" else None)
from stackspot_cli.auth.keyring_store import system_backend
system_backend()
print(started, "keyring.backends.macOS" in sys.modules, sys.modules.get("keyring.backends.macOS.api", "no trace"))
"""


def test_choosing_a_backend_runs_no_other_program(tmp_path: Path) -> None:
    """Left alone, keyring looks for macOS's libraries by a compiler."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    run = subprocess.run(
        [sys.executable, "-c", STARTED],
        env={
            **environ,
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nobody",  # without any, keyring is not asked
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[] True no trace\n"
