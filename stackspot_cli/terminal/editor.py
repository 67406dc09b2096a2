"""A text through the person's own editor: $VISUAL, else $EDITOR, else the platform's usual one.

    with Draft("what I know so far", environ, suffix=".md") as draft:
        text = draft.edit()                              # as often as need be

Knows the variables and a private temporary file; refuses to know what the text is.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from stackspot_cli.errors import ConfigError, LocalError, UsageError
from stackspot_cli.redaction import without_secrets
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _


class Draft:
    """A file for the editor, 0600 and gone at the end, unless `keep` was called.

    text: as it was at first. Errors: UsageError where there is no editor, LocalError.
    """

    def __init__(self, text: str, environ: Mapping[str, str], *, suffix: str = ".md") -> None:
        self.text = text
        self._environ = environ
        self._command = editor_command(environ)
        try:
            handle, name = tempfile.mkstemp(prefix="stackspot-", suffix=suffix)
        except OSError as error:
            raise LocalError(
                _("cannot write a file for the editor: {why}").format(why=error.strerror or error),
                _("free some space, or set TMPDIR to a folder of yours"),
            ) from error
        self._path = Path(name)
        self._kept = False
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "replace"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._kept:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def edit(self) -> str:
        """The text as the editor leaves it. It has our terminal. LocalError: it failed, or left no text."""
        _run([*self._command, str(self._path)], self._environ)
        try:
            return self._path.read_bytes().decode("utf-8").removeprefix("\ufeff")
        except (OSError, UnicodeDecodeError) as error:
            raise LocalError(
                _("cannot read what the editor left: {why}").format(
                    why=getattr(error, "strerror", "") or error
                ),
                _("save the text as UTF-8, under the name that it was opened with"),
            ) from error

    def keep(self) -> Path:
        """The file, which then outlasts us: what was written must not be lost."""
        self._kept = True
        return self._path


def edited(draft: Draft, path: Path, check: Callable[[str], object], terminal: Terminal) -> str:
    """A text for this file that can be read, or the one there was. What is not mended is kept beside.

    check: raises ConfigError for a text that cannot be read.
    """
    while True:
        text = draft.edit()
        if text == draft.text:
            return text
        try:
            check(text)
        except ConfigError as problem:
            if _wants_to_mend(terminal, problem):
                continue
            raise ConfigError(
                _("{problem}; {path} is as it was").format(problem=problem.message, path=path),
                _("your text is kept in {draft}").format(draft=draft.keep()),
            ) from problem
        return text


def _wants_to_mend(terminal: Terminal, problem: ConfigError) -> bool:
    """A person is asked; a script is not."""
    if terminal.stdin_kind != "terminal" or terminal.stdin is None:
        return False
    terminal.tell(f"error: {problem.message}")
    answer = terminal.ask(_("edit again? [Y/n]"))
    return bool(answer) and not answer.strip().lower().startswith("n")


def refuse_without_terminal(terminal: Terminal, hint: str) -> None:
    """The usual editor would wait for keys that nobody can type. One that a script names may need none."""
    if terminal.environ.get("VISUAL") or terminal.environ.get("EDITOR"):
        return
    if terminal.stdin_kind != "terminal" or not terminal.stdout_is_terminal:
        raise UsageError(_("there is no terminal for an editor"), hint)


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The editor as words, at least one. UsageError: no command can be read from the variable, or it is not there."""
    usual = "notepad" if sys.platform == "win32" else "vi"
    named = environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip() or usual
    hint = _("set EDITOR to a command, for example: export EDITOR=nano")
    try:
        command = shlex.split(named, posix=sys.platform != "win32")
    except ValueError as error:
        raise UsageError(
            _("the editor {command} has an open quote").format(command=repr(named)), hint
        ) from error
    if shutil.which(command[0], path=environ.get("PATH")) is None:
        raise UsageError(_("there is no editor {name}").format(name=named), hint)
    return command


def _run(command: list[str], environ: Mapping[str, str]) -> None:
    # Ctrl-C reaches us as well, and is the editor's: a handler, for what is ignored stays ignored in a child.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        done = subprocess.run(command, check=False, env=without_secrets(environ))  # noqa: S603  # the person's own command
    except OSError as error:
        raise UsageError(
            _("cannot start the editor {command}: {why}").format(
                command=command[0], why=error.strerror or error
            ),
            _("set EDITOR to a command, for example: export EDITOR=nano"),
        ) from error
    finally:
        signal.signal(signal.SIGINT, before)
    if done.returncode != 0:
        raise LocalError(
            _("the editor {command} ended with {code}, so its text is not taken").format(
                command=command[0], code=done.returncode
            ),
            _("save the text and leave the editor as usual"),
        )
