"""From an answer's text to the value that was asked for, or to what is wrong with it; and what the model is told.

Pure. Knows how an answer is asked for by a schema, and asked for again. Refuses to know who asks and how often.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured.complaints import Complaint
from stackspot_cli.structured.json_text import Found, values
from stackspot_cli.structured.schema import Schema
from stackspot_cli.translation import _, untranslated


@dataclass(frozen=True, slots=True)
class Unfit:
    """No value of the answer fits."""

    complaints: tuple[Complaint, ...]


Fitting: TypeAlias = Found | Unfit


def fit(answer: str, schema: Schema) -> Fitting:
    """The first whole value of the answer that fits, else what is wrong with the first there is.

    Raises NotASchema where the schema itself cannot be held against a value.
    """
    complaints: tuple[Complaint, ...] = ()
    for found in values(answer):
        if isinstance(found, Found):
            wrong = schema.complaints(found.value)
            if not wrong:
                return found
        else:
            wrong = (Complaint((), _("it is no JSON: {why}").format(why=found.why)),)
        complaints = complaints or wrong
    return Unfit(complaints or (Complaint((), _("the answer holds no JSON")),))


def instruction(schema: Schema) -> str:
    """What stands before the prompt."""
    return (
        "Answer with one JSON value and nothing else: no words before or after it, no code fence. "
        f"It must be valid by this JSON Schema:\n\n{_dumped(schema)}"
    )


def request_for_repair(schema: Schema, complaints: Sequence[Complaint]) -> str:
    """What is asked once more, in the same conversation."""
    listed = "\n".join(f"- {untranslated(complaint.sentence)}" for complaint in complaints)
    return (
        f"Your last answer does not fit:\n{listed}\n\n"
        "Answer again with the whole JSON value, corrected, and nothing else: no words, no code fence. "
        f"It must be valid by this JSON Schema:\n\n{_dumped(schema)}"
    )


def _dumped(schema: Schema) -> str:
    return json.dumps(schema.whole, ensure_ascii=False, separators=(",", ":"))
