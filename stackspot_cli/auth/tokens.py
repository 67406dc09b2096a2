"""Access tokens: when one is fresh, what the token service's answer means, and the cache that processes share.

Knows clocks only as numbers and the cache only as files. Sends nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from stackspot_cli import private_files
from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError, NotAnAnswer
from stackspot_cli.routes.refusals import said_in
from stackspot_cli.translation import _

# Sources: protocol page, "Token".
DEFAULT_LIFE_SECONDS = 1199.0
LONGEST_LIFE_SECONDS = 24 * 3600.0
LOCK_SECONDS = 10.0  # the contract: waiters give up after 10 s and go without the cache
TOKEN_BODY_BYTES = 1024 * 1024


class Freshness(Enum):
    FRESH = "fresh"
    STALE = "stale"  # still good, but to be renewed
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Token:
    """value, and the wall-clock seconds between which it may be used. keep: False for a token to be used once."""

    value: Secret
    obtained_at: float
    expires_at: float
    keep: bool = True


def freshness(token: Token | None, now: float) -> Freshness:
    """Renewed at min(60 s, 20 % of its life) before the end; distrusted where the clock makes no sense."""
    if token is None or not token.keep:
        return Freshness.INVALID
    life = token.expires_at - token.obtained_at
    if not 0 < life <= LONGEST_LIFE_SECONDS or token.obtained_at > now + 60 or now >= token.expires_at:
        return Freshness.INVALID
    return Freshness.STALE if now >= token.expires_at - min(60.0, 0.2 * life) else Freshness.FRESH


def from_answer(body: bytes, now: float, url: str) -> Token:
    """The token in the service's 200. Raises NotAnAnswer where there is no usable one."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unusable(_("it is not JSON"), url) from error
    if not isinstance(parsed, dict):
        raise _unusable(_("it is not an object"), url)
    value = parsed.get("access_token")
    if not isinstance(value, str) or not value:
        words, _code = said_in(parsed) if parsed.get("error") else ("", None)
        raise _unusable(words or _("it holds no access_token"), url)
    if len(value) > 65_536 or not all("!" <= char <= "~" for char in value):
        # It would travel in a header: a line break in it would end up in an exception's text, or worse.
        raise _unusable(_("its access_token holds characters that no token has"), url)
    life = _life_seconds(parsed.get("expires_in"), absent="expires_in" not in parsed)
    if life is None:
        return Token(Secret(value), now, now, keep=False)
    return Token(Secret(value), now, now + life)


def _unusable(why: str, url: str) -> NotAnAnswer:
    return NotAnAnswer(
        _("the token service's answer is unusable: {why}").format(why=why),
        _(
            "a captive portal or proxy may stand in between; {url} was asked; look with `stackspot status`"
        ).format(url=url),
        status=200,
    )


def _life_seconds(value: Any, *, absent: bool) -> float | None:
    """Missing: the usual life. A numeric string counts. Zero, negative, junk: None, for a token used once."""
    if absent or value is None:
        return DEFAULT_LIFE_SECONDS
    if isinstance(value, str) and len(value) < 32 and "_" not in value:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return float(min(value, LONGEST_LIFE_SECONDS))


class TokenCache:
    """One file for each pair of credentials in `folder`, shared by all processes of this user.

    A file is trusted only where it is private and carries a `mark` that only the holder of the same secret
    could have made: a rotated secret, or a file from elsewhere, is a miss.
    note: told once when the folder cannot be written; the answer does not depend on it.
    """

    def __init__(self, folder: Path, note: Callable[[str], None]) -> None:
        self._folder = folder
        self._note = note

    def read(self, name: str, mark: Callable[[str], str]) -> Token | None:
        content = private_files.read_private(self._path(name), TOKEN_BODY_BYTES)
        if content is None:
            return None
        try:
            entry = json.loads(content)
            value, obtained, expires = entry["access_token"], entry["obtained_at"], entry["expires_at"]
            if not isinstance(value, str) or isinstance(obtained, bool) or isinstance(expires, bool):
                return None
            if entry["mark"] != mark(f"{value}|{float(obtained)!r}|{float(expires)!r}"):
                return None
            return Token(Secret(value), float(obtained), float(expires))
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            return None

    def write(self, name: str, revealed: str, token: Token, mark: Callable[[str], str]) -> None:
        entry = {
            "access_token": revealed,
            "obtained_at": float(token.obtained_at),
            "expires_at": float(token.expires_at),
            "mark": mark(f"{revealed}|{float(token.obtained_at)!r}|{float(token.expires_at)!r}"),
        }
        path = self._path(name)
        try:
            if path.is_symlink():
                path.unlink()  # never written through: it could point at anything
            private_files.write(path, json.dumps(entry).encode())
        except (OSError, LocalError) as error:
            self._cannot(error)

    def forget(self, name: str) -> bool:
        """Removes the entry; whether there was one. Raises OSError."""
        try:
            self._path(name).unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def forget_all(self) -> bool:
        """Removes every entry; whether there was one. Raises OSError."""
        entries = sorted(self._folder.glob("*.json"))
        for entry in entries:
            entry.unlink(missing_ok=True)
        return bool(entries)

    @contextmanager
    def lock(self, name: str, patience_seconds: float = LOCK_SECONDS) -> Iterator[bool]:
        """Held while a token is asked for. Gives False where the lock was not to be had: go without the cache.

        The lock is the kernel's (flock): a holder that is killed blocks nobody.
        """
        from filelock import FileLock, Timeout  # deferred: only a process that needs a new token pays for it

        lock = FileLock(self._path(name).with_suffix(".lock"), timeout=max(0.0, patience_seconds), mode=0o600)
        try:
            private_files.make_folder(self._folder)
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

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _cannot(self, error: Exception) -> None:
        cause = error.__cause__ or error
        why = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
        self._note(
            _("the token cache in {folder} cannot be written ({why}); each call asks for a new token").format(
                folder=os.fspath(self._folder), why=why
            )
        )
