"""A shell's TAB, answered as plain lines: a value, a tab, what it is.

Knows Typer's protocol, to which it adds one form that every shell reads as data: Typer's own forms are evaluated
by the shell (zsh), need the library that paints help (fish), or lose what stands behind a colon or an equals sign
(bash). Nothing on a line means: offer files. `completions/` holds the shells' side.
"""

from __future__ import annotations

import os
from typing import Any

from typer.completion import completion_init, shell_completion  # type: ignore[attr-defined]  # the public doors

LINE_VARIABLE = "_TYPER_COMPLETE_ARGS"  # the command line up to the cursor, as Typer's own scripts give it
LONGEST_VALUE = 500


class Lines(shell_completion.ShellComplete):
    """The form `complete_lines`."""

    name = "lines"
    source_template = ""

    def source_vars(self) -> dict[str, Any]:
        return {}

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ.get(LINE_VARIABLE, "")
        words = shell_completion.split_arg_string(line)[1:]
        if words and not line[-1:].isspace():
            return words[:-1], words[-1]
        return words, ""

    def format_completion(self, item: Any) -> str:
        # Titles of conversations and names in the config file come from outside: no line may become two.
        value, meaning = (_one_line(str(text or "")) for text in (item.value, item.help))
        return f"{value}\t{meaning}" if meaning else value


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    from stackspot_cli.safe_text import safe_line  # deferred: our own names never need it

    return safe_line(text, LONGEST_VALUE)


def register() -> None:
    """Typer's own forms, and ours."""
    completion_init()
    shell_completion.add_completion_class(Lines, Lines.name)
