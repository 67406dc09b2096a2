"""No key in the picture: on a terminal of one's own, in a process of one's own."""

from __future__ import annotations

import os
import signal
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
with undisturbed(0, str):
    found += [echoes(), signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL]
found += [echoes(), signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL]
try:
    with undisturbed(0, str):
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
        with undisturbed(theirs, str):
            assert termios.tcgetattr(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)


def test_what_is_no_terminal_is_no_trouble() -> None:
    reading, writing = os.pipe()
    try:
        with undisturbed(writing, str):
            pass
    finally:
        os.close(reading)
        os.close(writing)


STOPS = """
import os, signal
from stackspot_cli.terminal.echo import undisturbed
said = iter(["one\\n", "", "three\\n"])
with undisturbed(0, lambda: next(said)):
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGTSTP)
    os.write(2, repr(signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL).encode())
"""


def test_each_stop_leaves_a_fresh_line_first() -> None:
    ours, theirs = os.openpty()
    try:
        with (
            subprocess.Popen(  # in a group of its own, whose parent is in another: else nothing would be stopped
                [sys.executable, "-c", STOPS],
                stdin=theirs,
                stdout=theirs,
                stderr=subprocess.PIPE,
                process_group=0,
            ) as process
        ):
            for _stop in range(3):
                _pid, status = os.waitpid(process.pid, os.WUNTRACED)
                assert os.WIFSTOPPED(status)
                process.send_signal(signal.SIGCONT)
            assert process.stderr is not None
            assert (process.stderr.read(), process.wait()) == (b"False", 0)
        seen = b""
        while not seen.endswith(b"three\r\n"):  # a terminal gives what it has, be it less than was written
            seen += os.read(ours, 100)
        assert seen == b"one\r\nthree\r\n"
    finally:
        os.close(ours)
        os.close(theirs)
