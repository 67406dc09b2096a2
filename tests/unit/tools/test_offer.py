"""How tools are shown, and how calls are asked for."""

import json

import pytest

from stackspot_cli.structured.schema import from_document
from stackspot_cli.tools import offer
from stackspot_cli.tools.inquiry import Inquiry, Said, Tool, ToolName

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "title": "Params",
    "additionalProperties": False,
    "properties": {
        "path": {"type": "string", "description": "where it lies", "title": "Path"},
        "title": {"type": "string", "default": "none", "description": "what it is called"},
        "mode": {"enum": ["fast", "safe"]},
    },
    "required": ["path", "mode"],
}
READ = Tool(ToolName("Read"), "Reads a file. " + "It does so well. " * 20, SCHEMA)
LIST = Tool(ToolName("List"), "Lists.", {"type": "object", "properties": {}})


def inquiry(*tools: Tool, **more: object) -> Inquiry:
    return Inquiry((Said("user", "hi"),), tools, **more)  # type: ignore[arg-type]


def test_without_tools_nothing_is_said_of_them() -> None:
    assert offer.offer(inquiry()) == offer.reminder(inquiry()) == ""
    assert offer.offer(inquiry(READ, choice="none")) == ""


def test_the_example_is_a_valid_call_of_a_tool_that_is_offered() -> None:
    text = offer.offer(inquiry(LIST, READ))
    example = json.loads(text.split(offer.OPEN_MARK)[1].split(offer.CLOSE_MARK)[0])
    assert example == {"name": "Read", "arguments": {"path": "README.md", "mode": "fast"}}
    assert from_document(SCHEMA).complaints(example["arguments"]) == ()


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        (None, {}),
        ({"type": "object", "properties": {"command": {"type": "string"}}}, {"command": "ls"}),
        ({"properties": {"n": {"type": "integer"}}, "required": ["n"]}, {"n": 1}),
        ({"properties": {"n": {"type": "number", "minimum": 5}}, "required": ["n"]}, {"n": 5}),
        ({"properties": {"b": {"type": "boolean"}}, "required": ["b"]}, {"b": True}),
        ({"properties": {"c": {"const": 3}}, "required": ["c"]}, {"c": 3}),
        (
            {"properties": {"l": {"type": "array", "items": {"type": "string"}}}, "required": ["l"]},
            {"l": ["text"]},
        ),
        ({"properties": {"s": {"type": ["null", "string"]}}, "required": ["s"]}, {"s": "text"}),
        (
            {
                "properties": {"o": {"type": "object", "required": ["x"], "properties": {"x": {}}}},
                "required": ["o"],
            },
            {"o": {"x": "text"}},
        ),
    ],
)
def test_an_example_of_any_shape(parameters: dict[str, object] | None, arguments: object) -> None:
    text = offer.offer(inquiry(Tool(ToolName("t"), "", parameters)))
    assert json.loads(text.split(offer.OPEN_MARK)[1].split(offer.CLOSE_MARK)[0])["arguments"] == arguments


def test_what_is_said_of_a_tool_shrinks_step_by_step_and_keeps_names_and_what_is_required() -> None:
    lines = [offer.shown(READ, detail) for detail in range(offer.FEWEST_WORDS + 1)]
    assert json.loads(lines[0]) == {
        "name": "Read",
        "description": READ.description.strip(),
        "parameters": SCHEMA,
    }
    assert json.loads(lines[-1]) == {
        "name": "Read",
        "description": "Reads a file. It does so well. It does so well. It does so well. It does so…",
        "parameters": {
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "title": {"type": "string"},
                "mode": {"enum": ["fast", "safe"]},
            },
            "required": ["path", "mode"],
        },
    }
    assert [len(line) for line in lines] == sorted((len(line) for line in lines), reverse=True)
    assert "where it lies" in lines[1]
    assert "where it lies" not in lines[2]


def test_one_call_at_a_time_is_said() -> None:
    assert "may follow each other" in offer.offer(inquiry(READ))
    assert "One call in an answer" in offer.offer(inquiry(READ, parallel=False))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "Where you need a tool, call it now"),
        ({"choice": "required"}, "Call a tool now"),
        ({"choice": "required", "only": "Read"}, "Call the tool Read now"),
    ],
)
def test_the_reminder_says_what_is_wanted(more: dict[str, str], words: str) -> None:
    assert offer.reminder(inquiry(READ, LIST, **more)).startswith(words)


def test_where_one_tool_must_be_called_no_other_is_offered() -> None:
    text = offer.offer(inquiry(READ, LIST, choice="required", only="List"))
    assert '"name":"List"' in text
    assert '"name":"Read"' not in text
