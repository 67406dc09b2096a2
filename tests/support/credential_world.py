"""A small world for commands about credentials: a home of its own, a keyring in memory, an emulated service."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError

from stackspot_cli import cli
from stackspot_cli.app import App
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.terminal.streams import Terminal

ID, KEY, REALM = "sandbox-client", "sandbox-key-not-a-secret", "sandbox"


class Ring(KeyringBackend):
    """keyring's own kind of backend, in memory. trouble: raised by every call."""

    priority = 1  # type: ignore[assignment]  # keyring's own way to declare it

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None

    def _check(self) -> None:
        if self.trouble:
            raise self.trouble

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.entries[service, username]


def absent() -> Exception:
    return NoKeyringError()


def locked() -> Exception:
    return KeyringLocked()


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class World:
    def __init__(self, home: Path, service: Sandbox, ring: Ring) -> None:
        self.home = home
        self.service = service
        self.ring = ring
        self.env: dict[str, str] = {
            "PATH": os.environ.get("PATH", ""),
            "STACKSPOTAI_HOME": str(home),
            "STACKSPOTAI_ENDPOINT_URL": service.url,
            "STACKSPOTAI_RETRIES": "0",
        }

    @property
    def config(self) -> Path:
        return self.home / "config.yaml"

    @property
    def private_file(self) -> Path:
        return self.home / "credentials.json"

    def run(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Result:
        environ = {**self.env, **(env or {})}
        terminal = Terminal.fake(stdin.encode(), environ)
        code = cli.run(arguments, environ, terminal)
        return Result(int(code), self.plain(terminal.out), self.plain(terminal.err))

    def app(
        self, *, stdin: str = "", env: Mapping[str, str] | None = None, profile: str | None = None
    ) -> App:
        """An app at a terminal, where questions may be asked."""
        environ = {**self.env, **(env or {})}
        app = App(environ, Terminal.fake(stdin.encode(), environ, stdin_kind="terminal"))
        app.set_options(GlobalOptions(profile=profile))
        return app

    def plain(self, text: str) -> str:
        return text.replace(str(self.home), "HOME").replace(self.service.url, "URL")

    def log_in(self, *options: str, profile: str | None = None) -> Result:
        before = ("--profile", profile) if profile else ()
        return self.run(
            *before, "login", "--client-id", ID, "--realm", REALM, "--key-stdin", *options, stdin=f"{KEY}\n"
        )

    def tokens(self) -> list[str]:
        return sorted(path.name for path in (self.home / "tokens").glob("*.json"))

    def everything_on_disk(self) -> str:
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    before = keyring.get_keyring()
    ring = Ring()
    keyring.set_keyring(ring)
    home = folder / "home"
    try:
        with Sandbox() as service:
            made = World(home, service, ring)
            yield made
    finally:
        keyring.set_keyring(before)
