"""The command tree as plain facts: what a manual or a table needs to know of it, and no more."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from stackspot_cli.commands.tree import build


@dataclass(frozen=True, slots=True)
class Option:
    """names: as typed, short first. value: what follows it, "" for a flag. default: "" where there is none.

    choices: the values it may have, where these are few.
    """

    names: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    help: str
    default: str
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    help: str
    required: bool
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Command:
    """words: as typed after the program's name. summary: one sentence. text: paragraphs after it."""

    words: tuple[str, ...]
    summary: str
    text: tuple[str, ...]
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple[Command, ...]


def read() -> Command:
    """The whole program."""
    root = build()
    commands = tuple(_command((name,), root.load(name), summary) for name, (_, summary) in root.table.items())
    return Command((), _sentence(root.help), (), _options(root), (), commands)


def _command(words: tuple[str, ...], found: Any, summary: str = "") -> Command:
    first, *rest = inspect.cleandoc(found.help or summary).split("\n\n")
    below = getattr(found, "table", {})
    return Command(
        words,
        summary or _sentence(first),
        tuple(" ".join(paragraph.split()) for paragraph in rest),
        _options(found),
        tuple(_argument(one) for one in found.params if one.param_type_name == "argument"),
        tuple(_command((*words, name), found.load(name)) for name in below),
    )


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


def _options(command: Any) -> tuple[Option, ...]:
    return tuple(
        Option(
            tuple(sorted([*one.opts, *one.secondary_opts], key=len)),
            "" if one.is_flag else str(one.metavar or (one.name or "").strip("_").upper()),
            () if one.is_flag else tuple(map(str, getattr(one.type, "choices", ()))),
            _sentence(one.help),
            _default(one),
            bool(one.multiple),
        )
        for one in command.params
        if one.param_type_name == "option" and not one.hidden
    )


def _default(option: Any) -> str:
    """Only what a person would type: a flag that is off and an absent value say nothing."""
    value = option.default
    if option.is_flag or value is None or value == [] or callable(value):
        return ""
    return str(getattr(value, "value", value))


def _argument(one: Any) -> Argument:
    name = (one.metavar or one.name or "").strip("….[]").upper()
    return Argument(name, _sentence(one.help), bool(one.required), one.nargs == -1)
