"""The tools of a request, read: names that can stand in a prompt, schemas that end, and the one that must be called.

Pure. Knows what the APIs have in common. Raises FieldError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackspot_cli.dialects.asked import NAME_CHARACTERS, FieldError, is_too_deep, list_of_objects
from stackspot_cli.tools.inquiry import CUSTOM_ARGUMENT, Tool, ToolChoice, ToolName
from stackspot_cli.translation import _


def tool_name(value: Any, where: str) -> str:
    """A name that can stand in a line of the prompt."""
    if (
        not isinstance(value, str)
        or not value
        or len(value) > NAME_CHARACTERS
        or any(character.isspace() or character in "<>{}\"'`\\" or ord(character) < 32 for character in value)
    ):
        raise FieldError(
            _("{where}: a tool's name is of 1 to {most} letters, digits, `_` and `-`").format(
                where=where, most=NAME_CHARACTERS
            ),
            param="tools",
        )
    return value


def parameters_of(value: Any, where: str) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or is_too_deep(value):
        raise FieldError(_("{where}: the parameters are a JSON Schema").format(where=where), param="tools")
    return value


def description_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def custom_tool(name: ToolName, description: str, form: Any) -> Tool:
    """One text in the place of JSON. A grammar can be shown, and not enforced."""
    grammar = form.get("grammar", form) if isinstance(form, dict) else {}
    definition = grammar.get("definition") if isinstance(grammar, dict) else None
    if isinstance(definition, str):
        description = f"{description}\nIts grammar ({grammar.get('syntax', 'lark')}):\n{definition}"
    schema = {
        "type": "object",
        "properties": {CUSTOM_ARGUMENT: {"type": "string"}},
        "required": [CUSTOM_ARGUMENT],
    }
    return Tool(name, description, schema)


def all_different(tools: list[Tool]) -> tuple[Tool, ...]:
    names = [tool.name.shown for tool in tools]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FieldError(_("two tools are called {name}").format(name=twice), param="tools")
    return tuple(tools)


def chosen(tools: tuple[Tool, ...], name: Any) -> str:
    """The one tool that must be called, as it is shown."""
    found = [tool.name.shown for tool in tools if name in (tool.name.shown, tool.name.own)]
    if not found:
        raise FieldError(_("`tool_choice` names a tool that is not among `tools`"), param="tool_choice")
    return found[0]


def openai_choice(given: Any, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], ToolChoice, str | None]:
    """The tools that may be called, whether one must be, and which. Without tools there is no choice.

    Both of OpenAI's APIs: one puts names a level deeper.
    """
    if not tools or given in (None, "auto"):
        return tools, "auto", None
    if given in ("none", "required"):
        return tools, given, None
    kind = given.get("type") if isinstance(given, dict) else None
    if kind in ("function", "custom"):
        inner = given.get(kind)
        name = inner.get("name") if isinstance(inner, dict) else given.get("name")
        return tools, "required", chosen(tools, name)
    if kind == "allowed_tools":
        inner = given.get(kind)
        inner = inner if isinstance(inner, dict) else given
        names = [_named(one) for one in list_of_objects(inner, "tools")]
        allowed = tuple(tool for tool in tools if tool.name.own in names or tool.name.shown in names)
        return allowed, "required" if inner.get("mode") == "required" and allowed else "auto", None
    raise FieldError(
        _("`tool_choice` is {values}, or names a tool").format(values="auto, none, required"),
        param="tool_choice",
    )


def _named(given: Mapping[str, Any]) -> Any:
    inner = given.get("function") or given.get("custom")
    return inner.get("name") if isinstance(inner, dict) else given.get("name")
