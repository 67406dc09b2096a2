"""Examples of Markdown, some for each section of CommonMark's and GitHub's specifications."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "unit" / "markdown" / "examples.txt"


def sections() -> dict[str, str]:
    """The examples by the section's name."""
    _, *parts = re.split(r"^<<< (.*)\n", SOURCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def lines() -> list[str]:
    """Every line of them, once."""
    return list(dict.fromkeys(line for text in sections().values() for line in text.split("\n")))
