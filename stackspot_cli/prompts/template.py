"""One prompt from a file: what its head says, and its text with places for parameters and input. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.nearest import nearest
from stackspot_cli.translation import _

INPUT = "input"
_PLACE = re.compile(r"(\\?)\{\{[ \t]*([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One prompt.

    path: its file. messages: the text, which holds `{{name}}` for parameters and `{{input}}`; a backslash before
    the braces keeps them. params: name to default, None for one that has to be given; names in the text that are
    not listed have to be given as well. schema: text as `--schema` takes it, or a JSON Schema.
    foreign: another program's file, whose model need not be one of ours.
    """

    name: str
    path: Path
    messages: tuple[Message, ...]
    description: str = ""
    model: str | None = None
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    params: Mapping[str, str | None] = field(default_factory=dict)
    schema: Any = None
    fail_if: tuple[str, ...] = ()
    fail_unless: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    upload: tuple[str, ...] = ()
    unknown_keys: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def parameters(self) -> dict[str, str | None]:
        """All of them, name to default; None for one that has to be given."""
        texts = [message.text for message in self.messages] + [self.system or ""]
        written = [name for text in texts for escaped, name in _PLACE.findall(text) if not escaped]
        return {**{name: None for name in written if name != INPUT}, **self.params}

    @property
    def takes_input(self) -> bool:
        """Whether the text says where the input goes; else it goes after the text."""
        return any(
            name == INPUT and not escaped
            for message in self.messages
            for escaped, name in _PLACE.findall(message.text)
        )

    def check(self, given: Mapping[str, str]) -> None:
        """Raises UsageError for a parameter that is unknown or missing, with those that there are."""
        known = self.parameters
        there = _("{name} takes {parameters}").format(name=self.name, parameters=", ".join(known))
        for name in given:
            if name not in known:
                near = nearest(name, known, most=1)
                hint = _("did you mean {name}?").format(name=near[0]) if near else there
                if not known:
                    hint = _("{name} takes none").format(name=self.name)
                raise UsageError(
                    _("the prompt {prompt} has no parameter {name}").format(prompt=self.name, name=name), hint
                )
        missing = [name for name, default in known.items() if default is None and name not in given]
        if missing:
            raise UsageError(
                _("the prompt {prompt} needs {names}").format(prompt=self.name, names=", ".join(missing)),
                _("give it with -p {name}=VALUE; {there}").format(name=missing[0], there=there),
            )

    def filled(self, given: Mapping[str, str], input_: str) -> tuple[tuple[Message, ...], str | None]:
        """The messages and the system text, with everything in its place. Raises UsageError, see `check`."""
        self.check(given)
        values = {name: default or "" for name, default in self.parameters.items()} | dict(given)
        values[INPUT] = input_.rstrip("\n") if self.takes_input else ""
        messages = [Message(message.role, _fill(message.text, values)) for message in self.messages]
        if input_.strip() and not self.takes_input:
            messages = _with_input(messages, input_)
        return tuple(messages), None if self.system is None else _fill(self.system, values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    """What is put in is not looked at again: a value that holds `{{name}}` keeps it."""

    def put(match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        return values.get(match[2], match[0])

    return _PLACE.sub(put, text)


def _with_input(messages: Sequence[Message], input_: str) -> list[Message]:
    """The input after the last message of the person, as stdin goes after a prompt everywhere."""
    last = messages[-1]
    if last.role != "user":
        return [*messages, Message("user", input_)]
    text = "\n\n".join(part for part in (last.text.rstrip("\n"), input_) if part)
    return [*messages[:-1], Message("user", text)]
