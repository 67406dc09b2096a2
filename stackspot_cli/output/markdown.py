"""An answer as Markdown for a person, alive while it comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Event
from stackspot_cli.output.sink import Out
from stackspot_cli.output.text import footnotes

if TYPE_CHECKING:
    from stackspot_cli.terminal.streams import Terminal


class MarkdownSink:
    """Markdown for a person. Its stream is made at the second wait for the network, or with the first character: the
    first wait is for the connection, and from then on the libraries load while the service thinks.
    """

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
        self._waited = False
        self._empty = True

    def start(self, start: Start) -> None:
        pass

    def event(self, event: Event) -> None:
        if isinstance(event, Delta):
            if self._stream is None:
                self._stream = self._make()
            self._empty = False
            self._stream.feed(event.text)

    def tick(self) -> float | None:
        if self._stream is None and self._waited:
            self._stream = self._make()
        self._waited = True
        wanted = None if self._stream is None else self._stream.tick()
        self._out.flush()
        return wanted

    def leave(self) -> str:
        return "" if self._stream is None else self._stream.leave()

    def done(self, answer: Answer) -> None:
        self._close()
        if answer.sources and self._aside is None:
            self._out.write(("" if self._empty else "\n") + footnotes(answer.sources))
        self._out.flush()
        if answer.sources and self._aside is not None:
            self._aside(footnotes(answer.sources).rstrip("\n"))

    def broken(self, answer: Answer, error: BaseException) -> None:
        self._close()
        self._out.flush()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()


class MarkdownWriter(Protocol):
    def feed(self, text: str) -> None: ...
    def tick(self) -> float | None: ...
    def close(self) -> None: ...
    def leave(self) -> str: ...


def markdown_stream(
    terminal: Terminal,
    write: Callable[[str], None],
    *,
    color: bool,
    live: bool,
    now: Callable[[], float] = time.monotonic,
) -> MarkdownWriter:
    """For text that is read on this terminal, or as if it were."""
    from stackspot_cli.markdown.stream import MarkdownStream  # deferred: its libraries load while we wait

    return MarkdownStream(
        write,
        size=terminal.size,
        window=terminal.window,
        color=color,
        live=live,
        now=now,
        encoding=terminal.encoding,
    )


def typeset(terminal: Terminal, text: str) -> str:
    """A whole answer as it stands on this terminal, with a newline; nothing of nothing."""
    parts: list[str] = []
    stream = markdown_stream(terminal, parts.append, color=terminal.color, live=False)
    stream.feed(text.rstrip())
    stream.close()
    return "".join(parts)
