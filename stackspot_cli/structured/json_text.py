"""The JSON in an answer, found in whatever stands around it, and kept as it was written.

Strict, as RFC 8259 is: no NaN, no trailing comma, and no name twice in an object. Numbers and strings stay the
characters that they were. Pure: refuses to know schemas, models and streams.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

# What begins a container, rather than prose: `{ "a": …`, `[1, …`, but neither `{x}` nor `[text](address)`.
_CONTAINER = re.compile(r'\{\s*(?:"|\})|\[\s*(?:["{\[\]\-0-9]|(?:true|false|null)\b)')
_OUTSIDE = re.compile(r'[^"\[\]{}]+')
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_TOKENS = re.compile(rf"({_STRING.pattern})|\s+|([:,])", re.DOTALL)
_LONGEST_NUMBER = 4_000  # digits; Python refuses to read more than 4,300 as a whole number


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a text. text: as it was written, on one line. value: as Python reads it."""

    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """What begins as a value in a text and is none. why: a sentence with line and column within it."""

    text: str
    why: str


class NotJson(ValueError):
    """The text is no JSON; str() says why."""


def read(text: str) -> Any:
    """The one value that the text is. Raises NotJson."""
    try:
        return json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_without_repeats, parse_int=_whole_number
        )
    except json.JSONDecodeError as error:
        raise NotJson(reason(error)) from error
    except RecursionError as error:
        raise NotJson(_("it is nested too deeply")) from error


def reason(error: json.JSONDecodeError) -> str:
    """What is wrong, and where, in our words."""
    why = next((ours for theirs, ours in _REASONS.items() if error.msg.startswith(theirs)), error.msg)
    return _("line {line}, column {column}: {why}").format(line=error.lineno, column=error.colno, why=why)


# What Python's reader says, and what we say. Its newest version names a trailing comma.
_REASONS = {
    "Expecting value": _("a value is missing"),
    "Expecting property name": _("a name in double quotes is missing"),
    "Expecting ':'": _("a colon is missing"),
    "Expecting ','": _("a comma or a closing bracket is missing"),
    "Illegal trailing comma": _("there is a comma before a closing bracket"),
    "Unterminated string": _("this string never ends"),
    "Invalid control character": _("a control character stands in a string"),
    "Invalid \\": _("there is no such escape"),
    "Extra data": _("something stands behind the value"),
}


def _refuse_constant(word: str) -> Any:
    raise NotJson(_("{word} is no JSON").format(word=word))


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise NotJson(_("{name} stands twice in one object").format(name=json.dumps(repeated)))
    return made


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) < _LONGEST_NUMBER else float(digits)


def on_one_line(text: str) -> str:
    """JSON without the white space between its tokens, but for a blank after `:` and `,`."""

    def token(match: re.Match[str]) -> str:
        return match[1] or (f"{match[2]} " if match[2] else "")

    return _TOKENS.sub(token, text)


def values(text: str) -> Iterator[Found | Broken]:
    """The values in a text, in their order, whole or broken; none from inside another.

    A number, a string or a word stands alone on its line (perhaps in backticks), or is the whole text.
    """
    text = text.removeprefix("\ufeff")
    position = 0
    container = _CONTAINER.search(text)
    while position < len(text):
        if container is not None and container.start() < position:
            container = _CONTAINER.search(text, position)
        end = _end_of_line(text, position)
        if position == 0 or text[position - 1] == "\n":
            line = text[position:end].strip()
            scalar = _scalar(line.strip("`") if line.startswith("`") else line)
            if scalar is not None:
                yield scalar
                position = end + 1
                continue
        if container is None or container.start() >= end:
            position = end + 1
            continue
        start, position = container.start(), _end_of_container(text, container.start())
        piece = text[start:position]
        try:
            yield Found(on_one_line(piece), read(piece))
        except NotJson as error:
            yield Broken(piece, error.args[0])


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _scalar(line: str) -> Found | None:
    """A line that is a whole number, string or word of JSON by itself."""
    if not line or line[0] in "{[":
        return None
    try:
        return Found(line, read(line))
    except NotJson:
        return None


def _end_of_container(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; the end of the text where none does."""
    depth = 0
    position = start
    while position < len(text):
        character = text[position]
        if character == '"':
            string = _STRING.match(text, position)
            if string is None:
                return len(text)
            position = string.end()
            continue
        if character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return position + 1
        else:
            outside = _OUTSIDE.match(text, position)
            assert outside is not None, "what is no bracket and no quote is outside"
            position = outside.end()
            continue
        position += 1
    return len(text)
