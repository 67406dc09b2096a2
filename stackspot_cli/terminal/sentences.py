"""A sentence that fits a terminal: broken between words, and a command in it so that it can still be pasted.

Pure. Refuses to know who says it; it is safe.
"""

from __future__ import annotations

import os
import re

from rich.cells import cell_len

from stackspot_cli.terminal.rendering import wrapped

INDENT = 2
# Between backticks, or the last thing that is said, as in "follow it again: stackspot run --execution ID".
_COMMAND = re.compile(r"`[^`\n]+`[,.;:)]*|(?:(?<=: )|^)stackspot (?:(?![,;] )[^\n])+$", re.MULTILINE)
_TIED = "\ue000"  # for use by nobody else: a blank at which no line may end
_NEXT_LINE = " ^" if os.name == "nt" else " \\"  # how a shell is told that its command goes on


def fitting(text: str, columns: int) -> str:
    """The text in lines of so many cells; what goes on in a further line is indented. A line that fits stays."""
    return "\n".join(_fitting_line(line, columns) for line in text.split("\n"))


def _fitting_line(line: str, columns: int) -> str:
    if cell_len(line) <= columns:
        return line
    tied = _COMMAND.sub(lambda command: _in_one_piece(command.group(), columns - INDENT), line)
    lines = [wrapped(part, columns, indent=INDENT) for part in tied.split("\n")]
    return ("\n" + " " * INDENT).join(lines).replace(_TIED, " ")


def _in_one_piece(command: str, room: int) -> str:
    """The command without a blank where a line could end, on lines of its own where it has more than one."""
    if cell_len(command) <= room:
        return command.replace(" ", _TIED)
    if command.startswith("`"):
        return command
    lines = [""]
    for word in command.split(" "):
        if lines[-1] and cell_len(f"{lines[-1]} {word}{_NEXT_LINE}") > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return "\n" + f"{_NEXT_LINE}\n".join(lines).replace(" ", _TIED)
