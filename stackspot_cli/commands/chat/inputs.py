"""What counts as one thing said in a chat: a line, lines joined by a trailing backslash, a block between quotes.

Pure. Knows lines; refuses to know keys, terminals and what a slash means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackspot_cli.lean_dataclasses import dataclass

FENCE = '"""'  # alone in a line: opens and closes a block


@dataclass(frozen=True, slots=True)
class Input:
    """One thing said.

    verbatim: a message whatever it starts with: a block, or a paste of several lines.
    """

    text: str
    verbatim: bool = False


class Gathering:
    """Lines on their way to an input. `add` each; `taken` gives what has come and starts anew."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, line: str) -> bool:
        """Whether the input is complete with this line."""
        self._lines.append(line)
        if self._in_block:
            return len(self._lines) > 1 and is_fence(line)
        return not goes_on(line)

    def taken(self) -> Input:
        """Of what has come, complete or not."""
        lines, block = self._lines, self._in_block
        self._lines = []
        if block:
            closed = len(lines) > 1 and is_fence(lines[-1])
            return Input("\n".join(lines[1:-1] if closed else lines[1:]), verbatim=True)
        return Input("\n".join([*(line[:-1] for line in lines[:-1]), *lines[-1:]]))

    @property
    def _in_block(self) -> bool:
        return bool(self._lines) and is_fence(self._lines[0])


def is_fence(line: str) -> bool:
    return line.strip() == FENCE


def goes_on(line: str) -> bool:
    """Whether the line ends in a backslash that stands for a new line; two of them are two backslashes."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def block_is_open(text: str) -> bool:
    """Whether the text begins with a fence that no later line closes."""
    lines = text.split("\n")
    return is_fence(lines[0]) and not (len(lines) > 1 and is_fence(lines[-1]))


def input_of(text: str) -> Input:
    """What was typed into an editor, its continuation lines already broken."""
    lines = text.split("\n")
    if is_fence(lines[0]):
        return Input("\n".join(lines[1:-1] if is_fence(lines[-1]) and len(lines) > 1 else lines[1:]), True)
    return Input(text)


def inputs(lines: Iterable[str]) -> Iterator[Input]:
    """The inputs of a stream of lines, each as soon as it is complete; the last one may lack its end."""
    gathering = Gathering()
    for line in lines:
        if gathering.add(line):
            yield gathering.taken()
    if gathering:
        yield gathering.taken()


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Ctrl-C at the prompt. had_text: a line was thrown away by it."""

    had_text: bool
