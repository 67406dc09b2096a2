"""An answer that is one JSON value: what is shown while it is asked for and checked, and where the value goes.

Knows the terminal, the file and the shapes for scripts. Refuses to know schemas, and who asks how often. stdout
holds the value and nothing else, or nothing; what does not fit goes to stderr.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import completion
from stackspot_cli.domain import Delta, Usage
from stackspot_cli.errors import OutputUnwritable
from stackspot_cli.exact_json import as_written, with_written
from stackspot_cli.output.json_sinks import JsonLinesSink
from stackspot_cli.output.present import Presentation, opened_file
from stackspot_cli.output.sink import Exactly, Out
from stackspot_cli.terminal.progress import progress_line
from stackspot_cli.translation import _
from stackspot_cli.ulid import new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable

    from stackspot_cli.structured.asking import Value
    from stackspot_cli.terminal.progress import ProgressLine
    from stackspot_cli.terminal.streams import Terminal


class ValueOutput:
    """Where one value goes. `start` first; exactly one of `put` and `lost` ends it."""

    def __init__(
        self, terminal: Terminal, presentation: Presentation, out: Out, line: ProgressLine, *, to_file: bool
    ) -> None:
        self._terminal = terminal
        self._format = presentation.format
        self._out = out
        self._line = line
        self._ascii_only = not (to_file or terminal.is_unicode)
        self._lines = JsonLinesSink(out, ascii_only=self._ascii_only, lack=presentation.lack)
        self._start: Start | None = None

    def start(self, start: Start) -> None:
        """A question goes out; the first tells the conversation."""
        if self._start is None and self._format == "jsonl":
            self._lines.start(start)
            self._lines.tick()
        if self._start is None:
            self._line.wait()
        else:
            self._line.show(_("asking once more"))
        self._start = start

    def checks(self) -> None:
        """An answer is there, and is looked at."""
        self._line.show(_("checking"))

    def put(self, value: Value, answer: Answer, whole: Mapping[str, Any] | None = None) -> None:
        """The value that fits. answer: the one that it comes from. whole: the service's own object, for `json`."""
        self._line.stop()
        match self._format:
            case "json":
                self._out.write(self._object(value, answer, whole) + "\n")
            case "jsonl":
                self._lines.event(Delta(value.found.text))
                for source in answer.sources:
                    self._lines.event(source)
                if answer.usage != Usage():
                    self._lines.event(answer.usage)
                self._lines.done(answer)
            case _:
                self._out.write(as_written(value.found.text, ascii_only=self._ascii_only) + "\n")
        self._out.flush()

    def lost(self, answer: Answer, error: BaseException) -> None:
        """No value comes of it: what came is shown beside."""
        self._line.stop()
        if answer.growing:
            self._terminal.say(answer.text.rstrip())
        if self._format == "jsonl":
            self._lines.broken(answer, error)
            self._out.flush()

    @contextmanager
    def or_lost(self, latest: Callable[[], Answer]) -> Iterator[None]:
        """Asks and puts within: what breaks it loses the latest answer, unless it could not be written at all."""
        try:
            yield
        except (OutputUnwritable, BrokenPipeError):
            raise
        except BaseException as error:
            self.lost(latest(), error)
            raise

    def _object(self, value: Value, answer: Answer, whole: Mapping[str, Any] | None) -> str:
        assert self._start is not None, "something was asked"
        place = new_ulid()
        made: dict[str, Any] = {**(completion(answer, self._start) if whole is None else whole)}
        if whole is None:
            made["choices"][0]["message"]["content"] = value.found.text
        made["stackspot"] = {**made.get("stackspot", {}), "parsed": place, "repairs": value.repairs}
        return with_written(made, place, value.found.text, ascii_only=self._ascii_only)


@contextmanager
def value_output(
    terminal: Terminal, presentation: Presentation, now: Callable[[], float]
) -> Iterator[ValueOutput]:
    """For the time of the asking. A file appears whole or not at all. Raises OutputUnwritable at once."""
    path = presentation.file
    alive = presentation.format != "text"
    with (
        nullcontext() if path is None else opened_file(terminal, path, exact=presentation.raw) as file,
        progress_line(terminal, now, alive=alive) as line,
    ):
        out: Out = file or (Exactly(terminal) if presentation.raw else terminal)
        yield ValueOutput(terminal, presentation, out, line, to_file=file is not None)
