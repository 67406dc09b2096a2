"""A drawing of the house as it stands: each room a box, each step of the stairs a floor, each arrow an import.

The steps are those of the law in tests/laws/test_stairs.py; the arrows are read from the source. Arrows that
follow from others (a to b to c, so a to c) and those to the ground, on which all stand, are left out: it is to be read
at a glance.
"""

from __future__ import annotations

import ast
import html
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAWS = ROOT / "tests" / "laws"

WIDTH, MARGIN, GAP = 1120, 20, 10
BOX_HEIGHT, FLOOR_PADDING, FLOOR_GAP, LETTER = 26, 16, 34, 7.3
FLOORS = (
    "the nouns, the errors, the sentences: the ground that all may stand on",
    "the service's paths and field names; files that are ours; this process",
    "settings, streams, the past, one request, one screen: each knows its own trade alone",
    "secrets and tokens; what is asked and answered, recorded as it passes",
    "StackSpot as an object; how an answer is written; tools for a model that knows text alone",
    "the APIs that other programs speak",
    "the composition root",
    "StackSpot for other programs",
    "commands: argv to options, options to an action",
    "argv in, exit code out",
    "the process",
)


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def files() -> dict[str, str]:
    rooms, arrows = read_house()
    return {"docs/architecture.svg": drawing(rooms, reduced(arrows))}


# --- what is there ---------------------------------------------------------------------------------


def read_house() -> tuple[dict[int, list[str]], dict[str, set[str]]]:
    """Step to its rooms, and room to the rooms it imports."""
    sys.path.insert(0, str(LAWS))
    try:
        from package_source import modules, own_imports
        from test_stairs import ISLAND, room, step
    finally:
        sys.path.remove(str(LAWS))
    found = modules()
    rooms: dict[int, list[str]] = {}
    arrows: dict[str, set[str]] = {}
    for module, path in found.items():
        number = step(module)
        if number is None or room(module) == ISLAND:
            continue
        if room(module) not in rooms.setdefault(number, []):
            rooms[number].append(room(module))
        targets = {
            room(one)
            for one in own_imports(path.read_text(encoding="utf-8"), set(found))
            if one in found and step(one) != 0
        }
        arrows.setdefault(room(module), set()).update(targets - {room(module)})
    return rooms, arrows


def first_words(room: str) -> str:
    """The first paragraph of a room's docstring, on one line."""
    path = ROOT / "stackspot_cli" / room / "__init__.py"
    if not path.is_file():
        path = path.parent.with_suffix(".py")
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split())


def reduced(arrows: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Without the arrows that follow from others."""

    def reach(start: str, without: str) -> set[str]:
        seen: set[str] = set()
        waiting = [one for one in arrows.get(start, ()) if one != without]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += arrows.get(one, ())
        return seen

    return {
        (one, other) for one, others in arrows.items() for other in others if other not in reach(one, other)
    }


# --- how it looks ----------------------------------------------------------------------------------


def drawing(rooms: Mapping[int, Sequence[str]], arrows: set[tuple[str, str]]) -> str:
    boxes: dict[str, Box] = {}
    floors: list[str] = []
    y = float(MARGIN)
    for number in sorted(rooms, reverse=True):
        lines = rows_of(sorted(rooms[number]))
        height = 2 * FLOOR_PADDING + 14 + len(lines) * (BOX_HEIGHT + GAP) - GAP
        floors.append(
            f'<rect {FLOOR} x="{MARGIN}" y="{y:.0f}" width="{WIDTH - 2 * MARGIN}" height="{height:.0f}" rx="8"/>'
            f'<text {LABEL} x="{MARGIN + 12}" y="{y + 17:.0f}">{number} · {FLOORS[number]}</text>'
        )
        for place, line in enumerate(lines):
            top = y + FLOOR_PADDING + 14 + place * (BOX_HEIGHT + GAP)
            boxes |= {box.name: box for box in centred(line, top)}
        y += height + FLOOR_GAP
    lines_drawn = [curve(boxes[one], boxes[other]) for one, other in sorted(arrows) if other in boxes]
    shown = [shape(box) for box in boxes.values()]
    island = (
        f'<text {LABEL} x="{MARGIN}" y="{y:.0f}">beside it: sandbox, an island that imports nothing of ours and'
        " speaks StackSpot over a real socket</text>"
    )
    return "\n".join(
        [
            HEAD.format(width=WIDTH, height=round(y + MARGIN)),
            *floors,
            *lines_drawn,
            *shown,
            island,
            "</svg>\n",
        ]
    )


def label(name: str) -> str:
    """A command's room is called as the command is; `commands.history` and `history` are two rooms."""
    return html.escape(name.rpartition(".")[2])


def width_of(name: str) -> float:
    return len(label(name)) * LETTER + 18


def rows_of(names: Sequence[str]) -> list[list[str]]:
    """The names of a floor, broken where the drawing ends."""
    lines: list[list[str]] = [[]]
    used = 0.0
    for name in names:
        if used + width_of(name) > WIDTH - 4 * MARGIN and lines[-1]:
            lines.append([])
            used = 0.0
        lines[-1].append(name)
        used += width_of(name) + GAP
    return lines


def centred(names: Sequence[str], y: float) -> list[Box]:
    total = sum(map(width_of, names)) + GAP * (len(names) - 1)
    x = (WIDTH - total) / 2
    found = []
    for name in names:
        found.append(Box(name, x, y, width_of(name)))
        x += width_of(name) + GAP
    return found


def curve(one: Box, other: Box) -> str:
    """From the bottom of a box to the top of another; between boxes of one line, a bow below them."""
    start, end = one.y + BOX_HEIGHT, other.y
    bend = (start + end) / 2
    if other.y <= one.y:
        end = other.y + BOX_HEIGHT
        bend = max(start, end) + 26
    x, to = f"{one.middle:.1f}", f"{other.middle:.1f}"
    path = f"M{x} {start:.1f}C{x} {bend:.1f} {to} {bend:.1f} {to} {end:.1f}"
    title = f"{html.escape(one.name)} imports {html.escape(other.name)}"
    return f'<path {ARROW} d="{path}"><title>{title}</title></path>'


def shape(box: Box) -> str:
    return (
        f'<rect {ROOM} x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{BOX_HEIGHT}" rx="5"/>'
        f'<text x="{box.middle:.1f}" y="{box.y + 17:.1f}">{label(box.name)}</text>'
    )


HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12" text-anchor="middle">
<title>The rooms of stackspot and what each imports</title>
<!-- Generated by `python -m docs.generate` from the imports: change those, not this. -->
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">
<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>"""
LABEL = 'text-anchor="start" font-family="system-ui, sans-serif" fill="#57606a"'
FLOOR = 'fill="#f6f8fa" stroke="#d0d7de"'
ROOM = 'fill="#ffffff" stroke="#0969da"'
ARROW = 'fill="none" stroke="#57606a" stroke-opacity="0.45" marker-end="url(#tip)"'
