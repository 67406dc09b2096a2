"""OpenAI's chat completions: `messages` with `tools`, answered as one object or as chunks.

Pure. Knows this API's field names; refuses to know sockets, and how calls are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any

from stackspot_cli.dialects import asked as fields
from stackspot_cli.dialects import tool_fields
from stackspot_cli.dialects.asked import Asked, FieldError
from stackspot_cli.dialects.parts import Content, as_text, content_of, refuse_unread
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before, around, dumps
from stackspot_cli.domain import Role
from stackspot_cli.safe_text import safe_line
from stackspot_cli.structured.schema import Schema
from stackspot_cli.tools.inquiry import Call, Inquiry, Item, Result, Said, Tool, ToolChoice, ToolName
from stackspot_cli.translation import _

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",  # OpenAI's newer word for it
    "user": "user",
    "assistant": "assistant",
}
_EXAMPLE = '[{"role": "user", "content": "Say hi"}]'


def read(body: Mapping[str, Any]) -> Asked:
    """Raises FieldError."""
    _refuse_the_impossible(body)
    items = read_messages(body.get("messages"))
    tools, choice, only = read_tools(body)
    options = body.get("stream_options")
    return Asked(
        Inquiry(
            items,
            tools,
            choice,
            only,
            parallel=fields.flag(body, "parallel_tool_calls", usual=True),
            form=_form(body.get("response_format")),
            stop=fields.stop_strings(body, "stop"),
        ),
        fields.model_name(body),
        stream=fields.flag(body, "stream"),
        temperature=fields.temperature(body),
        max_tokens=fields.whole_number(body, "max_completion_tokens", "max_tokens"),
        include_usage=fields.flag(options, "include_usage") if isinstance(options, dict) else False,
    )


def _refuse_the_impossible(body: Mapping[str, Any]) -> None:
    if body.get("n") not in (None, 1):
        raise FieldError(_("StackSpot gives one answer: `n` must be 1"), param="n")
    if body.get("functions"):
        raise FieldError(_("`functions` is the older form: send `tools`"), param="functions")
    if fields.flag(body, "logprobs"):
        raise FieldError(_("StackSpot tells no probabilities: leave out `logprobs`"), param="logprobs")
    if body.get("web_search_options") is not None:
        raise FieldError(
            _("nobody searches the web here: leave out `{name}`").format(name="web_search_options"),
            param="web_search_options",
        )
    modalities = body.get("modalities")
    if modalities is not None and modalities != ["text"]:
        raise FieldError(_("StackSpot answers in text: leave out `modalities`"), param="modalities")


def _form(given: Any) -> Schema | None:
    kind = given.get("type") if isinstance(given, dict) else None
    match kind:
        case None | "text":
            return None
        case "json_object":
            return fields.any_object()
        case "json_schema":
            inner = given.get("json_schema")
            return fields.form_of(inner.get("schema") if isinstance(inner, dict) else None, "response_format")
        case _:
            raise FieldError(
                _("`{name}` is of type {types}").format(
                    name="response_format", types="text, json_object, json_schema"
                ),
                param="response_format",
            )


# --- tools -----------------------------------------------------------------------------------------


def read_tools(body: Mapping[str, Any]) -> tuple[tuple[Tool, ...], ToolChoice, str | None]:
    """The tools that may be called, whether one must be, and which. Raises FieldError."""
    tools = tool_fields.all_different([_tool(given) for given in fields.list_of_objects(body, "tools")])
    return tool_fields.openai_choice(body.get("tool_choice"), tools)


def _tool(given: Mapping[str, Any]) -> Tool:
    kind = given.get("type", "function")
    inner = given.get(kind) if isinstance(kind, str) else None
    if kind not in ("function", "custom") or not isinstance(inner, dict):
        raise FieldError(_("a tool is of type {types}").format(types="function, custom"), param="tools")
    name = tool_fields.tool_name(inner.get("name"), "tools")
    description = tool_fields.description_of(inner.get("description"))
    if kind == "custom":
        return tool_fields.custom_tool(ToolName(name, kind="custom"), description, inner.get("format"))
    return Tool(ToolName(name), description, tool_fields.parameters_of(inner.get("parameters"), name))


# --- messages --------------------------------------------------------------------------------------


def read_messages(messages: Any) -> tuple[Item, ...]:
    """What was said, by whom. Raises FieldError, naming the message."""
    if not isinstance(messages, list | tuple) or not messages:
        raise FieldError(
            _("`messages` is a list of at least one message, for example {example}").format(example=_EXAMPLE),
            param="messages",
        )
    items: list[Item] = []
    last: Content | None = None
    for place, message in enumerate(messages):
        where = f"messages[{place}]"
        last = None
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise FieldError(
                _("{where} is an object with `role` and `content`").format(where=where), param="messages"
            )
        role = message["role"]
        if role in ("tool", "function"):
            items.append(_result(message, where))
        elif role == "assistant":
            items += _from_assistant(message, where)
        elif role in ROLES:
            content = content_of(message.get("content"), f"{where}.content", "messages")
            items.append(Said(ROLES[role], content.text))
            last = content if role == "user" else None
        else:
            raise FieldError(
                _("{where}: the role is one of {roles}, not {role}").format(
                    where=where, roles=", ".join((*ROLES, "tool")), role=safe_line(repr(role), 60)
                ),
                param="messages",
            )
    refuse_unread(last, "messages")
    if not any(not isinstance(item, Said) or item.text.strip() for item in items):
        raise FieldError(_("`messages` holds no text to answer"), param="messages")
    return tuple(items)


def _from_assistant(message: Mapping[str, Any], where: str) -> Iterator[Item]:
    text = content_of(message.get("content"), f"{where}.content", "messages").text
    if not text and isinstance(message.get("refusal"), str):
        text = message["refusal"]
    if text:
        yield Said("assistant", text)
    for place, call in enumerate(fields.list_of_objects(message, "tool_calls")):
        yield _past_call(call, f"{where}.tool_calls[{place}]")
    older = message.get("function_call")
    if isinstance(older, dict) and isinstance(older.get("name"), str):
        yield Call(older["name"], ToolName(older["name"]), as_text(older.get("arguments") or "{}"))


def _past_call(call: Mapping[str, Any], where: str) -> Call:
    custom = call.get("custom")
    inner = custom if isinstance(custom, dict) else call.get("function")
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
        raise FieldError(_("{where}: the tool's name is missing").format(where=where), param="messages")
    id_ = call.get("id")
    kind = ToolName(inner["name"], kind="custom" if isinstance(custom, dict) else "function")
    given = inner.get("input" if kind.kind == "custom" else "arguments")
    return Call(id_ if isinstance(id_, str) else where, kind, as_text("{}" if given is None else given))


def _result(message: Mapping[str, Any], where: str) -> Result:
    id_ = message.get("tool_call_id", message.get("name"))
    content = content_of(message.get("content"), f"{where}.content", "messages")
    return Result(id_ if isinstance(id_, str) else where, content.text)


# --- answers ---------------------------------------------------------------------------------------


def error(problem: Problem) -> dict[str, Any]:
    """An OpenAI error object, of a whole answer and of a stream."""
    words = problem.words
    if problem.counts:
        # As OpenAI puts it: LiteLLM, and so Aider, know an over-long prompt by these words.
        tokens, limit = problem.counts
        words = (
            f"This model's maximum context length is {limit} tokens. However, your messages resulted in "
            f"{tokens} tokens. ({words})"
        )
    param = problem.param or ("messages" if problem.counts else None)
    return {"error": {"message": words, "type": problem.type, "param": param, "code": problem.code}}


class Writer:
    """One answer as a `chat.completion`, or as its chunks."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._calls = 0
        mark = "\0text\0"
        self._around_text = around(self._chunk({"content": mark}), mark)

    def begin(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str) -> bytes:
        before, after = self._around_text
        return before + encode_basestring_ascii(text).encode("ascii") + after

    def call(self, call: Call) -> bytes:
        index = self._calls
        self._calls += 1
        whole = call_fields(call)
        kind = whole["type"]
        key = "input" if kind == "custom" else "arguments"
        opening = {**whole, "index": index, kind: {**whole[kind], key: ""}}
        rest = {"index": index, kind: {key: whole[kind][key]}}
        return self._chunk({"tool_calls": [opening]}) + self._chunk({"tool_calls": [rest]})

    def end(self, after: After) -> bytes:
        last = self._object({}, _reason(after))
        last["stackspot"] = after.extras(self._before)
        parts = [_event(last)]
        if self._before.include_usage:
            parts.append(_event({**self._object({}), "choices": [], "usage": _usage(after)}))
        return b"".join((*parts, b"data: [DONE]\n\n"))

    def keep_alive(self) -> bytes:
        return b": stackspot is thinking\n\n"

    def failure(self, problem: Problem) -> bytes:
        return _event(error(problem))

    def whole(self, text: str, calls: Sequence[Call], after: After) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else "")}
        if calls:
            message["tool_calls"] = [call_fields(call) for call in calls]
        return {
            **self._head("chat.completion"),
            "choices": [{"index": 0, "message": message, "finish_reason": _reason(after)}],
            "usage": _usage(after),
            "stackspot": after.extras(self._before),
        }

    def _head(self, kind: str) -> dict[str, Any]:
        before = self._before
        return {
            "id": f"chatcmpl-{before.answer_id}",
            "object": kind,
            "created": before.created,
            "model": before.model,
        }

    def _object(self, delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
        chunk = self._head("chat.completion.chunk")
        chunk["choices"] = [{"index": 0, "delta": delta, "finish_reason": reason}]
        if self._before.include_usage:
            chunk["usage"] = None  # as OpenAI does on every chunk but the last
        return chunk

    def _chunk(self, delta: Mapping[str, Any]) -> bytes:
        return _event(self._object(delta))


def _event(value: object) -> bytes:
    return b"data: " + dumps(value) + b"\n\n"


def call_fields(call: Call) -> Any:
    """One of `tool_calls`."""
    name = call.tool.shown
    if call.tool.kind == "custom":
        return {"id": call.id, "type": "custom", "custom": {"name": name, "input": call.arguments}}
    return {"id": call.id, "type": "function", "function": {"name": name, "arguments": call.arguments}}


def _reason(after: After) -> str:
    return "tool_calls" if after.finished.reason == "calls" else after.finished.reason


def _usage(after: After) -> dict[str, int]:
    return {
        "prompt_tokens": after.prompt_tokens,
        "completion_tokens": after.completion_tokens,
        "total_tokens": after.total_tokens,
    }
