"""What a Python caller asks, read and refused before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.structured.schema import Schema

ChatMessages = Sequence[Mapping[str, object]]
"""As OpenAI's clients write them: objects with `role` and `content`."""


SchemaLike: TypeAlias = "Mapping[str, Any] | type | str"
"""A JSON Schema, a class with `model_json_schema()`, or text: JSON, or `name, line int, why: the reason`."""


class ToolUse(TypedDict, total=False):
    """Fields of OpenAI's chat completions that are made by prompting. None is as if it were absent."""

    tools: Sequence[Mapping[str, object]] | None
    tool_choice: str | Mapping[str, object] | None
    parallel_tool_calls: bool | None
    response_format: Mapping[str, object] | None
    stop: str | Sequence[str] | None


def is_tool_use(messages: object, use: ToolUse, schema: object = None) -> bool:
    """Whether more is asked for than words. Raises TypeError for a name that is none of these, as Python does, and
    UsageError where a schema is asked for beside it."""
    unknown = next((name for name in use if name not in ToolUse.__annotations__), None)
    if unknown is not None:
        raise TypeError(f"completion() got an unexpected keyword argument {unknown!r}")
    named = next((name for name, value in use.items() if value is not None), None)
    if named is not None and schema is not None:
        raise UsageError(_("{one} and {other} exclude one another").format(one="schema", other=named))
    said = messages if isinstance(messages, list | tuple) else ()
    return named is not None or any(
        isinstance(one, Mapping) and (one.get("role") in ("tool", "function") or one.get("tool_calls"))
        for one in said
    )


def messages_of(prompt: object, system: str | None) -> tuple[Message, ...]:
    """What a caller of `stream` asks. Raises UsageError."""
    if system is not None and not isinstance(system, str):
        raise UsageError(_("the instructions are a text, not {given}").format(given=shown(system)))
    before = (Message("system", system),) if system else ()
    if isinstance(prompt, Sequence) and not isinstance(prompt, str | bytes | bytearray):
        return (*before, *read_messages(prompt))
    if not isinstance(prompt, str):
        raise UsageError(
            _("the prompt is a text or a list of messages, not {given}").format(given=shown(prompt))
        )
    if not prompt.strip():
        raise UsageError(_("the prompt is empty"))
    return (*before, Message("user", prompt))


def schema_of(given: object, *, stream: bool = False) -> Schema | None:
    """The schema that a caller asks for. Raises UsageError before anything is sent."""
    if given is None:
        return None
    if stream:
        raise UsageError(_("a value is checked when it is whole: schema and stream exclude one another"))
    from stackspot_cli.structured import schema
    from stackspot_cli.structured.asking import not_a_schema
    from stackspot_cli.structured.short_form import NotASchema

    tells = getattr(given, "model_json_schema", None)
    try:
        if callable(tells):
            return schema.from_document(tells())
        if isinstance(given, str):
            return schema.from_text(given)
        if isinstance(given, Mapping):
            return schema.from_document(dict(given))
    except NotASchema as error:
        raise not_a_schema(error) from error
    raise UsageError(
        _("a schema is a dict, a class with model_json_schema(), or a text, not {given}").format(
            given=shown(given)
        )
    )


def shown(value: object) -> str:
    return safe_line(repr(value), 60)
