"""Answers for scripts: the object, and the lines."""

import json

import pytest
from answers import DONE, GUIDE, WHOLE, Paper, run

from stackspot_cli.domain import Delta, Done
from stackspot_cli.errors import AnswerCut, AnswerLacks, RateLimited, ServerFailed, Terminated
from stackspot_cli.output.json_sinks import JsonLinesSink, JsonSink, error_object

OBJECT = {
    "id": "chatcmpl-01MESSAGE",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "stackspot-ai",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hello there"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
    "stackspot": {
        "conversation_id": "01CONVERSATION",
        "message_id": "01MESSAGE",
        "complete": True,
        "sources": [{"name": "Guide", "document_type": "pdf", "document_score": 0.5}],
    },
}


def test_a_whole_answer_is_one_object_on_one_line() -> None:
    paper = Paper()
    run(JsonSink(paper), WHOLE)
    assert paper.getvalue().count("\n") == 1
    assert json.loads(paper.getvalue()) == OBJECT


def test_a_cut_answer_is_an_object_too() -> None:
    paper = Paper()
    run(JsonSink(paper), [Delta("Hel"), AnswerCut("broke")])
    whole = json.loads(paper.getvalue())
    assert whole["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": "Hel"},
        "finish_reason": None,
    }
    assert whole["stackspot"]["complete"] is False
    assert whole["id"] == "chatcmpl-01ANSWER"


def test_a_call_that_brought_nothing_prints_nothing() -> None:
    paper = Paper()
    run(JsonSink(paper), [ServerFailed("down")])
    assert paper.getvalue() == ""


def test_the_services_own_reason_is_kept() -> None:
    paper = Paper()
    run(JsonSink(paper), [Delta("x"), Done("content_filter")])
    assert json.loads(paper.getvalue())["choices"][0]["finish_reason"] == "content_filter"


def test_each_event_is_a_line_and_the_end_is_the_last() -> None:
    paper = Paper()
    run(JsonLinesSink(paper), WHOLE)
    assert [json.loads(line) for line in paper.getvalue().splitlines()] == [
        {"type": "start", "model": "stackspot-ai", "conversation_id": "01CONVERSATION"},
        {"type": "delta", "text": "Hello"},
        {"type": "delta", "text": " there"},
        {"type": "source", "name": "Guide", "document_type": "pdf", "document_score": 0.5},
        {"type": "usage", "prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
        {"type": "done", "stop_reason": "stop", "message_id": "01MESSAGE"},
    ]


def test_a_broken_answer_ends_with_its_error() -> None:
    paper = Paper()
    run(JsonLinesSink(paper), [Delta("Hel"), AnswerCut("it broke", "ask again")])
    assert json.loads(paper.getvalue().splitlines()[-1]) == {
        "type": "error",
        "code": "PARTIAL",
        "exit_code": 7,
        "message": "it broke",
        "hint": "ask again",
    }


@pytest.mark.parametrize(
    ("events", "last"), [([Delta("x"), GUIDE, DONE], "done"), ([Delta("x"), DONE], "error")]
)
def test_sources_that_were_required_decide_the_last_line(events: list, last: str) -> None:
    paper = Paper()
    run(
        JsonLinesSink(paper, lack=lambda answer: None if answer.sources else AnswerLacks("no sources")),
        events,
    )
    assert json.loads(paper.getvalue().splitlines()[-1])["type"] == last


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (RateLimited("x"), "RATE_LIMITED", 5),
        (KeyboardInterrupt(), "INTERRUPTED", 130),
        (Terminated(), "TERMINATED", 143),
        (ZeroDivisionError(), "INTERNAL", 1),
    ],
)
def test_every_end_has_its_code(error: BaseException, code: str, exit_code: int) -> None:
    told = error_object(error)
    assert (told["code"], told["exit_code"]) == (code, exit_code)
