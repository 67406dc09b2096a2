"""The private file as a store of credentials, made by `login --insecure-storage` alone.

Knows one JSON file, 0600, of all profiles; it is in the data folder, not beside the config file, because
people put their config folders under version control.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from stackspot_cli.auth import file_locks
from stackspot_cli.auth.stores import Entry, Pair, StoreName, StoreUnavailable, from_json, to_json
from stackspot_cli.errors import LocalError
from stackspot_cli.files import ownership, plain_files, private_files
from stackspot_cli.translation import _

FILE_NAME = "credentials.json"
MAX_BYTES = 1024 * 1024
LOCK_SECONDS = 10.0


class PrivateFileStore:
    """path: of the file; neither it nor its folder is made before something is stored.

    note: told, once, that others can read a file that holds what was asked for.
    """

    name: StoreName = "file"

    def __init__(self, path: Path, note: Callable[[str], None] = lambda _text: None) -> None:
        self.path = path
        self._note: Callable[[str], None] | None = note

    def get(self, profile: str) -> Entry | None:
        entry = self._entry(profile)
        if entry is not None and self._note is not None and private_files.others_can_read(self.path):
            import shlex  # deferred: only a mistake needs it

            command = shlex.join(["chmod", "600", str(self.path)])
            self._note(
                _("others can read the private file {path}: type `{command}`").format(
                    path=self.path, command=command
                )
            )
            self._note = None
        return entry

    def _entry(self, profile: str) -> Entry | None:
        return from_json(self._read().get(profile), _("private file {path}").format(path=self.path))

    def set(self, profile: str, pair: Pair) -> None:
        private_files.make_folder(self.path.parent)
        with self._locked():
            self._write(self._read() | {profile: to_json(pair)})
            if self._read().get(profile) != to_json(pair):
                raise LocalError(_("{path} does not hold what was written to it").format(path=self.path))

    def delete(self, profile: str) -> bool:
        if not private_files.is_there(self.path):
            return False
        with self._locked():
            profiles = self._read()
            if profile not in profiles:
                return False
            del profiles[profile]
            if profiles:
                self._write(profiles)
            else:
                self.path.unlink(missing_ok=True)
        return True

    def describe(self) -> str:
        return _("private file {path}").format(path=self.path)

    def profiles(self) -> tuple[str, ...]:
        """The profiles that have an entry. Errors: StoreUnavailable."""
        return tuple(self._read())

    def _read(self) -> dict[str, object]:
        """Raises StoreUnavailable, also where somebody else may have written the file: it says who we are."""
        doubt = ownership.doubt_of_what_is_there(self.path)
        if doubt is not None:
            raise StoreUnavailable(
                _("the private file {path} is not used: {why}").format(path=self.path, why=doubt.why),
                doubt.remedy,
                remedy=doubt.remedy,
            )
        try:
            content = plain_files.read(self.path, MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as problem:
            raise StoreUnavailable(
                _("cannot read {path}: {why}").format(path=self.path, why=problem.strerror or problem),
                _("make the file yours, or delete it and type `stackspot login` again"),
                remedy=_("make the file yours, or delete it"),
            ) from problem
        try:
            profiles = json.loads(content)["profiles"] if len(content) <= MAX_BYTES else None
        except (ValueError, KeyError, TypeError, RecursionError):
            profiles = None  # not chained below: a JSON error carries the document, and with it the keys
        if not isinstance(profiles, dict):
            import shlex

            command = shlex.join(["del" if os.name == "nt" else "rm", str(self.path)])
            raise StoreUnavailable(
                _("the private file {path} is damaged").format(path=self.path),
                _("delete it by `{command}`, then type `stackspot login --insecure-storage` again").format(
                    command=command
                ),
                remedy=_("delete it by `{command}`").format(command=command),
            )
        return profiles

    def _write(self, profiles: dict[str, object]) -> None:
        text = json.dumps({"version": 1, "profiles": profiles}, ensure_ascii=False, indent=2)
        private_files.write(self.path, text.encode() + b"\n")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Two logins at once change two profiles, and neither loses the other's."""
        try:
            with file_locks.held(self.path, LOCK_SECONDS):
                yield
        except (TimeoutError, OSError) as problem:
            raise LocalError(
                _("cannot write {path}: another program holds it").format(path=self.path)
                if isinstance(problem, TimeoutError)
                else _("cannot write {path}: {why}").format(path=self.path, why=problem.strerror or problem),
                _("try again; `stackspot status` shows where things are kept"),
            ) from problem
