"""How one answer is put before whoever asked: which sink, the sign of life before it, the token counts, the file.

Knows the terminal and the sinks; refuses to know where the events come from.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Event, Progress, Usage
from stackspot_cli.errors import AnswerLacks, StackSpotError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.listener import Waiting
from stackspot_cli.output.sink import Exactly, Out, Redrawn, Sink, deliver
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.progress import ProgressLine
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.output.file import WholeFile
    from stackspot_cli.output.text import TextSink

Demand: TypeAlias = Callable[[Answer], "StackSpotError | None"]
LINES_SHOWN_AGAIN = 10  # of an answer that was given before: where a person was


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the user wants to see. format None: Markdown on a terminal, text elsewhere and in a file.

    output: a file's name, or None or `-` for stdout. extract: only the first or last fenced code block.
    demands: what a whole answer has to be besides; the first that is not met is its error, after it was delivered.
    """

    format: str | None = None
    extract: Literal["first", "last"] | None = None
    output: str | None = None
    stream: bool = True
    raw: bool = False
    usage: bool = False
    require_sources: bool = False
    demands: tuple[Demand, ...] = ()

    @property
    def needs_whole(self) -> bool:
        """Whether something is made of the whole answer at its end."""
        return self.extract is not None or self.format == "json" or bool(self.demands)

    def lack(self, answer: Answer) -> StackSpotError | None:
        """What the answer lacks of all that was demanded."""
        if self.require_sources and not answer.sources:
            return _without_sources(self)
        return next((lack for demand in self.demands if (lack := demand(answer)) is not None), None)

    def demand(self, answer: Answer) -> None:
        """Raises what the answer lacks."""
        lack = self.lack(answer)
        if lack is not None:
            raise lack

    @property
    def file(self) -> Path | None:
        return None if self.output in (None, "-") else Path(self.output or "")


def present(
    terminal: Terminal,
    presentation: Presentation,
    events: Generator[Event, None, None],
    start: Start,
    answer: Answer,
    *,
    now: Callable[[], float],
) -> None:
    """Delivers one answer. Raises what broke it, after everything that came was put out.

    answer: is being added up by who makes the events.
    """
    path = presentation.file
    try:
        with nullcontext() if path is None else opened_file(terminal, path, exact=presentation.raw) as file:
            sink = choose_sink(terminal, presentation, file, now=now)
            line = ProgressLine.of(terminal, now, alive=presentation.format != "text")
            waiting = _Waiting(sink, line, on_terminal=terminal.stdout_is_terminal)
            with terminal.drawing(waiting):
                deliver(events, sink, start, answer, waiting.end)
    finally:
        if presentation.usage:
            terminal.say(counts(answer.usage))
    presentation.demand(answer)  # the answer came whole, and stands where it was wanted


def opened_file(terminal: Terminal, path: Path, *, exact: bool = False) -> WholeFile:
    """exact: also where a build service reads what is no file but a pipe."""
    from stackspot_cli.output.file import WholeFile  # deferred: most answers go to stdout

    return WholeFile(path, terminal.note, guarded=terminal.is_build_log and not exact)


class _Waiting:
    """What stands on the screen while one answer comes: a sign of life until its first character, then the
    sink's own drawing. A quick command tells how far it is.
    """

    def __init__(self, sink: Sink, line: ProgressLine, *, on_terminal: bool) -> None:
        self._sink = sink
        self._line = line
        self._redrawn = sink if on_terminal and isinstance(sink, Redrawn) else None
        self._waits = True
        line.wait()

    def tick(self) -> float | None:
        due = self._sink.tick()
        if not self._waits:
            return due
        turn = self._line.tick()
        return due if turn is None else turn if due is None else min(due, turn)

    @property
    def draws(self) -> bool:
        return self._line.draws or self._redrawn is not None

    def clear(self) -> None:
        self._line.clear()

    def leave(self) -> str:
        wipe = self._line.leave()
        return wipe if self._redrawn is None else wipe + self._redrawn.leave()

    def progress(self, progress: Progress) -> None:
        if self._waits:
            self._line.progress(progress)

    def waiting(self, waiting: Waiting) -> bool:
        return self._waits and self._line.waiting(waiting)

    def end(self) -> None:
        """The answer begins, or never will."""
        if self._waits:
            self._waits = False
            self._line.stop()
            gc.freeze()  # off since the start-up, of which nothing is garbage: it is not looked through either
            gc.enable()


# --- which sink ------------------------------------------------------------------------------------


def choose_sink(
    terminal: Terminal, presentation: Presentation, file: Out | None = None, *, now: Callable[[], float]
) -> Sink:
    """The sink for this terminal, format and file. Its module is loaded now, and no other."""
    out: Out = file or (Exactly(terminal) if presentation.raw else terminal)
    to_terminal = file is None and terminal.stdout_is_terminal
    plain = presentation.raw or presentation.extract is not None
    if presentation.extract is not None:
        return _code_sink(terminal, presentation, out, file is None)
    match presentation.format or ("markdown" if to_terminal and not plain else "text"):
        case "json":
            from stackspot_cli.output.json_sinks import JsonSink

            return JsonSink(out, ascii_only=file is None and not terminal.is_unicode)
        case "jsonl":
            from stackspot_cli.output.json_sinks import JsonLinesSink

            ascii_only, reaching = file is None and not terminal.is_unicode, terminal.reaching
            return JsonLinesSink(out, ascii_only=ascii_only, lack=presentation.lack, reaching=reaching)
        case "markdown" if not presentation.raw:
            from stackspot_cli.output.markdown import MarkdownSink, markdown_stream

            live = to_terminal and presentation.stream and not terminal.dumb
            color = terminal.color and file is None
            return MarkdownSink(
                out,
                lambda: markdown_stream(terminal, out.write, color=color, live=live, now=now),
                aside=None if to_terminal else terminal.say,
            )
        case _:
            return _text_sink(terminal, presentation, out, file is None)


def _code_sink(terminal: Terminal, presentation: Presentation, out: Out, to_stdout: bool) -> Sink:
    from stackspot_cli.output.code import CodeSink

    text = _text_sink(terminal, presentation, out, to_stdout)
    last = presentation.extract == "last"
    return CodeSink(text, terminal.say, last=last, to_file=not to_stdout, raw=presentation.raw)


def _text_sink(terminal: Terminal, presentation: Presentation, out: Out, to_stdout: bool) -> TextSink:
    from stackspot_cli.output.text import TextSink

    to_terminal = to_stdout and terminal.stdout_is_terminal
    return TextSink(
        out,
        for_terminal=to_terminal,
        raw=presentation.raw,
        stream=presentation.stream or presentation.extract is not None,
        aside=None if to_terminal and not presentation.raw else terminal.say,
    )


def show_again(terminal: Terminal, presentation: Presentation, text: str) -> None:
    """The end of an answer that was given before, as it looked then; beside stdout where that is no terminal."""
    text = text.rstrip()
    if not text:
        return
    as_markdown = presentation.format in (None, "markdown") and not presentation.raw
    if not (terminal.stdout_is_terminal and as_markdown):
        terminal.say(_end_of(text))
        return
    from stackspot_cli.output.markdown import typeset

    terminal.write(_end_of(typeset(terminal, text).rstrip("\n")) + "\n")
    terminal.flush()


def _end_of(text: str) -> str:
    return "\n".join(text.split("\n")[-LINES_SHOWN_AGAIN:])


# --- other things that are put out -----------------------------------------------------------------


def put_object(
    terminal: Terminal, value: object, output: str | None = None, *, indent: int | None = None
) -> None:
    """One JSON object and a newline, exact, to stdout or to a file. Raises LocalError."""
    if output is None or output == "-":
        terminal.write_json(value, indent=indent)
        return
    from stackspot_cli.exact_json import dumps  # deferred: most calls print none

    with opened_file(terminal, Path(output)) as file:
        file.write(dumps(value, indent=indent) + "\n")


def named_uploads(names: Sequence[str]) -> tuple[str, ...]:
    """In a request that is only shown: what stands for ids that nobody has yet."""
    return tuple(f"<the id of {name}>" for name in names)


# --- what is said about an answer ------------------------------------------------------------------


def _without_sources(presentation: Presentation) -> AnswerLacks:
    if presentation.file is None:
        hint = _(
            "ask an agent that has knowledge sources, or name some with --knowledge; the answer is above"
        )
    else:
        hint = _(
            "ask an agent that has knowledge sources, or name some with --knowledge; the answer is in {path}"
        ).format(path=safe_line(presentation.output or ""))
    return AnswerLacks(_("the answer names no sources"), hint)


def counts(usage: Usage) -> str:
    if usage == Usage():
        return _("tokens: not told by the service")
    if usage.estimated:
        return _(
            "tokens: ~{prompt} in, ~{completion} out, ~{total} together (our estimate: the service told none)"
        ).format(prompt=usage.prompt_tokens, completion=usage.completion_tokens, total=usage.total_tokens)
    unknown = "?"
    return _("tokens: {prompt} in, {completion} out, {total} together").format(
        prompt=unknown if usage.prompt_tokens is None else usage.prompt_tokens,
        completion=unknown if usage.completion_tokens is None else usage.completion_tokens,
        total=unknown if usage.total_tokens is None else usage.total_tokens,
    )
