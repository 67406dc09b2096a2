"""A JSON Schema, read, checked, and held against values."""

import json

import pytest

from stackspot_cli.structured.schema import NotASchema, Schema, from_document, from_text

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def wrong(schema: Schema, value: object) -> list[str]:
    return [complaint.sentence for complaint in schema.complaints(value)]


def test_a_value_that_fits_has_no_complaints() -> None:
    assert wrong(from_text("name, line int"), {"name": "x", "line": 1}) == []


def test_each_complaint_has_its_place() -> None:
    schema = from_text("name, line int, ok bool")
    assert wrong(schema, {"name": 1, "line": 1.5, "extra": None}) == [
        '"ok" is missing',
        'it has no place for "extra"',
        "/line: 1.5 is not of type integer",
        "/name: 1 is not of type string",
    ]


def test_a_list_of_such_objects() -> None:
    schema = from_text("n int", many=True)
    assert schema.whole["type"] == "array"
    assert wrong(schema, []) == []
    assert wrong(schema, [{"n": 1}, {"n": "2"}]) == ['/1/n: "2" is not of type integer']
    assert wrong(schema, {"n": 1}) == ["it is an object, and a list was asked for"]


def test_a_reference_inside_a_list_of_objects_still_means_the_document() -> None:
    document = {"$defs": {"n": {"type": "integer"}}, "properties": {"n": {"$ref": "#/$defs/n"}}}
    assert wrong(from_document(document, many=True), [{"n": "x"}]) == ['/0/n: "x" is not of type integer']


def test_both_drafts_mean_what_they_say() -> None:
    old = from_text(
        json.dumps({"$schema": DRAFT_7, "items": [{"type": "integer"}], "additionalItems": False})
    )
    assert wrong(old, [1]) == []
    assert wrong(old, [1, 2]) != []
    new = from_document({"prefixItems": [{"type": "integer"}], "items": False})
    assert wrong(new, [1, 2]) != []
    assert wrong(from_document(True), object) == []


def test_a_reference_to_an_embedded_document_is_inside() -> None:
    document = {
        "$id": "https://x.example/root",
        "properties": {"a": {"$ref": "https://x.example/inner"}, "b": {"$ref": "inner#/$defs/c"}},
        "$defs": {
            "inner": {
                "$id": "inner",
                "type": "object",
                "$defs": {"c": {"type": "null"}},
                "properties": {"d": {"$ref": "#/$defs/c"}},
            }
        },
    }
    schema = from_document(document)
    assert wrong(schema, {"a": {"d": None}, "b": None}) == []
    assert wrong(schema, {"a": {"d": 1}}) == ["/a/d: 1 is not of type null"]


TYPES = "that is one of string, number, integer, boolean, array, object, null, or a list of some of them, each once"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "strin"}', f'at /type: "strin" is no type: {TYPES}; did you mean string?'),
        (
            '{"properties": {"a": {"type": "int"}}}',
            f'at /properties/a/type: "int" is no type: {TYPES}; did you mean integer?',
        ),
        (
            '{"type": ["null", "dict"]}',
            f'at /type: ["null", "dict"] is no type: {TYPES}; did you mean object?',
        ),
        ('{"type": 3}', f"at /type: 3 is no type: {TYPES}"),
        (
            '{"$schema": "http://json-schema.org/draft-07/schema#", "items": 3}',
            "at /items: 3 is no schema: that is an object, true or false",
        ),
        ('{"properties": {"a": {"minimum": "1"}}}', 'at /properties/a/minimum: "1" is not of type number'),
        ('{"type": "object",}', "it is no JSON: line 1, column "),
        ('{"$ref": "https://x.example/remote.json"}', "at /$ref: "),
        (
            '{"items": {"$ref": "#/$defs/none"}}',
            'at /items/$ref: "#/$defs/none" leads to nothing inside this schema',
        ),
        ('{"$schema": "http://json-schema.org/draft-04/schema#"}', "at /$schema: "),
        ('{"properties": {"a": {"pattern": "("}}}', "at /properties/a/pattern: "),
        ('{"patternProperties": {"(": {}}}', "at /patternProperties"),
        ("name text", "field 1: "),
    ],
)
def test_what_is_no_schema_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(NotASchema) as refused:
        from_text(text)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("document", [[], "x", 1, None])
def test_a_document_is_an_object(document: object) -> None:
    with pytest.raises(NotASchema, match="a schema is an object"):
        from_document(document)


def test_a_field_may_be_called_as_a_keyword() -> None:
    schema = from_document({"properties": {"pattern": {"type": "string"}, "$ref": {"type": "integer"}}})
    assert wrong(schema, {"pattern": "(", "$ref": "x"}) == ['/$ref: "x" is not of type integer']


def test_a_schema_without_end_is_an_error_and_no_crash() -> None:
    with pytest.raises(NotASchema, match="refers to itself without end"):
        from_document({"$ref": "#"}).complaints(1)


def test_a_pattern_is_searched_in_the_whole_string() -> None:
    schema = from_document({"pattern": "^a$"})
    assert wrong(schema, "a") == []
    assert wrong(schema, "b\na") == ['"b\\na" does not match the pattern "^a$"']
    named = from_document({"patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": False})
    assert wrong(named, {"x-a": "1"}) == ['/x-a: "1" is not of type integer']


def test_a_pattern_that_takes_too_long_is_an_error() -> None:
    with pytest.raises(NotASchema, match="takes too long"):
        from_document({"pattern": r"^(a|b|ab)*\1$"}).complaints("ab" * 3_000 + "c")


def test_not_more_is_told_than_somebody_can_take_in() -> None:
    assert len(wrong(from_document({"items": {"type": "null"}}), list(range(100)))) == 10
