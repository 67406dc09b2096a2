"""A schema said in a few words."""

import pytest

from stackspot_cli.structured.short_form import NotASchema, read_short_form


def test_fields_are_divided_by_commas_and_all_required() -> None:
    assert read_short_form("name, line int, share float, ok bool, why: the reason") == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "line": {"type": "integer"},
            "share": {"type": "number"},
            "ok": {"type": "boolean"},
            "why": {"type": "string", "description": "the reason"},
        },
        "required": ["name", "line", "share", "ok", "why"],
        "additionalProperties": False,
    }


def test_one_word_is_enough() -> None:
    assert read_short_form("approved bool")["properties"] == {"approved": {"type": "boolean"}}


def test_with_newlines_a_description_may_hold_commas_and_colons() -> None:
    assert read_short_form("\nname: first, last\nwhen str: as 10:30\n")["properties"] == {
        "name": {"type": "string", "description": "first, last"},
        "when": {"type": "string", "description": "as 10:30"},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it names no field"),
        (" , ", "it names no field"),
        ("name text", "field 1: the type is one of str, int, float, bool, not 'text'"),
        ("a, b int x", "field 2, 'b int x': a field is `name [str|int|float|bool] [: description]`"),
        ("a, : lost", "field 2, ': lost': a field is `name [str|int|float|bool] [: description]`"),
        ("[1]", "field 1, '[1]': a field is `name [str|int|float|bool] [: description]`"),
        ("a, b, a int", "field 3: a is there already"),
    ],
)
def test_what_is_no_schema_is_told_by_its_field(text: str, message: str) -> None:
    with pytest.raises(NotASchema) as refused:
        read_short_form(text)
    assert str(refused.value) == message
