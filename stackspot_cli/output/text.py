"""An answer as text: its characters, made safe, and the sources that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Event, Source
from stackspot_cli.output.sink import Out
from stackspot_cli.safe_text import TextFilter, safe_line


class TextSink:
    """The characters of the answer, made safe, and a final newline.

    raw: exactly as received. stream: False holds everything back until the end. aside: where the sources go;
    None puts them under the answer. A pipe or a file holds the answer and nothing else.
    """

    def __init__(
        self,
        out: Out,
        *,
        for_terminal: bool,
        raw: bool = False,
        stream: bool = True,
        aside: Callable[[str], None] | None = None,
    ) -> None:
        self._out = out
        self._aside = aside
        self._raw = raw
        self._stream = stream
        self._filter = TextFilter("terminal" if for_terminal else "pipe")
        self._held: list[str] = []
        self._ends_line = True
        self._any = False
        self._empty = True

    def start(self, start: Start) -> None:
        pass

    def event(self, event: Event) -> None:
        if isinstance(event, Delta):
            self._any = True
            self._put(event.text if self._raw else self._safe(event.text))

    def tick(self) -> float | None:
        if self._stream:
            self._out.flush()
        return None

    def done(self, answer: Answer) -> None:
        self._finish()
        if self._empty and not self._raw:
            self._put("\n")
        if answer.sources and self._aside is None:
            self._put("\n" + footnotes(answer.sources))
        self._release()
        if answer.sources and self._aside is not None:
            self._aside(footnotes(answer.sources).rstrip("\n"))

    def broken(self, answer: Answer, error: BaseException) -> None:
        if self._any:
            self._finish()
        self._release()

    def _safe(self, text: str) -> str:
        return self._filter.feed(text)

    def _finish(self) -> None:
        if self._raw:
            return
        self._put(self._filter.finish())
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


def footnotes(sources: Sequence[Source]) -> str:
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
