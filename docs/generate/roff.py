"""man(7) markup: the one place that knows how a manual page escapes what it is given.

The prose that comes in is plain text with two marks: `what is typed` is set bold, <WHAT IS FILLED IN> italic.
"""

from __future__ import annotations

import re
import textwrap

MAX_LINE = 79  # mandoc's lint asks for input lines below 80 bytes
_MARKS = re.compile(r"`([^`]+)`|<([A-Z][A-Z0-9 _-]*)>")
# In what is typed, the characters that typesetters turn into typographic ones stay themselves.
_TYPED = {"-": r"\-", "'": r"\(aq", '"': r"\(dq", "^": r"\(ha", "~": r"\(ti"}
_PROSE = {"–": r"\(en", "—": r"\(em", "…": r"...", "•": r"\(bu", "→": r"\(->", "×": r"\(mu", "≤": r"\(<="}


def prose(text: str) -> str:
    """One paragraph, marks and all, filled; no line of it is mistaken for a request."""
    out, end = [], 0
    for match in _MARKS.finditer(text):
        out.append(_escaped(text[end : match.start()], typed=False))
        code, blank = match.groups()
        out.append(bold(code) if code else italic(blank))
        end = match.end()
    out.append(_escaped(text[end:], typed=False))
    return filled("".join(out))


def filled(line: str) -> str:
    """Broken at spaces, which a formatter puts back."""
    lines = textwrap.wrap(line, MAX_LINE - len(r"\&"), break_long_words=False, break_on_hyphens=False)
    return "\n".join(_guarded(one) for one in lines)


def bold(typed: str) -> str:
    """Something to be typed as it stands; <BLANKS> inside it are italic."""
    parts = re.split(r"<([A-Z][A-Z0-9 _-]*)>", typed)
    return "".join(
        italic(part) if place % 2 else rf"\fB{_escaped(part, typed=True)}\fR"
        for place, part in enumerate(parts)
        if part
    )


def italic(blank: str) -> str:
    return rf"\fI{_escaped(blank, typed=True)}\fR"


def verbatim(lines: str) -> str:
    """An example, line for line, indented."""
    body = "\n".join(_guarded(_escaped(line, typed=True)) for line in lines.rstrip("\n").split("\n"))
    return f".PP\n.nf\n.RS 4\n{body}\n.RE\n.fi"


def tagged(tag: str, text: str) -> str:
    """A term and its explanation. tag: made by `bold` and `italic`."""
    return f".TP\n{_guarded(tag)}\n{prose(text)}"


def macro_text(text: str) -> str:
    """As an argument of a macro, in quotes."""
    return '"' + _escaped(text, typed=True) + '"'


def _escaped(text: str, *, typed: bool) -> str:
    text = text.replace("\\", r"\e")
    table = _TYPED if typed else {}
    return "".join(table.get(one) or _PROSE.get(one) or _beyond_ascii(one) for one in text)


def _beyond_ascii(character: str) -> str:
    return character if character.isascii() else rf"\[u{ord(character):04X}]"


def _guarded(line: str) -> str:
    return rf"\&{line}" if line[:1] in (".", "'") else line
