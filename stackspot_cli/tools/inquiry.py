"""What a program asks, whatever API it speaks: what was said, which tools there are, and what the answer must be.

Knows no field name of any API, and no word of a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from stackspot_cli.domain import Role
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured.schema import Schema

ToolKind: TypeAlias = Literal["function", "custom"]
ToolChoice: TypeAlias = Literal["auto", "none", "required"]

CUSTOM_ARGUMENT = "input"  # the one argument of a custom tool, as the model sees it


@dataclass(frozen=True, slots=True)
class ToolName:
    """How the caller calls a tool. kind: a custom tool takes one text in the place of JSON.

    namespace: a group that the caller wants back beside the name.
    """

    own: str
    namespace: str | None = None
    kind: ToolKind = "function"

    @property
    def shown(self) -> str:
        """The one name that the model sees and writes."""
        return f"{self.namespace}__{self.own}" if self.namespace else self.own


@dataclass(frozen=True, slots=True)
class Tool:
    """parameters: a JSON Schema of the arguments; of a custom tool, that of its one text."""

    name: ToolName
    description: str = ""
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool is called. arguments: the JSON of an object; of a custom tool, the text itself."""

    id: str
    tool: ToolName
    arguments: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave. call_id: of the call that it answers."""

    call_id: str
    text: str
    is_error: bool = False


Item: TypeAlias = Said | Call | Result


@dataclass(frozen=True, slots=True)
class Inquiry:
    """items: what was said, oldest first. only: the one tool that must be called; its choice is `required`.

    parallel: several calls in one answer are wanted. form: the answer is one JSON value that fits it.
    stop: texts before which the answer ends.
    """

    items: tuple[Item, ...]
    tools: tuple[Tool, ...] = ()
    choice: ToolChoice = "auto"
    only: str | None = None
    parallel: bool = True
    form: Schema | None = None
    stop: tuple[str, ...] = ()

    @property
    def offered(self) -> tuple[Tool, ...]:
        """The tools that the model is told of."""
        if self.choice == "none":
            return ()
        if self.only is None:
            return self.tools
        return tuple(tool for tool in self.tools if tool.name.shown == self.only)
