"""What a section of the report says: Markdown, with its goals in a comment that the report gathers.

A section is a module of `bench` that prints its own part, `## …` first, and takes `--quick`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass

GOALS = re.compile(r"^<!-- goals (.*) -->\n?", re.MULTILINE)


@dataclass(frozen=True)
class Goal:
    """A figure and what it may be at most."""

    what: str
    figure: float
    most: float
    unit: str = ""

    @property
    def kept(self) -> bool:
        return not self.figure > self.most  # nor where it could not be measured


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, aligned."""
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (headings, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines)


def section(heading: str, *parts: str, goals: Sequence[Goal] = ()) -> str:
    comment = [f"<!-- goals {json.dumps([astuple(goal) for goal in goals])} -->"] if goals else []
    return "\n\n".join([f"## {heading}", *parts, *comment])


def goals_in(text: str) -> list[Goal]:
    return [Goal(*goal) for found in GOALS.findall(text) for goal in json.loads(found)]


def goals_table(goals: Sequence[Goal]) -> str:
    rows = [
        [goal.what, shown(goal.figure, goal.unit), shown(goal.most, goal.unit), "" if goal.kept else "**no**"]
        for goal in goals
    ]
    return table(["", "measured", "goal ≤", "kept"], rows)


def shown(figure: float, unit: str) -> str:
    """With three digits that mean something; what could not be measured here is a dash."""
    if math.isnan(figure):
        return "-"
    digits = 2 if abs(figure) < 10 else 1 if abs(figure) < 100 else 0
    text = f"{figure:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return f"{'0' if text == '-0' else text} {unit}".rstrip()
