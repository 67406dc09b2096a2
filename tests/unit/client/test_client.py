"""What the client sends, route by route, seen without a socket: respx stands in for the connection pool."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import respx

from stackspot_cli.app import App
from stackspot_cli.domain import AgentOptions, Delta, Done, Prompt
from stackspot_cli.terminal.streams import Terminal

HOST = "https://stackspot.test"
CONVERSATION = "01K45T82PF8QC64C9DNHGQWHY2"


@pytest.fixture
def app(tmp_path: object) -> Iterator[App]:
    made = App(
        {
            "STACKSPOTAI_HOME": str(tmp_path),
            "STACKSPOTAI_ENDPOINT_URL": HOST,
            "STACKSPOTAI_CLIENT_ID": "an-id",
            "STACKSPOTAI_CLIENT_KEY": "a key & more=%",
            "STACKSPOTAI_REALM": "acme",
        },
        Terminal.fake(),
    )
    yield made
    made.close()


@pytest.fixture
def service() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=HOST, using="httpcore") as router:
        router.post("/acme/oidc/oauth/token").respond(json={"access_token": "t0ken", "expires_in": 1199})
        yield router


def test_the_token_request_is_a_form_whose_values_are_escaped(app: App, service: respx.MockRouter) -> None:
    service.post("/v3/chat").respond(text="event: end_event\ndata: {}\n\n")
    list(app.client.stream(app.settings.find_model("stackspot-ai"), Prompt("hi", CONVERSATION)))
    sent = service.calls[0].request
    assert sent.content == b"grant_type=client_credentials&client_id=an-id&client_secret=a+key+%26+more%3D%25"
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in sent.headers


def test_a_chat_prompt_travels_with_its_settings(app: App, service: respx.MockRouter) -> None:
    service.post("/v3/chat").respond(
        text='event: new_message\ndata: {"answer": "Hi"}\n\nevent: end_event\ndata: {}\n\n'
    )
    model = app.settings.find_model("stackspot-ai-code")
    events = list(app.client.stream(model, Prompt("hi", CONVERSATION, temperature=0.2, max_tokens=7)))
    sent = service.calls[1].request
    body = json.loads(sent.content)
    assert events == [Delta("Hi"), Done("stop", None, None)]
    assert sent.headers["authorization"] == "Bearer t0ken"
    assert body.pop("context") | {"os": "", "platform_version": ""} == {
        "conversation_id": CONVERSATION,
        "upload_ids": [],
        "knowledge_sources": [],
        "agent_built_in": True,
        "os": "",
        "platform": "stackspot-cli",
        "platform_version": "",
        "stackspot_ai_version": "2.3.0",
    }
    assert body == {
        "user_prompt": "hi",
        "model": "stackspot-ai-code",
        "temperature": 0.2,
        "max_tokens": 7,
    }


def test_an_agent_gets_its_own_fields_and_no_others(app: App, service: respx.MockRouter) -> None:
    service.post(f"/v1/agent/{CONVERSATION}/chat").respond(
        text='data: {"message": "Hi", "stop_reason": "stop"}\n\n'
    )
    options = AgentOptions(("ks-1",), True, True, 3, "gpt")
    model = app.settings.find_model(f"agent:{CONVERSATION}")
    list(app.client.stream(model, Prompt("hi", CONVERSATION, temperature=0.2, agent=options)))
    assert json.loads(service.calls[1].request.content) == {
        "user_prompt": "hi",
        "streaming": True,
        "stackspot_knowledge": True,
        "return_ks_in_response": True,
        "use_conversation": True,
        "conversation_id": CONVERSATION,
        "upload_ids": [],
        "deep_search_ks": True,
        "agent_version_number": 3,
        "knowledge_source_ids": ["ks-1"],
        "selected_model": "gpt",
    }


def test_a_refused_field_is_left_out_once_and_noted(app: App, service: respx.MockRouter) -> None:
    route = service.post("/v3/chat")
    route.side_effect = [
        httpx.Response(
            422, json={"detail": [{"loc": ["body", "max_tokens"], "msg": "extra fields not permitted"}]}
        ),
        httpx.Response(200, text="event: end_event\ndata: {}\n\n"),
    ]
    list(app.client.stream(app.settings.find_model("stackspot-ai"), Prompt("hi", CONVERSATION)))
    bodies = [json.loads(call.request.content) for call in route.calls]
    assert [sorted(body) for body in bodies] == [
        ["context", "max_tokens", "model", "temperature", "user_prompt"],
        ["context", "user_prompt"],
    ]
    assert app.terminal.err.count("asked again without them") == 1
