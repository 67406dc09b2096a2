"""Rich, as this house uses it: what is drawn for a terminal, as text that `Terminal` writes.

Knows Rich's console, and where text is broken into lines: between words; a word that is wider than its line behind
what joins its parts, else anywhere. Refuses to know streams and the environment: the console writes to memory, and
width, colour and encoding are the caller's. Whatever is drawn has passed `safe_text`. A pipe never loads this.
"""

from __future__ import annotations

import io
import re

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

_JOINS = r"/\\._:@?&=,;-"  # of an address or a path
_WORDS = re.compile(r"[^\s\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]+|\S")
_PARTS = re.compile(rf"[^{_JOINS}]*[{_JOINS}]+|[^{_JOINS}]+")


class _Memory(io.StringIO):
    """What Rich writes to. It asks the stream which characters there are."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a text in memory has none
        return self._encoding


def console_in_memory(columns: int, *, color: bool, encoding: str = "utf-8") -> Console:
    """Nothing of it is left to what Rich makes of the surroundings."""
    return Console(
        file=_Memory(encoding),
        width=columns,
        height=100,
        color_system="standard" if color else None,
        force_terminal=True,
        force_jupyter=False,
        legacy_windows=False,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )


def rendered(what: RenderableType, columns: int, *, color: bool, encoding: str = "utf-8") -> str:
    """Its lines, none wider than so many cells, without blanks at their ends. color: False for no escape at all."""
    console = console_in_memory(columns, color=color, encoding=encoding)
    with console.capture() as drawn:
        console.print(what)
    return re.sub(r" +$", "", drawn.get(), flags=re.MULTILINE)


def longest_word(text: str) -> int:
    """In cells: no line may be narrower without breaking it. Chinese and its like may break anywhere."""
    return max(map(cell_len, _WORDS.findall(text)), default=0)


def lines_of(text: Text, columns: int) -> list[Text]:
    """The text in lines of so many cells."""
    console = console_in_memory(columns, color=False)
    whole: Text = Text("\n").join(_breakable(text, columns))
    return [*whole.wrap(console, columns, overflow="fold")]


def shortened(text: Text, columns: int, most_lines: int) -> Text:
    """The text, cut where it would need more lines than that; "…" says so."""
    lines = lines_of(text, columns)
    if len(lines) <= most_lines:
        return text
    last, rest = lines[most_lines - 1], Text().join(lines[most_lines - 1 :])
    last.rstrip()
    if (
        cell_len(last.plain) * 2 < columns
    ):  # the next word is a long one, and its beginning says more than nothing
        last = rest
    last.truncate(columns - 1)
    last.rstrip()
    return Text("\n").join([*lines[: most_lines - 1], last.append("…")])


def wrapped(text: str, columns: int, *, indent: int = 0, most_lines: int | None = None) -> str:
    """The text in lines of so many cells; all but the first begin with blanks."""
    room = max(1, columns - indent)
    whole = Text(text)
    lines = lines_of(whole if most_lines is None else shortened(whole, room, most_lines), room)
    return ("\n" + " " * indent).join(line.plain.rstrip() for line in lines)


def _breakable(text: Text, columns: int) -> list[Text]:
    """The text, cut within each word that is wider than a line."""
    if cell_len(text.plain) <= columns:
        return [text]
    cuts = [
        word.start() + at
        for word in re.finditer(r"\S+", text.plain)
        if cell_len(word.group()) > columns
        for at in _cuts(word.group(), columns)
    ]
    return [*text.divide(cuts)]


def _cuts(word: str, columns: int) -> list[int]:
    """Where a word is broken, so that each piece fits a line."""
    cuts: list[int] = []
    at = wide = 0
    for part in _PARTS.findall(word):
        if wide and wide + cell_len(part) > columns:
            cuts.append(at)
            wide = 0
        for character in part:
            if wide and wide + cell_len(character) > columns:
                cuts.append(at)
                wide = 0
            wide += cell_len(character)
            at += 1
    return cuts
