"""A finding as a model gives it: the schema that it is asked for, and what is taken from an answer. Pure.

Refuses to believe anything of it: see `placing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, TypeAlias

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured import schema as schemas
from stackspot_cli.structured.complaints import Complaint
from stackspot_cli.structured.fitting import Unfit
from stackspot_cli.structured.json_text import Broken, Found, values
from stackspot_cli.structured.schema import Schema
from stackspot_cli.translation import _

Severity: TypeAlias = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")  # the heaviest first
MOST_FINDINGS = 100  # of one part: more is no review
LONGEST_TITLE, LONGEST_TEXT = 200, 4_000  # characters

_FIELDS: dict[str, dict[str, Any]] = {
    "file": {"type": "string", "description": "the file's name, exactly as it stands behind `File:`"},
    "line": {"type": "integer", "minimum": 1, "description": "the number before the line"},
    "end_line": {"type": "integer", "minimum": 1, "description": "the last such number; `line` for one line"},
    "quote": {
        "type": "string",
        "description": "that line, copied character by character, without its number and mark",
    },
    "severity": {"type": "string", "enum": list(SEVERITIES)},
    "title": {"type": "string", "description": "what is wrong, in one short sentence"},
    "why": {"type": "string", "description": "what happens because of it, in one or two sentences"},
    "fix": {
        "type": "string",
        "description": "the smallest mend, as code where that helps; empty where there is none",
    },
}
_EMPTY_ALONE = re.compile(r"^[ \t`]*\[\s*\][ \t`]*$", re.MULTILINE)
# Whole, or begun and never ended.
_LOOKS_LIKE_FINDINGS = re.compile(r'"(?:severity|title|file|line|quote)"|^(?:\[\s*)?\{\s*(?:"|$)')
_NEEDED = ("file", "line", "severity", "title")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says is wrong. Nothing of it is checked but its form. quote: "" where none was given."""

    file: str
    line: int
    end_line: int
    severity: Severity
    title: str
    why: str = ""
    fix: str = ""
    quote: str = ""


@cache
def asked_for() -> Schema:
    """What the model is told."""
    item = {"type": "object", "properties": _FIELDS, "required": list(_FIELDS), "additionalProperties": False}
    return schemas.from_document(item, many=True)


@cache
def _taken() -> Schema:
    """What is enough: a finding is not lost for want of a mend, nor for a field too many."""
    return schemas.from_document(
        {"type": "object", "properties": _FIELDS, "required": list(_NEEDED)}, many=True
    )


def read(answer: str) -> tuple[Claim, ...] | Unfit:
    """Every finding of every list in the answer, whatever stands around them.

    An empty list says "nothing is wrong", and is believed only where nothing else in the answer looks like a
    finding: one that is broken, or does not fit, must not pass for a clean change.
    """
    items: list[Any] = []
    complaints: tuple[Complaint, ...] = ()
    said_nothing = doubtful = False
    for found in values(answer):
        listed = _listed(found)
        if listed is None:
            wrong: tuple[Complaint, ...] = (Complaint((), _("it is no list of findings")),)
        else:
            wrong = _taken().complaints(listed)
        if listed is not None and not wrong:
            items += listed
            said_nothing = said_nothing or (not listed and _is_said(found, answer))
        else:
            doubtful = doubtful or _LOOKS_LIKE_FINDINGS.search(found.text) is not None
            complaints = complaints or wrong
    if doubtful or not (items or said_nothing):
        return Unfit(complaints or (Complaint((), _("the answer holds no JSON")),))
    items.sort(key=lambda item: SEVERITIES.index(item["severity"]))  # the heaviest are those that are kept
    return tuple(_claim(item) for item in items[:MOST_FINDINGS])


def _is_said(found: Found | Broken, answer: str) -> bool:
    """Whether an empty list is an answer, and not `[]` in the middle of a sentence."""
    return found.text.startswith("{") or _EMPTY_ALONE.search(answer) is not None


def _listed(found: Found | Broken) -> list[Any] | None:
    """The findings of one JSON value: a list of them, one alone, or an object that holds the list."""
    if not isinstance(found, Found):
        return None
    match found.value:
        case list() as listed:
            return listed
        case {"findings": list() as listed}:
            return listed
        case {"severity": _severity}:
            return [found.value]
    return None


def _claim(item: dict[str, Any]) -> Claim:
    line = int(item["line"])
    why = item.get("why", "").strip()
    title = " ".join((item["title"].strip() or why or item["severity"]).split())
    return Claim(
        item["file"],
        line,
        max(line, int(item.get("end_line", line))),
        item["severity"],
        _cut(title, LONGEST_TITLE),
        _cut(why, LONGEST_TEXT),
        _cut(item.get("fix", "").strip("\n"), LONGEST_TEXT),
        item.get("quote", ""),
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"


def dumped(claims: tuple[Claim, ...]) -> Iterator[dict[str, Any]]:
    """As they are remembered; `read` takes them back."""
    for claim in claims:
        yield {name: getattr(claim, name) for name in Claim.__slots__}
