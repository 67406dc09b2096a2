"""A text that is taller than the window, through the person's pager: $PAGER, else `less`.

Knows the variables, the window and one child process; refuses to know what the text is. In a pipe, or where the text
fits, nothing is started: the text goes out as everything does. A pager that is not there or that is left early is no
failure: the text was there to be read.
"""

from __future__ import annotations

import contextlib
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import width
from stackspot_cli.translation import _

USUAL: Final = "less"
# As git and gh start it: it ends where all fits, shows colours, and leaves the text in the scrollback.
USUAL_OPTIONS: Final = {"LESS": "FRX", "LV": "-c"}
_NOT_RUN: Final = (
    126,
    127,
)  # what `env`, `sh` and the like end with where the pager that they name cannot be run
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


def put(terminal: Terminal, text: str) -> None:
    """text: safe already, or ours. Raises as `Terminal.write`."""
    if not (lends_itself(terminal) and taller_than_window(terminal, text) and _paged(terminal, text)):
        terminal.write(text)


def lends_itself(terminal: Terminal) -> bool:
    """Whether there is a window that another program may have."""
    has_window = terminal.stdout_is_terminal and not terminal.dumb
    return has_window and not terminal.is_build_log and terminal.stdout_descriptor() is not None


def taller_than_window(terminal: Terminal, text: str) -> bool:
    """Whether its beginning would be out of sight."""
    columns, rows = terminal.window()
    lines = _COLOURS.sub("", text).removesuffix("\n").split("\n")
    # One row is the shell's, for its next prompt.
    return sum(max(1, -(-width(line) // max(1, columns))) for line in lines) >= rows


def pager_command(environ: Mapping[str, str], note: Callable[[str], object]) -> list[str] | None:
    """The pager as words; None where there is none, or none is wanted. note: told where PAGER names none."""
    import shlex  # deferred, as all of it: most texts fit
    import shutil

    path, named = environ.get("PATH"), environ.get("PAGER")
    if named is None:
        return [USUAL] if sys.platform != "win32" and shutil.which(USUAL, path=path) else None
    try:
        command = shlex.split(named, posix=sys.platform != "win32")
    except ValueError:  # an open quote
        command = [named]
    if command in ([], ["cat"]):
        return None
    if shutil.which(command[0], path=path) is None:
        note(_("there is no pager {name}: correct PAGER, or unset it").format(name=safe_line(named, 200)))
        return None
    return command


def _paged(terminal: Terminal, text: str) -> bool:
    """Whether a pager had the text; it has our terminal until it ends."""
    import subprocess

    command = pager_command(terminal.environ, terminal.note)
    if command is None:
        return False

    terminal.flush()
    try:
        with _left_alone_by_ctrl_c():
            process = subprocess.Popen(  # noqa: S603  # the person's own command
                command,
                stdin=subprocess.PIPE,
                stdout=terminal.stdout_descriptor(),
                env=_surroundings(terminal.environ),
            )
            try:
                process.communicate(text.encode(terminal.encoding, "backslashreplace"))
            except BaseException:  # SIGTERM: nobody waits for a person any more
                process.terminate()
                process.wait()
                raise
    except OSError:
        return False
    return process.returncode not in _NOT_RUN


def _surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    from stackspot_cli.redaction import without_secrets

    return {**USUAL_OPTIONS, **without_secrets(environ)}


@contextlib.contextmanager
def _left_alone_by_ctrl_c() -> Iterator[None]:
    """It reaches us as well, and is the pager's: a handler, for what is ignored stays ignored in a child."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
