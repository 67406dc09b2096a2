"""Words in a change that are meant for whoever reviews it: found by the program itself, whatever the model says.

Pure. Knows the plain forms, in English and Portuguese, of "ignore your instructions". A model is told to find the
others (`rules`); one that obeyed them could not be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackspot_cli.review.diff import FileDiff
from stackspot_cli.review.placing import Finding, quoted
from stackspot_cli.review.rules import INJECTION_TITLE
from stackspot_cli.translation import _

_ENGLISH = r"(?:ignore|disregard|forget)\b[\w ,]{0,30}\b(?:your|previous|prior|above|earlier|preceding)\b[\w ,]{0,20}"
_ENGLISH += r"\b(?:rules?|instructions?|prompts?|guidelines)\b"
_PORTUGUESE = r"(?:ignore|desconsidere|esqueça)\b[\w ,]{0,20}\b(?:regras|instruções|diretrizes)\b[\w ,]{0,10}"
_PORTUGUESE += (
    r"\b(?:anteriores|acima|prévias)\b|(?:ignore|desconsidere|esqueça) (?:as )?suas (?:regras|instruções)"
)
_SPEAKS = re.compile(rf"\b(?:{_ENGLISH}|{_PORTUGUESE})", re.IGNORECASE)
LONGEST_LINE = 10_000  # characters that are looked through


def spoken_to(diff: FileDiff) -> Iterator[Finding]:
    """One for each line that is new, or is looked at as it is."""
    for line in diff.lines:
        looked_at = line.kind == "added" or diff.status == "whole"
        if looked_at and line.number is not None and _SPEAKS.search(line.text[:LONGEST_LINE]):
            yield Finding(
                diff.path,
                line.number,
                line.number,
                "error",
                INJECTION_TITLE,
                _(
                    "It asks to ignore instructions: a model may have obeyed, so a person should look at "
                    "this change."
                ),
                "",
                quoted(line.text),
            )
