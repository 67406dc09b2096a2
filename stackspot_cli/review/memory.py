"""What was found in a part before, so that a second run does not ask again: small private files, bounded.

Knows files beside the history. The same text, rules, model and account give the same name; what cannot be read is
not remembered. Refuses to know models. Nothing is created by looking.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from stackspot_cli.files import private_files
from stackspot_cli.review.findings import Claim, dumped, read
from stackspot_cli.structured.fitting import Unfit

FOLDER = "reviews"
FORM = "1"  # of what is kept; another one remembers nothing of this
MOST_FILES = 2_000
MOST_BYTES = 16 * 1024 * 1024  # together
MOST_FILE_BYTES = 1024 * 1024


class Memory:
    """folder: its own, made on the first writing. Safe to share between threads and processes."""

    def __init__(self, folder: Path, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_files = most_files
        self._most_bytes = most_bytes

    def recall(self, key: str) -> tuple[Claim, ...] | None:
        path = self._folder / key
        content = private_files.read_private(path, MOST_FILE_BYTES)
        if content is None:
            return None
        claims = read(content.decode("utf-8", "replace"))
        if isinstance(claims, Unfit):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # what is used is kept longest
        return claims

    def keep(self, key: str, claims: tuple[Claim, ...]) -> None:
        """Raises LocalError."""
        content = json.dumps(list(dumped(claims))).encode()
        if len(content) <= MOST_FILE_BYTES:
            private_files.write(self._folder / key, content, durable=False)

    def trim(self) -> None:
        """Forgets what was not used for the longest time, down to the bounds."""
        found = []
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                with contextlib.suppress(OSError):
                    facts = entry.stat(follow_symlinks=False)
                    found.append((facts.st_mtime, facts.st_size, Path(entry.path)))
        total = 0
        for number, (_used, size, path) in enumerate(sorted(found, reverse=True)):
            total += size
            if number >= self._most_files or total > self._most_bytes:
                with contextlib.suppress(OSError):
                    path.unlink()

    def forget(self) -> None:
        """All of it."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
            self._folder.rmdir()


def key_of(prompt: str, *, model: str, scope: str, temperature: float | None) -> str:
    """model: what it is pointed at, not only its name. scope: the service and the account."""
    told = json.dumps([FORM, prompt, model, scope, temperature])
    return hashlib.sha256(told.encode()).hexdigest()
