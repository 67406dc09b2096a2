"""Tables inside Markdown files, between two comments:

    <!-- generated: exit codes -->
    <!-- end -->

The rest of such a file is written by hand and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from docs.generate import architecture, facts, tree

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def files() -> dict[str, str]:
    """Every Markdown file that has such a block. KeyError: a block that nobody here knows."""
    found = {}
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        if BLOCK.search(text):
            found[path.relative_to(ROOT).as_posix()] = BLOCK.sub(_filled, text)
    return found


def _filled(match: re.Match[str]) -> str:
    return f"{match[1]}{TABLES[match[2]]()}\n{match[3]}"


def exit_codes() -> str:
    rows = [(f"{code}", f"{name}", meaning, retry) for code, name, meaning, retry in facts.exit_rows()]
    return table(("code", "name", "meaning", "retry helps?"), rows, "--:")


def variables() -> str:
    rows = [
        (" ".join(f"`{name}`" for name in one.names), one.meaning, _code(one.default))
        for one in facts.VARIABLES
    ]
    return table(("variable", "meaning", "default"), rows)


def stored_files() -> str:
    rows = [(f"`{one.linux}`", one.holds, one.sent) for one in facts.FILES]
    return table(("file (Linux)", "holds", "sent anywhere?"), rows) + f"\n\n{facts.OTHER_PLATFORMS}"


def commands() -> str:
    rows = [
        (f"[`stackspot {one.words[0]}`](docs/reference.md#{one.words[0]})", one.summary)
        for one in tree.read().commands
    ]
    return table(("command", "does"), rows)


def rooms() -> str:
    """Each room by its step, in the words of its own docstring; the ground in one row."""
    found, _arrows = architecture.read_house()
    rows = []
    for number in sorted(found, reverse=True):
        for room in sorted(found[number]):
            told = "" if number == 0 else architecture.first_words(room)
            if told:
                rows.append((str(number), f"`{room}`", told))
    ground = ", ".join(f"`{room}`" for room in sorted(found[0]))
    rows.append(("0", ground, "The ground that all may stand on: one file each."))
    rows.append(("", "`sandbox`", architecture.first_words("sandbox")))
    return table(("step", "room", "knows"), rows, "--:")


def reference() -> str:
    """Every command with its options, as `--help` tells them."""
    root = tree.read()
    parts = ["### Before the command", *_options(root.options)]
    for command in root.commands:
        parts += [
            f'<a id="{command.words[0]}"></a>',
            f"### stackspot {command.words[0]}",
            *_described(command),
        ]
        for below in command.commands:
            parts += [f"#### stackspot {' '.join(below.words)}", *_described(below)]
    return "\n\n".join(parts)


def _described(command: tree.Command) -> Iterable[str]:
    yield "\n\n".join((_escaped(command.summary), *map(_escaped, command.text)))
    if command.arguments:
        yield table(("argument", "meaning"), [(f"`{one.name}`", one.help) for one in command.arguments])
    yield from _options(command.options)


def _options(options: Sequence[tree.Option]) -> Iterable[str]:
    if options:
        rows = [
            (
                ", ".join(f"`{name}`" for name in one.names) + (f" `{one.value}`" if one.value else ""),
                one.help,
            )
            for one in options
        ]
        yield table(("option", "meaning"), rows)


def _value(option: tree.Option) -> str:
    shown = "|".join(option.choices) or option.value
    return f" `{shown}`" if shown else ""


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], first: str = "---") -> str:
    lines = [headings, (first, *["---"] * (len(headings) - 1)), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`" if text and " " not in text else text


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")


TABLES: dict[str, Callable[[], str]] = {
    "exit codes": exit_codes,
    "variables": variables,
    "stored files": stored_files,
    "commands": commands,
    "reference": reference,
    "rooms": rooms,
}
