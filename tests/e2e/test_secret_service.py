"""The real Secret Service: gnome-keyring-daemon on a session bus of its own, in a home of its own.

Without the Debian packages `gnome-keyring dbus` skipped on a developer's machine, and a failure in CI.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stackspot_cli.sandbox import Sandbox

TOOLS = ("gnome-keyring-daemon", "dbus-run-session")
missing = [tool for tool in TOOLS if shutil.which(tool) is None]

UNLOCKED = "printf 'password\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
NEVER_UNLOCKED = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1"

Session = Callable[..., str]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Runs shell lines on a new session bus with a new keyring; gives what they print, stderr included."""
    if missing and sys.platform == "linux" and os.environ.get("CI"):
        pytest.fail(f"CI must have {', '.join(missing)}: the packages gnome-keyring and dbus")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    folders = {"HOME": "home", "XDG_DATA_HOME": "data", "XDG_RUNTIME_DIR": "run", "XDG_CONFIG_HOME": "config"}
    for name in folders.values():
        (tmp_path / name).mkdir(mode=0o700)
    environ = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "STACKSPOTAI_HOME": str(tmp_path / "stackspot"),
        **{variable: str(tmp_path / name) for variable, name in folders.items()},
    }

    def run(daemon: str, *lines: str, **variables: str) -> str:
        done = subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", "\n".join([daemon, "exec 2>&1", *lines])],
            env=environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the daemons' own talk
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    return run


def test_login_stores_in_the_real_keyring_complete_uses_it_and_logout_removes_it(session: Session) -> None:
    with Sandbox() as service:
        told = session(
            UNLOCKED,
            "echo $KEY | stackspot login --client-id sandbox-client --realm sandbox --key-stdin; echo $?",
            "stackspot complete hi </dev/null | cut -d: -f1; stackspot status --offline | grep ^keyring",
            "stackspot logout; stackspot logout; stackspot complete hi 2>/dev/null; echo $?",
            KEY=service.client_key,
            STACKSPOTAI_ENDPOINT_URL=service.url,
        )
    place = "the system's keyring, entry stackspot-cli"
    assert told.splitlines() == [
        f"stored client id sandbox-client, client key and realm sandbox for profile stackspot: {place}",
        "0",
        "Hi! The sandbox received",
        "keyring       SecretService Keyring, holds this profile",
        f"removed the credentials of profile stackspot: {place}",
        "nothing is stored for profile stackspot",
        "4",
    ]


CONTRACT = """
from datetime import UTC, datetime
from stackspot_cli.auth.keyring_store import KeyringStore
from stackspot_cli.auth.stores import Pair
from stackspot_cli.domain import Secret

store = KeyringStore()
when = datetime(2026, 11, 22, tzinfo=UTC)
print(store.get("x"), store.delete("x"), store.profiles())
for name, key in (("x", 'k"&+%=\\\\ é' + "k" * 4000), ("y", "other"), ("x", "rotated")):
    store.set(name, Pair(name, Secret(key), None, when))
    entry = store.get(name)
    print(entry.client_id.value, entry.client_key.value == Secret(key), entry.stored_at == when)
print(store.profiles(), store.delete("x"), store.delete("x"), store.get("x"), store.get("y").client_id.value)
print(store.delete("y"), store.profiles())
"""


def test_the_real_keyring_keeps_the_contract_of_the_stores(session: Session) -> None:
    assert session(UNLOCKED, 'python -c "$SCRIPT"', SCRIPT=CONTRACT).splitlines() == [
        "None False ()",
        "x True True",
        "y True True",
        "x True True",
        "('x', 'y') True False None y",
        "True ()",
    ]


def test_a_keyring_that_nobody_can_unlock_is_one_sentence_and_the_next_thing_to_do(session: Session) -> None:
    told = session(
        NEVER_UNLOCKED,
        "echo key | stackspot login --client-id x --no-verify --key-stdin; echo $?",
        "echo key | stackspot login --client-id x --no-verify --key-stdin --insecure-storage; echo $?",
    )
    assert told.splitlines() == [
        "error: the keyring is locked",
        "hint: unlock it and try again; or store the key in a private file by `stackspot login "
        "--insecure-storage`, or set STACKSPOTAI_CLIENT_ID and STACKSPOTAI_CLIENT_KEY",
        "3",
        "note: the keyring is locked: if it holds an older entry, that one comes first; "
        "`stackspot logout` removes it",
        "stored client id x, client key and realm stackspot for profile stackspot: "
        f"private file {told.split('private file ')[-1].splitlines()[0]}",
        "note: not proved: the service was not asked (--no-verify)",
        "note: this storage is not encrypted: whoever can read your files can read the key",
        "0",
    ]


def test_a_machine_without_a_session_bus_has_no_keyring(session: Session) -> None:
    told = session(
        "unset DBUS_SESSION_BUS_ADDRESS",
        "echo key | DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere "
        "stackspot login --client-id x --no-verify --key-stdin; echo $?",
    )
    assert told.splitlines()[0] == "error: this machine has no keyring"
    assert told.splitlines()[-1] == "3"
