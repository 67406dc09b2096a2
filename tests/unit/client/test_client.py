"""What the client sends and makes of what comes, without a socket: respx stands in for the connection pool."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import respx
from clock import Clock

from stackspot_cli.app import App
from stackspot_cli.domain import DOTS, AgentOptions, Delta, Done, Prompt, Source
from stackspot_cli.errors import AnswerCut, CredentialsRefused, NotAnAnswer, Refused
from stackspot_cli.routes.call import Call
from stackspot_cli.terminal.streams import Terminal

HOST = "https://stackspot.test"
CONVERSATION = "01K45T82PF8QC64C9DNHGQWHY2"


@pytest.fixture
def app(tmp_path: object) -> Iterator[App]:
    clock = Clock()
    made = App(
        {
            "STACKSPOTAI_HOME": str(tmp_path),
            "STACKSPOTAI_ENDPOINT_URL": HOST,
            "STACKSPOTAI_CLIENT_ID": "an-id",
            "STACKSPOTAI_CLIENT_KEY": "a key & more=%",
            "STACKSPOTAI_REALM": "acme",
        },
        Terminal.fake(),
        now=clock.now,
        sleep=clock.sleep,
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
    assert events == [Delta("Hi"), Done("stop", CONVERSATION, None)]
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


STREAM = 'data: {"answer": "Hi"}\n\n'
END = "event: end_event\ndata: {}\n\n"


@pytest.mark.parametrize(
    ("last", "done"),
    [
        ("{}", Done("stop", CONVERSATION)),
        ('{"conversation_id": "THEIRS", "message_id": "M"}', Done("stop", "THEIRS", "M")),
    ],
)
def test_the_last_word_names_the_conversation(
    app: App, service: respx.MockRouter, last: str, done: Done
) -> None:
    service.post("/v3/chat").respond(text=f"event: end_event\ndata: {last}\n\n")
    model = app.settings.find_model("stackspot-ai")
    assert list(app.client.stream(model, Prompt("hi", CONVERSATION))) == [done]


def test_what_breaks_off_after_the_first_text_is_a_cut_answer(app: App, service: respx.MockRouter) -> None:
    service.post("/v3/chat").respond(text=STREAM)
    events = app.client.stream(app.settings.find_model("stackspot-ai"), Prompt("hi", CONVERSATION))
    assert next(events) == Delta("Hi")
    with pytest.raises(AnswerCut, match=r"the answer broke off: .* broke off before its last word"):
        next(events)


def test_what_breaks_off_before_it_is_what_it_is(app: App, service: respx.MockRouter) -> None:
    service.post("/v3/chat").respond(text=f"event: error\ndata: no\n\n{END}")
    with pytest.raises(Refused, match="StackSpot broke off with an error: no"):
        list(app.client.stream(app.settings.find_model("stackspot-ai"), Prompt("hi", CONVERSATION)))


def test_an_accepted_prompt_is_known_before_its_first_event(app: App, service: respx.MockRouter) -> None:
    heard: list[str] = []
    service.post("/v3/chat").respond(text=STREAM + END)
    model = app.settings.find_model("stackspot-ai")
    events = app.client.stream(model, Prompt("hi", CONVERSATION), accepted=lambda: heard.append("accepted"))
    assert heard == []
    next(events)
    assert heard == ["accepted"]


def test_a_quick_command_answers_as_a_model_does(app: App, service: respx.MockRouter) -> None:
    heard: list[str] = []
    created = service.post("/v1/quick-commands/create-execution/translate").respond(json="E1")
    service.get("/v1/quick-commands/callback/E1").respond(
        json={
            "progress": {"status": "COMPLETED"},
            "result": "Hola",
            "steps": [{"step_result": {"sources": ["Guide"]}}],
        }
    )
    events = app.client.stream(
        app.settings.find_model("command:translate"),
        Prompt("Hello", CONVERSATION),
        accepted=lambda: heard.append("accepted"),
    )
    assert list(events) == [Delta("Hola"), Source(name="Guide"), Done("stop", CONVERSATION)]
    sent = created.calls[0].request
    assert json.loads(sent.content) == {"input_data": "Hello", "upload_ids": []}
    assert sent.url.params["conversation_id"] == CONVERSATION
    assert heard == ["accepted"]


def test_a_refused_token_is_renewed_once(app: App, service: respx.MockRouter) -> None:
    service.get("/v1/x").side_effect = [httpx.Response(401), httpx.Response(200, json={"a": 1})]
    assert app.client.json(Call("GET", "data", "/v1/x")) == {"a": 1}
    assert [call.request.url.path for call in service.calls].count("/acme/oidc/oauth/token") == 2
    service.get("/v1/y").respond(401)
    with pytest.raises(CredentialsRefused):
        app.client.json(Call("GET", "data", "/v1/y"))


def test_a_call_may_have_an_empty_answer_where_that_is_one(app: App, service: respx.MockRouter) -> None:
    service.delete("/v1/x").respond(200, text=" \n")
    assert app.client.json(Call("DELETE", "data", "/v1/x", may_be_empty=True)) is None
    with pytest.raises(NotAnAnswer, match="/v1/x answered with nothing"):
        app.client.json(Call("DELETE", "data", "/v1/x"))


@pytest.mark.parametrize("body", ["<html>", "{", ""])
def test_what_is_no_json_is_no_answer(app: App, service: respx.MockRouter, body: str) -> None:
    service.get("/v1/x").respond(200, text=body)
    with pytest.raises(NotAnAnswer):
        app.client.json(Call("GET", "data", "/v1/x"))


def test_a_request_is_described_with_its_secrets_as_dots(app: App) -> None:
    call = Call("POST", "inference", "/v1/x", {"a": 1}, query=(("q", "1"),), headers=(("Accept", "x"),))
    assert app.client.described(call) == {
        "method": "POST",
        "url": f"{HOST}/v1/x?q=1",
        "headers": {
            "Authorization": f"Bearer {DOTS}",
            "Accept": "x",
            "Content-Type": "application/json",
        },
        "body": {"a": 1},
    }
    assert app.client.described(Call("GET", "data", "/v1/y")) == {
        "method": "GET",
        "url": f"{HOST}/v1/y",
        "headers": {"Authorization": f"Bearer {DOTS}"},
        "body": None,
    }


def test_signing_in_has_a_token_ready(app: App, service: respx.MockRouter) -> None:
    app.client.sign_in()
    app.client.sign_in()
    assert [call.request.url.path for call in service.calls] == ["/acme/oidc/oauth/token"]
