"""What a person sees while parts are looked at: a line for each file that is done, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stackspot_cli.app import App
from stackspot_cli.domain import Progress
from stackspot_cli.listener import Waiting
from stackspot_cli.review.gathering import Gathering
from stackspot_cli.review.report import clean
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.progress import ProgressLine
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

LONGEST_NAME = 200


class Drawn:
    """The line at the bottom; those of the files go above it, on a terminal only."""

    def __init__(self, terminal: Terminal, line: ProgressLine, gathering: Gathering) -> None:
        self._terminal = terminal
        self._line = line
        self._gathering = gathering
        self._said: set[str] = set()

    def tick(self) -> float | None:
        done, count = self._gathering.done, len(self._gathering.parts)
        self._line.show(_("parts looked at: {done} of {count}").format(done=done, count=count), done / count)
        return self._line.tick()

    @property
    def draws(self) -> bool:
        return self._line.draws

    def clear(self) -> None:
        self._line.clear()

    def leave(self) -> str:
        return self._line.leave()

    def progress(self, progress: Progress) -> None:
        """Of one quick command among several: nobody could tell which."""

    def waiting(self, waiting: Waiting) -> bool:
        return self._line.waiting(waiting)

    def done(self, path: str) -> None:
        """A part of this file is; the file has its line when all of them are."""
        looked = self._gathering.of_file(path)
        if looked is None or path in self._said or not self._terminal.stderr_is_terminal:
            return
        self._said.add(path)
        name = safe_line(clean(path), LONGEST_NAME)
        error = next((one.error for one in looked if one.error is not None), None)
        if error is not None:
            told = _("{file}: not looked at: {why}").format(file=name, why=error.message)
        else:
            told = _("{file}: findings: {count}").format(file=name, count=self._gathering.count(path))
            if all(one.remembered for one in looked):
                told = _("{told} (remembered)").format(told=told)
        self._terminal.say(told)


@contextmanager
def drawn(app: App, gathering: Gathering) -> Iterator[Drawn]:
    """Stands on the terminal while the body runs."""
    line = ProgressLine.of(app.terminal, app.now)
    drawing = Drawn(app.terminal, line, gathering)
    with app.terminal.drawing(drawing):
        try:
            for path in dict.fromkeys(part.path for part in gathering.parts):
                drawing.done(path)
            yield drawing
        finally:
            line.stop()
