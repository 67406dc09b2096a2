"""The sandbox's value for a prompt that asks for one by a schema."""

import json
from typing import Any

import jsonschema
import pytest

from stackspot_cli.sandbox.json_answers import json_answer

ASKED = "Answer with one JSON value. It must be valid by this JSON Schema:\n\n{schema}\n\nMay it be merged?"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"approved": {"type": "boolean"}}, "required": ["approved"]},
        {"type": "array", "items": {"type": "object", "properties": {"line": {"type": "integer"}}}},
        {"type": "object", "properties": {"n": {"type": "number", "exclusiveMinimum": 3, "maximum": 9}}},
        {"type": "object", "properties": {"n": {"type": ["null", "string"], "minLength": 40}}},
        {"type": "string", "maxLength": 4},
        {"type": "object", "properties": {"level": {"enum": ["low", "high"]}, "kind": {"const": 3}}},
        {
            "$ref": "#/$defs/a",
            "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/b"}}, "b": {"type": "null"}},
        },
        {"anyOf": [{"type": "integer", "minimum": 7}, {"type": "string"}]},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3},
    ],
    ids=str,
)
def test_the_value_fits_the_schema(schema: dict[str, Any]) -> None:
    answer = json_answer(ASKED.replace("{schema}", json.dumps(schema)))
    assert answer is not None
    jsonschema.validate(json.loads(answer), schema)


def test_a_schema_that_points_at_itself_comes_to_an_end() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert json_answer(ASKED.replace("{schema}", json.dumps(schema))) is not None


@pytest.mark.parametrize(
    "prompt",
    [
        "What is a JSON Schema?",
        "Explain this JSON Schema: {broken",
        'Write a JSON Schema for {"name": "Ana"}',
        'Sort {"type": "object"}',
    ],
)
def test_other_prompts_get_their_usual_answer(prompt: str) -> None:
    assert json_answer(prompt) is None
