"""The sinks of one stream of events: text, Markdown, JSON, JSON lines, extracted code; to stdout or to a file.

Knows how answers are written. Refuses to know where events come from, and leaves exit codes to `cli`.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import AnswerLacks, LocalError, StackSpotError, Terminated
from stackspot_cli.markdown.fences import code_blocks
from stackspot_cli.safe_text import LogCommandGuard, TextFilter, safe_json, safe_line
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _, untranslated
from stackspot_cli.ulid import new_ulid


@dataclass(frozen=True, slots=True)
class Start:
    """What is known before the first event. conversation_id: the id that `--conversation` takes.

    answer_id: names this answer where the service does not.
    """

    model: str
    conversation_id: str
    created: int = 0
    answer_id: str = field(default_factory=new_ulid)


class Out(Protocol):
    """Where a sink's text goes."""

    def write(self, text: str) -> None: ...
    def flush(self) -> None: ...


class Sink(Protocol):
    """Takes one answer. `tick` is called before each wait for the network: puts out what is due, and returns
    the seconds after which it wants to be called again, or None. Exactly one of `done` and `broken` ends it.
    """

    def start(self, start: Start) -> None: ...
    def event(self, event: Event) -> None: ...
    def tick(self) -> float | None: ...
    def done(self) -> None: ...
    def broken(self, error: BaseException) -> None: ...


def deliver(events: Iterable[Event], sink: Sink, start: Start) -> None:
    """Runs the events into the sink. What broke them is raised again after the sink has ended properly."""
    sink.start(start)
    try:
        for event in events:
            sink.event(event)
    except BaseException as error:
        close = getattr(events, "close", None)
        if close is not None:
            close()
        if not isinstance(error, BrokenPipeError | LocalError):
            sink.broken(error)
        raise
    sink.done()


class TextSink:
    """The characters of the answer, made safe, and a final newline.

    raw: exactly as received. guard: log commands of CI systems are shown, not obeyed. stream: False holds
    everything back until the end. aside: where the sources go; None puts them under the answer. A pipe or a
    file holds the answer and nothing else.
    """

    def __init__(
        self,
        out: Out,
        *,
        for_terminal: bool,
        raw: bool = False,
        guard: bool = False,
        stream: bool = True,
        aside: Callable[[str], None] | None = None,
    ) -> None:
        self._out = out
        self._aside = aside
        self._raw = raw
        self._stream = stream
        self._filter = TextFilter("terminal" if for_terminal else "pipe")
        self._guard = LogCommandGuard() if guard and not raw else None
        self._held: list[str] = []
        self._sources: list[Source] = []
        self._ends_line = True
        self._any = False
        self._empty = True

    def start(self, start: Start) -> None:
        pass

    def event(self, event: Event) -> None:
        if isinstance(event, Delta):
            self._any = True
            self._put(event.text if self._raw else self._safe(event.text))
        elif isinstance(event, Source):
            self._sources.append(event)

    def tick(self) -> float | None:
        if self._stream:
            self._out.flush()
        return None

    def done(self) -> None:
        self._finish()
        if self._empty and not self._raw:
            self._put("\n")
        if self._sources and self._aside is None:
            self._put("\n" + footnotes(self._sources))
        self._release()
        if self._sources and self._aside is not None:
            self._aside(footnotes(self._sources).rstrip("\n"))

    def broken(self, error: BaseException) -> None:
        if self._any:
            self._finish()
        self._release()

    def _safe(self, text: str) -> str:
        text = self._filter.feed(text)
        return self._guard.feed(text) if self._guard is not None else text

    def _finish(self) -> None:
        if self._raw:
            return
        rest = self._filter.finish()
        if self._guard is not None:
            rest = self._guard.feed(rest) + self._guard.finish()
        self._put(rest)
        if self._any and not self._ends_line:
            self._put("\n")

    def _put(self, text: str) -> None:
        if not text:
            return
        self._empty = False
        self._ends_line = text.endswith("\n")
        if self._stream:
            self._out.write(text)
        else:
            self._held.append(text)

    def _release(self) -> None:
        if self._held:
            self._out.write("".join(self._held))
            self._held.clear()
        self._out.flush()


def footnotes(sources: list[Source]) -> str:
    """The sources as numbered lines."""
    lines = []
    for number, source in enumerate(sources, 1):
        kind = (
            f" ({safe_line(source.document_type or source.type or '', 60)})"
            if source.document_type or source.type
            else ""
        )
        lines.append(f"[{number}] {safe_line(source.label)}{kind}\n")
    return "".join(lines)


class MarkdownSink:
    """Markdown for a person: `stream` is made on the first character, so that its libraries load behind the wait."""

    def __init__(
        self,
        out: Out,
        make_stream: Callable[[], MarkdownWriter],
        *,
        aside: Callable[[str], None] | None = None,
    ) -> None:
        self._out = out
        self._aside = aside
        self._make = make_stream
        self._stream: MarkdownWriter | None = None
        self._sources: list[Source] = []

    def start(self, start: Start) -> None:
        pass

    def event(self, event: Event) -> None:
        if isinstance(event, Delta):
            if self._stream is None:
                self._stream = self._make()
            self._stream.feed(event.text)
        elif isinstance(event, Source):
            self._sources.append(event)

    def tick(self) -> float | None:
        wanted = None if self._stream is None else self._stream.tick()
        self._out.flush()
        return wanted

    def done(self) -> None:
        self._close()
        if self._sources and self._aside is None:
            self._out.write(("\n" if self._stream is not None else "") + footnotes(self._sources))
        self._out.flush()
        if self._sources and self._aside is not None:
            self._aside(footnotes(self._sources).rstrip("\n"))

    def broken(self, error: BaseException) -> None:
        self._close()
        self._out.flush()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()


class MarkdownWriter(Protocol):
    def feed(self, text: str) -> None: ...
    def tick(self) -> float | None: ...
    def close(self) -> None: ...


class Collected:
    """The whole of one answer, added up: what JSON, extraction and the Python API build on."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.sources: list[Source] = []
        self.usage = Usage()
        self.done: Done | None = None

    def add(self, event: Event) -> None:
        match event:
            case Delta(text):
                self.parts.append(text)
            case Source():
                self.sources.append(event)
            case Usage():
                self.usage = event
            case Done():
                self.done = event

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def completion(self, start: Start) -> dict[str, object]:
        """An OpenAI `chat.completion` object, with `stackspot` beside it (contract, section 2)."""
        done = self.done
        message_id = done.message_id if done else None
        return {
            "id": f"chatcmpl-{message_id or start.answer_id}",
            "object": "chat.completion",
            "created": start.created,
            "model": start.model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": self.text},
                    "finish_reason": _openai_reason(done.stop_reason) if done else None,
                }
            ],
            "usage": usage_object(self.usage),
            "stackspot": {
                "conversation_id": start.conversation_id,
                "message_id": message_id,
                "complete": done is not None,
                "sources": [source_object(source) for source in self.sources],
            },
        }


def _openai_reason(stop_reason: str) -> str:
    return stop_reason or "stop"


def usage_object(usage: Usage) -> dict[str, int | None]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }


def source_object(source: Source) -> dict[str, object]:
    """Only what the service told."""
    return {key: value for key, value in asdict(source).items() if value is not None}


class JsonSink:
    """One `chat.completion` object at the end; a broken answer is one, too, where any of it came."""

    def __init__(self, out: Out, *, ascii_only: bool = False) -> None:
        self._out = out
        self._ascii_only = ascii_only
        self._collected = Collected()
        self._start = Start("", "")

    def start(self, start: Start) -> None:
        self._start = start

    def event(self, event: Event) -> None:
        self._collected.add(event)

    def tick(self) -> float | None:
        return None

    def done(self) -> None:
        self._out.write(dumps(self._collected.completion(self._start), self._ascii_only) + "\n")
        self._out.flush()

    def broken(self, error: BaseException) -> None:
        if self._collected.parts:
            self.done()


def dumps(value: object, ascii_only: bool = False, indent: int | None = None) -> str:
    """Exact JSON, on one line without an indent; non-ASCII characters as they are where the stream can carry them."""
    return safe_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent))


class JsonLinesSink:
    """An event a line, flushed as it happens; how it ended is the last line.

    without_sources: how an answer ends that names none, where that is an error.
    """

    def __init__(
        self, out: Out, *, ascii_only: bool = False, without_sources: StackSpotError | None = None
    ) -> None:
        self._out = out
        self._ascii_only = ascii_only
        self._lack = without_sources
        self._last: dict[str, object] | None = None

    def start(self, start: Start) -> None:
        self._line({"type": "start", "model": start.model, "conversation_id": start.conversation_id})
        self._out.flush()

    def event(self, event: Event) -> None:
        match event:
            case Delta(text):
                self._line({"type": "delta", "text": text})
            case Source():
                self._lack = None
                fields = source_object(event)
                if "type" in fields:  # the line's own `type` says what the line is
                    fields["source_type"] = fields.pop("type")
                self._line({"type": "source", **fields})
            case Usage():
                self._line({"type": "usage", **usage_object(event)})
            case Done():
                self._last = {
                    "type": "done",
                    "stop_reason": event.stop_reason,
                    "message_id": event.message_id,
                }

    def tick(self) -> float | None:
        self._out.flush()
        return None

    def done(self) -> None:
        last = self._last if self._lack is None else error_object(self._lack)
        if last is not None:
            self._line(last)
        self._out.flush()

    def broken(self, error: BaseException) -> None:
        self._line(error_object(error))
        self._out.flush()

    def _line(self, value: dict[str, object]) -> None:
        self._out.write(dumps(value, self._ascii_only) + "\n")


def error_object(error: BaseException) -> dict[str, object]:
    """The last line of an answer that did not come whole."""
    if isinstance(error, StackSpotError):
        code, exit_code, message, hint = error.code, int(error.exit_code), error.message, error.hint
    elif isinstance(error, KeyboardInterrupt | GeneratorExit):
        code, exit_code, message, hint = "INTERRUPTED", 130, _("interrupted"), ""
    elif isinstance(error, Terminated):
        code, exit_code, message, hint = "TERMINATED", int(error.exit_code), _("terminated"), ""
    else:
        code, exit_code, message, hint = "INTERNAL", 1, type(error).__name__, ""
    return {
        "type": "error",
        "code": code,
        "exit_code": exit_code,
        "message": untranslated(message),
        "hint": untranslated(hint),
    }


class ExtractSink:
    """Only the first (or last) fenced code block; without one the answer goes to stderr."""

    def __init__(
        self, out: Out, terminal: Terminal, *, last: bool, for_terminal: bool, raw: bool, guard: bool
    ) -> None:
        self._out = out
        self._terminal = terminal
        self._last = last
        self._collected = Collected()
        self._text = TextSink(out, for_terminal=for_terminal, raw=raw, guard=guard)

    def start(self, start: Start) -> None:
        pass

    def event(self, event: Event) -> None:
        self._collected.add(event)

    def tick(self) -> float | None:
        return None

    def done(self) -> None:
        blocks = code_blocks(self._collected.text)
        if not blocks:
            self._show_answer()
            raise AnswerLacks(
                _("the answer holds no fenced code block"),
                _("ask for code in the prompt, or leave out -x; the answer is above"),
            )
        self._put(blocks[-1 if self._last else 0].code)

    def broken(self, error: BaseException) -> None:
        whole = [block for block in code_blocks(self._collected.text) if block.closed]
        if whole and not self._last:
            self._put(whole[0].code)
        elif self._out is not self._terminal:
            self._put(self._collected.text)  # into `FILE.part`
        elif self._collected.parts:
            self._show_answer()

    def _put(self, text: str) -> None:
        if text:  # an empty block is no empty line
            self._text.event(Delta(text))
            self._text.done()

    def _show_answer(self) -> None:
        self._terminal.say(self._collected.text.rstrip("\n"))


class FileOut:
    """A file that appears whole or not at all: written beside its name as `FILE.part`, renamed by `commit`.

    The umask decides its mode. A device or pipe is written straight. Raises LocalError.
    """

    def __init__(self, path: Path) -> None:
        self._shown = os.fspath(path)
        self._written = False
        try:
            mode = path.stat().st_mode if path.exists() else stat.S_IFREG
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(21, _("it is a folder"))
            self._whole = stat.S_ISREG(mode)
            # A link's target keeps its name; a pipe's (`/dev/stdout`, `>(cat)`) is none that could be opened.
            self._path = Path(os.path.realpath(path)) if self._whole else path
            self._part = self._path.with_name(self._path.name + ".part")
            self._file = open(self._part if self._whole else self._path, "wb")  # noqa: SIM115, PTH123  # closed by commit and abandon
        except OSError as error:
            raise self._cannot(error) from error

    def write(self, text: str) -> None:
        self._written = self._written or bool(text)
        try:
            self._file.write(text.encode("utf-8", "replace"))
        except OSError as error:
            raise self._cannot(error) from error

    def flush(self) -> None:
        try:
            self._file.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._cannot(error) from error

    def commit(self) -> None:
        """The whole answer is there: the file gets its name."""
        try:
            self._file.close()
            if self._whole:
                self._part.replace(self._path)
        except OSError as error:
            raise self._cannot(error) from error

    def abandon(self) -> Path | None:
        """The answer is not whole: `FILE.part` stays where something came, and its name is returned."""
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._whole:
            return None
        if self._written:
            return self._part
        with contextlib.suppress(OSError):
            self._part.unlink()
        return None

    def _cannot(self, error: OSError) -> LocalError:
        return LocalError(
            _("cannot write {path}: {why}").format(
                path=safe_line(self._shown), why=error.strerror or str(error)
            ),
            _("check that its folder exists, is yours and has room"),
        )


def now_seconds() -> int:
    return int(time.time())
