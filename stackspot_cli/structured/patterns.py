"""Regular expressions from outside, searched within a bound of time.

Knows the library `regex`, which can give up; Python's own cannot. Refuses to know who asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackspot_cli.lean_dataclasses import dataclass

if TYPE_CHECKING:
    import regex

PATIENCE_SECONDS = 2.0  # for one pattern over one text; an ordinary one needs milliseconds for a long answer


class NotAPattern(ValueError):
    """str() says what is wrong, and where."""


class TooSlow(Exception):
    """The pattern needs longer than is sensible for this text."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """text: as it was written."""

    text: str
    _compiled: regex.Pattern[str]

    def line_of(self, answer: str) -> str | None:
        """The first line that it is found in, None where it is not. Raises TooSlow."""
        try:
            found = self._compiled.search(answer, timeout=PATIENCE_SECONDS)
        except TimeoutError as error:
            raise TooSlow from error
        if found is None:
            return None
        start = answer.rfind("\n", 0, found.start()) + 1
        end = answer.find("\n", found.start())
        return answer[start : len(answer) if end < 0 else end]


def compile_pattern(text: str, *, by_line: bool) -> Pattern:
    """by_line: `^` and `$` stand for each line's ends, else for the whole text's. Raises NotAPattern."""
    import regex  # deferred: few calls have a pattern

    try:
        return Pattern(text, regex.compile(text, regex.MULTILINE if by_line else 0))
    except (regex.error, RecursionError, OverflowError) as error:
        raise NotAPattern(str(error)) from error
