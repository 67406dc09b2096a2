"""JSON as it is printed for scripts: exact, and harmless to a terminal that it passes. Pure."""

from __future__ import annotations

import json

from stackspot_cli.safe_text import safe_json


def dumps(value: object, *, ascii_only: bool = False, indent: int | None = None) -> str:
    """The text, without a newline at its end; on one line without an indent.

    ascii_only: for a stream that cannot carry every character.
    """
    return safe_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent))
