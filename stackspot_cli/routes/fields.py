"""One field of the service's JSON, read leniently: a text, a count, a list of objects.

Pure. Knows in which shapes the service tells one thing; refuses to know any field's name.
"""

from __future__ import annotations

from typing import Any

_LONGEST_COUNT = 18  # digits
_NO_COUNT = 1e15  # a float from here on is no number of anything


def text(entry: dict[str, Any], *names: str) -> str | None:
    """The first of these fields that holds a text that is not blank, or a number; the name of an object."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None


def count(value: Any) -> int | None:
    """A number from 0 on, which may be written as text; None for anything else."""
    if isinstance(value, str):
        digits = value.strip()
        written = digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_COUNT
        return int(digits) if written else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    return None if isinstance(value, float) and value >= _NO_COUNT else int(value)


def first_count(entry: dict[str, Any], *names: str) -> int | None:
    """The first of these fields that holds a count."""
    return next((found for name in names if (found := count(entry.get(name))) is not None), None)


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for what is no list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
