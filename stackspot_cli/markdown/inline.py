"""Inline Markdown to Rich's `Text`, by markdown-it's tokens, and `Text` to lines of a width.

Refuses to know blocks and the screen. What it gives has passed `safe_text`: references to characters are resolved here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token
from rich.color import ColorSystem
from rich.style import Style
from rich.text import Span, Text

from stackspot_cli.markdown.blocks import LINKS, dialect
from stackspot_cli.markdown.screen import cells
from stackspot_cli.safe_text import safe_text

LONGEST: Final = 8_000  # characters; longer text is not searched for markup, which can cost their square
REFERENCES: Final = 1_000  # definitions kept

PLAIN, PALE, CODE, BOLD = Style.null(), Style(dim=True), Style(color="cyan"), Style(bold=True)
_STYLES = {"strong": BOLD, "em": Style(italic=True), "s": Style(strike=True), "a": Style(underline=True)}
_MARKUP: Final = re.compile(r"[\\`*_\[<&~$]|  \n")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\n]+")
_WIDE: Final = (
    "\u1100-\u115f\u2e80-\u3000\u3003-\u3007\u3012\u3013\u3020-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
    "\uff04-\uff07\uff0a\uff0b\uff0d\uff0f-\uff19\uff1c-\uff1e\uff20-\uff3a\uff3e-\uff5a\U00020000-\U0003fffd"
)
_OPENING, _CLOSING = "〈《「『【〔〖〘〚（［｛", "、。〉》」』】〕〗〙〛！），．：；？］｝"
_ASCII_WORD: Final = re.compile(r"[^ ]+ *| +")


class Inline:
    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._references: dict[str, dict[str, str]] = {}

    def define(self, label: str, url: str) -> None:
        """Keeps a link definition for the text after it."""
        if len(self._references) < REFERENCES:
            self._references = {normalizeReference(label): {"href": url, "title": ""}} | self._references

    def text(self, source: str, style: Style = PLAIN) -> Text:
        """The text, in which a newline breaks the line."""
        if len(source) > LONGEST or not _MARKUP.search(source):
            return Text(_SPACE.sub(" ", source), style)
        parser = dialect(links=source.count("[") <= LINKS)
        tokens = parser.inline.parse(source, parser, {"references": self._references}, [])
        text, run, last = Text(), "", PLAIN
        for piece, own in self._pieces(tokens, style):
            if own != last:
                text.append(run, last)
                run, last = "", own
            run += safe_text(piece) if "&" in source else piece
        return text.append(run, last)

    def _pieces(self, tokens: list[Token], style: Style) -> Iterator[tuple[str, Style]]:
        styles, address, shown, broken = [style], "", "", False  # shown: of the link that is open
        for token in tokens:
            piece = self._shown(token).lstrip(" " if broken else "")
            broken = piece == "\n"
            if token.nesting > 0:
                styles.append(styles[-1] + _STYLES[token.tag])
            if token.type == "link_open":
                address, shown = str(token.attrs["href"]), ""
            elif token.type == "link_close":
                yield _address(address, shown), styles[-2] + PALE
            else:
                shown += piece
                yield piece, styles[-2 if token.nesting else -1] + (CODE if token.tag == "code" else PLAIN)
            if token.type == "image":
                yield _address(str(token.attrs["src"]), piece), styles[-1] + PALE
            if token.nesting < 0:
                styles.pop()

    def _shown(self, token: Token) -> str:
        match token.type:
            case "softbreak":
                return " "
            case "hardbreak" | "html_inline" if not token.content or _BREAK.fullmatch(token.content):
                return "\n"
            case "code_inline":
                code = token.content.replace("\t", " ")
                pad = " " if "`" in (code[:1], code[-1:]) else ""
                return code if self._color else f"{token.markup}{pad}{code}{pad}{token.markup}"
            case "image":
                return _SPACE.sub(" ", "".join(self._shown(child) for child in token.children or ()))
        if token.nesting:
            return "" if self._color or token.tag == "a" else token.markup
        return _SPACE.sub(" ", token.content)


def _address(url: str, shown: str) -> str:
    return "" if url in ("", shown, "mailto:" + shown) else f" ({url})" if shown else url


@cache
def _word() -> re.Pattern[str]:
    """A word, or a wide character: not broken before a closing mark, nor behind an opening one. Compiles in 10 ms."""
    wide = rf"[{_OPENING}]*[{_WIDE}][\u0300-\u036f\u3099\u309a{_CLOSING}]*"
    return re.compile(rf"(?:{wide}|[^ {_WIDE}{_OPENING}]+|[^ ]) *| +")


def words(text: str) -> list[str]:
    """What is not to be broken, the spaces behind it apart. At least one."""
    return [word.rstrip(" ") for word in (_ASCII_WORD if text.isascii() else _word()).findall(text)] or [""]


def wrapped(text: Text, width: int, *, fold: bool = False) -> list[Text]:
    """Lines of at most `width` cells, without spaces at their ends. fold: a longer word is cut, else it stays whole."""
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True) if "\n" in text.plain else [text]:
        fits = cells(line.plain) <= width
        lines.extend([line] if fits else line.divide(_breaks(line.plain, width, fold)))
    for line in lines:
        line.rstrip()
    return lines


def _breaks(text: str, width: int, fold: bool) -> Iterator[int]:
    column = 0
    for found in (_ASCII_WORD if text.isascii() else _word()).finditer(text):
        place, end, word = *found.span(), found[0].rstrip(" ")
        size = cells(word)
        if column and column + size > width:
            yield place
            column = 0
        for part in word if fold and size > width else (word,):
            size = cells(part)
            if column and column + size > width:
                yield place
                column = 0
            column, place = column + size, place + len(part)
        column += end - place


def painted(text: Text) -> str:
    """The text as a terminal takes it; each run of one style is opened and closed. Its spans do not overlap."""
    plain, place, out = text.plain, 0, ""
    for start, end, style in text.spans or [Span(0, len(plain), text.style)]:
        own = style if isinstance(style, Style) else PLAIN
        out += plain[place:start] + own.render(plain[start:end], color_system=ColorSystem.STANDARD)
        place = end
    return out + plain[place:]
