"""OpenAI's Responses, read: items with functions, custom tools and namespaces. What Codex speaks.

Pure. Knows this API's field names; refuses to know sockets, how calls are asked for, and how an answer is written
(`responses_writer`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackspot_cli.dialects import asked as fields
from stackspot_cli.dialects import tool_fields
from stackspot_cli.dialects.asked import Asked, FieldError
from stackspot_cli.dialects.parts import Content, as_text, content_of, refuse_unread
from stackspot_cli.domain import Role
from stackspot_cli.safe_text import safe_line
from stackspot_cli.structured.schema import Schema
from stackspot_cli.tools.inquiry import Call, Inquiry, Item, Result, Said, Tool, ToolName
from stackspot_cli.translation import _

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_SERVER_SIDE = ("background", "conversation", "prompt")  # what only the vendor's own service has


def read(body: Mapping[str, Any]) -> Asked:
    """Raises FieldError."""
    for name in _SERVER_SIDE:
        if body.get(name):
            raise FieldError(_("there is no `{name}` here: leave it out").format(name=name), param=name)
    tools, left_out = _tools(body)
    tools, choice, only = tool_fields.openai_choice(_known_choice(body.get("tool_choice"), tools), tools)
    instructions = tuple(_instructions(body.get("instructions")))
    previous = body.get("previous_response_id")
    if previous is not None and not isinstance(previous, str):
        raise FieldError(
            _("`{name}` is a text").format(name="previous_response_id"), param="previous_response_id"
        )
    return Asked(
        Inquiry(
            (*instructions, *_items(body.get("input"))),
            tools,
            choice,
            only,
            parallel=fields.flag(body, "parallel_tool_calls", usual=True),
            form=_form(body.get("text")),
        ),
        fields.model_name(body),
        stream=fields.flag(body, "stream"),
        temperature=fields.temperature(body),
        max_tokens=fields.whole_number(body, "max_output_tokens"),
        left_out=left_out,
        previous=previous or None,
        keep=fields.flag(body, "store", usual=True),
        instructions=len(instructions),
        body=body,
    )


def _instructions(given: Any) -> Iterator[Item]:
    if isinstance(given, str) and given:
        yield Said("system", given)
    elif isinstance(given, list):
        yield from _items(given)
    elif given:
        raise FieldError(_("`{name}` is a text").format(name="instructions"), param="instructions")


def _form(text: Any) -> Schema | None:
    given = text.get("format") if isinstance(text, dict) else None
    if not isinstance(given, dict):
        return None
    match given.get("type"):
        case None | "text":
            return None
        case "json_object":
            return fields.any_object()
        case "json_schema":
            return fields.form_of(given.get("schema"), "text.format")
        case _:
            raise FieldError(
                _("`{name}` is of type {types}").format(
                    name="text.format", types="text, json_object, json_schema"
                ),
                param="text.format",
            )


# --- tools -----------------------------------------------------------------------------------------


def _tools(body: Mapping[str, Any]) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Those that the caller runs; and the vendor's own, which nobody would run."""
    found: list[Tool] = []
    left_out = []
    for given in fields.list_of_objects(body, "tools"):
        kind = given.get("type", "function")
        if kind == "namespace":
            inner = fields.list_of_objects(given, "tools")
            found += [_tool(one, given.get("name")) for one in inner if one.get("type", "function") in _OURS]
        elif kind in _OURS:
            found.append(_tool(given, None))
        else:
            left_out.append(safe_line(str(kind), 60))
    return tool_fields.all_different(found), tuple(left_out)


_OURS = ("function", "custom")


def _tool(given: Mapping[str, Any], namespace: Any) -> Tool:
    own = tool_fields.tool_name(given.get("name"), "tools")
    group = None if namespace is None else tool_fields.tool_name(namespace, "tools")
    description = tool_fields.description_of(given.get("description"))
    if given.get("type") == "custom":
        return tool_fields.custom_tool(ToolName(own, group, "custom"), description, given.get("format"))
    return Tool(ToolName(own, group), description, tool_fields.parameters_of(given.get("parameters"), own))


def _known_choice(given: Any, tools: tuple[Tool, ...]) -> Any:
    """A choice that names one of the vendor's own tools, which were left out, is none."""
    kind = given.get("type") if isinstance(given, dict) else None
    return given if kind in (None, *_OURS, "allowed_tools") or not tools else "auto"


# --- what was said ---------------------------------------------------------------------------------


def _items(given: Any) -> tuple[Item, ...]:
    """Raises FieldError, naming the item."""
    if isinstance(given, str):
        return (Said("user", given),)
    if given is None:
        return ()
    if not isinstance(given, list):
        raise FieldError(_("`input` is a text or a list of items"), param="input")
    items: list[Item] = []
    last: Content | None = None
    for place, item in enumerate(given):
        where = f"input[{place}]"
        if not isinstance(item, dict):
            raise FieldError(_("{where} is an object").format(where=where), param="input")
        last = None
        kind = item.get("type") or ("message" if "role" in item else "")
        if kind == "message":
            said, content = _message(item, where)
            items.append(said)
            last = content if said.role == "user" else None
        elif kind == "item_reference":
            raise FieldError(
                _("{where}: send the item itself, with `store` false").format(where=where), param="input"
            )
        else:
            items += _call_or_result(item, str(kind), where)
    refuse_unread(last, "input")
    return tuple(items)


def _message(item: Mapping[str, Any], where: str) -> tuple[Said, Content]:
    role = ROLES.get(str(item.get("role")))
    if role is None:
        raise FieldError(
            _("{where}: the role is one of {roles}, not {role}").format(
                where=where, roles=", ".join(ROLES), role=safe_line(repr(item.get("role")), 60)
            ),
            param="input",
        )
    content = content_of(item.get("content"), f"{where}.content", "input")
    return Said(role, content.text), content


def _call_or_result(item: Mapping[str, Any], kind: str, where: str) -> Iterator[Item]:
    """Also of the vendor's own tools, of an earlier model. What is neither (reasoning, compaction) says nothing."""
    id_ = item.get("call_id") or item.get("id")
    id_ = id_ if isinstance(id_, str) else where
    if kind.endswith("_output"):
        output = item.get("output")
        content = (
            content_of(output, f"{where}.output", "input")
            if isinstance(output, str | list)
            else Content("" if output is None else as_text(output))
        )
        yield Result(id_, content.text)
    elif kind == "function_call":
        name = ToolName(_name(item, where), _text_or_none(item.get("namespace")))
        yield Call(id_, name, as_text(item.get("arguments") or "{}"))
    elif kind == "custom_tool_call":
        name = ToolName(_name(item, where), _text_or_none(item.get("namespace")), "custom")
        yield Call(id_, name, as_text(item.get("input") or ""))
    elif kind.endswith("_call") and "action" in item:
        yield Call(id_, ToolName(kind.removesuffix("_call")), as_text(item["action"]))


def _name(item: Mapping[str, Any], where: str) -> str:
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise FieldError(_("{where}: the tool's name is missing").format(where=where), param="input")
    return name


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
