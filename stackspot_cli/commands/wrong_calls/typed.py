"""A command line as it was typed, taken apart: what stands before the command, the command, its options, its words.

Knows Typer's parameters; never judges. Refuses to know what is wrong with the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stackspot_cli.lean_dataclasses import dataclass

PROGRAM = "stackspot"


@dataclass(frozen=True, slots=True)
class Token:
    """One argument. option: the parameter that it names, or is the value of; None for a word of the command's own.

    value: what the option is given, where this token holds it. unknown: it looks like an option, and is none.
    """

    text: str
    option: Any = None
    value: str | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """before: as they stand before the command. path: the names of the command. unknown: the word that is none.

    command: Typer's, of the path. texts: what follows the path and the unknown word; tokens: the same, understood.
    """

    before: tuple[str, ...]
    path: tuple[str, ...]
    command: Any
    texts: tuple[str, ...]
    tokens: tuple[Token, ...]
    unknown: str | None = None
    after_help: bool = False  # `help NAME` was typed

    @property
    def called(self) -> str:
        return " ".join([PROGRAM, *self.path])

    @property
    def words(self) -> list[str]:
        return [one.text for one in self.tokens if one.option is None and not one.unknown]

    @property
    def options(self) -> list[str]:
        return [one.text for one in self.tokens if one.option is not None]

    def value_of(self, parameter: Any) -> str | None:
        """The last value that was typed for it."""
        names = [one.value for one in self.tokens if getattr(one.option, "name", None) == parameter.name]
        values = [value for value in names if value is not None]
        return values[-1] if values else None


def read(arguments: Sequence[str], root: Any) -> Line:
    """root: the whole tree, whose commands are loaded as the line names them."""
    command, rest = root, list(arguments)
    before: list[str] = []
    path: list[str] = []
    after_help = False
    while hasattr(command, "table"):
        tokens = list(tokens_of(rest, command, stop_at_word=True))
        taken = len(tokens)
        if taken == len(rest):  # there is no word
            return Line(tuple(before), tuple(path), command, tuple(rest), tuple(tokens))
        before += [one.text for one in tokens]
        word, rest = rest[taken], rest[taken + 1 :]
        if word == "help" and rest:
            after_help = True
            continue
        if word not in command.table:
            found = tuple(map(Token, rest))
            return Line(tuple(before), tuple(path), command, tuple(rest), found, word, after_help)
        command = command.load(word)
        path.append(word)
    return Line(tuple(before), tuple(path), command, tuple(rest), tuple(tokens_of(rest, command)))


def tokens_of(texts: Sequence[str], command: Any, *, stop_at_word: bool = False) -> Iterator[Token]:
    known = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
    rest = list(texts)
    while rest:
        text = rest.pop(0)
        if text == "--" and not stop_at_word:
            yield from map(Token, rest)
            return
        if not text.startswith("-") or text in ("-", "--"):
            if stop_at_word:
                return
            yield Token(text)
            continue
        option, value = _option(text, known)
        yield Token(text, option, value, unknown=option is None and text not in ("-h", "--help"))
        if option is not None and value is None and not option.is_flag and rest:
            text = rest.pop(0)
            yield Token(text, option, text)


def _option(text: str, known: dict[str, Any]) -> tuple[Any, str | None]:
    """The parameter, and the value that stands in the same argument."""
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        return known.get(name), value if equals else None
    for place, letter in enumerate(text[1:], 1):
        option = known.get(f"-{letter}")
        if option is None:
            return None, None
        if not option.is_flag:
            return option, text[place + 1 :] or None
    return known.get(text[:2]), None
