"""Which written calls may leave."""

from itertools import count

import pytest

from stackspot_cli.tools.call_checks import Checker
from stackspot_cli.tools.call_forms import Broken, Written
from stackspot_cli.tools.inquiry import Call, Tool, ToolName

EDIT = Tool(
    ToolName("Edit"),
    "",
    {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "line": {"type": "integer"},
            "all": {"type": "boolean"},
            "tags": {"type": "array"},
            "any": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        },
        "required": ["path"],
        "additionalProperties": False,
    },
)
PATCH = Tool(ToolName("apply_patch", kind="custom"))
SPAWN = Tool(ToolName("spawn", "agents"))


def check(written: Written, *tools: Tool) -> Call | Broken:
    ids = count(1)
    return Checker(tools or (EDIT, PATCH, SPAWN), lambda: f"call_{next(ids)}").check(written)


def test_a_valid_call_leaves_as_it_was_written() -> None:
    assert check(Written("Edit", {"path": "é.py", "line": 3})) == Call(
        "call_1", EDIT.name, '{"path": "é.py", "line": 3}'
    )
    assert check(Written("Edit", '{"path": "a",}')) == Call("call_1", EDIT.name, '{"path": "a"}')


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({}, '"path" is missing'),
        ({"path": 3}, "/path: 3 is not of type string"),
        ({"path": "a", "line": "3"}, '/line: "3" is not of type integer'),
        ({"path": "a", "lines": 1}, 'it has no place for "lines"'),
        ("nonsense", "the arguments of Edit are no JSON"),
        ("[1]", "the arguments of Edit are no JSON object"),
        ({"path": float("inf")}, "/path"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(arguments: dict[str, object] | str, why: str) -> None:
    found = check(Written("Edit", arguments, "source"))
    assert isinstance(found, Broken)
    assert (why in found.why, found.source) == (True, "source")


@pytest.mark.parametrize("name", ["edit", "functions.Edit", " Edit "])
def test_a_name_that_can_mean_one_tool_alone_is_understood(name: str) -> None:
    assert check(Written(name, {"path": "a"})) == Call("call_1", EDIT.name, '{"path": "a"}')


@pytest.mark.parametrize("name", ["agents__spawn", "agents.spawn", "spawn"])
def test_a_tool_of_a_group_comes_back_with_it(name: str) -> None:
    assert check(Written(name, {})) == Call("call_1", ToolName("spawn", "agents"), "{}")


def test_an_unknown_name_is_said_with_the_nearest() -> None:
    assert check(Written("Edits", {}, "s")) == Broken("s", 'there is no tool "Edits"; there are: Edit')
    found = check(Written("zzz", {}, "s"))
    assert found == Broken("s", 'there is no tool "zzz"; there are: Edit, apply_patch, agents__spawn')


@pytest.mark.parametrize("arguments", ["*** Begin", {"input": "*** Begin"}, {"patch": "*** Begin"}])
def test_a_custom_tool_gets_its_text(arguments: dict[str, object] | str) -> None:
    assert check(Written("apply_patch", arguments)) == Call("call_1", PATCH.name, "*** Begin")


def test_a_custom_tool_takes_nothing_else() -> None:
    assert isinstance(check(Written("apply_patch", {"a": "x", "b": "y"})), Broken)


def test_values_between_tags_become_what_the_schema_wants() -> None:
    values = {"path": "12", "line": " 3 ", "all": "True", "tags": '["a"]', "any": "7"}
    assert check(Written("Edit", dict(values), by_tags=True)) == Call(
        "call_1", EDIT.name, '{"path": "12", "line": 3, "all": true, "tags": ["a"], "any": "7"}'
    )
    assert isinstance(check(Written("Edit", {"path": "a", "line": "three"}, by_tags=True)), Broken)


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "https://example.com/x.json"}}},
        {"type": 5, "required": ["x"]},
    ],
)
def test_of_a_schema_that_nobody_can_use_what_is_required_is_checked(parameters: dict[str, object]) -> None:
    tool = Tool(ToolName("odd"), "", parameters)
    assert check(Written("odd", {"x": 1}), tool) == Call("call_1", tool.name, '{"x": 1}')
    assert check(Written("odd", {}, "s"), tool) == Broken(
        "s", 'the arguments of odd do not fit: "x" is missing'
    )


def test_a_tool_without_parameters_takes_what_comes() -> None:
    assert check(Written("spawn", {"x": 1})) == Call("call_1", SPAWN.name, '{"x": 1}')
