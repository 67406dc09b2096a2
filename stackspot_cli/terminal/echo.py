"""What the keyboard writes into a picture: `^C` where the cursor is. Not while something is drawn there.

Knows termios and Ctrl-Z; refuses to know what is drawn. On Windows there is nothing to do.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def undisturbed(descriptor: int, returned: Callable[[], object]) -> Iterator[None]:
    """Control characters are not echoed while the body runs. The shell gets the terminal as it was on Ctrl-Z, and
    `returned` is called when we have it again: others have written there.

    descriptor: of the terminal; of anything else nothing is changed.
    """
    before = _shows_controls(descriptor)
    if before is None:
        yield
        return

    def show_controls(shown: bool) -> None:
        if before:
            _show_controls(descriptor, shown)

    def stop(_number: int, _frame: object) -> None:
        show_controls(True)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # here we stand still, until `fg`
        signal.signal(signal.SIGTSTP, stop)
        show_controls(False)
        returned()

    with contextlib.suppress(ValueError):  # a thread other than the first takes no signals
        if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
            signal.signal(signal.SIGTSTP, stop)
    show_controls(False)
    try:
        yield
    finally:
        show_controls(True)
        if signal.getsignal(signal.SIGTSTP) is stop:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)


def _shows_controls(descriptor: int) -> bool | None:
    """Not where nothing is echoed anyway. None: it is no terminal, or one that has no such mode."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error, OSError):
            modes = termios.tcgetattr(descriptor)[3]
            return bool(modes & termios.ECHOCTL and modes & termios.ECHO)
    return None


def _show_controls(descriptor: int, shown: bool) -> None:
    """Only of the foreground: the terminal stops another process that changes its modes."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error, OSError):
            if os.tcgetpgrp(descriptor) == os.getpgrp():
                modes = termios.tcgetattr(descriptor)
                modes[3] = modes[3] | termios.ECHOCTL if shown else modes[3] & ~termios.ECHOCTL
                termios.tcsetattr(descriptor, termios.TCSANOW, modes)
