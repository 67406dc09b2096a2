"""Tokens in private files, shared by all processes of this user: one file for each pair of credentials.

Knows files, a lock, and the mark that tells a file of ours from any other. Refuses to know when a token is fresh
(`tokens` does) and how one is had (`token_source` does). Nothing is made before a token is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.tokens import TOKEN_BODY_BYTES, Token
from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError
from stackspot_cli.files import private_files
from stackspot_cli.translation import _

LOCK_SECONDS = 10.0  # the contract: waiters give up after 10 s and go without the cache


class TokenFolder:
    """Where the tokens of one token service are kept. note: told when nothing can be written there."""

    def __init__(self, path: Path, service: str, note: Callable[[str], None]) -> None:
        self.path = path
        self._service = service
        self._note = note

    def of(self, credentials: Credentials) -> TokenCache:
        """The cache of one pair, named by whom it is asked for: a digest, which tells nothing."""
        import hashlib

        text = "\n".join((self._service, credentials.realm.value, credentials.client_id.value))
        name = hashlib.sha256(text.encode()).hexdigest()[:32]
        return TokenCache(self.path / f"{name}.json", credentials.client_key.value, self._note)

    def forget_all(self) -> bool:
        """Removes every token; whether there was one. Raises OSError."""
        entries = sorted(self.path.glob("*.json"))
        for entry in entries:
            entry.unlink(missing_ok=True)
        return bool(entries)


class TokenCache:
    """The token of one pair of credentials. note: told when the file cannot be written; nothing depends on it.

    The file is trusted only where it is private and carries a mark that only the holder of the same key could have
    made: a rotated key, or a file from elsewhere, is a miss.
    """

    def __init__(self, path: Path, key: Secret, note: Callable[[str], None]) -> None:
        self.path = path
        self._key = key
        self._note = note

    def read(self) -> Token | None:
        content = private_files.read_private(self.path, TOKEN_BODY_BYTES)
        if content is None:
            return None
        try:
            entry = json.loads(content)
            value, obtained, expires = entry["access_token"], entry["obtained_at"], entry["expires_at"]
            if not isinstance(value, str) or isinstance(obtained, bool) or isinstance(expires, bool):
                return None
            if entry["mark"] != self._mark(value, float(obtained), float(expires)):
                return None
            return Token(Secret(value), float(obtained), float(expires))
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            return None

    def write(self, token: Token) -> None:
        """Keeps the token in the place of the one before. A failure costs a note."""
        value, obtained, expires = token.value.reveal(), float(token.obtained_at), float(token.expires_at)
        entry = {
            "access_token": value,
            "obtained_at": obtained,
            "expires_at": expires,
            "mark": self._mark(value, obtained, expires),
        }
        try:
            if self.path.is_symlink():
                self.path.unlink()  # never written through: it could point at anything
            private_files.write(self.path, json.dumps(entry).encode())
        except (OSError, LocalError) as error:
            self._cannot(error)

    def forget(self) -> bool:
        """Removes the token; whether there was one. Raises OSError."""
        try:
            self.path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    @contextmanager
    def lock(self, patience_seconds: float = LOCK_SECONDS) -> Iterator[bool]:
        """Held while a token is asked for. Gives False where the lock was not to be had: go without the cache.

        The lock is the kernel's (flock): a holder that is killed blocks nobody.
        """
        from filelock import FileLock, Timeout  # deferred: only a process that needs a new token pays for it

        lock = FileLock(self.path.with_suffix(".lock"), timeout=max(0.0, patience_seconds), mode=0o600)
        try:
            private_files.make_folder(self.path.parent)
            lock.acquire()
        except Timeout:
            self._note(_("another process holds the token cache; going on without it"))
            yield False
            return
        except (OSError, LocalError, NotImplementedError) as error:
            self._cannot(error)
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _mark(self, value: str, obtained: float, expires: float) -> str:
        """Made with the key, so that a token never outlives a changed one; tells nothing about it."""
        import hmac

        text = f"{value}|{obtained!r}|{expires!r}"
        return hmac.new(self._key.reveal().encode(), text.encode(), "sha256").hexdigest()

    def _cannot(self, error: Exception) -> None:
        cause = error.__cause__ or error
        why = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
        self._note(
            _(
                "the token cache in {folder} cannot be written ({why}): each call asks for a new token; "
                "STACKSPOTAI_HOME names another folder"
            ).format(folder=os.fspath(self.path.parent), why=why)
        )
