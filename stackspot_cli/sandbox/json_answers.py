"""A value for a prompt that asks for one by a JSON Schema: the plainest that fits, so that scripts can be rehearsed.

Pure. Knows the keywords that schemas of answers are made of; where others narrow them, the value may not fit.
"""

from __future__ import annotations

import json
import re
from typing import Any

MOST_DEEP = 12
_ASKS = re.compile(r"JSON.?Schema\b", re.IGNORECASE)
_TEXT = "said by the sandbox"


def json_answer(prompt: str) -> str | None:
    """The value as JSON, None where the prompt names no schema."""
    asked = _ASKS.search(prompt)
    if asked is None:
        return None
    start = prompt.find("{", asked.end())
    if start < 0:
        return None
    try:
        schema, _end = json.JSONDecoder().raw_decode(prompt, start)
    except (ValueError, RecursionError):
        return None
    if not schema.keys() & {"type", "properties", "$ref", "enum", "anyOf", "oneOf", "allOf", "items"}:
        return None
    return json.dumps(sample(schema, schema), ensure_ascii=False)


def sample(schema: Any, root: Any, depth: int = 0) -> Any:
    """A value of the schema. root: what `$ref` points into."""
    if not isinstance(schema, dict) or depth > MOST_DEEP:
        return None
    if "$ref" in schema:
        return sample(_pointed_at(str(schema["$ref"]), root), root, depth + 1)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            return sample(schema[key][0], root, depth + 1)
    return _of_kind(_kind(schema), schema, root, depth)


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get(
        "type", "object" if "properties" in schema else "array" if "items" in schema else "string"
    )
    kinds = kind if isinstance(kind, list) else [kind]
    return next((str(one) for one in kinds if one != "null"), "null")


def _of_kind(kind: str, schema: dict[str, Any], root: Any, depth: int) -> Any:
    match kind:
        case "object":
            return {
                name: sample(below, root, depth + 1)
                for name, below in (schema.get("properties") or {}).items()
            }
        case "array":
            count = max(1, int(schema.get("minItems") or 0))
            return [sample(schema.get("items"), root, depth + 1) for _ in range(min(count, 100))]
        case "boolean":
            return True
        case "integer" | "number":
            above = schema.get("exclusiveMinimum")
            least = schema.get("minimum", 1) if above is None else above + 1
            return min(max(1, least), schema.get("maximum", max(1, least)))
        case "null":
            return None
    length = int(schema.get("minLength") or 0)
    return (_TEXT.ljust(length, "."))[: int(schema.get("maxLength") or max(length, len(_TEXT)))]


def _pointed_at(reference: str, root: Any) -> Any:
    found = root
    for name in reference.removeprefix("#").strip("/").split("/"):
        if name:
            found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found
