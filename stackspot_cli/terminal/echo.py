"""What the keyboard writes into a picture: each key, and `^C`, where the cursor is. Not while something is drawn there.

Knows termios and Ctrl-Z; refuses to know what is drawn. What is typed meanwhile is not lost: who reads next has it.
On Windows there is nothing to do.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def undisturbed(descriptor: int, leave: Callable[[], str]) -> Iterator[None]:
    """Nothing is echoed while the body runs. On Ctrl-Z the shell gets the terminal as it was, and a fresh line.

    descriptor: of the terminal; of anything else nothing is changed. leave: gives what takes the cursor to the fresh
    line, ASCII, and forgets what is drawn: others will write there.
    """
    before = _echoes(descriptor)
    if before is None:
        yield
        return

    def echo(wanted: bool) -> None:
        if before:
            _echo(descriptor, wanted)

    def stop(_number: int, _frame: object) -> None:
        with contextlib.suppress(OSError):  # not by a buffer: we may have been called out of the midst of it
            os.write(descriptor, leave().encode("ascii"))
        echo(True)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # here we stand still, until `fg`
        signal.signal(signal.SIGTSTP, stop)
        echo(False)

    try:
        with contextlib.suppress(ValueError):  # a thread other than the first takes no signals
            if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
                signal.signal(signal.SIGTSTP, stop)
        echo(False)
        yield
    finally:
        try:
            echo(True)
        except BaseException:  # a signal came just then, and the terminal outlives us
            echo(True)
            raise
        if signal.getsignal(signal.SIGTSTP) is stop:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)


def _echoes(descriptor: int) -> bool | None:
    """None: it is no terminal."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error, OSError):
            return bool(termios.tcgetattr(descriptor)[3] & termios.ECHO)
    return None


def _echo(descriptor: int, wanted: bool) -> None:
    """Only of the foreground: the terminal stops another process that changes its modes."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error, OSError):
            if os.tcgetpgrp(descriptor) == os.getpgrp():
                modes = termios.tcgetattr(descriptor)
                modes[3] = modes[3] | termios.ECHO if wanted else modes[3] & ~termios.ECHO
                termios.tcsetattr(descriptor, termios.TCSANOW, modes)
