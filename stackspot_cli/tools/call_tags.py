"""Calls whose values stand between tags, `<function=NAME><parameter=KEY>…` and `<invoke name="NAME">…`. Pure.

Refuses to know which tools there are, and what stands around a call.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.tools.call_forms import Broken, Written
from stackspot_cli.tools.text_cursor import Cursor, Reading

Calls: TypeAlias = list[Written | Broken]

CLOSE = "</tool_call>"
TAG_CHARACTERS = 300  # of `<tool_call id="…">`, `<function=…>`, a fence's line


def open_tag(cursor: Cursor, pattern: re.Pattern[str]) -> Reading[re.Match[str] | None]:
    """Takes a tag; None, and nothing is taken, where it is another."""
    while True:
        here = cursor.here(TAG_CHARACTERS)
        if ">" in here or len(here) == TAG_CHARACTERS or cursor.ended:
            found = cursor.match(pattern)
            if found is not None:
                cursor.take(len(found[0]))
            return found
        yield


@dataclass(frozen=True, slots=True)
class _Tags:
    begins: str
    open: re.Pattern[str]
    parameter_begins: str
    parameter: re.Pattern[str]
    parameter_close: str
    close: str


def _invoke(prefix: str) -> _Tags:
    return _Tags(
        f"<{prefix}invoke",
        re.compile(rf'<{prefix}invoke\s+name="([^"<>]+)"\s*>'),
        f"<{prefix}parameter",
        re.compile(rf'<{prefix}parameter\s+name="([^"<>]+)"[^<>]*>'),
        f"</{prefix}parameter>",
        f"</{prefix}invoke>",
    )


_FORMS = (
    _Tags(
        "<function=",
        re.compile(r"<function=([^\s<>\"']+)\s*>"),
        "<parameter=",
        re.compile(r"<parameter=([^\s<>\"']+)\s*>"),
        "</parameter>",
        "</function>",
    ),
    _invoke(""),
    _invoke("antml:"),
)
WRAPPERS = ("<function_calls>", "<function_calls>")
WRAPPERS_CLOSE = ("</function_calls>", "</function_calls>")
TAG_MARKS = (*(form.begins for form in _FORMS), *WRAPPERS)


def by_tags(cursor: Cursor) -> Reading[Calls | None]:
    """From `<function=NAME>` or `<invoke name="NAME">`, one or several, to the last closing tag."""
    wrapper = yield from cursor.starts(*WRAPPERS)
    cursor.take(len(wrapper))
    if wrapper:
        yield from cursor.skip_white()
    calls: Calls = []
    while True:
        begins = yield from cursor.starts(*(form.begins for form in _FORMS))
        form = next((form for form in _FORMS if form.begins == begins), None)
        one = None if form is None else (yield from _by_form(cursor, form))
        if one is None:
            break
        calls.append(one)
        yield from cursor.skip_white()
    if not calls:
        return None
    cursor.take(len((yield from cursor.starts(*WRAPPERS_CLOSE))))
    return calls


def _by_form(cursor: Cursor, form: _Tags) -> Reading[Written | Broken | None]:
    before = len(cursor.taken())
    opened = yield from open_tag(cursor, form.open)
    if opened is None:
        return None
    name, arguments = opened[1], dict[str, str]()
    while True:
        yield from cursor.skip_white()
        mark = yield from cursor.starts(form.parameter_begins, form.close, CLOSE)
        if mark in (form.close, CLOSE):
            cursor.take(len(mark) if mark == form.close else 0)
            return Written(name, dict(arguments), cursor.taken()[before:], by_tags=True)
        parameter = (yield from open_tag(cursor, form.parameter)) if mark else None
        value = None if parameter is None else (yield from _value(cursor, form))
        if parameter is None or value is None:
            break
        arguments[parameter[1]] = value
    if not arguments and parameter is None:
        return None  # the tag was only spoken of
    yield from cursor.until(form.close)
    return Broken(cursor.taken()[before:], f"the call of {name} was cut off, or holds more than parameters")


def _value(cursor: Cursor, form: _Tags) -> Reading[str | None]:
    """To the closing tag that another tag of the call follows: code may hold such a tag itself."""
    parts: list[str] = []
    while True:
        piece = yield from cursor.until(form.parameter_close)
        if piece is None:
            return None
        parts.append(piece)
        white = yield from cursor.skip_white()
        followed = yield from cursor.starts(form.parameter_begins, form.close, CLOSE, *WRAPPERS_CLOSE)
        if followed or not cursor.rest:
            return "".join(parts).removeprefix("\n").removesuffix("\n")
        parts.append(form.parameter_close + white)
