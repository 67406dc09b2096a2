"""`stackspot serve` as a process, asked over real sockets, with the sandbox as the service behind it."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from stackspot_cli.gateway.listening import listen
from stackspot_cli.sandbox import Sandbox

HI = {"messages": [{"role": "user", "content": "Say hi"}]}
AGENT = "agent:01K45T82PF8QC64C9DNHGQWHY2"
CHAT = "/v1/chat/completions"
PLAIN: dict[str, Any] = {"trust_env": False, "verify": False}  # no TLS context is loaded for http
MAIN = [sys.executable, "-c", "from stackspot_cli.__main__ import main; main()"]
CONFIG = """
providers:
  stackspot:
    models:
      reviewer: {agent: 01K45T82PF8QC64C9DNHGQWHY2}
      fast: {model: stackspot-ai-code}
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STACKSPOT")}
    return {
        **kept,
        "STACKSPOTAI_HOME": str(home),
        "STACKSPOTAI_CLIENT_ID": "sandbox-client",
        "STACKSPOTAI_CLIENT_KEY": "sandbox-key-not-a-secret",
        "STACKSPOTAI_REALM": "sandbox",
        "STACKSPOTAI_RETRY_WAIT": "0",
        **more,
    }


@contextmanager
def running(
    environ: dict[str, str], *before: str, port: int = 0
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and the address that it printed; killed in the end."""
    process = subprocess.Popen(
        [*MAIN, *before, "serve", "--port", str(port)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def free_port() -> int:
    """One below the range from which systems take the ports of outgoing connections: nobody takes it between."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@pytest.fixture(scope="module")
def service_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def url(service_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One gateway for all tests of this file; behind it, each test starts the service that it needs."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.yaml").write_text(CONFIG)
    environ = environment(home, STACKSPOTAI_ENDPOINT_URL=f"http://127.0.0.1:{service_port}")
    with running(environ) as (_process, address):
        yield address


Serve = Callable[..., Sandbox]


@pytest.fixture
def serve(service_port: int) -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(Sandbox(port=service_port, **how))


def post(url: str, body: object = None, **more: Any) -> httpx.Response:
    return httpx.post(url + CHAT, json=HI if body is None else body, timeout=60, **PLAIN, **more)


def chunks_of(text: str) -> list[Any]:
    """The data of an event stream; comments left out."""
    events = [event for event in text.split("\n\n") if event and not event.startswith(":")]
    assert all(event.startswith("data: ") for event in events)
    return [event[6:] if event == "data: [DONE]" else json.loads(event[6:]) for event in events]


def prompts(server: Sandbox) -> list[Any]:
    return [request.json for request in list(server.requests) if request.path.endswith("/chat")]


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
        ("rate-limit", 429, "rate_limit_error", "INFERENCE_3008_CHAT_RATE_LIMIT_EXCEEDED", "20"),
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


@pytest.mark.parametrize("stream", [False, True])
def test_when_the_caller_leaves_the_upstream_request_is_closed(url: str, serve: Serve, stream: bool) -> None:
    server = serve(faults=["hang"])
    body = json.dumps({**HI, "stream": stream}).encode()
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as caller:
        caller.sendall(
            f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        wait_until(lambda: bool(prompts(server)))
    wait_until(lambda: not any(thread.name == "sandbox-connection" for thread in threading.enumerate()))


def wait_until(true: Callable[[], bool]) -> None:
    """Until it is so; the test's own time limit ends a wait that is in vain."""
    pause = threading.Event()
    while not true():
        pause.wait(0.01)


# --- tools -----------------------------------------------------------------------------------------

PARAMETERS = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = {"name": "read", "parameters": PARAMETERS}
CALL = '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>'
BAD_CALL = '<tool_call>\n{"name": "read", "arguments": {"file": "a.py"}}\n</tool_call>'
ASK_CHAT = {**HI, "tools": [{"type": "function", "function": READ}]}
ASK_RESPONSES = {"input": "Say hi", "tools": [{"type": "function", **READ}]}
ASK_MESSAGES = {
    "max_tokens": 100,
    **HI,
    "tools": [{"name": "read", "input_schema": PARAMETERS}],
}


def ask(url: str, path: str, body: object, **headers: str) -> httpx.Response:
    return httpx.post(url + path, json=body, timeout=60, headers=headers, **PLAIN)


def past_call(id_: str) -> dict[str, object]:
    return {"id": id_, "type": "function", "function": {"name": "read", "arguments": "{}"}}


def events_of(text: str) -> list[Any]:
    """The data of an event stream whose events have names."""
    return [json.loads(event.partition("\ndata: ")[2]) for event in text.split("\n\n") if event]


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


# --- the process -----------------------------------------------------------------------------------


def test_it_prints_one_line_serves_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with running(environment(tmp_path), "--sandbox") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert post(url).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert err == f"note: OpenAI's and Anthropic's APIs at {url}/v1, key: any; Ctrl-C ends it\n"


def test_a_quick_command_is_a_model(tmp_path: Path) -> None:
    """In the sandbox's own process, which is asked for the result more often than every 5 s."""
    asked = {**HI, "model": "command:explain-code"}
    with running(environment(tmp_path), "--sandbox") as (_process, url):
        whole = post(url, asked).json()["choices"][0]
        *chunks, done = chunks_of(post(url, {**asked, "stream": True}).text)
    assert (whole["finish_reason"], done) == ("stop", "[DONE]")
    streamed = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert streamed == whole["message"]["content"] != ""


def test_sigterm_lets_a_running_answer_finish(tmp_path: Path) -> None:
    with Sandbox(deltas=["."] * 20, delay_seconds=0.05) as server:
        environ = environment(tmp_path, **server.environment)
        with running(environ) as (process, url):
            body = {**HI, "stream": True}
            with httpx.stream("POST", url + CHAT, json=body, **PLAIN, timeout=60) as response:
                parts = response.iter_text()
                text = next(parts)
                process.send_signal(signal.SIGTERM)
                text += "".join(parts)
            assert (process.wait(), text.count('"content":"."')) == (143, 20)
            assert text.endswith("data: [DONE]\n\n")


def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path) -> None:
    with (
        Sandbox(faults=["hang"]) as server,
        running(environment(tmp_path, **server.environment)) as (process, url),
        ThreadPoolExecutor(1) as pool,
    ):
        call = pool.submit(post, url)
        wait_until(lambda: bool(prompts(server)))
        assert process.stderr
        process.send_signal(signal.SIGINT)
        while "ending" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert (call.result().status_code, call.result().json()["error"]["code"]) == (503, "ending")


def test_the_key_is_wanted_where_one_is_set(tmp_path: Path) -> None:
    environ = environment(tmp_path, STACKSPOTAI_SERVE_KEY="open sesame")
    with running(environ, "--sandbox", "-v") as (process, url):

        def asked(path: str, authorization: str | None) -> int:
            headers = {"Authorization": authorization} if authorization is not None else {}
            return httpx.get(url + path, headers=headers, **PLAIN).status_code

        assert [
            asked("/v1/models", value)
            for value in (
                None,
                "",
                "Bearer",
                "Bearer open",
                "Bearer open sesame!",
                "Basic open sesame",
            )
        ] == [401] * 6
        assert asked("/v1/models", "Bearer open sesame") == asked("/v1/models", "bearer open sesame") == 200
        assert asked("/health", None) == 200
        assert post(url).json()["error"]["code"] == "invalid_api_key"
        assert post(url, headers={"Authorization": "Bearer open sesame"}).status_code == 200
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate()
    assert "* GET /v1/models 401" in err
    assert "sesame" not in err
    assert "sandbox-key" not in err


def refused(tmp_path: Path, *arguments: str, code: str = "") -> tuple[int, str, str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nfrom stackspot_cli.__main__ import main; main()", *arguments],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout, run.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_open_address_without_a_key_is_refused(tmp_path: Path, host: str) -> None:
    assert refused(tmp_path, "serve", "--host", host) == (
        2,
        "",
        f"error: other machines could reach {host}: a key is needed\n"
        "hint: set STACKSPOTAI_SERVE_KEY, or leave --host at 127.0.0.1\n",
    )


def test_a_busy_port_is_said_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        code, out, err = refused(tmp_path, "serve", "--port", str(port))
    assert (code, out) == (3, "")
    assert err == (
        f"error: cannot listen on 127.0.0.1, port {port}: Address already in use\n"
        "hint: choose another one with --port, or 0 for one that is free\n"
    )


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_extra_is_said_in_one_sentence(tmp_path: Path, package: str) -> None:
    assert refused(tmp_path, "serve", code=f"import sys; sys.modules[{package!r}] = None") == (
        2,
        "",
        "error: the gateway needs more packages: pip install 'stackspot-cli[serve]'\n",
    )


def test_the_socket_is_one_whose_small_writes_asyncio_sends_at_once() -> None:
    """It sets TCP_NODELAY on sockets that name their protocol; on others each answer waited 40 ms for an ACK."""
    listening = listen("127.0.0.1", 0, key=None)
    with listening.socket:
        assert listening.socket.proto == socket.IPPROTO_TCP
