"""What happens on the way to an answer, told on a terminal: notes, progress, waits, and each step to those who ask.

Knows who wants to hear how much. Refuses to know what happens.
"""

from __future__ import annotations

from stackspot_cli.listener import NOTED_SECONDS, Listener, Waiting
from stackspot_cli.terminal.streams import Terminal


def narrator(terminal: Terminal, *, steps: bool, wire: bool) -> Listener:
    """steps: for `-v`. wire: the headers as well, for `--debug`."""

    def step(text: str) -> None:
        if steps:
            terminal.say(f"* {text}")

    def wait(waiting: Waiting) -> None:
        """On the line that moves; where there is none, in one that stays, unless a step has told it."""
        if not (terminal.waiting(waiting) or steps) and waiting.seconds > NOTED_SECONDS:
            terminal.note(waiting.sentence)

    return Listener(terminal.note, step, terminal.progress, wait, step if wire else None)
