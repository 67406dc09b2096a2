"""A text that comes in pieces, read as if it were whole. Pure.

Readers are generators: where the text that is here does not decide, they yield, and go on when more has come. So no
decision depends on how the text was cut, and nothing is looked at twice.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import TypeAlias, TypeVar

from stackspot_cli.lean_dataclasses import dataclass

T = TypeVar("T")
Reading: TypeAlias = Generator[None, None, T]

_WHITE = re.compile(r"\s*")
_IN_STRING = re.compile(r'[^"\\]+')
_BETWEEN = re.compile(r"[\s,:0-9+\-.eEtrufalsn]+")  # what JSON has outside strings and brackets
_CLOSERS = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Container:
    """JSON that was read from its opening bracket. missing: the closing brackets that it lacks; "" for a whole one.

    odd: it met something that JSON does not have; the text ends before it. in_string: it ends inside a string.
    """

    text: str
    missing: str = ""
    odd: bool = False
    in_string: bool = False

    @property
    def whole(self) -> bool:
        return not self.missing and not self.odd


class Cursor:
    """A place in the text. Whatever is taken since `begin` can be given back."""

    def __init__(self) -> None:
        self.ended = False
        self._text = ""
        self._at = 0
        self._taken: list[str] = []

    # --- from outside ------------------------------------------------------------------------------

    def append(self, text: str) -> None:
        self._text = self._text[self._at :] + text if self._at < len(self._text) else text
        self._at = 0

    @property
    def rest(self) -> bool:
        """Whether there is something to read."""
        return self._at < len(self._text)

    # --- looking -----------------------------------------------------------------------------------

    def find(self, pattern: re.Pattern[str]) -> int | None:
        """How far away what was found is, in what is here."""
        found = pattern.search(self._text, self._at)
        return None if found is None else found.start() - self._at

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.match(self._text, self._at)

    def here(self, count: int) -> str:
        """Up to so many characters, of those that are here."""
        return self._text[self._at : self._at + count]

    def need(self, count: int) -> Reading[bool]:
        """Whether there are so many characters, now or later."""
        while len(self._text) - self._at < count:
            if self.ended:
                return False
            yield
        return True

    def starts(self, *marks: str) -> Reading[str]:
        """The longest of the marks that the text goes on with; "" for none."""
        for mark in sorted(marks, key=len, reverse=True):
            while True:
                here = self.here(len(mark))
                if here == mark:
                    return mark
                if self.ended or not mark.startswith(here):
                    break
                yield
        return ""

    # --- taking ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What is taken from here on may be given back."""
        self._taken = []

    def take(self, count: int) -> str:
        piece = self._text[self._at : self._at + count]
        self._at += len(piece)
        self._taken.append(piece)
        return piece

    def take_all(self) -> str:
        return self.take(len(self._text) - self._at)

    def taken(self) -> str:
        return "".join(self._taken)

    def give_back(self, keep: int = 0) -> str:
        """Everything since `begin` but its first characters, which are returned."""
        taken = self.taken()
        self._text = taken[keep:] + self._text[self._at :]
        self._at = 0
        self._taken = [taken[:keep]]
        return taken[:keep]

    def skip_white(self) -> Reading[str]:
        """Takes white space: the next character is another one, or there is none."""
        parts = []
        while True:
            found = _WHITE.match(self._text, self._at)
            assert found is not None, "nothing at all would match"
            parts.append(self.take(found.end() - found.start()))
            if self.rest or self.ended:
                return "".join(parts)
            yield

    def line(self, longest: int) -> Reading[str]:
        """What is left of the line, its end included; looks, and takes nothing. At most so many characters."""
        while True:
            here = self.here(longest)
            end = here.find("\n")
            if end >= 0:
                return here[: end + 1]
            if len(here) == longest or self.ended:
                return here
            yield

    def until(self, mark: str, longest: int | None = None) -> Reading[str | None]:
        """Takes the text before the mark, and the mark. None: it does not come (within so many characters)."""
        parts: list[str] = []
        count = 0
        while longest is None or count <= longest:
            found = self._text.find(mark, self._at)
            if found >= 0:
                parts.append(self.take(found - self._at))
                self.take(len(mark))
                text = "".join(parts)
                return text if longest is None or len(text) <= longest else None
            if self.ended:
                self.take_all()
                return None
            sure = len(self._text) - self._at - len(mark) + 1
            if sure > 0:
                parts.append(self.take(sure))
                count += sure
            yield
        return None

    def container(self) -> Reading[Container]:
        """Takes JSON from an opening bracket to the one that closes it: brackets in strings count for nothing."""
        parts: list[str] = []
        missing: list[str] = []
        in_string = escaped = False
        while True:
            text, place = self._text, self._at
            while place < len(text):
                character = text[place]
                if escaped:
                    escaped = False
                elif in_string:
                    found = _IN_STRING.match(text, place)
                    if found:
                        place = found.end()
                        continue
                    escaped = character == "\\"
                    in_string = escaped
                elif character in _CLOSERS:
                    missing.append(_CLOSERS[character])
                elif missing and character == missing[-1]:
                    missing.pop()
                    if not missing:
                        parts.append(self.take(place + 1 - self._at))
                        return Container("".join(parts))
                elif character == '"':
                    in_string = True
                else:
                    found = _BETWEEN.match(text, place)
                    if found is None:
                        parts.append(self.take(place - self._at))
                        return Container("".join(parts), "".join(reversed(missing)), odd=True)
                    place = found.end()
                    continue
                place += 1
            parts.append(self.take_all())
            if self.ended:
                return Container("".join(parts), "".join(reversed(missing)), in_string=in_string)
            yield
