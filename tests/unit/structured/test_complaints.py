"""What does not fit, in our words: one sentence for each keyword."""

import pytest

from stackspot_cli.structured.complaints import Complaint
from stackspot_cli.structured.schema import from_document


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"type": ["string", "null"]}, 1, "1 is not of type string, null"),
        ({"enum": ["a", 1]}, "b", '"b" is none of "a", 1'),
        ({"const": True}, False, "false is not true"),
        ({"minimum": 1}, 0, "0 is less than 1"),
        ({"maximum": 1}, 2, "2 is more than 1"),
        ({"exclusiveMinimum": 1}, 1, "1 is not more than 1"),
        ({"exclusiveMaximum": 1}, 1, "1 is not less than 1"),
        ({"multipleOf": 2}, 3, "3 is no multiple of 2"),
        ({"minLength": 2}, "a", '"a" is shorter than 2 characters'),
        ({"maxLength": 2}, "abc", '"abc" is longer than 2 characters'),
        ({"minItems": 1}, [], "the list has fewer than 1 items"),
        ({"maxItems": 1}, [1, 2], "the list has more than 1 items"),
        ({"uniqueItems": True}, [1, 1], "the list has an item twice"),
        ({"contains": {"type": "null"}}, [1], 'the list has no item that fits {"type": "null"}'),
        ({"minProperties": 1}, {}, "the object has fewer than 1 fields"),
        ({"maxProperties": 0}, {"a": 1}, "the object has more than 0 fields"),
        ({"anyOf": [{"type": "null"}]}, 1, '1 fits none of [{"type": "null"}]'),
        ({"oneOf": [{"type": "null"}]}, 1, '1 fits none, or more than one, of [{"type": "null"}]'),
        ({"not": {"type": "integer"}}, 1, '1 fits {"type": "integer"}, and must not'),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, '"ab" is longer than 1 characters'),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, 'it needs ["b"] beside what it has'),
        ({"type": "null"}, "x" * 200, '"' + "x" * 79 + "… is not of type null"),
    ],
)
def test_each_keyword_has_its_sentence(schema: dict[str, object], value: object, sentence: str) -> None:
    assert [complaint.sentence for complaint in from_document(schema).complaints(value)] == [sentence]


def test_a_place_is_a_json_pointer() -> None:
    assert Complaint(("a/b", 0, "c~d"), "x").place == "/a~1b/0/c~0d"
    assert Complaint((), "x").sentence == "x"
