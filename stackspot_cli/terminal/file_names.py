"""Names of files in a prompt, which is text: somebody may have meant what is in them.

Pure but for looking whether a file is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

LONGEST_NAME = 255  # of a file on the usual file systems
LOOKED_AT = 2_000  # characters of a prompt: who names a file does it early
MOST = 5
_AFTER_AT = re.compile(r"(?<!\S)@([^\s@,;:]+)")


def named_in(prompt: str, *, given: Iterable[str] = ()) -> list[str]:
    """Files that are there, and that the prompt is the name of, or names after an `@`; but for those given anyway."""
    whole = prompt.strip()
    found = [whole] if 0 < len(whole) <= LONGEST_NAME else []
    found += [name.rstrip(".?!)") for name in _AFTER_AT.findall(prompt[:LOOKED_AT])]
    known = {*given, ""}
    return [name for name in dict.fromkeys(found) if name not in known and _is_file(name)][:MOST]


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long for a name, or a NUL in it
        return False
