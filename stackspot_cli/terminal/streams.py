"""The three streams and the facts about them: who reads, how wide, which encoding, whether colours are wanted.

stdout is the answer, stderr the conversation about it. Everything shown passes `safe_text` on its way; the
answer's own filters are `output`'s. Has a `fake()` twin, so that tests run the real code in a small world.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO

from stackspot_cli.errors import StackSpotError
from stackspot_cli.safe_text import safe_text
from stackspot_cli.terminal import descriptors
from stackspot_cli.terminal.build_log import LogCommandGuard, guarded, in_ci
from stackspot_cli.terminal.current_line import CurrentLine
from stackspot_cli.terminal.descriptors import StdinKind, cannot_write, is_terminal, write_all
from stackspot_cli.translation import _

FLUSH_BYTES = 64 * 1024


class Terminal:
    """The process's streams. stdout is written through a buffer that `flush` empties; None is a closed stream."""

    def __init__(
        self,
        stdin: BinaryIO | None,
        stdout: BinaryIO | None,
        stderr: BinaryIO | None,
        environ: Mapping[str, str],
        *,
        stdin_kind: StdinKind,
        stdout_is_terminal: bool,
        stderr_is_terminal: bool,
        encoding: str = "utf-8",
        stderr_encoding: str = "utf-8",
        size: tuple[int, int] | None = None,
    ) -> None:
        self.stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self.environ = environ
        self.stdin_kind = stdin_kind
        self.stdout_is_terminal = stdout_is_terminal
        self.stderr_is_terminal = stderr_is_terminal
        self.encoding = encoding
        self.stderr_encoding = stderr_encoding
        self._size = size
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._interrupted = False
        self._log_guard = LogCommandGuard() if in_ci(environ) else None
        self.no_color = False
        self._line = line = CurrentLine(lambda: descriptors.ours_alone(self._stdout, self._stderr))
        self.drawing, self.idle = line.drawing, line.idle
        self.progress, self.waiting = line.progress, line.waiting
        self._masks: list[Callable[[str], str]] = []
        self.reaching: Callable[[str], str] = str  # see `calling.reaching`

    @classmethod
    def of_process(cls, environ: Mapping[str, str]) -> Terminal:
        """The real one."""
        return cls(
            sys.stdin.buffer if sys.stdin is not None else None,
            sys.stdout.buffer if sys.stdout is not None else None,
            sys.stderr.buffer if sys.stderr is not None else None,
            environ,
            stdin_kind=descriptors.kind_of_stdin(),
            stdout_is_terminal=is_terminal(1, sys.stdout),
            stderr_is_terminal=is_terminal(2, sys.stderr),
            encoding=(sys.stdout.encoding if sys.stdout is not None else None) or "utf-8",
            stderr_encoding=(sys.stderr.encoding if sys.stderr is not None else None) or "utf-8",
        )

    @classmethod
    def fake(
        cls,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        *,
        stdin_kind: StdinKind | None = None,
        stdout_is_terminal: bool = False,
        stderr_is_terminal: bool = False,
        size: tuple[int, int] = (80, 24),
        encoding: str = "utf-8",
    ) -> Terminal:
        """One on memory; `out` and `err` give what was written."""
        return cls(
            io.BytesIO(stdin),
            io.BytesIO(),
            io.BytesIO(),
            environ or {},
            stdin_kind=stdin_kind or ("data" if stdin else "none"),
            stdout_is_terminal=stdout_is_terminal,
            stderr_is_terminal=stderr_is_terminal,
            size=size,
            encoding=encoding,
        )

    @property
    def out(self) -> str:
        assert isinstance(self._stdout, io.BytesIO), "only a fake remembers what was written"
        self.finish()
        return self._stdout.getvalue().decode(self.encoding)

    @property
    def err(self) -> str:
        assert isinstance(self._stderr, io.BytesIO), "only a fake remembers what was written"
        return self._stderr.getvalue().decode()

    # --- facts -------------------------------------------------------------------------------------

    @property
    def dumb(self) -> bool:
        """Whether the terminal obeys no orders: so it says, or nobody knows it (as Rich and prompt_toolkit see it)."""
        return self.environ.get("TERM", "") in ("dumb", "unknown")

    @property
    def color(self) -> bool:
        """Whether stdout may be coloured. NO_COLOR counts when it is not empty (no-color.org)."""
        return self.stdout_is_terminal and not (self.no_color or self.dumb or self.environ.get("NO_COLOR"))

    @property
    def stderr_color(self) -> bool:
        """The same of stderr."""
        return self.stderr_is_terminal and not (self.no_color or self.dumb or self.environ.get("NO_COLOR"))

    @property
    def is_unicode(self) -> bool:
        """Whether stdout can carry every character."""
        return self.encoding.lower().replace("-", "") == "utf8"

    def size(self) -> tuple[int, int]:
        """(columns, rows) that text is set to now: COLUMNS and LINES, else the window's."""
        columns, rows = self.window()
        if self._size is None:
            columns = _number(self.environ.get("COLUMNS")) or columns
            rows = _number(self.environ.get("LINES")) or rows
        return columns, rows

    def window(self) -> tuple[int, int]:
        """(columns, rows) of the window now, whatever the environment says; 80×24 where nobody knows."""
        if self._size is not None:
            return self._size
        try:
            columns, rows = os.get_terminal_size(1)
        except (OSError, ValueError):
            columns, rows = 0, 0
        return columns or 80, rows or 24

    def stderr_columns(self) -> int:
        """How wide the window is that shows stderr: whatever COLUMNS says, a longer line would not be one line."""
        if self._size is not None:
            return self._size[0]
        try:
            window = os.get_terminal_size(2).columns or 80
        except (OSError, ValueError):
            window = 80
        return min(window, _number(self.environ.get("COLUMNS")) or window)

    # --- stdout ------------------------------------------------------------------------------------

    def stdout_descriptor(self) -> int | None:
        """What another program may be lent as its own stdout."""
        return descriptors.descriptor_of(self._stdout)

    def write(self, text: str) -> None:
        """Adds to stdout's buffer; where a build service reads, nothing that it would obey. Raises as `flush`."""
        self.write_exactly(text if self._log_guard is None else self._log_guard.feed(text))

    def write_exactly(self, text: str) -> None:
        """The same for text that was asked for as it came."""
        data = text.encode(self.encoding, "backslashreplace")
        self._pending.append(data)
        self._pending_bytes += len(data)
        if self._pending_bytes >= FLUSH_BYTES:
            self.flush()

    def write_json(self, value: object, *, indent: int | None = 2) -> None:
        """An object for scripts; exact in every encoding. It stands there whatever comes next. Raises as `flush`."""
        from stackspot_cli.exact_json import dumps  # deferred: most calls print none

        self.write(dumps(value, ascii_only=not self.is_unicode, indent=indent) + "\n")
        self.flush()

    @property
    def is_build_log(self) -> bool:
        """Whether a build service reads what we write."""
        return self._log_guard is not None

    def finish(self) -> None:
        """Puts everything out: nothing more will be written. Raises as `flush`."""
        if self._log_guard is not None:
            self.write_exactly(self._log_guard.finish())
        self.flush()

    def flush(self) -> None:
        """Puts the buffer out. Raises BrokenPipeError, or LocalError where stdout cannot be written."""
        if not self._pending:
            return
        data = b"".join(self._pending)
        self._pending.clear()
        self._pending_bytes = 0
        if self._stdout is None:
            raise cannot_write(_("it is closed"))
        try:
            write_all(self._stdout, data, patient=not self._interrupted)
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise cannot_write(why) from error
        except BaseException:
            self.hurry()  # a signal found us waiting for a reader
            raise

    def hurry(self) -> None:
        """A signal ends what is written: tidying up does not wait for a reader that takes nothing."""
        self._interrupted = True

    def resume(self) -> None:
        """The signal ended an answer and not the program: stdout is written again."""
        self._interrupted = False

    def abandon(self) -> None:
        """Nobody reads stdout any more: whatever is left in buffers must not complain at the end."""
        self._pending.clear()
        self._pending_bytes = 0
        self._stdout = None
        with contextlib.suppress(OSError, ValueError):
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, 1)
            os.close(devnull)

    # --- stderr ------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """One line on stderr, made safe. A stderr that cannot be written loses it: the answer matters more."""
        for mask in self._masks:
            text = mask(text)
        text = safe_text(text)
        with self._line.lock:
            self._line.clear()
            self.write_stderr(f"{text if self._log_guard is None else guarded(text)}\n")

    def hide(self, mask: Callable[[str], str]) -> None:
        """From now on every line on stderr passes this, too: it puts dots in the place of secrets."""
        self._masks.append(mask)

    def tell(self, text: str) -> None:
        """As `say`, sentences, in lines that fit a terminal."""
        if self.stderr_is_terminal:
            from stackspot_cli.terminal.table import width  # deferred: most calls say nothing

            if max(map(width, text.split("\n"))) > (columns := self.stderr_columns()):
                from stackspot_cli.terminal.sentences import fitting  # deferred: a short one needs no Rich

                text = fitting(safe_text(text), columns)
        self.say(text)

    def note(self, text: str) -> None:
        self.tell(f"note: {self.reaching(text)}")

    def error(self, error: StackSpotError) -> None:
        """`error: what happened`, then `hint: what to do`."""
        self.tell(f"error: {_one_line(error.message)}")
        if error.hint:
            self.tell(f"hint: {_one_line(self.reaching(error.hint))}")

    def ask(self, question: str) -> str:
        """Asks on stderr, for stdout is no place for questions, and reads a line of stdin; empty where it has ended."""
        self.write_stderr(f"{safe_text(question)} ")
        line = b""
        try:
            line = self.stdin.readline() if self.stdin is not None else b""
        finally:
            if not line:  # nobody pressed Enter: what is said next begins a line of its own
                self.write_stderr("\n")
        return line.decode(errors="replace")

    def confirm(self, question: str) -> bool:
        """No is the default."""
        answer = self.ask(f"{question} {_('[y/N]')}") if self.stdin is not None else ""
        return answer.strip().lower() in ("y", "yes", "s", "sim")

    def write_stderr(self, text: str) -> None:
        """Text that is already safe, or ours: the spinner's moves, a progress bar."""
        if self._stderr is None:
            return
        try:
            self._stderr.write(text.encode(self.stderr_encoding, "backslashreplace"))
            self._stderr.flush()
        except (OSError, ValueError):
            self._stderr = None


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and 0 < int(text) < 100_000 else None
