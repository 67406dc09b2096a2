"""An answer of a schema, asked for at most twice."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.errors import AnswerUnfit, UsageError
from stackspot_cli.structured.asking import Value, ask_for_value
from stackspot_cli.structured.json_text import Found
from stackspot_cli.structured.schema import from_document, from_text

SCHEMA = from_text("ok bool")
GOOD = '{"ok": true}'


class Model:
    """Gives one answer after the other, and keeps what it was told."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.told: list[str] = []

    def __call__(self, words: str) -> str:
        self.told.append(words)
        return self.answers.pop(0)


def test_an_answer_that_fits_is_asked_for_once() -> None:
    model = Model(f"Sure: {GOOD}")
    assert ask_for_value(model, SCHEMA) == Value(Found(GOOD, {"ok": True}), 0)
    assert model.told == [""]


def test_one_that_does_not_is_asked_for_once_more_with_the_complaints() -> None:
    model = Model('{"ok": "yes"}', GOOD)
    assert ask_for_value(model, SCHEMA) == Value(Found(GOOD, {"ok": True}), 1)
    assert '- /ok: "yes" is not of type boolean\n' in model.told[1]


def test_what_never_fits_is_an_error_with_the_last_complaints_and_the_last_answer() -> None:
    model = Model("no", "still no", GOOD)
    with pytest.raises(AnswerUnfit) as refused:
        ask_for_value(model, SCHEMA)
    assert refused.value.message == "the answer does not fit the schema: the answer holds no JSON"
    assert (refused.value.answer, model.answers) == ("still no", [GOOD])


def test_where_nothing_can_be_repaired_nothing_is_asked_again() -> None:
    model = Model("no", GOOD)
    with pytest.raises(AnswerUnfit):
        ask_for_value(model, SCHEMA, may_repair=False)
    assert model.answers == [GOOD]


@given(st.lists(st.sampled_from(["no", "{", GOOD, '{"ok": 1}']), min_size=2, max_size=4))
def test_the_repair_is_asked_for_at_most_once(answers: list[str]) -> None:
    model = Model(*answers)
    with contextlib.suppress(AnswerUnfit):
        ask_for_value(model, SCHEMA)
    assert len(model.told) <= 2


def test_a_schema_that_never_ends_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="the schema cannot be used: it refers to itself without end"):
        ask_for_value(Model(GOOD), from_document({"$ref": "#"}))
