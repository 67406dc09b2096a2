"""The terminal's modes while a chat runs, so that no key is echoed into an answer and none is lost.

    with Keyboard() as keyboard:
        with keyboard.lent(): ...                        # an editor gets the terminal as it was before

Knows termios; refuses to know what keys mean. Between two prompts the terminal neither echoes nor turns Enter
into a newline, Ctrl-C stays a signal, and a paste keeps its brackets: what is typed while an answer comes is
there at the next prompt, as it was typed. A shell that had us stopped (Ctrl-Z, `fg`) has set modes of its own:
ours come back with SIGCONT. On Windows there is nothing to do.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, Self

PASTE_ON, PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"


class Keyboard:
    """descriptor: of the terminal that is typed on. write: to the terminal that shows.

    early: what was typed before we listened, Enter as a carriage return. Emptied by whoever takes it.
    """

    def __init__(self, write: Callable[[str], None], descriptor: int = 0) -> None:
        self.early = b""
        self._write = write
        self._descriptor = descriptor
        self._before: list[Any] | None = None
        self._lent = False
        self._on_continue: Any = None

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            import termios

            with contextlib.suppress(termios.error):
                self._before = termios.tcgetattr(self._descriptor)
            self._on_continue = signal.signal(signal.SIGCONT, lambda _number, _frame: self._set_modes())
        self._quiet()
        self.early = self._typed_early()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._restore()
        if sys.platform != "win32":
            signal.signal(signal.SIGCONT, self._on_continue)

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """The terminal as it was before us, for another program."""
        self._restore()
        self._lent = True
        try:
            yield
        finally:
            self._lent = False
            self._quiet()

    def _quiet(self) -> None:
        self._write(PASTE_ON)
        self._set_modes()

    def _set_modes(self) -> None:
        if self._lent:
            return
        if sys.platform != "win32" and self._before is not None:
            import termios

            quiet = termios.tcgetattr(self._descriptor)
            quiet[0] &= ~(termios.ICRNL | termios.INLCR)
            quiet[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON)
            quiet[6] = [*quiet[6]]
            quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
            with contextlib.suppress(termios.error):  # the terminal has gone: reading will tell
                termios.tcsetattr(self._descriptor, termios.TCSANOW, quiet)

    def _restore(self) -> None:
        self._write(PASTE_OFF)
        if sys.platform != "win32" and self._before is not None:
            import termios

            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

    def _typed_early(self) -> bytes:
        """The line discipline has turned these Enters into newlines, and a Ctrl-D into NUL (Linux, n_tty)."""
        if self._before is None:
            return b""
        typed = b""
        with contextlib.suppress(OSError):
            while select.select([self._descriptor], [], [], 0)[0]:
                more = os.read(self._descriptor, 4096)
                if not more:
                    break
                typed += more
        return typed.replace(b"\n", b"\r").replace(b"\0", b"\x04")
