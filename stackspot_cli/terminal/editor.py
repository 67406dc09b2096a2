"""A text through the person's own editor: $VISUAL, else $EDITOR, else the platform's usual one.

Knows the variables and a private temporary file; refuses to know what the text is.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.translation import _


def edit(text: str, environ: Mapping[str, str], *, suffix: str = ".md") -> str:
    """The text as the editor left it. Errors: UsageError where there is no editor, LocalError where it failed.

    The editor has our terminal. Its file is 0600 and gone afterwards.
    """
    command = editor_command(environ)
    try:
        handle, name = tempfile.mkstemp(prefix="stackspot-", suffix=suffix)
    except OSError as error:
        raise LocalError(
            _("cannot write a file for the editor: {why}").format(why=error.strerror or error),
            _("free some space, or set TMPDIR to a folder of yours"),
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        _run([*command, name], environ)
        return _read(Path(name))
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The editor as words, at least one. UsageError: the variable cannot be read as a command."""
    usual = "notepad" if sys.platform == "win32" else "vi"
    wanted = environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip() or usual
    try:
        return shlex.split(wanted, posix=sys.platform != "win32")
    except ValueError as error:
        raise UsageError(
            _("the editor {command} has an open quote").format(command=repr(wanted)),
            _("set EDITOR to a command, for example: export EDITOR=nano"),
        ) from error


def _run(command: list[str], environ: Mapping[str, str]) -> None:
    # Ctrl-C reaches us as well, and is the editor's: a handler, for what is ignored stays ignored in a child.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        done = subprocess.run(command, check=False, env=dict(environ))  # noqa: S603  # the person's own command
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
            _("`/edit` opens it again"),
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(
            _("cannot read what the editor left: {why}").format(why=getattr(error, "strerror", "") or error),
            _("save the text as UTF-8, under the name that it was opened with"),
        ) from error
