"""One field of the service's JSON, in each shape that it may have."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.routes import fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name"]), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"a": "x", "b": "y"}, "x"),
        ({"a": None, "b": "y"}, "y"),
        ({"a": " ", "b": "y"}, "y"),
        ({"a": " x "}, " x "),
        ({"a": 7}, "7"),
        ({"a": 0.5}, "0.5"),
        ({"a": {"name": "acme", "id": 1}}, "acme"),
        ({"a": {"id": 1}, "b": True}, None),
        ({"a": ["x"]}, None),
        ({"c": "x"}, None),
        ({}, None),
    ],
)
def test_a_text_is_the_first_field_that_says_something(entry: dict[str, Any], found: str | None) -> None:
    assert fields.text(entry, "a", "b") == found


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (7, 7),
        ("7", 7),
        (" 7 ", 7),
        (7.9, 7),
        (-1, None),
        (-0.5, None),
        ("-1", None),
        ("7.5", None),
        ("٣", None),
        ("9" * 19, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, None),
        (True, None),
        (None, None),
        ([7], None),
    ],
)
def test_a_count_is_a_number_from_0_on(value: Any, number: int | None) -> None:
    assert fields.count(value) == number


def test_the_first_count_is_taken_and_0_is_one() -> None:
    assert fields.first_count({"a": None, "b": 0, "c": 3}, "a", "b", "c") == 0
    assert fields.first_count({"a": "x"}, "a", "b") is None


def test_objects_are_those_of_a_list() -> None:
    assert fields.objects([{"a": 1}, None, "x", {}]) == [{"a": 1}, {}]
    assert [fields.objects(value) for value in (None, "x", {"a": 1})] == [[], [], []]


@given(JSON)
def test_no_json_is_a_bug(value: Any) -> None:
    found = fields.text({"a": value}, "a")
    assert found is None or found.strip()
    number = fields.count(value)
    assert number is None or number >= 0
    assert all(isinstance(entry, dict) for entry in fields.objects(value))
