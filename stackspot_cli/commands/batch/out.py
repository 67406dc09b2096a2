"""OUT as it was asked for: a file that is gone on with, or stdout."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from stackspot_cli.app import App
from stackspot_cli.batch.ids import Ids
from stackspot_cli.batch.record import Record
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.terminal.streams import Terminal


class Out(Protocol):
    """Where answers go. answered: what needs not be asked. failed: lines there that are no answers."""

    answered: Ids
    failed: int

    def write(self, line: str) -> None: ...


class Stdout:
    """Each line as it is done; nothing to go on with."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = threading.Lock()
        self.answered = Ids()
        self.failed = 0

    def write(self, line: str) -> None:
        with self._lock:
            self._terminal.write(line + "\n")
            self._terminal.flush()


Opened: TypeAlias = "AbstractContextManager[Record] | AbstractContextManager[Stdout]"


def open_out(app: App, output: str, *, resume: bool, retry_failed: bool) -> Opened:
    """Raises UsageError, OutputUnwritable."""
    if output == "-":
        return nullcontext(Stdout(app.terminal))
    record = Record(Path(output), resume=resume or retry_failed, retry_failed=retry_failed)
    if record.torn:
        app.terminal.note(_("the last line of {path} was not whole: it is asked again").format(path=output))
    return record
