"""A keyring back-end of others in a process of its own, which can be ended: it may ask on the terminal, and no more.

Run as a module it is that process: a question a line on stdin, an answer a line on stdout. What the back-end itself
prints goes nowhere, what it reads from stdin is nothing, and a terminal that it left without echo is put right
afterwards. Refuses to know what is kept in a keyring.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator


class KeyringChild:
    """The chosen back-end, in a process that is started by the first question. name: what keyring calls it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._left = False

    def get_password(self, service: str, username: str, /) -> str | None:
        found = self._asked("get_password", service, username)
        return found if isinstance(found, str) else None

    def set_password(self, service: str, username: str, password: str, /) -> None:
        self._asked("set_password", service, username, password)

    def delete_password(self, service: str, username: str, /) -> None:
        self._asked("delete_password", service, username)

    def leave(self) -> None:
        """Nobody waits any more: ends the process, whatever it is doing."""
        with self._lock:
            self._left = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _asked(self, *question: str) -> object:
        with _terminal_as_it_was():
            process = self._running()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(json.dumps(question).encode() + b"\n")
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
            except (OSError, ValueError):
                raise KeyringChildEnded from None  # a JSON error carries the document
        if "failed" in answer:
            raise KeyringChildFailed(answer["failed"])
        return answer["found"]

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._left:
                raise KeyringChildEnded
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603  # this very Python, this very file
                    # -P: a file `keyring.py` in the working directory is not the keyring.
                    [sys.executable, "-P", "-m", __name__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
                weakref.finalize(self, _end, self._process)
            return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nobody can ask any more."""
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.kill()
    process.wait()


class KeyringChildFailed(Exception):
    """names: of the exception there, and of what it is a kind of. Its text stays there: it may quote a secret."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(*names[:1])
        self.names = names


class KeyringChildEnded(Exception):
    """Its process ended without an answer."""


@contextlib.contextmanager
def _terminal_as_it_was() -> Iterator[None]:
    """The modes of the controlling terminal, put back where somebody changed them."""
    try:
        import termios

        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except (ImportError, OSError):
        yield
        return
    try:
        modes = termios.tcgetattr(terminal)
        try:
            yield
        finally:
            if termios.tcgetattr(terminal) != modes:
                termios.tcsetattr(terminal, termios.TCSANOW, modes)
    finally:
        os.close(terminal)


def main() -> None:
    """Questions and answers on what were stdin and stdout: from then on these are empty, and nowhere."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    for line in questions:
        answers.write(json.dumps(_answer(*json.loads(line))).encode() + b"\n")
        answers.flush()


def _answer(method: str, *arguments: str) -> dict[str, object]:
    try:
        import keyring

        found = getattr(keyring.get_keyring(), method)(*arguments)
    except BaseException as problem:  # noqa: BLE001  # whatever it raises is told by its names
        return {"failed": [kind.__name__ for kind in type(problem).__mro__]}
    return {"found": found if isinstance(found, str) else None}


if __name__ == "__main__":
    main()
