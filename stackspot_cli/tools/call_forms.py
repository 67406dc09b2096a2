"""What a written call says, in each of the forms that models write. Pure.

Asked for is `{"name": …, "arguments": {…}}`. Understood are also OpenAI's `{"function": {"name", "arguments"}}` and
`{"tool_calls": […]}`, lists of such, arguments as a string of JSON, and values that stand between tags. Forgiven are
line breaks in strings, a comma too many, and closing brackets that a closing mark makes superfluous.
Refuses to know which tools there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured.json_text import NotJson

_NAMES = ("name", "tool", "tool_name", "function")
_ARGUMENTS = ("arguments", "parameters", "input", "args")
_LISTS = ("tool_calls", "calls")
_NEITHER = {"id", "type", "index", "call_id"}  # beside name and arguments
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_COMMA_TOO_MANY = re.compile(rf"({_STRING.pattern})|,(?=\s*[}}\]])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A call as a model wrote it. arguments: an object, or text (of a custom tool, or values that no schema was
    held against yet). source: the text itself."""

    name: str
    arguments: dict[str, Any] | str
    source: str = ""
    by_tags: bool = False  # the values are text, whatever the schema says


@dataclass(frozen=True, slots=True)
class Broken:
    """What must have been meant as a call and says none. why: a sentence for the model."""

    source: str
    why: str


def read_lenient(text: str) -> Any:
    """JSON with what is forgiven. Raises NotJson."""
    try:
        return json.loads(
            _COMMA_TOO_MANY.sub(lambda found: found[1] or "", text), strict=False, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise NotJson("a number or the nesting is beyond all bounds") from error


def _refuse(word: str) -> Any:
    raise NotJson(f"{word} is no JSON")


def from_json(text: str) -> list[Written | Broken]:
    """The calls of one JSON value that stands where a call belongs."""
    try:
        value = read_lenient(text)
    except NotJson as error:
        return [Broken(text, f"this call is no JSON: {error.args[0]}")]
    found = list(_calls(value, text))
    return found or [Broken(text, "this call names no tool")]


def _calls(value: Any, source: str) -> Iterator[Written | Broken]:
    if isinstance(value, list):
        for one in value:
            yield from _calls(one, source)
        return
    if not isinstance(value, dict):
        yield Broken(source, "a call is a JSON object with `name` and `arguments`")
        return
    listed = next((value[key] for key in _LISTS if isinstance(value.get(key), list)), None)
    if listed is not None:
        yield from _calls(listed, source)
    else:
        yield _call(value, source)


def _call(value: dict[str, Any], source: str) -> Written | Broken:
    inner = value.get("function")
    if isinstance(inner, dict):
        value = inner
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
    if not name:
        return Broken(source, "this call names no tool")
    key = next((key for key in _ARGUMENTS if key in value), None)
    if key is None:
        rest = {key: one for key, one in value.items() if key not in _NEITHER and key not in _NAMES}
        return Written(name, rest, source)
    arguments = value[key]
    if isinstance(arguments, dict | str):
        return Written(name, arguments, source)
    if arguments is None:
        return Written(name, {}, source)
    return Broken(source, f"the arguments of {name} are no JSON object")


def is_a_call(text: str, names: Collection[str]) -> bool:
    """Whether JSON that stands in an answer without a mark is a call rather than data: it names a tool of ours,
    with arguments, or is a list of `tool_calls`."""
    try:
        value = read_lenient(text)
    except NotJson:
        return False
    return _is_a_call(value, names)


def _is_a_call(value: Any, names: Collection[str]) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_is_a_call(one, names) for one in value)
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("tool_calls"), list):
        return bool(value["tool_calls"]) and all(isinstance(one, dict) for one in value["tool_calls"])
    inner = value.get("function")
    value = inner if isinstance(inner, dict) else value
    named = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    return named in names and any(key in value for key in _ARGUMENTS)


# What may stand at the beginning of such JSON: its first key, and where that is a name, a tool's.
_FIRST_KEY = re.compile(r'[\[\s]*\{\s*"(\w*)("?)(\s*:\s*("([^"]*)("?))?)?')
_OPENING = re.compile(r"[\[\s]*(\{\s*)?")
_TELLING = {"tool_calls", "function", "name", "tool", "tool_name", "type", "id"}
_TYPES = {"function", "function_call", "tool_call", "tool_use", "custom"}


def may_be_a_call(beginning: str, names: Collection[str]) -> bool | None:
    """Whether JSON that begins so could be one without a mark; None while too little of it is there."""
    found = _FIRST_KEY.match(beginning)
    if found is None:
        opening = _OPENING.match(beginning)
        return None if opening and opening.end() == len(beginning) else False
    key, key_ends, colon, value, text, text_ends = found.groups()
    if not key_ends:
        unfinished = found.end() == len(beginning) and any(one.startswith(key) for one in _TELLING)
        return None if unfinished else False
    if key not in _TELLING:
        return False
    if colon is None or (value is None and found.end() == len(beginning)):
        return None if found.end() == len(beginning) or not beginning[found.end() :].strip() else False
    if value is None:
        return key in ("tool_calls", "function")
    if key == "id":
        return True
    known = _TYPES if key == "type" else names
    if not text_ends:
        return None if any(name.startswith(text) for name in known) else False
    return text in known


# --- values between tags ---------------------------------------------------------------------------


def typed(arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    """Texts that stood between tags, each as the schema wants it; what cannot be is left a text."""
    properties = (parameters or {}).get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    return {name: _typed(value, properties.get(name)) for name, value in arguments.items()}


def _typed(value: Any, schema: Any) -> Any:
    if not isinstance(value, str) or not isinstance(schema, Mapping) or _takes_text(schema):
        return value
    try:
        return read_lenient(value.strip())
    except NotJson:
        lowered = value.strip().lower()
        return {"true": True, "false": False, "none": None}.get(lowered, value)


def _takes_text(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    if kinds is not None:
        return "string" in (kinds if isinstance(kinds, list) else [kinds])
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list):
        return all(isinstance(one, str) for one in values)
    several = [one for key in ("anyOf", "oneOf") for one in schema.get(key, []) if isinstance(one, Mapping)]
    return any(map(_takes_text, several)) if several else False
