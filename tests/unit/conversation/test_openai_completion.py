"""OpenAI's shapes of an answer."""

import pytest
from answers import START, WHOLE

from stackspot_cli.conversation.answer import Answer
from stackspot_cli.conversation.openai_completion import Chunks, completion, finish_reason
from stackspot_cli.domain import Delta, Done, Event

EXTRAS = {
    "conversation_id": "01CONVERSATION",
    "message_id": "01MESSAGE",
    "complete": True,
    "sources": [{"name": "Guide", "document_type": "pdf", "document_score": 0.5}],
}


def added(events: list[Event]) -> Answer:
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer


def test_the_whole_answer() -> None:
    assert completion(added(WHOLE), START) == {
        "id": "chatcmpl-01MESSAGE",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "stackspot-ai",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hello there"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
        "stackspot": EXTRAS,
    }


def test_what_came_of_a_cut_one() -> None:
    whole = completion(added([Delta("Hel")]), START)
    assert whole["choices"][0]["finish_reason"] is None
    assert whole["usage"] == {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}
    assert whole["stackspot"]["complete"] is False


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("content_filter", "stop"),
        ("", "stop"),
    ],
)
def test_the_reason_is_one_of_openais_words(told: str, reason: str) -> None:
    assert finish_reason(Done(told)) == reason


def test_a_stream_begins_with_the_role_and_ends_with_the_reason() -> None:
    chunks = Chunks(START)
    made = [chunk for event in WHOLE for chunk in chunks.of(event)]
    assert [chunk["choices"][0]["delta"] for chunk in made] == [
        {"role": "assistant", "content": ""},
        {"content": "Hello"},
        {"content": " there"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in made] == [None, None, None, "stop"]
    assert {chunk["id"] for chunk in made} == {"chatcmpl-01ANSWER"}
    assert made[-1]["stackspot"] == EXTRAS


def test_an_empty_answer_begins_and_ends_too() -> None:
    chunks = Chunks(START)
    assert [chunk["choices"][0]["delta"] for chunk in chunks.of(Done())] == [
        {"role": "assistant", "content": ""},
        {},
    ]
