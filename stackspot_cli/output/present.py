"""How one answer is put before whoever asked: which sink, the spinner, the token counts, the file.

Knows the app's terminal and the sinks; refuses to know where the events come from.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stackspot_cli.app import App
from stackspot_cli.domain import Delta, Event, Progress, Source, Usage
from stackspot_cli.errors import AnswerLacks
from stackspot_cli.output.sinks import (
    ExtractSink,
    FileOut,
    JsonLinesSink,
    JsonSink,
    MarkdownSink,
    MarkdownWriter,
    Out,
    Sink,
    Start,
    TextSink,
    deliver,
    dumps,
    now_seconds,
)
from stackspot_cli.safe_text import in_ci, safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.routes.call import Call
    from stackspot_cli.terminal.progress_line import ProgressLine

LINES_SHOWN_AGAIN = 10  # of an answer that was given before: where a person was

FormatName = Literal["text", "markdown", "json", "jsonl"]


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the user wants to see. format None: Markdown on a terminal, text elsewhere and in a file.

    output: a file's name, or None or `-` for stdout. extract: only the first or last fenced code block.
    """

    format: str | None = None
    extract: Literal["first", "last"] | None = None
    output: str | None = None
    stream: bool = True
    raw: bool = False
    usage: bool = False
    require_sources: bool = False


def present(
    app: App, wanted: Presentation, events: Iterable[Event], model_name: str, conversation_id: str
) -> None:
    """Delivers one answer. Raises what broke it, after everything that came was put out."""
    out = FileOut(Path(wanted.output)) if wanted.output not in (None, "-") else None
    start = Start(model_name, conversation_id, now_seconds())
    counts = _Counts()
    lack = None
    try:
        sink = choose_sink(app, wanted, out)
        with _Waiting(app, sink, alive=wanted.format != "text") as waiting:
            deliver(counts.watch(waiting.watch(events)), sink, start)
        if wanted.require_sources and not counts.sources:
            lack = _without_sources(wanted)
        if out is not None:
            out.commit()
    except BaseException:
        part = out.abandon() if out is not None else None
        if part is not None:
            app.terminal.note(_("what came of the answer is in {path}").format(path=part))
        raise
    finally:
        if wanted.usage:
            app.terminal.say(counts.line())
    if lack is not None:
        raise lack  # the answer came whole, and stands where it was wanted


def put_object(app: App, value: object, output: str | None = None) -> None:
    """One JSON object and a newline, exact, to stdout or to a file. Raises LocalError."""
    _put(app, dumps(value, _ascii_only(app, output)) + "\n", output)


def _ascii_only(app: App, output: str | None) -> bool:
    """Whether the stream cannot carry all of Unicode; a file can."""
    return output in (None, "-") and app.terminal.encoding.lower().replace("-", "") != "utf8"


def _put(app: App, text: str, output: str | None) -> None:
    if output is None or output == "-":
        app.terminal.write(text)
        app.terminal.flush()  # it stands there whatever comes next: a failure, too, may show its object
        return
    out = FileOut(Path(output))
    try:
        out.write(text)
        out.commit()
    except BaseException:
        out.abandon()
        raise


def named_uploads(names: Sequence[str]) -> tuple[str, ...]:
    """In a request that is only shown: what stands for ids that nobody has yet."""
    return tuple(f"<the id of {name}>" for name in names)


def show_request(app: App, call: Call, output: str | None = None) -> None:
    """What `--dry-run` prints: the request as JSON, secrets as dots; to stdout or to a file. Raises LocalError."""
    from stackspot_cli.domain import DOTS

    headers = {"Authorization": f"Bearer {DOTS}", **dict(call.headers)}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    shown = {"method": call.method, "url": app.client.url(call), "headers": headers, "body": call.body}
    _put(app, dumps(shown, _ascii_only(app, output), indent=2) + "\n", output)


def choose_sink(app: App, wanted: Presentation, file: FileOut | None = None) -> Sink:
    """The sink for this terminal, format and file."""
    terminal = app.terminal
    out: Out = file or terminal
    to_terminal = file is None and terminal.stdout_is_terminal
    ascii_only = file is None and terminal.encoding.lower().replace("-", "") != "utf8"
    guard = file is None and in_ci(app.environ)
    aside = None if to_terminal and not wanted.raw else terminal.say
    name = wanted.format or ("markdown" if to_terminal and not (wanted.raw or wanted.extract) else "text")
    if wanted.extract is not None:
        return ExtractSink(
            out,
            terminal,
            last=wanted.extract == "last",
            for_terminal=to_terminal,
            raw=wanted.raw,
            guard=guard,
        )
    match name:
        case "json":
            return JsonSink(out, ascii_only=ascii_only)
        case "jsonl":
            lack = _without_sources(wanted) if wanted.require_sources else None
            return JsonLinesSink(out, ascii_only=ascii_only, without_sources=lack)
        case "markdown" if not wanted.raw:
            return MarkdownSink(
                out, lambda: _markdown(app, out, live=to_terminal and wanted.stream), aside=aside
            )
        case _:
            return TextSink(
                out,
                for_terminal=to_terminal,
                raw=wanted.raw,
                guard=guard,
                stream=wanted.stream,
                aside=aside,
            )


def _markdown(app: App, out: Out, *, live: bool) -> MarkdownWriter:
    from stackspot_cli.markdown.stream import MarkdownStream  # deferred: its libraries load behind the wait

    terminal = app.terminal
    color = terminal.color and out is terminal
    return MarkdownStream(
        out.write,
        size=terminal.size,
        color=color,
        live=live and not terminal.dumb,
        now=app.now,
        encoding=terminal.encoding,
    )


def show_again(app: App, wanted: Presentation, answer: str) -> None:
    """The end of an answer that was given before, as it looked then; beside stdout where that is no terminal."""
    terminal = app.terminal
    text = answer.rstrip()
    if not text:
        return
    if not terminal.stdout_is_terminal or wanted.raw or wanted.format not in (None, "markdown"):
        terminal.say(_end_of(text))
        return
    from stackspot_cli.markdown.stream import MarkdownStream  # deferred: as above

    parts: list[str] = []
    stream = MarkdownStream(
        parts.append,
        size=terminal.size,
        color=terminal.color,
        live=False,
        now=app.now,
        encoding=terminal.encoding,
    )
    stream.feed(text)
    stream.close()
    terminal.write(_end_of("".join(parts).rstrip("\n")) + "\n")
    terminal.flush()


def _end_of(text: str) -> str:
    return "\n".join(text.split("\n")[-LINES_SHOWN_AGAIN:])


@contextmanager
def progress_line(app: App, *, alive: bool = True) -> Iterator[ProgressLine]:
    """A line on stderr (of a terminal only) that tells how far something is, alive while the network is waited for.

    alive: False shows nothing: who asks for `--format text` may hear the screen, line by line.
    """
    from stackspot_cli.terminal.progress_line import ProgressLine  # deferred: most answers need none

    terminal = app.terminal
    line = ProgressLine(
        terminal.write_stderr,
        columns=lambda: terminal.size()[0],
        now=app.now,
        enabled=alive and terminal.stderr_is_terminal and not terminal.dumb,
        encoding=terminal.stderr_encoding,
    )
    before = app.on_wait, terminal.wipe, app.on_progress
    app.on_wait, terminal.wipe, app.on_progress = line.tick, line.clear, lambda told: show(line, told)
    try:
        yield line
    finally:
        line.stop()
        app.on_wait, terminal.wipe, app.on_progress = before


def show(line: ProgressLine, progress: Progress) -> None:
    """Where an execution stands, in words and hundredths."""
    words = f"{progress.status}: {progress.step}" if progress.step else progress.status
    line.show(words, progress.percentage)


class _Waiting:
    """The wait hook while one answer comes: the spinner until the first character, then the sink's drawing.

    A quick command tells how far it is: then its line stands where the spinner would.
    alive: see `progress_line`.
    """

    def __init__(self, app: App, sink: Sink, *, alive: bool) -> None:
        from stackspot_cli.terminal.spinner import Spinner

        self._app = app
        self._sink = sink
        terminal = app.terminal
        self._spinner = Spinner(
            terminal.write_stderr,
            now=app.now,
            enabled=alive and terminal.stderr_is_terminal and not terminal.dumb,
            encoding=terminal.stderr_encoding,
        )
        self._alive = alive
        self._spinning = True
        self._lines = ExitStack()

    def __enter__(self) -> _Waiting:
        self._app.on_wait = self._tick
        self._app.on_progress = self._progress
        self._app.terminal.wipe = self._spinner.clear
        self._spinner.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop()
        self._app.on_wait = self._app.on_progress = self._app.terminal.wipe = None

    def _progress(self, progress: Progress) -> None:
        """The first word of progress: from now on the line itself listens."""
        self._spinner.stop()
        show(self._lines.enter_context(progress_line(self._app, alive=self._alive)), progress)

    def watch(self, events: Iterable[Event]) -> Iterator[Event]:
        iterator = iter(events)
        try:
            for event in iterator:
                if self._spinning and isinstance(event, Delta):
                    self._stop()
                    gc.enable()
                yield event
        except BaseException:
            self._stop()
            raise
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def _tick(self) -> float | None:
        wanted = self._sink.tick()
        if self._spinning:
            spin = self._spinner.tick()
            wanted = spin if wanted is None else wanted if spin is None else min(wanted, spin)
        return wanted

    def _stop(self) -> None:
        if self._spinning:
            self._spinning = False
            self._spinner.stop()
            self._lines.close()


def _without_sources(wanted: Presentation) -> AnswerLacks:
    if wanted.output in (None, "-"):
        hint = _(
            "ask an agent that has knowledge sources, or name some with --knowledge; the answer is above"
        )
    else:
        hint = _(
            "ask an agent that has knowledge sources, or name some with --knowledge; the answer is in {path}"
        ).format(path=safe_line(wanted.output or ""))
    return AnswerLacks(_("the answer names no sources"), hint)


class _Counts:
    def __init__(self) -> None:
        self._usage: Usage | None = None
        self.sources = 0

    def watch(self, events: Iterator[Event]) -> Iterator[Event]:
        try:
            for event in events:
                if isinstance(event, Usage):
                    self._usage = event
                elif isinstance(event, Source):
                    self.sources += 1
                yield event
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()

    def line(self) -> str:
        usage = self._usage
        if usage is None:
            return _("tokens: not told by the service")
        unknown = "?"
        return _("tokens: {prompt} in, {completion} out, {total} together").format(
            prompt=unknown if usage.prompt_tokens is None else usage.prompt_tokens,
            completion=unknown if usage.completion_tokens is None else usage.completion_tokens,
            total=unknown if usage.total_tokens is None else usage.total_tokens,
        )
