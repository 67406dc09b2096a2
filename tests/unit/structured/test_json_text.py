"""The JSON in an answer, found in whatever stands around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.structured.json_text import Broken, Found, NotJson, on_one_line, read, values

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
containers = any_json.filter(lambda value: isinstance(value, dict | list))
indents = st.sampled_from([None, 0, 1, 2])
WRAPPINGS = [
    "{}",
    "\ufeff{}",
    "  \n{}\n\n",
    "```json\n{}\n```",
    "```\n{}\n```",
    "~~~~\n{}\n~~~~\n",
    "Sure! Here it is:\n\n{}\n\nHope this helps :-)",
    "Here [as asked](https://x.example):\n```json\n{}\n```\nIt's {{valid}}, isn't it?",
    "> quoted\n- item [x]\n{}",
]


@given(any_json, indents, st.sampled_from(WRAPPINGS), st.booleans())
def test_any_value_comes_out_of_any_wrapping_exact(
    value: object, indent: int | None, wrapping: str, ascii_only: bool
) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = next(values(wrapping.format(written)))
    assert found == Found(on_one_line(written), value)
    assert json.loads(found.text) == value


@given(containers, containers)
def test_several_values_come_in_their_order(one: object, other: object) -> None:
    text = f"First {json.dumps(one)}, then {json.dumps(other)}."
    assert [found.value for found in values(text) if isinstance(found, Found)] == [one, other]


@pytest.mark.parametrize(
    "written",
    ["1.0", "1e5", "1E-2", "-0", "12345678901234567890123456789", "0.10", '"\\u00e9\\/"', "1" * 5_000],
)
def test_numbers_and_strings_stay_as_they_were_written(written: str) -> None:
    (found,) = values(f'{{"a" :\n[{written} ]}}')
    assert found.text == f'{{"a": [{written}]}}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1,}', "a comma"),
        ('{"a": NaN}', "NaN is no JSON"),
        ("[-Infinity, 0]", "-Infinity is no JSON"),
        ('{"a": 1, "b": 2, "a": 3}', '"a" stands twice in one object'),
        ('{"a": 01}', "line 1, column 8: a comma or a closing bracket is missing"),
        ('{"a": "x\ny"}', "line 1, column 9: a control character stands in a string"),
        ('{"a": tru}', "line 1, column 7: a value is missing"),
        ('{"a" 1}', "line 1, column 6: a colon is missing"),
        ('{"a": "x', "this string never ends"),
        ('{"a": "\\x"}', "line 1, column 8: there is no such escape"),
        ('[{"a": 1}, {"a": 2}', "a comma or a closing bracket is missing"),
    ],
)
def test_what_is_no_json_is_not_mended(text: str, why: str) -> None:
    (broken,) = values(f"Here: {text}")
    assert isinstance(broken, Broken)
    assert broken.text == text
    assert why in broken.why or "name in double quotes" in broken.why


def test_nothing_is_taken_from_inside_another_value_whole_or_broken() -> None:
    text = 'A {"a": {"b": 1}, oops} and {"c": {"d": 2}}'
    assert [type(found).__name__ for found in values(text)] == ["Broken", "Found"]
    assert list(values(text))[1] == Found('{"c": {"d": 2}}', {"c": {"d": 2}})


@pytest.mark.parametrize(
    "prose", ["use {x} or {{y}}", "[link](a) and - [ ] box", "{ not: json }", "fn() { }", "a, b"]
)
def test_prose_is_no_value(prose: str) -> None:
    assert [found for found in values(prose) if isinstance(found, Found) and found.value] == []


@pytest.mark.parametrize(
    ("text", "value"), [("42", 42), ("The answer:\n\n`true`\n", True), ('"yes"', "yes"), ("null", None)]
)
def test_a_scalar_stands_alone_on_its_line(text: str, value: object) -> None:
    assert [found.value for found in values(text) if isinstance(found, Found)] == [value]


def test_a_text_that_is_no_value_says_where() -> None:
    with pytest.raises(NotJson, match="line 1, column 2: a value is missing"):
        read("[")
    with pytest.raises(NotJson, match="something stands behind the value"):
        read("1 2")
    with pytest.raises(NotJson, match="nested too deeply"):
        read("[" * 200_000 + "]" * 200_000)


@given(st.text(alphabet='{}[]",:\\ \n1a`', max_size=60))
def test_whatever_arrives_every_piece_is_of_the_text_and_none_overlaps(text: str) -> None:
    position = 0
    for found in values(text):
        if isinstance(found, Broken):
            position = text.index(found.text, position) + len(found.text)
        else:
            json.loads(found.text)
