"""What stands behind a mark that begins a call, read to its end. Pure.

Each reader gives the calls that it took, whole or broken, or None where this is no call after all; its caller then
gives the text back. Refuses to know what stands around a call (`call_reader`).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from stackspot_cli.tools.call_forms import Broken, from_json, is_a_call, may_be_a_call
from stackspot_cli.tools.call_tags import CLOSE, TAG_CHARACTERS, TAG_MARKS, Calls, by_tags, open_tag
from stackspot_cli.tools.text_cursor import Container, Cursor, Reading

ODD_CHARACTERS = 2_000  # of what stands between our marks and is no JSON
_OPEN = re.compile(r"<tool_calls?(\s[^<>\n]*)?>")
_CLOSING = re.compile(r"</tool_calls?\s*>")
_JSON = re.compile(r'[{\[][\s{\[]*"')
_SURE = re.compile(r'[\[\s]*\{\s*"tool_calls"')
_SUPERFLUOUS = re.compile(r"[\s,}\]]*")
FENCES = ("```", "~~~")
CALL_FENCES = {
    "",
    "json",
    "jsonc",
    "xml",
    "tool_call",
    "tool_calls",
    "tool_code",
    "tool",
    "function_call",
    "text",
}
SURE_FENCES = {"tool_call", "tool_calls", "function_call"}


# --- <tool_call> -----------------------------------------------------------------------------------


def tagged(cursor: Cursor, *, own_line: bool) -> Reading[Calls | None]:
    """From `<tool_call>` to its closing mark. own_line: only white space stands before it in its line."""
    if (yield from open_tag(cursor, _OPEN)) is None:
        return None
    yield from cursor.skip_white()
    if (yield from cursor.starts("<tool_call>")):  # a list of calls that is tagged itself
        cursor.take(len("<tool_call>"))
        yield from cursor.skip_white()
    if (yield from cursor.starts(*FENCES)):
        cursor.take(len((yield from cursor.line(TAG_CHARACTERS))))
        yield from cursor.skip_white()
    first = cursor.here(1)
    calls: Calls | None
    if first and first in "{[" and (own_line or (yield from _is_json(cursor))):
        calls = yield from _values(cursor)
    elif first == "<":
        calls = yield from by_tags(cursor)
    else:
        calls = None
    if calls is None:
        return (yield from _odd(cursor)) if own_line else None
    yield from _close(cursor)
    return calls


def _is_json(cursor: Cursor) -> Reading[bool]:
    """Whether a name follows the brackets: what is quoted in a string (`{\\"`) has none."""
    while True:
        here = cursor.here(TAG_CHARACTERS)
        if here.strip("{[ \t\r\n") or cursor.ended or len(here) == TAG_CHARACTERS:
            return cursor.match(_JSON) is not None
        yield


def _values(cursor: Cursor) -> Reading[Calls]:
    """JSON values one after another, to what is none."""
    calls: Calls = []
    while True:
        before = len(cursor.taken())
        box = yield from cursor.container()
        if box.whole:
            calls += from_json(box.text)
        elif box.odd and (yield from cursor.starts(CLOSE)):
            calls += from_json(box.text + box.missing)
        else:
            return calls + (yield from _broken(cursor, box, before))
        yield from _skip(cursor, _SUPERFLUOUS)
        if not cursor.here(1) or cursor.here(1) not in "{[":
            return calls


def _broken(cursor: Cursor, box: Container, before: int) -> Reading[Calls]:
    """What it was, to the closing mark that is nearest. before: how much was taken before this value."""
    end = box.text.find(CLOSE)
    if box.odd and not (0 <= end < box.text.find("<tool_call")):
        rest = yield from cursor.until(CLOSE)
        if rest is not None:
            return from_json(box.text + rest)
        line_end = cursor.taken().find("\n", before + len(box.text))
        source = cursor.give_back(line_end if line_end >= 0 else len(cursor.taken()))
        return from_json(source[before:])
    if end < 0:
        return [Broken(box.text, "this call was cut off before its end")]
    cursor.give_back(before + end + len(CLOSE))  # it only seemed to stand inside a string
    inner = whole_container(box.text[:end])
    return from_json(inner.text if inner.in_string else inner.text + inner.missing)


def whole_container(text: str) -> Container:
    """The JSON that a whole text begins with."""
    cursor = Cursor()
    cursor.append(text)
    cursor.ended = True
    reading = cursor.container()
    try:
        next(reading)
    except StopIteration as done:
        result: Container = done.value
        return result
    raise AssertionError("a text that has ended needs no more")


def _odd(cursor: Cursor) -> Reading[Calls | None]:
    """Between our marks stands something else: a call that was meant, where the closing mark comes soon."""
    count = 0
    while count < ODD_CHARACTERS:
        line = yield from cursor.line(ODD_CHARACTERS)
        end = line.find(CLOSE)
        if end >= 0:
            cursor.take(end + len(CLOSE))
            why = "between the marks stands no JSON object with `name` and `arguments`"
            return [Broken(cursor.taken(), why)]
        if not line.strip() or not line.endswith("\n"):
            return None
        count += len(cursor.take(len(line)))
    return None


def _close(cursor: Cursor) -> Reading[None]:
    """The closing mark, which may lack, and a fence's end before it."""
    yield from cursor.skip_white()
    if (yield from cursor.starts(*FENCES)):
        cursor.take(len((yield from cursor.line(TAG_CHARACTERS))))
        yield from cursor.skip_white()
    if (yield from cursor.starts("</tool_call")):
        yield from open_tag(cursor, _CLOSING)


def _skip(cursor: Cursor, pattern: re.Pattern[str]) -> Reading[None]:
    while True:
        found = cursor.match(pattern)
        if found and found[0]:
            cursor.take(len(found[0]))
        if cursor.rest or cursor.ended:
            return
        yield


# --- JSON without a mark ---------------------------------------------------------------------------


def unmarked(cursor: Cursor, names: Collection[str]) -> Reading[Calls | None]:
    """JSON that stands by itself, where it is a call rather than data."""
    while (decided := may_be_a_call(cursor.here(TAG_CHARACTERS), names)) is None:
        if cursor.ended or len(cursor.here(TAG_CHARACTERS)) == TAG_CHARACTERS:
            return None
        yield
    if not decided:
        return None
    box = yield from cursor.container()
    if box.whole and is_a_call(box.text, names):
        return from_json(box.text)
    return from_json(box.text) if _SURE.match(box.text) and not box.odd else None


def fenced(cursor: Cursor, names: Collection[str]) -> Reading[Calls | None]:
    """A fence that holds calls and nothing else, from its opening line to its closing one."""
    opening = yield from cursor.line(TAG_CHARACTERS)
    run = len(opening) - len(opening.lstrip(opening[0]))
    words = opening[run:].strip().lower()
    if run < 3 or words not in CALL_FENCES:
        return None
    cursor.take(len(opening))
    calls: Calls = []
    while True:
        yield from cursor.skip_white()
        before = len(cursor.taken())
        first = cursor.here(1)
        found: Calls | None = None
        if first and first in "{[":
            found = (
                (yield from _values(cursor)) if words in SURE_FENCES else (yield from unmarked(cursor, names))
            )
        elif first == "<":
            mark = yield from cursor.starts("<tool_call", *TAG_MARKS)
            if mark:
                reader = tagged(cursor, own_line=True) if mark == "<tool_call" else by_tags(cursor)
                found = yield from reader
        if found is None:
            break
        calls += found
    if not calls or len(cursor.taken()) > before:
        return None
    if (yield from cursor.starts(opening[0] * 3)):
        cursor.take(len((yield from cursor.line(TAG_CHARACTERS))))
    elif cursor.rest:
        return None  # other words stand in the same fence: it is quoted
    return calls
