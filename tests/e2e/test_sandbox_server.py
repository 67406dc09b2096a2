"""The sandbox, asked by a plain HTTP client: none of our own code is on this side."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from stackspot_cli.sandbox import FAULTS, Sandbox
from stackspot_cli.sandbox.server import _merged, _slow_gap

REVIEWER = "01K45T82PF8QC64C9DNHGQWHY2"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
FORM = "application/x-www-form-urlencoded"


class Caller:
    """One keep-alive connection, with a token."""

    def __init__(self, server: Sandbox) -> None:
        self.server = server
        parts = urlsplit(server.url)
        assert parts.hostname and parts.port
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port)
        self.token = ""

    def __enter__(self) -> "Caller":
        self.renew()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.connection.close()

    def renew(self) -> None:
        status, body = self.ask_token()
        assert status == 200
        self.token = body["access_token"]

    def ask_token(self, realm: str | None = None, kind: str = FORM, **changes: str | None) -> tuple[int, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.server.client_id,
            "client_secret": self.server.client_key,
        } | changes
        body = urlencode({name: value for name, value in form.items() if value is not None})
        path = f"/{realm or self.server.realm}/oidc/oauth/token"
        self.connection.request("POST", path, body, {"Content-Type": kind})
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def send(self, method: str, path: str, body: Any = None) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body)
        self.connection.request(method, path, sent, headers)
        return self.connection.getresponse()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON; the raw bytes where there is no JSON."""
        response = self.send(method, path, body)
        content = response.read()
        return response.status, json.loads(content) if content else b""

    def chat(self, prompt: str, conversation_id: str = "01K45T0000000000000000CHAT", **fields: Any) -> str:
        response = self.send("POST", "/v3/chat", chat_body(prompt, conversation_id, **fields))
        assert response.status == 200
        return answer_in(response.read())


def chat_body(
    prompt: str, conversation_id: str = "01K45T0000000000000000CHAT", **fields: Any
) -> dict[str, Any]:
    context = {"conversation_id": conversation_id, "upload_ids": [], "agent_built_in": True, "os": "linux"}
    return {"context": context | fields.pop("context", {}), "user_prompt": prompt, **fields}


def events_in(stream: bytes) -> list[tuple[str | None, Any]]:
    """(event name, data as JSON) of each frame, `retry:` lines left out."""
    events = []
    for frame in stream.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.splitlines())
        if "data" in fields:
            events.append((fields.get("event"), json.loads(fields["data"])))
    return events


def answer_in(stream: bytes) -> str:
    return "".join(data["answer"] for name, data in events_in(stream) if name == "new_message")


def first_fence(markdown: str) -> tuple[str, str]:
    language, _, rest = markdown.split("```", 1)[1].partition("\n")
    return language, rest.split("```")[0]


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def caller(server: Sandbox) -> Iterator[Caller]:
    with Caller(server) as ready:
        yield ready


# --- the token service -----------------------------------------------------------------------------


def test_a_token_is_opaque_unique_and_says_how_long_it_lives(caller: Caller) -> None:
    (_, first), (_, second) = caller.ask_token(), caller.ask_token()
    assert first["token_type"] == "Bearer"
    assert first["expires_in"] == 1199
    assert first["access_token"] != second["access_token"]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"realm": "another"}, 404, "not_found"),
        ({"client_id": "another"}, 401, "unauthorized_client"),
        ({"client_secret": "another"}, 401, "unauthorized_client"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"kind": "application/json"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused(
    caller: Caller, change: dict[str, str], status: int, error: str
) -> None:
    told, body = caller.ask_token(**change)
    assert (told, body["error"]) == (status, error)
    assert body["error_description"]


def test_a_key_with_every_awkward_character_arrives_when_it_is_form_encoded() -> None:
    with Sandbox(client_key="a&b+c%d=e é") as server, Caller(server) as caller:
        assert caller.ask_token()[0] == 200


def test_a_token_that_has_expired_is_refused() -> None:
    with Sandbox(token_seconds=0) as server, Caller(server) as caller:
        assert caller.ask("GET", "/v1/llm/models")[0] == 401


@pytest.mark.parametrize("token", ["", "nonsense", "é"])
def test_without_a_valid_token_every_route_answers_401(caller: Caller, token: str) -> None:
    caller.token = token
    asked = [
        ("POST", "/v3/chat"),
        ("GET", "/v4/agents"),
        ("POST", "/v2/file-upload/form"),
        ("GET", "/nowhere"),
    ]
    assert [caller.ask(method, path)[0] for method, path in asked] == [401] * 4


# --- chat ------------------------------------------------------------------------------------------


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


def exchange(server: Sandbox, text: str) -> bytes:
    """What comes back for these very characters, until the server closes."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(text.encode())
        received = b""
        while data := connection.recv(65536):
            received += data
        return received


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


def test_chat_can_be_pointed_at_an_agent(caller: Caller) -> None:
    mine = chat_body("Explain", context={"agent_id": REVIEWER, "agent_built_in": False})
    assert "| agent | `Reviewer` |" in answer_in(caller.send("POST", "/v3/chat", mine).read())
    unknown = chat_body("Explain", context={"agent_id": UNKNOWN, "agent_built_in": False})
    assert caller.ask("POST", "/v3/chat", unknown) == (403, b"")


# --- agents ----------------------------------------------------------------------------------------


def agent_body(**fields: Any) -> dict[str, Any]:
    return {
        "user_prompt": "Explain the change",
        "streaming": True,
        "stackspot_knowledge": False,
        "return_ks_in_response": True,
        "use_conversation": True,
        "conversation_id": "01K45T0000000000000000TALK",
        "upload_ids": [],
    } | fields


def test_an_agent_streams_its_message_and_ends_with_a_frame_that_says_stop(caller: Caller) -> None:
    response = caller.send("POST", f"/v1/agent/{REVIEWER}/chat", agent_body())
    events = events_in(response.read())
    assert {name for name, _ in events} == {None}
    assert all("stop_reason" not in data for _, data in events[:-1])
    last = events[-1][1]
    assert (last["message"], last["stop_reason"], last["tokens"]["input"]) == ("", "stop", 5)
    assert last["conversation_id"] == "01K45T0000000000000000TALK"
    assert len(last["message_id"]) == 26
    assert "| agent | `Reviewer` |" in "".join(data["message"] for _, data in events)
    assert all(data.get("source", []) == [] for _, data in events)


def test_an_agent_answers_whole_when_it_is_not_asked_to_stream(caller: Caller) -> None:
    status, answer = caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=False))
    assert status == 200
    assert answer["message"].startswith("# Hello from the sandbox")
    assert answer["stop_reason"] == "stop"
    assert answer["tokens"]["output"] > 50
    assert answer["source"] == []


@pytest.mark.parametrize(
    ("fields", "slugs"),
    [
        ({"stackspot_knowledge": True}, ["stackspot-knowledge"]),
        ({"deep_search_ks": True}, ["stackspot-knowledge"]),
        ({"knowledge_source_ids": ["house-rules", "payments-api"]}, ["house-rules", "payments-api"]),
        ({"knowledge_sources": ["house-rules"]}, ["house-rules"]),
        ({"knowledge_source_ids": ["house-rules"], "return_ks_in_response": False}, []),
        ({}, []),
    ],
)
@pytest.mark.parametrize("streaming", [True, False])
def test_an_agent_names_its_sources_when_knowledge_was_asked_for(
    caller: Caller, fields: dict[str, Any], slugs: list[str], streaming: bool
) -> None:
    response = caller.send("POST", f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=streaming, **fields))
    body = response.read()
    objects = [data for _, data in events_in(body)] if streaming else [json.loads(body)]
    assert [source["slug"] for data in objects for source in data.get("source", [])] == slugs


def test_an_unknown_agent_is_an_empty_403(caller: Caller) -> None:
    assert caller.ask("POST", f"/v1/agent/{UNKNOWN}/chat", agent_body()) == (403, b"")


def test_an_agents_conversation_counts_its_turns_only_when_it_is_used(caller: Caller) -> None:
    def turn(use: bool) -> str:
        body = agent_body(streaming=False, use_conversation=use)
        message: str = caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", body)[1]["message"]
        return message.split("| conversation | ")[1].split(" |")[0]

    assert [turn(True), turn(False), turn(True)] == ["turn 1", "turn 1", "turn 2"]


# --- quick commands --------------------------------------------------------------------------------


def follow(
    caller: Caller, slug: str, polls: int, input_data: Any = "Hello, my friend!"
) -> list[dict[str, Any]]:
    path = f"/v1/quick-commands/create-execution/{slug}?conversation_id=C7"
    status, execution_id = caller.ask("POST", path, {"input_data": input_data})
    assert (status, type(execution_id)) == (200, str)
    callback = f"/v1/quick-commands/callback/{execution_id}"
    return [caller.ask("GET", callback)[1] for _ in range(polls)]


def test_a_quick_command_is_created_runs_and_completes_poll_by_poll(caller: Caller) -> None:
    states = follow(caller, "translate-english-to-spanish", 4)
    progress = [(state["progress"]["status"], state["progress"]["execution_percentage"]) for state in states]
    assert progress == [("CREATED", 0.0), ("RUNNING", 0.5), ("COMPLETED", 1.0), ("COMPLETED", 1.0)]
    assert [len(state["steps"]) for state in states] == [0, 1, 2, 2]
    assert [state["result"] for state in states] == [None, None, "Hola, mi amigo!", "Hola, mi amigo!"]
    assert states[0]["conversation_id"] == "C7"
    assert states[0]["quick_command_slug"] == "translate-english-to-spanish"


def test_the_quick_command_fails_ends_in_failure_and_never_ends_goes_on(caller: Caller) -> None:
    assert [state["progress"]["status"] for state in follow(caller, "fails", 3)][-1] == "FAILURE"
    assert [state["progress"]["status"] for state in follow(caller, "never-ends", 9)][-1] == "RUNNING"


def test_a_quick_commands_result_may_come_in_a_json_fence(caller: Caller) -> None:
    language, text = first_fence(follow(caller, "extract-json", 3, {"a": [1, "é"]})[-1]["result"])
    assert (language, json.loads(text)["input"]) == ("json", {"a": [1, "é"]})


def test_what_is_not_there_is_not_found(caller: Caller) -> None:
    asked = [
        ("POST", "/v1/quick-commands/create-execution/unknown", {"input_data": ""}),
        ("GET", "/v1/quick-commands/callback/unknown", None),
        ("GET", "/v1/knowledge-sources/unknown", None),
        ("DELETE", "/v1/knowledge-sources/unknown/objects", None),
        ("GET", "/v1/file-upload/unknown", None),
        ("GET", "/nowhere", None),
    ]
    assert [caller.ask(*one)[0] for one in asked] == [404] * len(asked)
    assert caller.ask("GET", "/v3/chat")[0] == 405


# --- files and knowledge ---------------------------------------------------------------------------


def multipart(
    fields: dict[str, str], content: bytes, file_first: bool = False
) -> tuple[bytes, dict[str, str]]:
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    file = b'Content-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n' + content
    parts.insert(0 if file_first else len(parts), file)
    body = b"".join(b"--XYZ\r\n" + part + b"\r\n" for part in parts) + b"--XYZ--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=XYZ"}


def store(
    caller: Caller, form: dict[str, Any], content: bytes, headers: dict[str, str] | None = None, **how: bool
) -> int:
    body, kind = multipart(form["form"], content, **how)
    caller.connection.request("POST", urlsplit(form["url"]).path, body, kind | (headers or {}))
    response = caller.connection.getresponse()
    response.read()
    return response.status


def open_form(caller: Caller, **fields: Any) -> dict[str, Any]:
    body = {"file_name": "a.md", "target_type": "CONTEXT", "expiration": 600} | fields
    status, form = caller.ask("POST", "/v2/file-upload/form", body)
    assert status == 201
    return dict(form)


def test_an_uploaded_file_can_be_named_in_a_prompt(caller: Caller) -> None:
    form = open_form(caller)
    assert form["url"].startswith(caller.server.url)
    assert store(caller, form, b"hello\r\n--XY\r\n") == 204
    assert "| attachments | `a.md` |" in caller.chat("Explain", context={"upload_ids": [form["id"]]})


def test_the_storage_is_particular(caller: Caller) -> None:
    form = open_form(caller)
    assert store(caller, form, b"x", {"Authorization": f"Bearer {caller.token}"}) == 400
    assert store(caller, form, b"x", file_first=True) == 400
    assert store(caller, form, b"x" * (10 * 1024 * 1024 + 1)) == 400
    assert store(caller, form | {"form": form["form"] | {"policy": "another"}}, b"x") == 403
    assert store(caller, form | {"url": "/storage/unknown"}, b"x") == 403
    assert store(caller, form, b"x" * (10 * 1024 * 1024)) == 204


def test_a_file_becomes_knowledge_after_it_is_split_and_indexed(caller: Caller) -> None:
    def status() -> str:
        return str(caller.ask("GET", f"/v1/file-upload/{form['id']}")[1]["status"])

    form = open_form(caller, target_type="KNOWLEDGE_SOURCE", target_id="house-rules")
    split = {"split_strategy": "LINES_QUANTITY", "split_quantity": 500, "split_overlap": 50}
    path = f"/v1/file-upload/{form['id']}/knowledge-objects"
    assert status() == "PENDING"
    assert caller.ask("POST", path, split)[0] == 400
    assert store(caller, form, b"# Rules") == 204
    assert status() == "UPLOADED"
    assert caller.ask("POST", path, split | {"split_strategy": "BY_MAGIC"})[0] == 400
    assert caller.ask("POST", path, split)[0] == 200
    assert [status(), status(), status()] == ["PROCESSING", "INDEXED", "INDEXED"]
    objects = caller.ask("GET", "/v1/knowledge-sources/house-rules/objects")[1]["items"]
    assert objects[-1] == {"id": form["id"], "name": "a.md", "content": "# Rules"}


def test_a_knowledge_source_is_created_once_listed_shown_and_emptied(caller: Caller) -> None:
    new = {"slug": "mine", "name": "Mine", "description": "Notes", "type": "custom"}
    assert [caller.ask("POST", "/v1/knowledge-sources", new)[0] for _ in range(2)] == [201, 422]
    assert caller.ask("GET", "/v1/knowledge-sources/mine")[1]["name"] == "Mine"
    listed = caller.ask("GET", "/v2/knowledge-sources?page=1&size=10&visibility_list=personal")[1]["items"]
    assert [item["slug"] for item in listed] == ["house-rules", "mine"]
    assert caller.ask("DELETE", "/v1/knowledge-sources/house-rules/objects") == (204, b"")
    assert caller.ask("GET", "/v1/knowledge-sources/house-rules/objects") == (200, {"items": []})


# --- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["reviewer", "explainer", "tester"]),
        ("?visibility_list=account", ["architect", "tradutor"]),
        (
            "?visibility_list=personal&visibility_list=account&size=4",
            ["reviewer", "explainer", "tester", "architect"],
        ),
        ("?visibility_list=personal,account&page=2&size=4", ["tradutor"]),
        ("?page=3&size=2", []),
    ],
)
def test_agents_come_in_pages_by_visibility(caller: Caller, query: str, slugs: list[str]) -> None:
    for version in ("v4", "v3"):
        items = caller.ask("GET", f"/{version}/agents{query}")[1]["items"]
        assert [item["slug"] for item in items] == slugs


def test_the_oldest_list_of_agents_is_a_bare_array(caller: Caller) -> None:
    items = caller.ask("GET", "/v1/agents?visibility=account")[1]
    assert [item["name"] for item in items] == ["Architect", "Tradutor técnico"]
    assert caller.ask("GET", "/v1/agents?page=zero")[0] == 422


def test_the_llms_are_a_list(caller: Caller) -> None:
    status, models = caller.ask("GET", "/v1/llm/models?active=true&page_size=999")
    assert (status, [model["slug"] for model in models]) == (200, ["sandbox-small", "sandbox-large"])


# --- faults ----------------------------------------------------------------------------------------


def status_of(caller: Caller) -> int:
    response = caller.send("POST", "/v3/chat", chat_body("Say hi"))
    response.read()
    return response.status


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate-limit", 429, "INFERENCE_3008_CHAT_RATE_LIMIT_EXCEEDED"),
        ("server-error", 503, "SANDBOX_5030_UNAVAILABLE"),
        ("refused", 400, "SANDBOX_4000_BAD_REQUEST"),
        ("forbidden", 403, None),
    ],
)
def test_a_fault_replaces_the_answer_of_every_api_route(fault: str, status: int, code: str | None) -> None:
    with Sandbox(faults=[fault]) as server, Caller(server) as caller:
        for path in (
            "/v3/chat",
            f"/v1/agent/{REVIEWER}/chat",
            "/v1/quick-commands/create-execution/explain-code",
        ):
            response = caller.send("POST", path, chat_body("Say hi") | {"input_data": ""})
            body = response.read()
            assert (response.status, json.loads(body)["code"] if body else None) == (status, code)
            assert response.getheader("Retry-After") is None


def test_a_fault_strikes_as_often_as_it_was_told_to() -> None:
    with Sandbox(faults=["server-error", "rate-limit"], times=2) as server, Caller(server) as caller:
        assert [status_of(caller) for _ in range(6)] == [503, 503, 429, 429, 200, 200]


def test_expired_token_turns_away_the_first_use_and_lets_the_renewed_token_in() -> None:
    with Sandbox(faults=["expired-token"]) as server, Caller(server) as caller, Caller(server) as late:
        before = [status_of(caller), status_of(caller)]
        caller.renew()
        assert (before, status_of(caller)) == ([401, 200], 200)
        assert status_of(late) == 401  # its token was nobody's renewal
        late.renew()
        assert status_of(late) == 200


def test_a_cut_answer_breaks_off_after_some_pieces_without_a_last_frame() -> None:
    with Sandbox(faults=["cut"], deltas=[f"{n} " for n in range(9)]) as server, Caller(server) as caller:
        response = caller.send("POST", "/v3/chat", chat_body("x"))
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        assert answer_in(caught.value.partial) == "0 1 2 "
        assert b"end_event" not in caught.value.partial


@pytest.mark.parametrize("streaming", [True, False])
def test_an_agents_answer_can_be_cut_as_well(streaming: bool) -> None:
    with Sandbox(faults=["cut"], times=1) as server, Caller(server) as caller:
        path, body = f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=streaming)
        with pytest.raises(http.client.IncompleteRead):
            caller.send("POST", path, body).read()
        caller.connection.close()
        assert b'"stop_reason": "stop"' in caller.send("POST", path, body).read()


def test_faults_combine() -> None:
    with Sandbox(faults=["expired-token", "cut"]) as server, Caller(server) as caller:
        assert status_of(caller) == 401
        caller.renew()
        with pytest.raises(http.client.IncompleteRead):
            status_of(caller)


def test_a_slow_answer_is_complete() -> None:
    with Sandbox(faults=["slow"], deltas=["one ", "two"]) as server, Caller(server) as caller:
        assert caller.chat("x") == "one two"


def test_a_slow_answers_gaps_can_be_noticed_and_stay_below_a_second() -> None:
    assert all(0.2 <= _slow_gap(count) < 0.9 for count in range(20))
    words = [str(n) for n in range(101)]
    assert "".join(_merged(words, 12)) == "".join(words)
    assert len(_merged(words, 12)) == 12


def test_a_hanging_answer_sends_its_head_and_nothing_more_and_stop_does_not_wait_for_it() -> None:
    server = Sandbox(faults=["hang"]).start()
    with Caller(server) as caller:
        response = caller.send("POST", "/v3/chat", chat_body("x"))
        assert response.status == 200
        server.stop()
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        assert caught.value.partial == b""
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]


def test_a_hanging_answer_ends_when_the_client_goes() -> None:
    with Sandbox(faults=["hang"], times=1) as server, Caller(server) as caller:
        caller.send("POST", "/v3/chat", chat_body("x")).close()
        caller.connection.close()
        assert status_of(caller) == 200


def test_an_unknown_fault_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'meteor'.*rate-limit.*forbidden"):
        Sandbox(faults=["cut", "meteor"])
    with pytest.raises(ValueError, match="times"):
        Sandbox(faults=["cut"], times=0)
    assert FAULTS == (
        "rate-limit", "server-error", "cut", "slow", "hang", "expired-token", "refused", "forbidden",
    )  # fmt: skip


# --- the server itself -----------------------------------------------------------------------------


def test_a_connection_is_used_again_also_after_errors_and_streams(caller: Caller) -> None:
    first = caller.connection.sock
    caller.chat("Say hi")
    caller.ask("GET", "/nowhere")
    caller.ask("POST", f"/v1/agent/{UNKNOWN}/chat", agent_body())
    caller.ask("DELETE", "/v1/knowledge-sources/house-rules/objects")
    caller.chat("Say hi")
    assert caller.connection.sock is first is not None


def test_thirty_two_streams_at_once_are_all_complete(server: Sandbox) -> None:
    together = threading.Barrier(32, timeout=60)

    def one(number: int) -> str:
        with Caller(server) as caller:
            together.wait()
            return caller.chat(f"Explain number {number:02}", f"C{number}")

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(32)))
    assert [f"`Explain number {number:02}`" in text for number, text in enumerate(answers)] == [True] * 32


def test_what_arrived_can_be_looked_at(caller: Caller) -> None:
    caller.server.requests.clear()
    assert caller.server.requests == []
    caller.ask("GET", "/v4/agents?size=2&visibility_list=personal&visibility_list=account")
    caller.chat("Olá")
    listing, chat = caller.server.requests
    assert (listing.method, listing.path) == ("GET", "/v4/agents")
    assert listing.query == {"size": "2", "visibility_list": "account"}
    assert listing.query_lists["visibility_list"] == ["personal", "account"]
    assert listing.json is None
    assert chat.headers["authorization"] == f"Bearer {caller.token}"
    assert chat.json["user_prompt"] == json.loads(chat.body)["user_prompt"] == "Olá"
    assert len(caller.server.requests) == 2
    assert caller.server.requests[-1] == chat


def test_a_body_in_chunks_and_a_question_before_the_body_are_understood(server: Sandbox) -> None:
    form = f"grant_type=client_credentials&client_id={server.client_id}&client_secret={server.client_key}"
    head = f"POST /{server.realm}/oidc/oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    head += "Connection: close\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw = exchange(server, f"{head}{5:x}\r\n{form[:5]}\r\n{len(form) - 5:x}\r\n{form[5:]}\r\n0\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/2\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ],
)
def test_bytes_that_are_no_request_are_answered_and_the_connection_closed(
    server: Sandbox, text: str, status: int
) -> None:
    assert exchange(server, text).split(b" ")[1] == str(status).encode()


def test_a_client_of_http_1_0_gets_a_stream_that_ends_by_closing() -> None:
    with Sandbox(deltas=["one"]) as server, Caller(server) as caller:
        body = json.dumps(chat_body("x"))
        head = f"POST /v3/chat HTTP/1.0\r\nAuthorization: Bearer {caller.token}\r\n"
        raw = exchange(server, f"{head}Content-Length: {len(body)}\r\n\r\n{body}")
    assert answer_in(raw.partition(b"\r\n\r\n")[2]) == "one"


def test_the_environment_points_at_the_server(server: Sandbox) -> None:
    assert server.environment == {
        "STACKSPOTAI_ENDPOINT_URL": server.url,
        "STACKSPOTAI_CLIENT_ID": "sandbox-client",
        "STACKSPOTAI_CLIENT_KEY": "sandbox-key-not-a-secret",
        "STACKSPOTAI_REALM": "sandbox",
    }


def test_it_listens_on_ipv6_too() -> None:
    try:
        server = Sandbox(host="::1").start()
    except OSError:
        pytest.skip("no IPv6 loopback on this machine")
    with server, Caller(server) as caller:
        assert server.url.startswith("http://[::1]:")
        assert status_of(caller) == 200


def test_a_busy_port_is_an_os_error_and_a_stopped_server_frees_its_port(server: Sandbox) -> None:
    port = urlsplit(server.url).port
    assert port
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=port).start()
    server.stop()
    server.stop()
    with Sandbox(port=port) as again:
        assert urlsplit(again.url).port == port


def test_before_the_start_there_is_no_address() -> None:
    with pytest.raises(RuntimeError):
        _ = Sandbox().url
