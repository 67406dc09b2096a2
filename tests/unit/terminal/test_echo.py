"""No key in the picture: on a terminal of one's own, in a process of one's own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stackspot_cli.terminal.echo import undisturbed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode")

SCRIPT = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from stackspot_cli.terminal.echo import undisturbed
def echoes():
    return bool(termios.tcgetattr(0)[3] & termios.ECHO)
found = [echoes()]
with undisturbed(0, lambda: None):
    found += [echoes(), signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL]
found += [echoes(), signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL]
try:
    with undisturbed(0, lambda: None):
        raise KeyboardInterrupt
except KeyboardInterrupt:
    found.append(echoes())
os.write(2, repr(found).encode())
"""


def test_nothing_is_echoed_in_the_body_and_all_is_afterwards() -> None:
    ours, theirs = os.openpty()
    try:
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            start_new_session=True,
            check=True,
            timeout=30,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert run.stderr == b"[True, False, False, True, True, True]"


def test_a_terminal_of_somebody_else_is_left_alone() -> None:
    import termios

    ours, theirs = os.openpty()
    try:
        before = termios.tcgetattr(theirs)
        with undisturbed(theirs, lambda: None):
            assert termios.tcgetattr(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)


def test_what_is_no_terminal_is_no_trouble() -> None:
    reading, writing = os.pipe()
    try:
        with undisturbed(writing, lambda: None):
            pass
    finally:
        os.close(reading)
        os.close(writing)
