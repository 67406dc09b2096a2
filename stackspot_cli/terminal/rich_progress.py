"""A spinner, a bar and the time that is left, drawn by Rich on one line.

Knows how far something is and how the line looks in a narrow window. Refuses to know when it is drawn (`progress`),
threads and streams. Its words are safe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len
from rich.progress import BarColumn, Progress, SpinnerColumn
from rich.segment import Segment
from rich.text import Text

from stackspot_cli.terminal.rendering import console_in_memory, rendered
from stackspot_cli.translation import _

BARS: Final = (20, 8)  # cells: the usual bar, and one for a narrow window
LEAST_WORDS: Final = 16  # cells; what leaves the words fewer is left out
SPEED_SECONDS: Final = (
    300.0  # so long is looked back for the time that is left: questions come every 20 s at most
)
WHOLE_MINUTES: Final = 100  # seconds; from then on minutes are told


class Picture:
    """now: the clock of the spinner and of the time that is left. encoding: a poor one gets ASCII.

    estimates: whether the time that is left is told.
    """

    def __init__(
        self, now: Callable[[], float], *, color: bool, encoding: str, estimates: bool = True
    ) -> None:
        self._estimates = estimates
        self._now, self._color, self._encoding = now, color, encoding
        self._is_unicode = encoding.lower().startswith("utf")
        self._spinner = SpinnerColumn("dots" if self._is_unicode else "line", style="cyan")
        self._console = console_in_memory(max(BARS), color=color, encoding=encoding)
        # Never started: it reckons, and nobody's thread draws.
        self._progress = Progress(
            console=self._console, auto_refresh=False, speed_estimate_period=SPEED_SECONDS, get_time=now
        )
        self._id = self._progress.add_task("", total=None)
        self._moved_at = now()

    def move(self, fraction: float | None) -> None:
        """It has got so far; backwards is something new. None: nobody knows how far."""
        task = self._progress.tasks[0]
        if fraction is None or task.total is None or fraction < task.completed:
            self._progress.reset(self._id, total=None if fraction is None else 1.0)
        if fraction is not None:
            self._progress.update(self._id, total=1.0, completed=fraction)
            self._moved_at = self._now()

    def line(self, words: str, seconds: float | None, columns: int) -> str:
        """No wider than so many cells. seconds: since it began; None: the words tell the time themselves."""
        bars, times = ([Text()], [Text()]) if seconds is None else (self._bars(), self._times(seconds))
        whole = Text()
        for bar, time in [(bars[0], times[0]), *((bar, times[-1]) for bar in bars)]:
            around = [part for part in (self._mark(), bar, time) if part]
            room = columns - sum(cell_len(part.plain) + 1 for part in around)
            shown = Text(words)
            shown.truncate(max(0, room), overflow="ellipsis" if self._is_unicode else "crop")
            whole = Text(" ").join(part for part in (self._mark(), bar, shown, time) if part)
            if room >= min(LEAST_WORDS, cell_len(words)):
                break
        whole.truncate(columns)
        return rendered(whole, max(1, columns), color=self._color, encoding=self._encoding).rstrip("\n")

    def _mark(self) -> Text:
        mark = self._spinner.spinner.render(self._now())
        return mark if isinstance(mark, Text) else Text()

    def _bars(self) -> list[Text]:
        """The bar with its hundredths, ever shorter; nothing where nobody knows how far it is."""
        task = self._progress.tasks[0]
        if task.total is None:
            return [Text()]
        hundredths = Text(f"{task.percentage:3.0f} %")
        shown = []
        for wide in BARS:
            bar = BarColumn(wide, style="bright_black", complete_style="cyan", finished_style="cyan")(task)
            pieces = [
                one for one in self._console.render(bar) if isinstance(one, Segment) and not one.control
            ]
            drawn = Text.assemble(*((one.text, one.style or "") for one in pieces))
            drawn.pad_right(wide - cell_len(drawn.plain))  # without colours Rich leaves the rest of it out
            shown.append(Text(" ").join([drawn, hundredths]))
        return [*shown, hundredths]

    def _times(self, seconds: float) -> list[Text]:
        """How long it has taken, and before it, where it can be told, with how long it will take."""
        short = _duration(seconds)
        task = self._progress.tasks[0]
        estimate = None if task.total is None or task.finished else task.time_remaining
        left = 0.0 if estimate is None else estimate - (self._now() - self._moved_at)
        if left <= 0 or not self._estimates:
            return [Text(short)]
        return [Text(_("{time}, {left} left").format(time=short, left=_duration(left))), Text(short)]


def _duration(seconds: float) -> str:
    if seconds < WHOLE_MINUTES:
        return _("{seconds} s").format(seconds=f"{seconds:.0f}")
    minutes, rest = divmod(int(seconds), 60)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
