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
_SEPARATORS = re.compile(r"[\W_]+")
LONGEST_LINE = 10_000  # characters that are looked through


def spoken_to(diff: FileDiff) -> Iterator[Finding]:
    """One for each line that is new, or is looked at as it is; and one for the file's name."""
    names = f"{diff.path} {diff.old_path or ''}"
    first = next((line for line in diff.lines if line.number is not None), None)
    if first is not None and first.number is not None and _SPEAKS.search(_SEPARATORS.sub(" ", names)):
        yield _finding(diff.path, first.number, first.text)
    for line in diff.lines:
        looked_at = line.kind == "added" or diff.status == "whole"
        if looked_at and line.number is not None and _SPEAKS.search(line.text[:LONGEST_LINE]):
            yield _finding(diff.path, line.number, line.text)


def _finding(path: str, number: int, text: str) -> Finding:
    why = _(
        "It asks to ignore instructions: a model may have obeyed, so a person should look at this change."
    )
    return Finding(path, number, number, "error", INJECTION_TITLE, why, "", quoted(text))
