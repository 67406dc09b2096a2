"""What more a call may say: the conversation that it goes on with, uploads, an agent's own request fields.

Pure: read and refused before anything is sent. Refuses to know which model takes what (`conversation.limits` does).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, cast

from stackspot_cli.api.questions import ToolUse, shown
from stackspot_cli.domain import AgentOptions
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass, fields
from stackspot_cli.translation import _

FileName: TypeAlias = str | os.PathLike[str]


class TurnOptions(TypedDict, total=False):
    """The keywords that `completion` and `stream` take beside their own.

    conversation: the `conversation_id` of an earlier answer, of this process or another, or an id of
    `stackspot history`; the messages are then what is said next in it. uploads: files of up to 10 MB for an agent or
    a quick command. knowledge, stackspot_knowledge, deep_search, agent_version, select_model: an agent's own request
    fields, as the command's options.
    """

    conversation: str | None
    uploads: Sequence[FileName]
    knowledge: Sequence[str]
    stackspot_knowledge: bool
    deep_search: bool
    agent_version: int | None
    select_model: str | None


class CallOptions(ToolUse, TurnOptions, total=False):
    """All keywords that `completion` takes beside its own."""


def parted(more: Mapping[str, Any]) -> tuple[ToolUse, Turn]:
    """What is made by prompting, and the rest. TypeError for a name that is none of these, as Python does.

    UsageError where what is made by prompting is asked for beside a conversation or uploads: it has its own messages.
    """
    unknown = next((name for name in more if name not in CallOptions.__annotations__), None)
    if unknown is not None:
        raise TypeError(f"completion() got an unexpected keyword argument {unknown!r}")
    use = {name: value for name, value in more.items() if name in ToolUse.__annotations__}
    rest = {name: value for name, value in more.items() if name not in use}
    turn = Turn(**rest)
    asked = next((name for name, value in use.items() if value is not None), None)
    if asked is not None and turn != Turn():
        raise UsageError(_("{one} and {other} exclude one another").format(one=next(iter(rest)), other=asked))
    return cast(ToolUse, use), turn


@dataclass(frozen=True, slots=True)
class Turn:
    """The same, with what is usual for those that were left out."""

    conversation: str | None = None
    uploads: Sequence[FileName] = ()
    knowledge: Sequence[str] = ()
    stackspot_knowledge: bool = False
    deep_search: bool = False
    agent_version: int | None = None
    select_model: str | None = None

    def __post_init__(self) -> None:
        for name, kinds in _KINDS.items():
            value = getattr(self, name)
            if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
                raise UsageError(_("{name} cannot be {given}").format(name=name, given=shown(value)))
        for name in ("uploads", "knowledge"):
            if isinstance(getattr(self, name), str | bytes):
                raise UsageError(
                    _("{name} is a list, not {given}").format(name=name, given=shown(getattr(self, name))),
                    _("put brackets around it"),
                )

    @property
    def agent(self) -> AgentOptions:
        return AgentOptions(
            tuple(self.knowledge),
            self.stackspot_knowledge,
            self.deep_search,
            self.agent_version,
            self.select_model,
        )


_KINDS: dict[str, type | tuple[type, ...]] = {
    "conversation": (str, type(None)),
    "uploads": Sequence,
    "knowledge": Sequence,
    "stackspot_knowledge": bool,
    "deep_search": bool,
    "agent_version": (int, type(None)),
    "select_model": (str, type(None)),
}
assert set(_KINDS) == {field.name for field in fields(Turn)} == set(TurnOptions.__annotations__)
