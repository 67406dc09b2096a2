"""What a person is asked, and what comes on stdin in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

KEY_BYTES = 64 * 1024  # far above any key; a file given by mistake is not read whole


class Questions(Protocol):
    """Asks a person. Raises EOFError when there is no answer to come."""

    def ask(self, question: str) -> str: ...
    def ask_hidden(self, question: str) -> str: ...


class Person:
    """The one at the terminal. Questions go to stderr; what is typed as a key is not echoed."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def ask(self, question: str) -> str:
        line = self._terminal.ask(safe_line(question, 500))
        if not line:
            raise EOFError
        return line

    def ask_hidden(self, question: str) -> str:
        import getpass

        try:
            return getpass.getpass(safe_line(question, 500) + " ")
        except (EOFError, KeyboardInterrupt):
            self._terminal.write_stderr("\n")  # what is said next begins a line of its own
            raise


def answer(questions: Questions, question: str, default: str) -> str:
    """What is typed, or the default where Enter alone is. UsageError: nothing to come."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    return hear(lambda: questions.ask(shown)).strip() or default


def hear(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except EOFError as ended:
        raise UsageError(
            _("nothing was typed"), _("stackspot login --client-id ID --realm SLUG --key-stdin < key.txt")
        ) from ended


def key_from_stdin(terminal: Terminal) -> str:
    """Not yet checked. UsageError: stdin holds more than a key."""
    data = terminal.stdin.read(KEY_BYTES + 1) if terminal.stdin else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"  # no text, so no key: the check below says so without a piece of it in the error
    if len(data) > KEY_BYTES:
        raise UsageError(_("stdin holds more than a client key"), _("stackspot login --key-stdin < key.txt"))
    return text
