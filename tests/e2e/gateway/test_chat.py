"""OpenAI's chat completions by `stackspot serve`: answers, refusals and a bad day, over real sockets."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_caller import (
    AGENT,
    CHAT,
    HI,
    PLAIN,
    Serve,
    chunks_of,
    environment,
    post,
    prompts,
    running,
    wait_until,
)

from stackspot_cli.sandbox import Sandbox

# --- answers ---------------------------------------------------------------------------------------


def test_a_whole_answer_is_a_chat_completion(url: str, serve: Serve) -> None:
    server = serve(deltas=("Hello, ", "world"))
    answer = post(url, {**HI, "model": "stackspot-ai-code", "temperature": 0.3, "max_tokens": 100}).json()
    (sent,) = prompts(server)
    assert (sent["user_prompt"], sent["model"], sent["temperature"], sent["max_tokens"]) == (
        "Say hi",
        "stackspot-ai-code",
        0.3,
        100,
    )
    conversation_id = sent["context"]["conversation_id"]
    assert answer == {
        "id": answer["id"],
        "object": "chat.completion",
        "created": answer["created"],
        "model": "stackspot-ai-code",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello, world"},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
        "stackspot": {
            "conversation_id": conversation_id,
            "message_id": None,
            "complete": True,
            "sources": [],
            "usage_estimated": True,
        },
    }


def test_a_stream_is_chunks_and_done(url: str, serve: Serve) -> None:
    serve(deltas=("Olá, ", 'a "b"\n', "\u2028🙂"))
    response = post(url, {**HI, "stream": True})
    assert (response.status_code, response.headers["content-type"]) == (
        200,
        "text/event-stream; charset=utf-8",
    )
    *chunks, done = chunks_of(response.text)
    assert done == "[DONE]"
    assert [chunk["choices"][0] for chunk in chunks] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None},
        {"index": 0, "delta": {"content": "Olá, "}, "finish_reason": None},
        {"index": 0, "delta": {"content": 'a "b"\n'}, "finish_reason": None},
        {"index": 0, "delta": {"content": "\u2028🙂"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    assert not any("usage" in chunk for chunk in chunks)
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1


def test_usage_comes_in_a_last_chunk_where_it_is_asked_for(url: str, serve: Serve) -> None:
    serve(deltas=("Hello, ", "world"))
    asked = {**HI, "stream": True, "stream_options": {"include_usage": True}}
    *chunks, usage, done = chunks_of(post(url, asked).text)
    assert done == "[DONE]"
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)
    assert (usage["choices"], usage["usage"]) == (
        [],
        {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
    )


@pytest.mark.parametrize("name", [AGENT, "reviewer"])
def test_an_agents_answer_has_its_own_token_counts(url: str, serve: Serve, name: str) -> None:
    server = serve(deltas=("Looks ", "good"))
    answer = post(url, {**HI, "model": name, "temperature": 0.3}).json()
    assert server.requests[-1].path == "/v1/agent/01K45T82PF8QC64C9DNHGQWHY2/chat"
    assert answer["model"] == name
    assert answer["choices"][0]["message"]["content"] == "Looks good"
    assert answer["stackspot"]["usage_estimated"] is False
    assert answer["stackspot"]["message_id"]


def test_a_name_from_the_config_is_a_model(url: str, serve: Serve) -> None:
    server = serve(deltas=("hi",))
    assert post(url, {**HI, "model": "fast"}).json()["model"] == "fast"
    assert prompts(server)[0]["model"] == "stackspot-ai-code"


def test_messages_become_one_prompt(url: str, serve: Serve) -> None:
    server = serve()
    messages = [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": [{"type": "text", "text": "Thr"}, {"type": "text", "text": "ee"}]},
        {"role": "system", "content": "Be brief"},
    ]
    post(url, {"messages": messages})
    text = prompts(server)[0]["user_prompt"]
    assert text == (
        "This is our conversation so far. Answer the user's last message.\n\n"
        "=== user ===\nOne\n\n=== assistant ===\nTwo\n\n=== user ===\nThree\n\n=== system ===\nBe brief"
    )


def test_what_openai_takes_and_stackspot_has_no_place_for_is_ignored_or_moved_to_the_limit(
    url: str, serve: Serve
) -> None:
    server = serve()
    asked = {**HI, "temperature": 2, "max_completion_tokens": 100_000, "n": 1, "tools": [], "user": "ana"}
    more = {
        "top_p": 0.5,
        "seed": 1,
        "stop": ["x"],
        "tool_choice": "none",
        "response_format": {"type": "text"},
    }
    assert post(url, {**asked, **more, "what_is_this": {}}).status_code == 200
    assert (prompts(server)[0]["temperature"], prompts(server)[0]["max_tokens"]) == (1.0, 8192)


def test_models_are_listed_and_shown(url: str) -> None:
    listed = httpx.get(url + "/v1/models", **PLAIN).json()
    names = ["stackspot-ai", "stackspot-ai-chat", "stackspot-ai-code", "reviewer", "fast"]
    objects = [{"id": name, "object": "model", "created": 0, "owned_by": "stackspot"} for name in names]
    assert (listed["object"], listed["data"]) == ("list", objects)
    assert httpx.get(f"{url}/v1/models/{AGENT}", **PLAIN).json()["id"] == AGENT
    assert httpx.get(url + "/v1/models/gpt-4", **PLAIN).status_code == 404


def test_32_streams_at_once_lose_and_mix_nothing(url: str, serve: Serve) -> None:
    serve(delay_seconds=0.002)

    def ask(number: int) -> str:
        body = {"messages": [{"role": "user", "content": f"<<{number}>>"}], "stream": True}
        *chunks, done = chunks_of(post(url, body).text)
        assert done == "[DONE]"
        return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(ask, range(32)))
    assert [f"<<{number}>>" in answers[number] for number in range(32)] == [True] * 32
    assert len({answer.replace(f"<<{number}>>", "") for number, answer in enumerate(answers)}) <= 2


# --- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"n": 2}, 400, "n"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, 400, "tools"),
        ({"functions": [{"name": "f"}]}, 400, "functions"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, 400, "response_format"),
        ({"logprobs": True}, 400, "logprobs"),
        ({"modalities": ["text", "audio"]}, 400, "modalities"),
        ({"stream": "yes"}, 400, "stream"),
        ({"temperature": 3}, 400, "temperature"),
        ({"temperature": "hot"}, 400, "temperature"),
        ({"max_tokens": 0}, 400, "max_tokens"),
        ({"max_completion_tokens": 1.5}, 400, "max_completion_tokens"),
        ({"model": "gpt-4"}, 404, "model"),
        ({"model": 4}, 400, "model"),
        ({"messages": []}, 400, "messages"),
        ({"messages": "hi"}, 400, "messages"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            400,
            "messages",
        ),
        ({"max_tokens": "9" * 400}, 400, "max_tokens"),
        ({"model": "x" * 7_000_000}, 400, "model"),
        ({"messages": [{"role": "user", "content": "word " * 20_000}]}, 400, "messages"),
    ],
)
def test_the_impossible_is_refused_with_an_openai_error(
    url: str, serve: Serve, change: dict[str, Any], status: int, param: str
) -> None:
    server = serve()
    response = post(url, {**HI, **change})
    error = response.json()["error"]
    assert (response.status_code, error["param"], sorted(error)) == (
        status,
        param,
        ["code", "message", "param", "type"],
    )
    assert error["type"] == "invalid_request_error"
    assert prompts(server) == []


def test_an_over_long_prompt_has_the_code_that_tools_look_for(url: str, serve: Serve) -> None:
    serve()
    surely = post(url, {"messages": [{"role": "user", "content": "word " * 20_000}]}).json()["error"]
    perhaps = post(url, {"messages": [{"role": "user", "content": "abcdef " * 12_000}]}).json()["error"]
    assert (surely["code"], perhaps["code"]) == ("context_length_exceeded", "context_length_exceeded")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"hi"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(url: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    response = httpx.post(url + CHAT, content=body, headers=headers, **PLAIN)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "text/json"])
def test_a_body_that_is_not_declared_as_json_is_refused(url: str, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    response = httpx.post(url + CHAT, content=json.dumps(HI).encode(), headers=headers, **PLAIN)
    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_content_type")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "",
        "192.0.2.1",
        "127.0.0.1:1",
        "[::1]:1",
    ],
)
@pytest.mark.parametrize("path", ["/v1/models", "/health"])
def test_a_host_that_is_not_ours_is_refused(url: str, host: str, path: str) -> None:
    response = httpx.get(url + path, headers={"Host": host}, **PLAIN)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "host_not_allowed")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.:{port}", "127.0.0.1:{port}", "[::1]:{port}", "[::1]"]
)
def test_a_host_that_is_ours_is_let_in(url: str, host: str) -> None:
    host = host.format(port=httpx.URL(url).port)
    assert httpx.get(url + "/health", headers={"Host": host}, **PLAIN).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "head", ["", "Host: 127.0.0.1\r\nHost: evil.example\r\n", "no header\r\n"], ids=["none", "two", "garbage"]
)
def test_what_is_no_http_is_an_openai_error(url: str, head: str) -> None:
    where = httpx.URL(url)
    with socket.create_connection((where.host, where.port or 0), timeout=30) as connection:
        connection.sendall(f"GET /health HTTP/1.1\r\n{head}\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "bad_request"


def test_a_body_beyond_the_bound_is_refused(url: str) -> None:
    response = httpx.post(
        url + CHAT,
        content=b" " * (8 * 1024 * 1024 + 1),
        headers={"Content-Type": "application/json"},
        **PLAIN,
    )
    assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/nothing", 404), ("DELETE", "/health", 405)]
)
def test_other_addresses_and_methods_are_openai_errors(url: str, method: str, path: str, status: int) -> None:
    response = httpx.request(method, url + path, **PLAIN)
    assert (response.status_code, response.json()["error"]["type"]) == (status, "invalid_request_error")


# --- a bad day -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "status", "kind", "code", "again"),
    [
        ("server-error", 503, "server_error", "SANDBOX_5030_UNAVAILABLE", None),
        ("refused", 400, "invalid_request_error", None, None),
        ("forbidden", 403, "permission_error", None, None),
    ],
)
def test_the_services_refusals_keep_their_status(
    url: str,
    serve: Serve,
    stream: bool,
    fault: str,
    status: int,
    kind: str,
    code: str | None,
    again: str | None,
) -> None:
    serve(faults=[fault])
    response = post(url, {**HI, "stream": stream})
    error = response.json()["error"]
    assert (response.status_code, error["type"], response.headers.get("retry-after")) == (status, kind, again)
    assert error["message"]
    assert "`" not in error["message"] and "--" not in error["message"]
    assert code in (None, error["code"])


@pytest.mark.parametrize("stream", [False, True])
def test_a_rate_limit_says_when_to_come_back(tmp_path: Path, stream: bool) -> None:
    """At a gateway of its own: after it, all that use the credential slow down together."""
    with (
        Sandbox(faults=["rate-limit"]) as service,
        running(environment(tmp_path, **service.environment)) as (_process, url),
    ):
        response = post(url, {**HI, "stream": stream})
    error = response.json()["error"]
    assert (response.status_code, error["type"], response.headers["retry-after"]) == (
        429,
        "rate_limit_error",
        "20",
    )
    assert error["code"] == "INFERENCE_3008_CHAT_RATE_LIMIT_EXCEEDED"


def test_a_stream_that_is_cut_ends_with_an_error_and_without_done(url: str, serve: Serve) -> None:
    serve(faults=["cut"], deltas=("a", "b", "c", "d", "e", "f"))
    *chunks, last = chunks_of(post(url, {**HI, "stream": True}).text)
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == "ab"
    assert (last["error"]["type"], last["error"]["code"]) == ("server_error", "answer_cut")


def test_a_whole_answer_that_is_cut_is_an_error(url: str, serve: Serve) -> None:
    serve(faults=["cut"], deltas=("a", "b", "c", "d", "e", "f"))
    response = post(url)
    assert (response.status_code, response.json()["error"]["code"]) == (502, "answer_cut")


def test_without_the_service_the_answer_is_a_502(url: str) -> None:
    response = post(url)
    assert (response.status_code, response.json()["error"]["code"]) == (502, "cannot_connect")


def test_comments_keep_a_stream_alive_while_the_service_thinks(url: str, serve: Serve) -> None:
    serve(faults=["hang"])
    with httpx.stream("POST", url + CHAT, json={**HI, "stream": True}, **PLAIN, timeout=60) as response:
        lines = [line for line, _number in zip(response.iter_lines(), range(3), strict=False)]
    assert (response.status_code, lines[2]) == (200, ": stackspot is thinking")


def connections() -> set[int | None]:
    """Of the services of this process, which have a thread for each."""
    return {thread.ident for thread in threading.enumerate() if thread.name == "sandbox-connection"}


@pytest.mark.parametrize("stream", [False, True])
def test_when_the_caller_leaves_the_upstream_request_is_closed(tmp_path: Path, stream: bool) -> None:
    body = json.dumps({**HI, "stream": stream}).encode()
    before = connections()
    # a gateway and a service of its own: prompts of callers that left another test may still arrive at the shared ones
    with (
        Sandbox(faults=["hang"]) as server,
        running(environment(tmp_path, **server.environment)) as (_process, url),
    ):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(
                f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            wait_until(lambda: bool(prompts(server)))
            held = connections() - before  # one of them may be kept for the next token
        wait_until(lambda: not held <= connections())
