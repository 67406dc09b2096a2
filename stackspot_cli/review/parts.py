"""A file's change in parts that a model can take: whole where it fits, else by hunks, never in the middle of one.

Pure. Knows lines and how they are written down for a model; refuses to know what a token is: a `Room` weighs.
A file without an old side, new or looked at whole, has no hunks: it is divided where its own sections begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TypeAlias

from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.review.diff import FileDiff, Line
from stackspot_cli.safe_text import safe_line

AROUND = 3  # lines on each side of a hunk, as git shows them
MOST_AROUND = 4096  # lines: more says nothing about a change
GAP = "…"
LONGEST_NAME = 1024
_MARKS = {"added": "+", "removed": "-", "kept": " "}
_SECTION = re.compile(r"[^\s)\]}>]")  # what begins a line that begins something

Range: TypeAlias = tuple[int, int]  # places in the file's lines, the second behind the last


@dataclass(frozen=True, slots=True)
class Room:
    """most: how heavy the text of a part may be. weigh: of a text; two texts together are as heavy as both."""

    most: int
    weigh: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Part:
    """number, of: which one of its file's. lines: those shown, in order. text: what a model reads."""

    path: str
    lines: tuple[Line, ...]
    text: str
    number: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class TooLong:
    """A piece that may not be cut and does not fit. first, last: its numbers in the new file."""

    path: str
    first: int
    last: int


def split(diff: FileDiff, room: Room) -> tuple[tuple[Part, ...], tuple[TooLong, ...]]:
    """The parts of one file. Each line that changed is shown as changed in exactly one of them, or is too long."""
    scale = _Scale(diff, room)
    everything = [(0, len(diff.lines))]
    if scale.takes(everything):
        return (_part(diff, everything, everything),), ()
    pieces = hunks(diff.lines) if diff.status == "changed" else sections(diff.lines)
    if diff.status != "changed":
        pieces = [smaller for piece in pieces for smaller in _divided(diff, piece, scale)]
    groups: list[Range] = []  # of pieces
    too_long = []
    for place, piece in enumerate(pieces):
        if not scale.takes([piece]):
            too_long.append(TooLong(diff.path, *_numbers(diff.lines[slice(*piece)])))
        elif groups and groups[-1][1] == place and scale.takes(pieces[groups[-1][0] : place + 1]):
            groups[-1] = (groups[-1][0], place + 1)
        else:
            groups.append((place, place + 1))
    parts = [
        _part(diff, pieces[slice(*group)], _surrounded(diff, group, pieces, scale), number, len(groups))
        for number, group in enumerate(groups, 1)
    ]
    return tuple(parts), tuple(too_long)


class _Scale:
    """How heavy any of a file's lines are once they are written down, without writing them down each time."""

    def __init__(self, diff: FileDiff, room: Room) -> None:
        weigh = room.weigh
        self._most = room.most
        self._head = weigh("\n".join([*_head(diff), ""]))
        self._gap = weigh(f"\n{GAP}")
        self._digit = weigh("0")
        rows = (weigh(_row("", 0, line)) + weigh("\n") for line in diff.lines)
        self._rows = [0, *accumulate(rows)]
        self._numbers = [0, *accumulate((line.number or 0 for line in diff.lines), max)]

    def takes(self, shown: Sequence[Range]) -> bool:
        gaps = last = 0
        weight = self._head
        width = len(str(self._numbers[shown[-1][1]]))
        for start, end in shown:
            gaps += start > last
            weight += self._rows[end] - self._rows[start] + (end - start) * width * self._digit
            last = end
        gaps += last < len(self._rows) - 1
        return weight + gaps * self._gap <= self._most


# --- where it may be divided -----------------------------------------------------------------------


def hunks(lines: Sequence[Line], around: int = AROUND) -> list[Range]:
    """The changed lines with those around them; hunks that would touch are one."""
    found: list[Range] = []
    for place, line in enumerate(lines):
        if line.kind == "kept":
            continue
        start, end = max(0, place - around), min(len(lines), place + around + 1)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def sections(lines: Sequence[Line]) -> list[Range]:
    """From each line that begins something, behind a blank line, to the next such line."""
    starts = [
        place
        for place, line in enumerate(lines)
        if place == 0 or (not lines[place - 1].text.strip() and _SECTION.match(line.text))
    ]
    return list(pairwise([*starts, len(lines)]))


def _divided(diff: FileDiff, piece: Range, scale: _Scale) -> Iterator[Range]:
    """A section that is too long, at blank lines where there are any, else between any two lines."""
    start, end = piece

    def fit(count: int) -> bool:
        return scale.takes([(start, start + count)])

    while start < end and not fit(end - start):
        cut = start + max(1, _most(end - start, fit))
        inner = range(cut - 1, start, -1)
        blank = next((place for place in inner if not diff.lines[place].text.strip()), cut)
        cut = min(cut, blank + 1)
        yield start, cut
        start = cut
    if start < end:
        yield start, end


def _surrounded(diff: FileDiff, group: Range, pieces: Sequence[Range], scale: _Scale) -> list[Range]:
    """As many lines around a group of pieces as fit, without reaching into what another part is about."""
    own = pieces[slice(*group)]
    least, most = 0, len(diff.lines)
    if diff.status == "changed":  # elsewhere what belongs to another part is shown as context
        if group[0] > 0:
            least = _core(diff.lines, pieces[group[0] - 1])[1]
        if group[1] < len(pieces):
            most = _core(diff.lines, pieces[group[1]])[0]

    def grown(by: int) -> list[Range]:
        spread = [(max(least, start - by), min(most, end + by)) for start, end in own]
        return _joined(
            [(min(new[0], old[0]), max(new[1], old[1])) for new, old in zip(spread, own, strict=True)]
        )

    return grown(_most(MOST_AROUND, lambda by: scale.takes(grown(by))))


def _core(lines: Sequence[Line], piece: Range) -> Range:
    """Without the kept lines at its ends."""
    changed = [place for place in range(*piece) if lines[place].kind != "kept"]
    return changed[0], changed[-1] + 1


def _joined(ranges: Sequence[Range]) -> list[Range]:
    joined: list[Range] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to the limit that fits; 0 where none does."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


# --- how it is written down ------------------------------------------------------------------------


def written(diff: FileDiff, own: Sequence[Range], shown: Sequence[Range]) -> str:
    """own: what the part is about; the rest of what is shown is context."""
    lines = _shown(diff, own, shown)
    width = len(str(max((line.number or 0 for line in lines if line is not None), default=0)))
    rows = []
    for line in lines:
        if line is None:
            rows.append(GAP)
        else:
            rows.append(_row("" if line.number is None else str(line.number), width, line))
    return "\n".join([*_head(diff), "", *rows])


def _row(number: str, width: int, line: Line) -> str:
    return f"{number:>{width}} {_MARKS[line.kind]} {line.text}"


def _part(diff: FileDiff, own: Sequence[Range], shown: Sequence[Range], number: int = 1, of: int = 1) -> Part:
    lines = tuple(line for line in _shown(diff, own, shown) if line is not None)
    return Part(diff.path, lines, written(diff, own, shown), number, of)


def _shown(diff: FileDiff, own: Sequence[Range], shown: Sequence[Range]) -> list[Line | None]:
    """The lines, None for a gap. A line that another part is about is shown as one that was kept."""
    found: list[Line | None] = []
    last = 0
    places = {place for piece in own for place in range(*piece)}
    for start, end in shown:
        if start > last:
            found.append(None)
        for place in range(start, end):
            line = diff.lines[place]
            ours = diff.status == "changed" or place in places
            found.append(line if ours or line.kind == "kept" else replace(line, kind="kept"))
        last = end
    if last < len(diff.lines):
        found.append(None)
    return found


def _head(diff: FileDiff) -> list[str]:
    head = [f"File: {name_for_model(diff.path)}"]
    if diff.status == "new":
        head.append("It is new.")
    if diff.status == "whole":
        head.append("It is shown as it is, without a change: judge all of it.")
    if diff.old_path is not None:
        head.append(f"It was: {name_for_model(diff.old_path)}")
    if diff.new_mode and diff.old_mode and diff.new_mode != diff.old_mode:
        head.append(f"Its mode was {diff.old_mode} and is {diff.new_mode}.")
    if diff.ends_bare:
        head.append("Its last line has no newline.")
    return head


def name_for_model(path: str) -> str:
    return safe_line(path, LONGEST_NAME)


def _numbers(lines: Sequence[Line]) -> Range:
    numbers = [line.number for line in lines if line.number is not None]
    return (numbers[0], numbers[-1]) if numbers else (0, 0)
