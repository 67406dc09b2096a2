"""The lines typed into a chat, for the next time: a file for each account, private, bounded.

    history = InputHistory(data_dir / file_name(account), note=print)
    history.load(); history.add("What breaks?")

Knows the file, and that lines go with what was said; refuses to know keys. A line that starts with a space is never
written. Nothing is created by reading. A file that cannot be written costs one note.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path

from stackspot_cli.account import Account, digest
from stackspot_cli.errors import LocalError
from stackspot_cli.files import ownership, plain_files, private_files
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

FILE_NAME = "input-history"  # with the account's digest: what was typed to one is not offered to another
KEPT = 10_000
SLACK = 1_000  # so many more may stand in the file before it is written anew
LONGEST = 64 * 1024  # characters of one input: a pasted log is not worth keeping twice
TELLING = 4  # characters: what a command was given, and is shorter, stands in any text
FILE_BYTES = 32 * 1024 * 1024


def file_name(account: Account) -> str:
    return f"{FILE_NAME}-{digest(account)}"


class InputHistory:
    """path: None keeps the lines of this process in memory alone."""

    def __init__(self, path: Path | None, *, note: Callable[[str], None]) -> None:
        self._path = path
        self._note = note
        self._last: str | None = None

    def load(self) -> list[str]:
        """The newest inputs, oldest first. What cannot be read counts as nothing."""
        lines = self._lines()
        if len(lines) > KEPT + SLACK:
            self._rewrite(lines[-KEPT:])
        found = [text for text in map(_parsed, lines[-KEPT:]) if text is not None]
        self._last = found[-1] if found else None
        return found

    def add(self, text: str) -> None:
        """Adds an input, unless it starts with a space, is the same as the one before, or is very long."""
        if self._path is None or not worth_keeping(text) or text == self._last:
            return
        self._last = text
        line = json.dumps(text).encode() + b"\n"
        try:
            private_files.make_folder(self._path.parent)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            # Nothing is written through a link, and no pipe is waited for.
            flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            descriptor = os.open(self._path, flags, 0o600)
            try:
                if hasattr(os, "fchmod"):  # whatever the umask, and whatever somebody did to the file
                    os.fchmod(descriptor, 0o600)
                os.write(descriptor, line)  # one write: two chats do not mix their lines
            finally:
                os.close(descriptor)
        except (OSError, LocalError) as error:
            self._give_up(error)

    def _lines(self) -> list[bytes]:
        if self._path is None:
            return []
        doubt = ownership.doubt(self._path)
        if doubt is not None:
            self._give_up(LocalError(doubt.why))
            return []
        try:
            return plain_files.read(self._path, FILE_BYTES).splitlines()
        except OSError:
            return []

    def _rewrite(self, lines: list[bytes]) -> None:
        assert self._path is not None, "lines come from a file"
        try:
            private_files.write(self._path, b"\n".join(lines) + b"\n")
        except LocalError as error:
            self._give_up(error)

    def _give_up(self, error: OSError | LocalError) -> None:
        why = error.message if isinstance(error, LocalError) else error.strerror or str(error)
        self._note(_("the lines that you type are not kept: {why}").format(why=why))
        self._path = None


@dataclass(frozen=True, slots=True)
class TypedLines:
    """What was typed into chats, of every account. folder: where the files lie."""

    folder: Path

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob(f"{FILE_NAME}*") if not path.is_dir())

    def forget_all(self) -> None:
        """Raises LocalError."""
        try:
            for path in self.files:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _cannot_forget(path, error) from error

    def forget(self, said: Collection[str]) -> None:
        """Those that were said in these prompts and system prompts. Raises LocalError."""
        for path in self.files:
            try:
                lines = plain_files.read(path, FILE_BYTES).splitlines()
                left = [line for line in lines if not _was_said(_parsed(line) or "", said)]
                if not left:
                    path.unlink(missing_ok=True)
                elif left != lines:
                    private_files.write(path, b"\n".join(left) + b"\n")
            except OSError as error:
                raise _cannot_forget(path, error) from error


def _was_said(line: str, said: Collection[str]) -> bool:
    """A message begins as it was typed, files follow it. What a command was given may stand anywhere."""
    typed = line.strip()
    words = typed.partition(" ")[2].strip() if typed.startswith("/") and not typed.startswith("//") else ""
    typed = typed[1:] if typed.startswith("//") else typed
    return any(
        (typed and text.strip().startswith(typed)) or (len(words) >= TELLING and words in text)
        for text in said
    )


def _cannot_forget(path: Path, error: OSError) -> LocalError:
    return LocalError(
        _("the lines that were typed are still in {path}: {why}").format(
            path=path, why=error.strerror or error
        ),
        _("remove that file"),
    )


def worth_keeping(text: str) -> bool:
    return bool(text.strip()) and not text.startswith(" ") and len(text) <= LONGEST


def _parsed(line: bytes) -> str | None:
    try:
        text = json.loads(line)
    except ValueError:
        return None
    return text if isinstance(text, str) and worth_keeping(text) else None
