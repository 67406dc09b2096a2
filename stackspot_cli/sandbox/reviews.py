"""What the sandbox says to a request for findings: a JSON list, about two things that it can see for itself.

Pure: facts in, text out. Knows the form in which `stackspot review` shows a file; the wisdom is not real.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_ASKED = re.compile(r"JSON list of findings, and nothing else\.\s*\Z")
_FILE = re.compile(r"^File: (.+)$", re.MULTILINE)
_LINE = re.compile(r"^ *(\d+) ([+ ]) (.*)$", re.MULTILINE)
_LATER = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
_SUBTRACTS = re.compile(r"\breturn \w+ - \w+\s*$")


def is_asked(prompt: str) -> bool:
    return _ASKED.search(prompt) is not None


def findings(prompt: str) -> str:
    """A function `add` that subtracts is an error, a TODO in a new line a note; without either: an empty list."""
    file = _FILE.search(prompt)
    return json.dumps(list(_found(prompt, file[1] if file else "")), ensure_ascii=False)


def _found(prompt: str, file: str) -> Iterator[dict[str, object]]:
    before = ""
    for number, mark, text in _LINE.findall(prompt):
        place = {"file": file, "line": int(number), "end_line": int(number), "quote": text}
        if _SUBTRACTS.search(text) and re.search(r"\badd\b", before):
            words = {
                "title": "It subtracts",
                "why": "A function called add gives the difference of its values.",
            }
            yield {**place, "severity": "error", **words, "fix": text.replace("-", "+").strip()}
        if mark == "+" and _LATER.search(text):
            words = {"title": "Left for later", "why": "A new line says that it is not finished."}
            yield {**place, "severity": "note", **words, "fix": ""}
        before = text
