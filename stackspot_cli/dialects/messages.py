"""Anthropic's Messages, read: content in blocks, tools with an `input_schema`. What Claude Code speaks.

Pure. Knows this API's field names; refuses to know sockets, how calls are asked for, and how an answer is written
(`messages_writer`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackspot_cli.dialects import asked as fields
from stackspot_cli.dialects import tool_fields
from stackspot_cli.dialects.asked import Asked, FieldError
from stackspot_cli.dialects.parts import Content, as_text, content_of, refuse_unread
from stackspot_cli.safe_text import safe_line
from stackspot_cli.structured.schema import Schema
from stackspot_cli.tools.inquiry import Call, Inquiry, Item, Result, Said, Tool, ToolChoice, ToolName
from stackspot_cli.translation import _

WARMEST = 1.0
_WEB_SEARCH = "web_search"
_BILLING = "x-anthropic-billing-header:"  # a header that Claude Code puts among the texts
_CALLS = {"tool_use", "server_tool_use", "mcp_tool_use"}


def read(body: Mapping[str, Any]) -> Asked:
    """Raises FieldError."""
    tools, left_out = _tools(body)
    choice, only, parallel = _choice(body.get("tool_choice"), tools)
    return Asked(
        Inquiry(
            (*_system(body.get("system")), *_messages(body.get("messages"))),
            tools,
            choice,
            only,
            parallel,
            form=_form(body),
            stop=fields.stop_strings(body, "stop_sequences"),
        ),
        fields.model_name(body),
        stream=fields.flag(body, "stream"),
        temperature=fields.temperature(body, WARMEST),
        max_tokens=fields.whole_number(body, "max_tokens"),
        left_out=left_out,
    )


def _form(body: Mapping[str, Any]) -> Schema | None:
    config = body.get("output_config")
    given = config.get("format") if isinstance(config, dict) else None
    given = given or body.get("output_format")
    if not isinstance(given, dict):
        return None
    if given.get("type") != "json_schema":
        raise FieldError(
            _("`{name}` is of type {types}").format(name="output_config.format", types="json_schema"),
            param="output_config",
        )
    return fields.form_of(given.get("schema"), "output_config.format")


# --- tools -----------------------------------------------------------------------------------------


def _tools(body: Mapping[str, Any]) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Those that the caller runs; and the vendor's own, which nobody would run. Raises FieldError for a web search:
    words of the model would be taken for what was found."""
    found, left_out = [], []
    for given in fields.list_of_objects(body, "tools"):
        kind = given.get("type") or "custom"
        if str(kind).startswith(_WEB_SEARCH):
            raise FieldError(
                _("nobody searches the web here: leave out `{name}`").format(name=_WEB_SEARCH), param="tools"
            )
        if kind == "custom":
            name = tool_fields.tool_name(given.get("name"), "tools")
            schema = tool_fields.parameters_of(given.get("input_schema"), name)
            found.append(Tool(ToolName(name), tool_fields.description_of(given.get("description")), schema))
        else:
            left_out.append(safe_line(str(kind), 60))
    return tool_fields.all_different(found), tuple(left_out)


def _choice(given: Any, tools: tuple[Tool, ...]) -> tuple[ToolChoice, str | None, bool]:
    """Whether a tool must be called, which, and whether several may be."""
    if given is None or not tools:
        return "auto", None, True
    if not isinstance(given, dict):
        raise FieldError(_("`{name}` is an object").format(name="tool_choice"), param="tool_choice")
    parallel = not fields.flag(given, "disable_parallel_tool_use")
    match given.get("type"):
        case "auto":
            return "auto", None, parallel
        case "any":
            return "required", None, parallel
        case "none":
            return "none", None, parallel
        case "tool":
            return "required", tool_fields.chosen(tools, given.get("name")), parallel
    raise FieldError(
        _("`tool_choice` is {values}, or names a tool").format(values="auto, any, none"), param="tool_choice"
    )


# --- what was said ---------------------------------------------------------------------------------


def _system(given: Any) -> Iterator[Item]:
    """Each block a text of its own."""
    blocks = given if isinstance(given, list) else [given] if given else []
    for place, block in enumerate(blocks):
        text = content_of(block, f"system[{place}]", "system").text
        if text and not text.startswith(_BILLING):
            yield Said("system", text)


def _messages(messages: Any) -> tuple[Item, ...]:
    """Raises FieldError, naming the message."""
    if not isinstance(messages, list) or not messages:
        raise FieldError(_("`messages` is a list of at least one message"), param="messages")
    items: list[Item] = []
    last: Content | None = None
    for place, message in enumerate(messages):
        where = f"messages[{place}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant", "system"):
            raise FieldError(
                _("{where}: the role is one of {roles}, not {role}").format(
                    where=where, roles="user, assistant, system", role=safe_line(repr(role), 60)
                ),
                param="messages",
            )
        content = message.get("content")
        blocks = content if isinstance(content, list) else [content]
        found, said = _blocks(blocks, role, where)
        items += found
        last = said if role == "user" else None
    refuse_unread(last, "messages")
    return tuple(items)


def _blocks(blocks: list[Any], role: Any, where: str) -> tuple[list[Item], Content | None]:
    """Texts that follow one another are one; calls and results stand between. And the last text."""
    items: list[Item] = []
    texts: list[Content] = []
    last: Content | None = None

    def close() -> None:
        nonlocal last
        text = "\n".join(content.text for content in texts if content.text)
        if text:
            items.append(Said(role, text))
            last = Content(text, next((content.unread for content in texts if content.unread), ""))
        texts.clear()

    for place, block in enumerate(blocks):
        at = f"{where}.content[{place}]"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind in _CALLS:
            close()
            items.append(_call(block, at))
        elif isinstance(kind, str) and kind.endswith("tool_result"):
            close()
            items.append(_result(block, at))
        else:
            texts.append(content_of(block, at, "messages"))
    close()
    return items, last


def _call(block: Mapping[str, Any], where: str) -> Call:
    name, id_ = block.get("name"), block.get("id")
    if not isinstance(name, str) or not name:
        raise FieldError(_("{where}: the tool's name is missing").format(where=where), param="messages")
    arguments = json.dumps(block.get("input") or {}, ensure_ascii=False)
    return Call(id_ if isinstance(id_, str) else where, ToolName(name), arguments)


def _result(block: Mapping[str, Any], where: str) -> Result:
    id_ = block.get("tool_use_id")
    content = block.get("content")
    text = (
        content_of(content, f"{where}.content", "messages").text
        if content is None or isinstance(content, str | list)
        else as_text(content)
    )
    return Result(id_ if isinstance(id_, str) else where, text, block.get("is_error") is True)
