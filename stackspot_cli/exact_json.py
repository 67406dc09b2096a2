"""JSON as it is printed for scripts: exact, and harmless to a terminal that it passes. Pure."""

from __future__ import annotations

import json
import re

from stackspot_cli.safe_text import safe_json

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def dumps(value: object, *, ascii_only: bool = False, indent: int | None = None) -> str:
    """The text, without a newline at its end; on one line without an indent.

    ascii_only: for a stream that cannot carry every character.
    """
    return safe_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent))


def as_written(text: str, *, ascii_only: bool = False) -> str:
    """JSON that is a text already: its numbers and strings stay as they stand there."""
    if ascii_only:
        text = _BEYOND_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text)
    return safe_json(text)


def with_written(value: object, place: str, text: str, *, ascii_only: bool = False) -> str:
    """The object, one of whose values is the string `place`, with JSON that is a text already in its stead."""
    whole = json.dumps(value, ensure_ascii=ascii_only)
    before, quoted, after = whole.partition(json.dumps(place))
    assert quoted, "the place is in the object"
    return as_written(before + text + after, ascii_only=ascii_only)
