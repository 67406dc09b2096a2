"""An answer as it comes, divided into text and calls. Pure.

    reader = CallReader(tools, rule)
    reader.feed(text), …, reader.end()        -> what is sure by now: text, Written, Broken, Cut

Only what could still become a call is held back. However the text was cut, the same comes out. A mark that is
quoted (in prose, in code) is text. Where the model goes on into a result or into somebody else's turn, it is Cut:
nothing behind that is part of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, TypeAlias

from stackspot_cli.tools import call_body, call_tags
from stackspot_cli.tools.call_forms import Broken, Written
from stackspot_cli.tools.prompt_text import END, RESULT_OF
from stackspot_cli.tools.text_cursor import Cursor, Reading


class Cut:
    """The answer ended here, whatever still comes."""


CUT: Final = Cut()
Piece: TypeAlias = str | Written | Broken | Cut

HEADING_CHARACTERS = 300
LOOKED_AGAIN_CHARACTERS = (
    1_000_000  # of one answer: a model that repeats half a call for ever would take hours
)
_HEADINGS = ("user", "system", "assistant", END, RESULT_OF, "result,")
_MAY_BEGIN = re.compile(r"[<`~{\[=]")
_FENCE_CHARACTERS = {"`": re.compile("`"), "~": re.compile("~")}
_MAY_BEGIN_A_HEADING = re.compile(r"=")
# What models write where a result or the user's turn would come, after they have called.
_INVENTED = ("<tool_result", "<tool_response", "<function_result", "[tool_result", "[user]", "[tool]")
_STRAY = ("</tool_call>", "</tool_calls>", "</function>", "</function_calls>")


class CallReader:
    """names: of the tools that are offered; without one, all is text. rule: of the prompt's headings, "" for none."""

    def __init__(self, names: Collection[str], rule: str = "") -> None:
        self._names = frozenset(names)
        self._rule = rule
        self._special = _MAY_BEGIN if self._names else _MAY_BEGIN_A_HEADING
        self._cursor = Cursor()
        self._out: list[Piece] = []
        self._blank = ""  # white space that belongs to the text only if text follows
        self._own_line = True  # nothing but white space stands before this in its line
        self._last = ""  # the last character that was given out
        self._fence = ""  # what would close the code that we are in
        self._called = False  # at all
        self._behind_call = False  # and nothing was said since
        self._divided = False  # from the text before the call by white space that is held already
        self._looked_again = 0  # characters that were read as a call and were none
        self._over = False
        self._idle = True  # all that came is given out, but for `_blank`
        self._reading = self._read()
        next(self._reading)

    def feed(self, text: str) -> list[Piece]:
        if self._over or not text:
            return []
        if self._idle and not self._fence and self._special.search(text) is None:
            self._say(text)
        else:
            self._idle = False
            self._cursor.append(text)
            next(self._reading, None)
        return self._given()

    def end(self) -> list[Piece]:
        """Nothing more comes."""
        if not self._over:
            self._cursor.ended = True
            next(self._reading, None)
            if self._blank and not self._behind_call and not self._over:
                self._out.append(self._blank)
            self._over = True
        return self._given()

    def _given(self) -> list[Piece]:
        out, self._out = self._out, []
        return out

    # --- text --------------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        """Gives text out; white space at its end waits for what follows."""
        if self._behind_call and self._divided:
            text = text.lstrip()
        bare = text.rstrip()
        if not bare:
            self._blank += text
            self._own_line = self._own_line or "\n" in text
            return
        self._out.append(self._blank + bare if self._blank else bare)
        self._blank = text[len(bare) :]
        self._own_line = "\n" in self._blank
        self._last = bare[-1]
        self._behind_call = False

    def _read(self) -> Reading[None]:
        cursor = self._cursor
        while True:
            if not cursor.rest:
                if cursor.ended:
                    return
                self._idle = True
                yield
                self._idle = False
                continue
            found = cursor.find(_FENCE_CHARACTERS[self._fence[0]] if self._fence else self._special)
            if found is None:
                self._say(cursor.take_all())
                continue
            if found:
                self._say(cursor.take(found))
            cursor.begin()
            if self._fence:
                yield from self._in_fence()
            else:
                yield from self._special_character()
            if self._over:
                return

    def _special_character(self) -> Reading[None]:
        match self._cursor.here(1):
            case "=":
                yield from self._heading()
            case "<":
                yield from self._tag()
            case "`" | "~":
                yield from self._fence_line()
            case first:
                yield from self._bracket(first)

    def _as_text(self, count: int) -> None:
        """This was no call: so many characters are text. The rest is looked at again, but not for ever."""
        taken = len(self._cursor.taken())
        self._looked_again += taken
        if self._looked_again > LOOKED_AGAIN_CHARACTERS:
            count = max(count, taken)
        self._say(self._cursor.give_back(count) if taken else self._cursor.take(count))

    def _give_calls(self, calls: call_tags.Calls) -> None:
        self._out += calls
        if not self._behind_call:
            self._divided = bool(self._blank) or not self._last
        self._called = self._behind_call = self._own_line = True

    # --- what may begin a call ---------------------------------------------------------------------

    def _tag(self) -> Reading[None]:
        cursor = self._cursor
        invented = _INVENTED if self._called and self._own_line else ()
        stray = _STRAY if self._called and self._own_line else ()
        mark = yield from cursor.starts("<tool_call", *call_tags.TAG_MARKS, *invented, *stray)
        if not mark or (self._last == "`" and not self._blank):
            self._as_text(max(1, len(mark)))
        elif mark in stray:
            cursor.take(len(mark))
        elif mark in invented:
            self._cut()
        else:
            reader = (
                call_body.tagged(cursor, own_line=self._own_line)
                if mark == "<tool_call"
                else call_tags.by_tags(cursor)
            )
            calls = yield from reader
            if calls is None:
                self._as_text(len(mark))
            else:
                self._give_calls(calls)

    def _bracket(self, first: str) -> Reading[None]:
        if not self._own_line:
            self._as_text(1)
            return
        if first == "[" and self._called and (yield from self._cursor.starts(*_INVENTED)):
            self._cut()
            return
        calls = yield from call_body.unmarked(self._cursor, self._names)
        if calls is None:
            # Data: as text to its end, for what is quoted in it calls nothing.
            whole = self._cursor.taken()
            self._as_text(len(whole) if whole and call_body.whole_container(whole).whole else 1)
        else:
            self._give_calls(calls)

    def _fence_line(self) -> Reading[None]:
        cursor = self._cursor
        mark = cursor.here(1)
        if not self._own_line or not (yield from cursor.starts(mark * 3)):
            self._as_text(1)
            return
        calls = yield from call_body.fenced(cursor, self._names)
        if calls is not None:
            self._give_calls(calls)
            return
        if cursor.taken():
            cursor.give_back()
        line = yield from cursor.line(call_tags.TAG_CHARACTERS)
        self._fence = mark * (len(line) - len(line.lstrip(mark)))
        self._say(cursor.take(len(line)))

    def _in_fence(self) -> Reading[None]:
        """At the fence's character: the line that closes it, or text."""
        cursor = self._cursor
        if not self._own_line:
            self._as_text(1)
            return
        line = yield from cursor.line(call_tags.TAG_CHARACTERS)
        closes = line.startswith(self._fence) and not line.strip().strip(self._fence[0])
        self._fence = "" if closes else self._fence
        self._say(cursor.take(len(line)))

    # --- what ends an answer -----------------------------------------------------------------------

    def _heading(self) -> Reading[None]:
        """One of our own headings: the model goes on into somebody else's turn."""
        cursor = self._cursor
        if not self._own_line or not self._rule:
            self._as_text(1)
            return
        while True:
            here = cursor.here(HEADING_CHARACTERS)
            line, newline, _rest = here.partition("\n")
            if newline or cursor.ended or len(here) == HEADING_CHARACTERS or not self._may_be_heading(line):
                break
            yield
        if not self._is_heading(line):
            self._as_text(len(line) - len(line.lstrip("=")))
        elif "assistant" in line and not self._last and not self._called:
            cursor.take(len(line) + len(newline))  # its own heading, said again
        else:
            self._cut()

    def _may_be_heading(self, line: str) -> bool:
        begin = self._rule + " "
        if len(line) <= len(begin):
            return begin.startswith(line)
        words = line[len(begin) :]
        return line.startswith(begin) and any(
            words.startswith(one) or one.startswith(words) for one in _HEADINGS
        )

    def _is_heading(self, line: str) -> bool:
        line = line.rstrip()
        if not (line.startswith(f"{self._rule} ") and line.endswith(f" {self._rule}")):
            return False
        words = line[len(self._rule) + 1 : -len(self._rule) - 1]
        return any(words == one or (one.startswith("result") and words.startswith(one)) for one in _HEADINGS)

    def _cut(self) -> None:
        self._out.append(CUT)
        self._over = True
