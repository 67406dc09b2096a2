"""From an answer's text to the value that was asked for."""

import json

import pytest

from stackspot_cli.structured.fitting import Unfit, fit, instruction, request_for_repair
from stackspot_cli.structured.json_text import Found
from stackspot_cli.structured.schema import from_text

SCHEMA = from_text("approved bool")


@pytest.mark.parametrize(
    "answer",
    [
        '{"approved": true}',
        'Sure:\n```json\n{\n  "approved" : true\n}\n```\nbye',
        'As in [1], {"other": 1} and {"approved": "no"}, but: {"approved": true}. {"approved": false}',
    ],
)
def test_the_first_whole_value_that_fits_is_taken(answer: str) -> None:
    assert fit(answer, SCHEMA) == Found('{"approved": true}', {"approved": True})


@pytest.mark.parametrize(
    ("answer", "complaints"),
    [
        ("Not approved.", ["the answer holds no JSON"]),
        ("", ["the answer holds no JSON"]),
        ('{"approved": "true"}', ['/approved: "true" is not of type boolean']),
        ('{"approved": true', ["it is no JSON: line 1, column 18: a comma or a closing bracket is missing"]),
        ('{"review": {"approved": true}}', ['"approved" is missing', 'it has no place for "review"']),
    ],
)
def test_what_does_not_fit_says_why(answer: str, complaints: list[str]) -> None:
    fitting = fit(answer, SCHEMA)
    assert isinstance(fitting, Unfit)
    assert [complaint.sentence for complaint in fitting.complaints] == complaints


def test_the_model_is_told_the_schema_and_later_the_complaints() -> None:
    dumped = json.dumps(SCHEMA.whole, separators=(",", ":"))
    assert instruction(SCHEMA).endswith(dumped)
    fitting = fit('{"approved": 1}', SCHEMA)
    assert isinstance(fitting, Unfit)
    asked = request_for_repair(SCHEMA, fitting.complaints)
    assert "- /approved: 1 is not of type boolean\n" in asked
    assert asked.endswith(dumped)
