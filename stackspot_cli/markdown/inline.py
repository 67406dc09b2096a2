"""Inline Markdown to runs of styled characters, and runs to lines of a given width.

Knows inline tokens, the sixteen-colour styles, and how many cells a character takes. Refuses to
know blocks, files and the terminal. What it gives has passed `safe_text`, as references to characters are
resolved here. Choices:

- A link shows its address after its text, unless the text is the address; no terminal hyperlinks.
- A reference is resolved by the definitions that came before it; else it stays as written.
- Mathematics (`$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]`) and HTML stay as written; `<br>` breaks the line.
- Without colour the marks of emphasis and code stay, so that their meaning does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

from rich.cells import cell_len

from stackspot_cli.markdown.inline_parser import Token, normalised, tokens
from stackspot_cli.safe_text import safe_text

LONGEST: Final = 8_000  # characters; longer text is not searched for markup, which can cost their square
REFERENCES: Final = 1_000  # definitions kept

_MARKUP: Final = re.compile(r"[\\`*_\[\]<&~!$]| \n")
_BREAK: Final = re.compile(r"<br\s*/?>\s*", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\n]+")
_WIDE = (
    "\u1100-\u115f\u2e80-\u3000\u3003-\u3007\u3012\u3013\u3020-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
    "\uff04-\uff07\uff0a\uff0b\uff0d\uff0f-\uff19\uff1c-\uff1e\uff20-\uff3a\uff3e-\uff5a\U00020000-\U0003fffd"
)
_OPENING = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\uff08\uff3b\uff5b"
_CLOSING = (
    "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b"
    "\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d"
)
# Text without spaces may be broken at wide characters, not before a closing mark nor after an opening one.
_CHARACTER: Final = rf"[{_OPENING}]*[{_WIDE}][\u0300-\u036f\u3099\u309a{_CLOSING}]*"

STYLES: Final = {"strong": "1", "em": "3", "s": "9", "link": "4"}
CODE: Final = "36"
ADDRESS: Final = "2"


class Run(NamedTuple):
    """Characters of one style (SGR parameters). code: its spaces are kept. The text `\\n` breaks the line."""

    text: str
    style: str = ""
    code: bool = False


Line = list[Run]


class Inline:
    """Turns inline Markdown into runs; remembers link definitions."""

    __slots__ = ("_color", "_references")

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._references: dict[str, str] = {}

    def copy(self) -> Inline:
        """A twin whose new definitions are its own."""
        twin = Inline(color=self._color)
        twin._references = dict(self._references)
        return twin

    def define(self, label: str, url: str) -> None:
        """Keeps a link definition for the text after it; the first one of a label counts."""
        if len(self._references) < REFERENCES:
            self._references.setdefault(normalised(label), url)

    def runs(self, text: str, style: str = "") -> list[Run]:
        if len(text) > LONGEST or not _MARKUP.search(text):
            return [Run(text.replace("\n", " "), style)]
        return list(self._styled(tokens(text, self._references), style, "&" in text))

    def _styled(self, found: Iterable[Token], style: str, resolved: bool) -> Iterator[Run]:
        """resolved: references to characters were, so that what they gave has still to be made safe."""
        styles = [style]
        shown: list[str] = []  # since a link opened
        for kind, text, mark, url in found:
            if resolved:
                text, url = safe_text(text), safe_text(url)
            match kind:
                case "open":
                    shown.clear()
                    styles.append(_joined(styles[-1], STYLES[text]))
                    if not self._color and text != "link":
                        yield Run(mark, styles[-2])
                case "close":
                    styles.pop()
                    if text == "link":
                        yield from self._address(url, "".join(shown), styles[-1])
                    elif not self._color:
                        yield Run(mark, styles[-1])
                case "code":
                    shown.append(text)
                    yield self._code(text, mark, styles[-1])
                case "soft":
                    yield Run(" ", styles[-1])
                case "hard":
                    yield Run("\n")
                case "html" if _BREAK.fullmatch(text):
                    yield Run("\n")
                case "image":
                    yield Run(text, styles[-1])
                    yield from self._address(url, text, styles[-1])
                case _:
                    shown.append(text)
                    yield Run(text, styles[-1])

    def _code(self, text: str, mark: str, style: str) -> Run:
        if not self._color:
            pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
            text = f"{mark}{pad}{text}{pad}{mark}"
        return Run(text, _joined(style, CODE), code=True)

    def _address(self, url: str, shown: str, style: str) -> Iterator[Run]:
        if url and url not in (shown, "mailto:" + shown):
            yield Run(f" ({url})" if shown else url, _joined(style, ADDRESS))


def _joined(outer: str, inner: str) -> str:
    return f"{outer};{inner}" if outer and inner else outer or inner


# --- lines ----------------------------------------------------------------------------------------------


class _Atom(NamedTuple):
    """What is not broken: a word, a wide character. space: the style of the space before it, if any."""

    parts: tuple[Run, ...]
    cells: int
    space: str | None


def wrapped(runs: Iterable[Run], width: int) -> list[Line]:
    """The runs as lines of at most `width` cells, without white space at their ends.

    A longer word has a line of its own, for the terminal to wrap: an address can then be copied.
    """
    lines: list[Line] = []
    line: Line = []
    column = 0
    for atom in _atoms(runs):
        if atom is None:
            lines.append(line)
            line, column = [], 0
            continue
        gap = 1 if atom.space is not None and column else 0
        if column and column + gap + atom.cells > width:
            lines.append(line)
            line, column, gap = [], 0, 0
        if gap:
            line.append(Run(" ", atom.space or ""))
        line.extend(atom.parts)
        column += gap + atom.cells
    if line or not lines:
        lines.append(line)
    return [_trimmed(line) for line in lines]


def _atoms(runs: Iterable[Run]) -> Iterator[_Atom | None]:
    """Words and wide characters; None where a line is broken."""
    parts: list[Run] = []
    width = 0
    space: str | None = None
    for run in runs:
        if run.text == "\n":
            if parts:
                yield _Atom(tuple(parts), width, space)
            parts, width, space = [], 0, None
            yield None
            continue
        pieces = run.text.split(" ") if run.code else _SPACE.split(run.text)
        for index, piece in enumerate(pieces):
            if index:
                if parts:
                    yield _Atom(tuple(parts), width, space)
                parts, width, space = [], 0, run.style
            if not piece:
                if run.code and index > 0:
                    parts.append(Run("", run.style))
                continue
            if piece.isascii():
                parts.append(Run(piece, run.style))
                width += len(piece)
                continue
            for chunk in _chunks().findall(piece):
                wide = not chunk.isascii() and _wide().match(chunk)
                if wide and parts:
                    yield _Atom(tuple(parts), width, space)
                    parts, width, space = [], 0, None
                parts.append(Run(chunk, run.style))
                width += cell_len(chunk)
                if wide:
                    yield _Atom(tuple(parts), width, space)
                    parts, width, space = [], 0, None
    if parts:
        yield _Atom(tuple(parts), width, space)


@cache
def _chunks() -> re.Pattern[str]:
    """Wide characters one by one, other text in one piece. Compiled when needed: 10 ms."""
    return re.compile(rf"{_CHARACTER}|[^{_WIDE}{_OPENING}]+|.")


@cache
def _wide() -> re.Pattern[str]:
    return re.compile(_CHARACTER)


def _trimmed(line: Line) -> Line:
    while line and not line[-1].text.rstrip(" "):
        line.pop()
    if line and line[-1].text.endswith(" "):
        line[-1] = line[-1]._replace(text=line[-1].text.rstrip(" "))
    return line


def line_cells(line: Line) -> int:
    return sum(cell_len(run.text) for run in line)


def painted(line: Iterable[Run], *, color: bool) -> str:
    """The line as a terminal takes it; each run of one style is opened and closed."""
    out: list[str] = []
    style, text = "", ""
    for run in line:
        if not color or run.style == style:
            text += run.text
            continue
        out.append(_sgr(text, style))
        style, text = run.style, run.text
    out.append(_sgr(text, style))
    return "".join(out)


def _sgr(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if style and text else text
