"""What a line of IN asks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackspot_cli.batch.lines import Line, read
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError


def line(value: Any, number: int = 1, parameters: frozenset[str] | None = None) -> Line:
    return read(json.dumps(value).encode(), number, parameters)


def test_our_own_form_has_a_prompt_and_settings() -> None:
    whole = {"id": "a", "prompt": "hi", "model": "m", "system": "s", "temperature": 0.1, "max_tokens": 9}
    assert line({**whole, "files": "x", "note": 1}) == Line(
        1, "a", "hi", model="m", system="s", temperature=0.1, max_tokens=9, files=("x",), unknown=("note",)
    )


@pytest.mark.parametrize(("id_", "is_"), [(None, 7), ("", ""), (0, 0), (1.5, 1.5)])
def test_a_line_without_an_id_is_known_by_its_number(id_: Any, is_: Any) -> None:
    assert line({"id": id_, "prompt": "hi"}, 7).id == is_


def test_for_a_template_every_key_that_it_knows_is_a_parameter() -> None:
    names = frozenset({"name", "model"})
    assert line(
        {"id": 1, "name": "Ann", "model": "T", "input": "x", "system": "s"}, parameters=names
    ) == Line(1, 1, "x", system="s", params={"name": "Ann", "model": "T"})


def test_a_parameter_that_is_no_text_is_its_json_and_null_is_none() -> None:
    values = {"a": 1, "b": True, "c": [1, "é"], "d": None, "e": "text"}
    assert line({"params": values}, parameters=frozenset()).params == {
        "a": "1",
        "b": "true",
        "c": '[1, "é"]',
        "e": "text",
    }


def test_openai_s_form_is_its_body() -> None:
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_completion_tokens": 5,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"type": "object"}},
        },
    }
    assert line({"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}) == Line(
        1,
        "a",
        messages=(Message("user", "hi"),),
        model="m",
        max_tokens=5,
        openai=True,
        schema={"type": "object"},
    )


MESSAGES = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"custom_id": "a", "url": "/v1/embeddings", "body": {}}, "only `POST /v1/chat/completions`"),
        ({"custom_id": "a", "method": "GET", "body": {}}, "only `POST /v1/chat/completions`"),
        ({"custom_id": "a", "body": []}, "`body` is an object"),
        ({"custom_id": "a", "body": {"messages": MESSAGES, "tools": [{}]}}, "no tools"),
        ({"custom_id": "a", "body": {"messages": MESSAGES, "n": 2}}, "one answer"),
        (
            {"custom_id": "a", "body": {"messages": MESSAGES, "response_format": {"type": "xml"}}},
            "json_schema",
        ),
        ({"custom_id": True, "body": {"messages": MESSAGES}}, "`custom_id` is a text or a number"),
        ({"prompt": "a", "system": 1}, "`system` is a text"),
        ({"prompt": "a", "files": [1]}, "`files` is a list of names"),
        ({"prompt": "a", "files": ["-"]}, "stdin is no file of one line"),
        ({"prompt": 5}, "it lacks a `prompt`"),
    ],
)
def test_what_is_no_line_says_why(wrong: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        line(wrong)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff", r"it is not UTF-8 text \(byte 1\): --encoding says what it is"),
        (b'{"prompt": NaN}', "NaN is no JSON"),
        (b'{"prompt": "\\ud800"}', r"`prompt` is not text \(character 0\)"),
        (b"[" * 100_000, "it is no JSON"),
    ],
)
def test_what_is_no_text_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read(data, 1)


def test_openai_s_form_is_no_template_s() -> None:
    with pytest.raises(UsageError, match="no template's parameters"):
        line({"custom_id": "a", "body": {"messages": MESSAGES}}, parameters=frozenset())
