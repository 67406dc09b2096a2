"""The sandbox's chat. None of our own code asks."""

import json
from typing import Any

import pytest
from sandbox_caller import (
    REVIEWER,
    UNKNOWN,
    Caller,
    answer_in,
    chat_body,
    events_in,
    exchange,
    first_fence,
)

from stackspot_cli.sandbox import Sandbox


def test_a_chat_answer_is_an_event_stream_of_word_like_pieces_that_ends_with_end_event(
    caller: Caller,
) -> None:
    response = caller.send(
        "POST", "/v3/chat", chat_body("Say hi", model="stackspot-ai-chat", temperature=0.2)
    )
    assert response.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    stream = response.read()
    events = events_in(stream)
    assert stream.startswith(b"retry: 3000\n\n")
    assert [name for name, _ in events[:-1]] == ["new_message"] * (len(events) - 1)
    assert events[-1] == ("end_event", {})
    assert answer_in(stream) == (
        "Hi! The sandbox received: model `stackspot-ai-chat`, temperature 0.2, "
        "prompt 6 characters in 1 line, conversation turn 1."
    )


def test_each_frame_travels_in_a_chunk_of_its_own() -> None:
    with Sandbox(deltas=("one ", "two")) as server, Caller(server) as caller:
        body = json.dumps(chat_body("x"))
        head = f"POST /v3/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\n"
        raw = exchange(server, f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    frames = [
        b"retry: 3000\n\n",
        b'event: new_message\ndata: {"answer": "one "}\n\n',
        b'event: new_message\ndata: {"answer": "two"}\n\n',
        b"event: end_event\ndata: {}\n\n",
    ]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(frame), frame) for frame in frames) + b"0\r\n\r\n"
    assert raw.partition(b"\r\n\r\n")[2] == sent


def test_the_answer_tells_what_was_received(caller: Caller) -> None:
    text = caller.chat("System: be brief.\n\nWhat is OAuth2?", model="m", temperature=0, max_tokens=77)
    for row in (
        "| model | `m` |",
        "| temperature | 0 |",
        "| max tokens | 77 |",
        "| prompt | 34 characters in 3 lines |",
        "| system text | seen |",
        "| conversation | turn 1 |",
        "Your prompt begins: `System: be brief. What is OAuth2?`",
    ):
        assert row in text


def test_a_conversation_remembers_what_was_said_before(caller: Caller) -> None:
    caller.chat("My name is Ada", "C1")
    caller.chat("Something else", "C2")
    text = caller.chat("What is my name?", "C1")
    assert "| conversation | turn 2 |" in text
    assert "Before that you said: `My name is Ada`" in text


def test_the_same_question_has_the_same_answer() -> None:
    answers = set()
    for _ in range(2):
        with Sandbox() as server, Caller(server) as caller:
            answers.add(caller.chat("Explain monads"))
    assert len(answers) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a Python function to calculate factorial",
        "factorial",
        "Escreva uma função fatorial em Python",
        "Instructions: answer in English\n\nwrite the factorial, please",
    ],
)
def test_the_factorial_that_the_sandbox_writes_is_right(caller: Caller, prompt: str) -> None:
    language, code = first_fence(caller.chat(prompt))
    names: dict[str, Any] = {"__name__": "snippet"}
    exec(code, names)
    assert language == "python"
    assert [names["factorial"](n) for n in range(6)] == [1, 1, 2, 6, 24, 120]
    with pytest.raises(ValueError, match="0 or more"):
        names["factorial"](-1)


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("Escreva uma função em JavaScript", "javascript"),
        ("a bash script that greets", "bash"),
        ("the ten best customers in SQL", "sql"),
        ("Write a function", "python"),
        ("código, por favor", "python"),
        ("fatorial em Rust", "rust"),
        ("Write a poem", None),
        ("How do I go on?", None),
        ("What is this?\n\n```python\ndef function(): ...\n```", None),
    ],
)
def test_a_prompt_that_asks_for_code_gets_a_fenced_block_that_fits(
    caller: Caller, prompt: str, language: str | None
) -> None:
    text = caller.chat(prompt)
    assert (first_fence(text)[0] if "```" in text else None) == language


def test_what_was_said_cannot_break_out_of_its_quotation(caller: Caller) -> None:
    assert "`a 'b' # c`" in caller.chat("a `b`\n\n# c")


def test_given_deltas_are_sent_as_they_are_even_half_a_surrogate_pair() -> None:
    pieces = ("a\r\n", "\ud83d", "\ude00", "", " é\x1b[31m")
    with Sandbox(deltas=pieces) as server, Caller(server) as caller:
        stream = caller.send("POST", "/v3/chat", chat_body("x")).read()
    assert tuple(data["answer"] for name, data in events_in(stream) if name == "new_message") == pieces


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"not json", 400, "JSON"),
        (b"[]", 400, "JSON"),
        ({}, 400, "user_prompt"),
        ({"user_prompt": "  "}, 400, "user_prompt"),
        ({"user_prompt": "x", "context": "y"}, 400, "context"),
        (chat_body("x", context={"upload_ids": ["unknown"]}), 400, "upload_ids"),
        (chat_body("x", temperature=1.5), 422, "temperature"),
        (chat_body("x", temperature=True), 422, "temperature"),
        (chat_body("x", max_tokens=0), 422, "max_tokens"),
        (chat_body("x", max_tokens=8193), 422, "max_tokens"),
        (chat_body("x", model=7), 422, "model"),
    ],
)
def test_a_body_that_is_wrong_is_refused_with_the_protocols_error_object(
    caller: Caller, body: Any, status: int, word: str
) -> None:
    told, problem = caller.ask("POST", "/v3/chat", body)
    assert told == status
    assert sorted(problem) == ["code", "details", "type"]
    assert word in problem["details"]


def test_an_over_long_prompt_is_refused_with_both_numbers(caller: Caller) -> None:
    assert caller.ask("POST", "/v3/chat", chat_body("x" * (4 * 16_384 + 1))) == (
        400,
        {
            "type": "BadRequestError",
            "code": "INFERENCE_6001_LLM_MODEL_BAD_REQUEST",
            "details": "Input tokens exceed the configured limit of 16384 tokens. "
            "Your messages resulted in 16385 tokens. Please reduce the length of the messages.",
        },
    )
    assert caller.chat("x" * 4 * 16_384)


def test_chat_can_be_pointed_at_an_agent(strict_caller: Caller) -> None:
    mine = chat_body("Explain", context={"agent_id": REVIEWER, "agent_built_in": False})
    caller = strict_caller
    assert "| agent | `Reviewer` |" in answer_in(caller.send("POST", "/v3/chat", mine).read())
    unknown = chat_body("Explain", context={"agent_id": UNKNOWN, "agent_built_in": False})
    assert caller.ask("POST", "/v3/chat", unknown) == (403, b"")
