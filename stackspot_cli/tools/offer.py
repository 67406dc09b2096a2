"""How tools are shown to a model, and how calls are asked for; both in fewer words where room is short. Pure.

One form is asked for, by an example with a tool that is really offered. Knows JSON Schema's keywords. Refuses to
know what was said, and how an answer is read (`call_reader`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stackspot_cli.tools.inquiry import CUSTOM_ARGUMENT, Inquiry, Tool

OPEN_MARK, CLOSE_MARK = "<tool_call>", "</tool_call>"

# How much is left out, step by step: what a validator needs and a model does not, then words.
WHOLE, WITHOUT_FORMALITIES, WITHOUT_PARAMETER_WORDS, LONG_WORDS, FEWER_WORDS, SHORT_WORDS, FEWEST_WORDS = (
    range(7)
)
_WORDS = {
    LONG_WORDS: 2_000,
    FEWER_WORDS: 600,
    SHORT_WORDS: 200,
    FEWEST_WORDS: 80,
}  # characters of a description
_FORMALITIES = {"$schema", "$id", "$comment", "additionalProperties", "title", "default", "examples"}
_NAMED_SCHEMAS = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
_VALUES = {"enum", "const", "default", "examples", "required"}  # what stands there is no schema


def offer(inquiry: Inquiry, detail: int = WHOLE) -> str:
    """The section about tools; empty where none is offered."""
    tools = inquiry.offered
    if not tools:
        return ""
    several = (
        "- Calls that do not depend on one another may follow each other in one answer.\n"
        if inquiry.parallel
        else "- One call in an answer: wait for its result.\n"
    )
    example = next((tool for tool in tools if _required(tool.parameters)), tools[0])
    return (
        "You have tools. They run on the user's machine when you call them. To call one, write exactly this form:\n\n"
        f"{written(example.name.shown, _example(example.parameters))}\n\n"
        f"- Between {OPEN_MARK} and {CLOSE_MARK} stands one JSON object with `name` and `arguments`, "
        "no code fence around it. Without arguments: {}.\n"
        "- The arguments must be valid by the tool's JSON Schema. In JSON strings a line break is \\n, "
        'a quotation mark \\", a backslash \\\\.\n'
        f"{several}"
        "- Nothing stands after the last call. Results come under headings of their own: never write a result, a "
        "heading or the user's words yourself.\n"
        "- To announce a call is not to make it. Call until the task is done; then answer in words, without a call.\n"
        "\nThe tools, one a line:\n" + "\n".join(shown(tool, detail) for tool in tools)
    )


def reminder(inquiry: Inquiry) -> str:
    """The shortest form of it, for the end of the prompt, which weighs most; empty without tools."""
    tools = inquiry.offered
    if not tools:
        return ""
    form = f'{OPEN_MARK}\n{{"name": "…", "arguments": {{…}}}}\n{CLOSE_MARK}'
    if inquiry.only is not None:
        wanted = f"Call the tool {inquiry.only} now, in this form, and write nothing after it:"
    elif inquiry.choice == "required":
        wanted = "Call a tool now, in this form, and write nothing after the last call:"
    else:
        wanted = "Where you need a tool, call it now, in this form, and write nothing after the last call:"
    return f"{wanted}\n{form}"


def written(name: str, arguments: Any) -> str:
    """A call in exactly the form that is asked for."""
    return written_raw(name, json.dumps(arguments, ensure_ascii=False))


def written_raw(name: str, arguments: str) -> str:
    """arguments: JSON already."""
    return f'{OPEN_MARK}\n{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": {arguments}}}\n{CLOSE_MARK}'


def shown(tool: Tool, detail: int = WHOLE) -> str:
    """One tool on one line."""
    parts: dict[str, Any] = {"name": tool.name.shown}
    words = _words(tool.description, detail)
    if words:
        parts["description"] = words
    parts["parameters"] = _slim(_parameters(tool), detail)
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _parameters(tool: Tool) -> Any:
    return tool.parameters if tool.parameters is not None else {"type": "object", "properties": {}}


def _words(text: str, detail: int) -> str:
    most = _WORDS.get(detail)
    text = text.strip()
    if most is None or len(text) <= most:
        return text
    return text[:most].rsplit(None, 1)[0].rstrip(" ,;:.") + "…"


def _slim(schema: Any, detail: int) -> Any:
    """The schema without what can be spared; names of parameters stay whatever they are called."""
    if detail == WHOLE or not isinstance(schema, dict):
        return schema
    slim = {}
    for key, value in schema.items():
        if key in _FORMALITIES or (key == "description" and detail >= WITHOUT_PARAMETER_WORDS):
            continue
        if key in _VALUES:
            slim[key] = value
        elif key in _NAMED_SCHEMAS and isinstance(value, dict):
            slim[key] = {name: _slim(below, detail) for name, below in value.items()}
        elif isinstance(value, list):
            slim[key] = [_slim(below, detail) for below in value]
        else:
            slim[key] = _slim(value, detail)
    return slim


# --- the example -----------------------------------------------------------------------------------


def _required(parameters: Any) -> Sequence[str]:
    named = parameters.get("required") if isinstance(parameters, Mapping) else None
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _example(parameters: Any) -> dict[str, Any]:
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    properties = properties if isinstance(properties, Mapping) else {}
    names = _required(parameters) or list(properties)[:1]
    return {name: _value(name, properties.get(name)) for name in names}


# What a parameter may hold, by what its name has in it: an example that means something is copied in kind.
_LIKELY = (
    ("path", "README.md"),
    ("file", "README.md"),
    ("command", "ls"),
    ("cmd", "ls"),
    ("pattern", "*.py"),
    ("url", "https://example.com"),
    (CUSTOM_ARGUMENT, "the whole text"),
)


def _value(name: str, schema: Any) -> Any:
    schema = schema if isinstance(schema, Mapping) else {}
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
    match kind:
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "array":
            return [_value(name, schema.get("items"))]
        case "object":
            return _example(schema)
        case _:
            return next((value for word, value in _LIKELY if word in name.lower()), "text")
