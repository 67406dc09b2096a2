"""Markdown for a terminal, rendered whole at the end."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

from stackspot_cli.safe_text import safe_text


class MarkdownStream:
    def __init__(
        self,
        write: Callable[[str], None],
        *,
        size: Callable[[], tuple[int, int]],
        color: bool,
        live: bool,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._size = size
        self._color = color
        self._parts: list[str] = []

    def feed(self, text: str) -> None:
        self._parts.append(text)

    def tick(self) -> float | None:
        return None

    def close(self) -> None:
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console(
            file=io.StringIO(), width=self._size()[0], force_terminal=self._color, no_color=not self._color
        )
        console.print(Markdown(safe_text("".join(self._parts)), hyperlinks=False))
        assert isinstance(console.file, io.StringIO)
        self._write("".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines()))
