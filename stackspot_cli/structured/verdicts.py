"""What a pattern says about a whole answer: met, or the sentence that says why not. Pure."""

from __future__ import annotations

from stackspot_cli.errors import AnswerLacks
from stackspot_cli.safe_text import safe_line
from stackspot_cli.structured.patterns import Pattern, TooSlow
from stackspot_cli.translation import _


def found_in(pattern: Pattern, answer: str) -> AnswerLacks | None:
    """Why a pattern that must not be found makes the answer unfit."""
    try:
        line = pattern.line_of(answer)
    except TooSlow:
        return _too_slow(pattern, "--fail-if")
    if line is None:
        return None
    return AnswerLacks(
        _("the answer matches {pattern} (--fail-if) in the line: {line}").format(
            pattern=repr(safe_line(pattern.text)), line=safe_line(line)
        )
    )


def missing_in(pattern: Pattern, answer: str) -> AnswerLacks | None:
    """Why a pattern that must be found makes the answer unfit."""
    try:
        if pattern.line_of(answer) is not None:
            return None
    except TooSlow:
        return _too_slow(pattern, "--fail-unless")
    return AnswerLacks(
        _("the answer does not match {pattern} (--fail-unless)").format(pattern=repr(safe_line(pattern.text)))
    )


def _too_slow(pattern: Pattern, option: str) -> AnswerLacks:
    """A demand that could not be looked at is not met: a gate opens for what is known alone."""
    return AnswerLacks(
        _("searching the answer for {pattern} ({option}) takes too long, so it counts as not met").format(
            pattern=repr(safe_line(pattern.text)), option=option
        ),
        _("write a pattern without a repetition inside a repetition"),
    )
