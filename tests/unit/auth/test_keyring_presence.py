"""Whether keyring is asked at all: wherever it might find something."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ASKED = """
import sys
from stackspot_cli.auth import keyring_presence
may_be = keyring_presence.may_be()
assert "keyring" not in sys.modules
import keyring
print(may_be, type(keyring.get_keyring()).__module__ != "keyring.backends.fail")
"""

Machine = Callable[[Path], dict[str, str]]


def told(environ: dict[str, str]) -> tuple[bool, bool]:
    """Whether there may be a keyring, and whether keyring finds one."""
    run = subprocess.run(
        [sys.executable, "-c", ASKED], env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    may_be, is_there = run.stdout.split()
    return may_be == "True", is_there == "True"


def bare(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(home / "run")}


def with_a_package(home: Path) -> dict[str, str]:
    """One that brings a back-end, as keyrings.alt does."""
    described = home / "packages" / "plugs-1.0.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: plugs\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[keyring.backends]\nplugs = plugs\n")
    (home / "packages" / "plugs.py").write_text(
        "from keyring.backend import KeyringBackend\n\n\n"
        "class Plug(KeyringBackend):\n    priority = 5\n\n"
        "    def get_password(self, service, username): return None\n"
        "    def set_password(self, service, username, password): pass\n"
        "    def delete_password(self, service, username): pass\n"
    )
    return {**bare(home), "PYTHONPATH": str(home / "packages")}


def with_a_config_file(home: Path) -> dict[str, str]:
    folder = home / ".config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    return bare(home)


def with_a_package_after_a_damaged_one(home: Path) -> dict[str, str]:
    damaged = home / "damaged" / "damaged-1.dist-info"
    damaged.mkdir(parents=True)
    (damaged / "METADATA").write_text("Metadata-Version: 2.1\nName: damaged\nVersion: 1\n")
    (damaged / "entry_points.txt").write_text("[keyring.backends]\nmine =\n")
    environ = with_a_package(home)
    return {**environ, "PYTHONPATH": f"{home}/damaged:{environ['PYTHONPATH']}"}


def with_a_variable(home: Path) -> dict[str, str]:
    return {**bare(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere keyring is always asked")


@pytest.mark.parametrize(
    "machine", [with_a_package, with_a_package_after_a_damaged_one, with_a_config_file, with_a_variable]
)
def test_what_keyring_finds_is_never_passed_over(machine: Machine, tmp_path: Path) -> None:
    assert told(machine(tmp_path)) == (True, True)


def test_without_a_bus_and_a_package_keyring_finds_nothing_and_is_not_asked(tmp_path: Path) -> None:
    assert told(bare(tmp_path)) == (False, False)


@pytest.mark.parametrize("name", ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "SECRET_BACKEND"])
def test_where_a_bus_might_answer_keyring_is_asked(name: str, tmp_path: Path) -> None:
    assert told({**bare(tmp_path), name: "unix:path=/nowhere"})[0]


def test_a_bus_of_the_session_counts_without_a_variable(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "bus").touch()
    assert told(bare(tmp_path))[0]
