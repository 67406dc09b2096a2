"""A claim against the lines that were shown: where it is true of, or that it is true of nothing.

Pure. What a model made up never reaches a report: a finding has lines of the change, and those lines say what the
model quoted. Refuses to judge whether the finding is right.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.review.diff import Line
from stackspot_cli.review.findings import SEVERITIES, Claim, Severity
from stackspot_cli.review.parts import Part, name_for_model

LEAST_QUOTE = 4  # characters but blanks: less stands on many lines
LONGEST_QUOTE = 500  # characters of a line that a report shows
NEAR = 3  # lines: the same thing, told of two parts, seldom stands further apart
ALIKE = 0.75  # of difflib's ratio between two titles
_NUMBERED = re.compile(r"^\s*\d*\s*[+|-]?\s")  # number and mark, where they were copied, too
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with lines that are there. lines: of the new file. quote: the first of them, as it is."""

    file: str
    line: int
    end_line: int
    severity: Severity
    title: str
    why: str
    fix: str
    quote: str


def place(claim: Claim, part: Part) -> Finding | None:
    """The finding, moved to where its quote stands if need be; None where it is of nothing that was shown."""
    shown = {line.number: line.text for line in part.lines if line.number is not None}
    if not shown:
        return None
    ours = is_of(claim.file, part.path)
    line = _line(claim, part.lines, shown, named=ours)
    if line is None or not (ours or claim.quote.strip()):
        return None
    end = line
    while end < line + (claim.end_line - claim.line) and end + 1 in shown:
        end += 1
    return Finding(
        part.path, line, end, claim.severity, claim.title, claim.why, claim.fix, quoted(shown[line])
    )


def quoted(text: str) -> str:
    """A line as reports show it."""
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"


def is_of(named: str, path: str) -> bool:
    """Whether a model means this file: its name, as shown, perhaps with git's `a/` and `b/` or without its folders."""
    name = named.strip().replace("\\", "/").removeprefix("./")
    wanted = name_for_model(path)
    return name in (wanted, f"a/{wanted}", f"b/{wanted}") or (bool(name) and wanted.endswith(f"/{name}"))


def _line(claim: Claim, lines: Sequence[Line], shown: dict[int, str], *, named: bool) -> int | None:
    quotes = _quotes(claim.quote)
    there = named and claim.line in shown
    if not quotes:
        return claim.line if there else None
    for quote in quotes:
        places = _places(quote, lines)
        if there and any(claim.line <= number <= max(claim.line, claim.end_line) for number in places):
            return claim.line
        if len(places) == 1:
            return places[0]
        if there and places:
            distances = sorted((abs(number - claim.line), number) for number in places)
            if distances[0][0] < distances[1][0]:
                return distances[0][1]
    return None


def _quotes(quote: str) -> list[str]:
    """The quote's first line that says something, as it was given and without a number before it."""
    for line in quote.splitlines():
        given, bare = _squeezed(line), _squeezed(_NUMBERED.sub("", line, count=1))
        if len(given.replace(" ", "")) >= LEAST_QUOTE:
            return [given] if bare in (given, "") else [given, bare]
    return []


def _places(quote: str, lines: Sequence[Line]) -> list[int]:
    """The numbers of the lines that hold the quote; for a line that is gone, the next one's that is there."""
    exact: set[int] = set()
    within: set[int] = set()
    for position, line in enumerate(lines):
        text = _squeezed(line.text)
        if quote not in text:
            continue
        number = line.number if line.number is not None else _neighbour(lines, position)
        if number is not None:
            (exact if text == quote else within).add(number)
    return sorted(exact or within)


def _neighbour(lines: Sequence[Line], position: int) -> int | None:
    after = (line.number for line in lines[position:] if line.number is not None)
    before = (line.number for line in reversed(lines[:position]) if line.number is not None)
    return next(after, None) or next(before, None)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# --- all parts together ----------------------------------------------------------------------------


def merged(parts: Iterable[Sequence[Finding]]) -> tuple[tuple[Finding, ...], int]:
    """The findings of all parts in the order of files and lines, each thing once; and how many were told twice."""
    told = [(number, finding) for number, findings in enumerate(parts) for finding in findings]
    told.sort(key=lambda one: (one[1].file, one[1].line, SEVERITIES.index(one[1].severity), one[1].title))
    kept: list[tuple[int, Finding]] = []
    doubles = 0
    for part, finding in told:
        same = next((place for place in _near(kept, finding) if _is_same(*kept[place], part, finding)), None)
        if same is None:
            kept.append((part, finding))
        else:
            doubles += 1
            kept[same] = (kept[same][0], _heavier(kept[same][1], finding))
    return tuple(finding for _part, finding in kept), doubles


def _near(kept: Sequence[tuple[int, Finding]], finding: Finding) -> Iterator[int]:
    """The places of those that stand near it, the nearest first. They are in the order of files and lines."""
    for place in range(len(kept) - 1, -1, -1):
        one = kept[place][1]
        if one.file != finding.file or finding.line - one.line > NEAR:
            return
        yield place


def _is_same(part: int, one: Finding, other_part: int, other: Finding) -> bool:
    """On the same line, or near one another where two parts showed them: their lines overlap."""
    apart = other.line - one.line
    if one.file != other.file or apart > (0 if part == other_part else NEAR):
        return False
    title, other_title = (" ".join(_WORDS.findall(finding.title.casefold())) for finding in (one, other))
    if title == other_title:
        return True
    matcher = difflib.SequenceMatcher(None, title, other_title)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _heavier(one: Finding, other: Finding) -> Finding:
    """The first, with the severer judgement and the mend that one of them has."""
    severity = min(one.severity, other.severity, key=SEVERITIES.index)
    return replace(one, severity=severity, fix=one.fix or other.fix, why=max(one.why, other.why, key=len))
