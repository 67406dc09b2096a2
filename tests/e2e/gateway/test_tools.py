"""What is made by prompting, by each API: calls, forms, what is left out, and errors."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from gateway_caller import (
    ASK_CHAT,
    ASK_MESSAGES,
    ASK_RESPONSES,
    BAD_CALL,
    CALL,
    CHAT,
    HI,
    PARAMETERS,
    PLAIN,
    Serve,
    ask,
    chunks_of,
    events_of,
    past_call,
    post,
    prompts,
    wait_until,
)


def test_a_call_leaves_by_each_api(url: str, serve: Serve) -> None:
    serve(answers=[{"answer": f"I look.\n{CALL}"}])
    chat = ask(url, CHAT, ASK_CHAT).json()["choices"][0]
    assert (chat["finish_reason"], chat["message"]["content"]) == ("tool_calls", "I look.")
    assert chat["message"]["tool_calls"][0]["function"] == {"name": "read", "arguments": '{"path": "a.py"}'}
    text, call = ask(url, "/v1/responses", ASK_RESPONSES).json()["output"]
    assert (text["content"][0]["text"], call["name"], call["arguments"]) == (
        "I look.",
        "read",
        '{"path": "a.py"}',
    )
    message = ask(url, "/v1/messages?beta=true", ASK_MESSAGES).json()
    assert [message["stop_reason"], *(block["type"] for block in message["content"])] == [
        "tool_use",
        "text",
        "tool_use",
    ]
    assert message["content"][1]["input"] == {"path": "a.py"}


def test_a_call_leaves_streamed_by_each_api(url: str, serve: Serve) -> None:
    serve(answers=[{"answer": f"I look.\n{CALL}"}])
    *chunks, done = chunks_of(ask(url, CHAT, {**ASK_CHAT, "stream": True}).text)
    assert (done, chunks[-1]["choices"][0]["finish_reason"]) == ("[DONE]", "tool_calls")
    responses = events_of(ask(url, "/v1/responses", {**ASK_RESPONSES, "stream": True}).text)
    assert (responses[0]["type"], responses[-1]["type"]) == ("response.created", "response.completed")
    assert [item["type"] for item in responses[-1]["response"]["output"]] == ["message", "function_call"]
    messages = events_of(ask(url, "/v1/messages", {**ASK_MESSAGES, "stream": True}).text)
    assert (messages[0]["type"], messages[-1]["type"]) == ("message_start", "message_stop")
    assert messages[-2]["delta"]["stop_reason"] == "tool_use"


def test_what_is_wrong_is_asked_for_once_more(url: str, serve: Serve) -> None:
    server = serve(answers=[{"answers": [BAD_CALL, CALL]}])
    message = ask(url, CHAT, ASK_CHAT).json()["choices"][0]["message"]
    assert message["tool_calls"][0]["function"]["arguments"] == '{"path": "a.py"}'
    assert '"path" is missing' in prompts(server)[-1]["user_prompt"]


def test_what_is_wrong_twice_is_an_error_in_each_apis_shape(url: str, serve: Serve) -> None:
    serve(answers=[{"answer": f"I look.\n{BAD_CALL}"}])
    whole = ask(url, CHAT, ASK_CHAT)
    assert (whole.status_code, whole.json()["error"]["code"]) == (502, "invalid_answer")
    whole = ask(url, "/v1/messages", ASK_MESSAGES)
    assert (whole.status_code, whole.json()["error"]["type"]) == (502, "api_error")
    *_chunks, last = chunks_of(ask(url, CHAT, {**ASK_CHAT, "stream": True}).text)
    assert last["error"]["code"] == "invalid_answer"
    failed = events_of(ask(url, "/v1/responses", {**ASK_RESPONSES, "stream": True}).text)[-1]
    assert (failed["type"], failed["response"]["error"]["code"]) == ("response.failed", "server_error")
    failed = events_of(ask(url, "/v1/messages", {**ASK_MESSAGES, "stream": True}).text)[-1]
    assert (failed["type"], failed["error"]["type"]) == ("error", "api_error")


def test_a_stop_string_ends_the_answer_and_the_upstream_request(url: str, serve: Serve) -> None:
    serve(deltas=["Thought\nObser", "vation: invented", *["x"] * 2_000], delay_seconds=0.01)
    whole = post(url, {**HI, "stop": ["\nObservation:"]}).json()["choices"][0]
    assert (whole["message"]["content"], whole["finish_reason"]) == ("Thought", "stop")
    message = ask(url, "/v1/messages", {**HI, "max_tokens": 9, "stop_sequences": ["\nObservation:"]}).json()
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "\nObservation:")
    wait_until(lambda: not any(thread.name == "sandbox-connection" for thread in threading.enumerate()))


def test_a_form_is_held_back_unwrapped_and_checked(url: str, serve: Serve) -> None:
    serve(answers=[{"answers": ['{"n": "one"}', 'Here:\n```json\n{"n": 1}\n```']}])
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    asked = {**HI, "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}}
    assert post(url, asked).json()["choices"][0]["message"]["content"] == '{"n": 1}'


def test_a_history_with_calls_and_no_tools_is_served(url: str, serve: Serve) -> None:
    server = serve()
    said = [
        {"role": "user", "content": "Look"},
        {"role": "assistant", "tool_calls": [past_call("c")]},
        {"role": "tool", "tool_call_id": "c", "content": "x = 1"},
        {"role": "user", "content": "And?"},
    ]
    assert post(url, {"messages": said}).status_code == 200
    assert post(url, {**ASK_CHAT, "tool_choice": "none"}).status_code == 200
    assert post(url, {"messages": [{"role": "system", "content": "Say hi"}]}).status_code == 200
    told, *simple = [prompt["user_prompt"] for prompt in prompts(server)][-3:]
    assert "=== result of read, c ===\nx = 1" in told
    assert simple == ["Say hi", "Say hi"]


def test_what_was_left_out_is_told_in_a_header(url: str, serve: Serve) -> None:
    server = serve(answers=[{"answer": "Done."}])
    steps = [
        message
        for number in range(12)
        for message in (
            {"role": "assistant", "tool_calls": [past_call(f"c{number}")]},
            {"role": "tool", "tool_call_id": f"c{number}", "content": f"<{number}>" + "x" * 8_000},
        )
    ]
    asked = {**ASK_CHAT, "messages": [*HI["messages"], *steps]}
    for stream in (False, True):
        response = ask(url, CHAT, {**asked, "stream": stream})
        assert (response.status_code, response.headers["x-stackspot-left-out"]) == (200, "results 6")
    text = prompts(server)[0]["user_prompt"]
    assert ["<0>" in text, "<11>" in text, len(text) < 16_384 * 4] == [False, True, True]


def test_an_over_long_prompt_is_said_in_each_apis_words(url: str, serve: Serve) -> None:
    serve()
    words = [{"role": "user", "content": "word " * 20_000}]
    chat = ask(url, CHAT, {"messages": words}).json()["error"]
    assert (chat["code"], "maximum context length is 16384 tokens" in chat["message"]) == (
        "context_length_exceeded",
        True,
    )
    claude = ask(url, "/v1/messages", {"messages": words, "max_tokens": 9}).json()["error"]
    assert claude["message"].startswith("prompt is too long: ")
    assert claude["message"].endswith(" tokens > 16384 maximum")
    tools = [
        {"type": "function", "function": {"name": f"tool{number:05}", "parameters": PARAMETERS}}
        for number in range(2_000)
    ]
    refused = ask(url, CHAT, {**HI, "tools": tools})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "tools_too_large")


def test_tokens_are_counted(url: str) -> None:
    asked = {"messages": [{"role": "user", "content": "x" * 4_000}]}
    assert ask(url, "/v1/messages/count_tokens", asked).json() == {"input_tokens": 1_000}


def test_models_come_in_the_shape_that_is_asked_for(url: str) -> None:
    openai = httpx.get(url + "/v1/models/", **PLAIN).json()
    anthropic = httpx.get(
        url + "/v1/models?limit=1000", headers={"anthropic-version": "2023-06-01"}, **PLAIN
    ).json()
    names = [entry["id"] for entry in openai["data"]]
    assert (
        [entry["slug"] for entry in openai["models"]] == names == [entry["id"] for entry in anthropic["data"]]
    )
    assert (anthropic["has_more"], anthropic["first_id"], anthropic["last_id"]) == (
        False,
        names[0],
        names[-1],
    )
    assert httpx.head(url + "/", **PLAIN).status_code == 200


def test_errors_have_the_shape_of_the_api_that_was_called(url: str) -> None:
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        response = ask(url, path, {"messages": HI["messages"], "model": "claude-x"})
        assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found_error")
        assert response.headers["x-should-retry"] == "false"
    assert httpx.post(url + "/v1/messages", content=b"{", **PLAIN).json()["type"] == "error"


def test_200_streams_with_calls_at_once_lose_and_mix_nothing(url: str, serve: Serve) -> None:
    """Each is asked for its number, says it, and calls with it; by each API in turn."""

    def written(number: int) -> str:
        return f"I read {number}.\n{CALL.replace('a.py', f'{number}.py')}"

    serve(answers=[{"when": f"<<{number}>>", "answer": written(number)} for number in range(200)])

    def ask_for(number: int) -> tuple[str, object]:
        said = f"<<{number}>>"
        if number % 3 == 0:
            body = {**ASK_RESPONSES, "input": said, "stream": True}
            text, call = events_of(ask(url, "/v1/responses", body).text)[-1]["response"]["output"]
            return text["content"][0]["text"], json.loads(call["arguments"])
        messages = [{"role": "user", "content": said}]
        if number % 3 == 1:
            events = events_of(
                ask(url, "/v1/messages", {**ASK_MESSAGES, "messages": messages, "stream": True}).text
            )
            deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
            text = "".join(delta.get("text", "") for delta in deltas)
            return text, json.loads("".join(delta.get("partial_json", "") for delta in deltas))
        *chunks, _done = chunks_of(ask(url, CHAT, {**ASK_CHAT, "messages": messages, "stream": True}).text)
        deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
        text = "".join(delta.get("content", "") for delta in deltas)
        calls = [call["function"]["arguments"] for delta in deltas for call in delta.get("tool_calls", ())]
        return text, json.loads("".join(calls))

    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(ask_for, range(200)))
    assert answers == [(f"I read {number}.", {"path": f"{number}.py"}) for number in range(200)]


@pytest.mark.parametrize(
    ("path", "asked"), [(CHAT, ASK_CHAT), ("/v1/responses", ASK_RESPONSES), ("/v1/messages", ASK_MESSAGES)]
)
def test_a_caller_that_leaves_in_the_middle_ends_the_upstream_request(
    url: str, serve: Serve, path: str, asked: dict[str, Any]
) -> None:
    serve(deltas=["word "] * 10_000, delay_seconds=0.01)
    with httpx.stream("POST", url + path, json={**asked, "stream": True}, timeout=60, **PLAIN) as response:
        assert any("word" in text for text in response.iter_text())
    wait_until(lambda: not any(thread.name == "sandbox-connection" for thread in threading.enumerate()))


def test_silence_is_bridged_in_each_apis_way(url: str, serve: Serve) -> None:
    serve(faults=["hang"])
    signs = {
        CHAT: (ASK_CHAT, ": stackspot is thinking"),
        "/v1/responses": (ASK_RESPONSES, "event: keepalive"),
        "/v1/messages": (ASK_MESSAGES, "event: ping"),
    }

    def is_bridged(path: str) -> bool:
        asked, sign = signs[path]
        with httpx.stream(
            "POST", url + path, json={**asked, "stream": True}, timeout=60, **PLAIN
        ) as response:
            return sign in response.iter_lines()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(is_bridged, signs)) == [True] * 3
