"""`tools=` and `response_format=` from Python, as the gateway has them, against the sandbox over real sockets."""

import asyncio
import gc
from typing import Any

import pytest
from served import Serve

from stackspot_cli import AnswerLacks, StackSpot, StackSpotProvider, UsageError
from stackspot_cli.sandbox import Sandbox

ASK = [{"role": "user", "content": "What does a.py say?"}]
PARAMETERS = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = {"type": "function", "function": {"name": "read", "parameters": PARAMETERS}}
CALL = '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>'
BAD_CALL = '<tool_call>\n{"name": "read", "arguments": {"file": "a.py"}}\n</tool_call>'
SCORE = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}
FORM = {"type": "json_schema", "json_schema": {"name": "score", "schema": SCORE}}


@pytest.fixture
def answering(serve: Serve) -> Serve:
    """A sandbox with these answers, one after the other."""
    return lambda *answers: serve(answers=[{"answers": list(answers)}])


def prompts(server: Sandbox) -> list[str]:
    return [request.json["user_prompt"] for request in server.requests if request.path == "/v3/chat"]


def called(message: Any) -> list[tuple[str, str]]:
    return [(call["function"]["name"], call["function"]["arguments"]) for call in message["tool_calls"]]


def test_a_loop_of_calls_and_results(answering: Serve) -> None:
    server = answering(f"I look.\n{CALL}", "It says one.")
    with StackSpot() as client:
        first = client.completion(ASK, "stackspot-ai-code", tools=[READ])
        (choice,) = first["choices"]
        message = choice["message"]
        assert (choice["finish_reason"], message["content"]) == ("tool_calls", "I look.")
        assert called(message) == [("read", '{"path": "a.py"}')]
        result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "x = 1"}
        last = client.completion([*ASK, dict(message), result], "stackspot-ai-code", tools=[READ])
    assert last["choices"][0]["message"] == {"role": "assistant", "content": "It says one."}
    assert last["choices"][0]["finish_reason"] == "stop"
    assert "=== result of read, call_" in prompts(server)[-1]


def test_a_stream_brings_text_as_it_comes_and_calls_whole(answering: Serve) -> None:
    answering(f"I look.\n{CALL}")
    with StackSpot() as client:
        chunks = list(client.completion(ASK, tools=[READ], stream=True))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert "".join(delta.get("content", "") for delta in deltas) == "I look."
    (call,) = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert (call["index"], call["function"]["arguments"]) == (0, '{"path": "a.py"}')
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_same_for_asyncio(answering: Serve, stream: bool) -> None:
    answering(f"I look.\n{CALL}")

    async def ask() -> list[Any]:
        async with StackSpotProvider() as provider:
            if not stream:
                answer = await provider.completion(ASK, tools=[READ])
                return list(answer["choices"][0]["message"]["tool_calls"])
            chunks = await provider.completion(ASK, tools=[READ], stream=True)
            return [call async for one in chunks for call in one["choices"][0]["delta"].get("tool_calls", ())]

    (call,) = asyncio.run(ask())
    assert call["function"] == {"name": "read", "arguments": '{"path": "a.py"}'}


def test_what_is_wrong_is_asked_for_once_more_and_then_an_error(answering: Serve) -> None:
    server = answering(BAD_CALL, CALL)
    with StackSpot() as client:
        answer = client.completion(ASK, tools=[READ])
    assert called(answer["choices"][0]["message"]) == [("read", '{"path": "a.py"}')]
    assert '"path" is missing' in prompts(server)[-1]
    answering(BAD_CALL)
    with StackSpot() as client, pytest.raises(AnswerLacks) as lacking:
        client.completion(ASK, tools=[READ])
    assert '"path" is missing' in lacking.value.message


def test_a_form_is_unwrapped_and_checked(answering: Serve) -> None:
    answering('Here it is:\n```json\n{"score": "high"}\n```', '```json\n{"score": 7}\n```')
    with StackSpot() as client:
        answer = client.completion(ASK, response_format=FORM)
    assert answer["choices"][0]["message"]["content"] == '{"score": 7}'


def test_a_stop_text_ends_the_answer_before_it(answering: Serve) -> None:
    answering("One. STOP Two.")
    with StackSpot() as client:
        assert client.completion(ASK, stop=" STOP")["choices"][0]["message"]["content"] == "One."


def test_earlier_calls_are_told_where_no_tools_are_offered(answering: Serve) -> None:
    server = answering("It says one.")
    past = {
        "role": "assistant",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}],
    }
    with StackSpot() as client:
        client.completion([*ASK, past, {"role": "tool", "tool_call_id": "c", "content": "x = 1"}])
    assert "=== result of read, c ===\nx = 1" in prompts(server)[0]


def test_a_wrong_field_is_named_and_nothing_is_sent(answering: Serve) -> None:
    server = answering(CALL)
    with StackSpot() as client:
        with pytest.raises(UsageError, match="tool_choice"):
            client.completion(ASK, tools=[READ], tool_choice="always")
        with pytest.raises(TypeError, match="'tool'"):
            client.completion(ASK, tool=[READ])  # type: ignore[call-overload]
    assert prompts(server) == []


def test_a_stream_with_tools_outlives_the_name_of_its_client(answering: Serve) -> None:
    answering(CALL)
    stream = StackSpot().completion(ASK, tools=[READ], stream=True)
    gc.collect()
    assert list(stream)[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_schema_and_a_response_format_exclude_one_another(answering: Serve) -> None:
    answering(CALL)
    with StackSpot() as client, pytest.raises(UsageError, match="schema and response_format exclude"):
        client.completion(ASK, schema="score int", response_format=FORM)
