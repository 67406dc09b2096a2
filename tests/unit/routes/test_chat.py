"""The chat route: what is sent for a prompt, and where its text is found."""

import sys
from dataclasses import replace

import pytest

from stackspot_cli.domain import AgentOptions, Delta, Prompt
from stackspot_cli.routes import chat
from stackspot_cli.routes.call import EVENT_STREAM, Call
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

MODEL = BUILT_IN_MODELS[2]
TUNING = ("model", "temperature", "max_tokens")


def test_a_prompt_travels_with_its_conversation_its_files_and_its_settings() -> None:
    options = AgentOptions(("K1", "K2"))
    prompt = Prompt("Say hi", "C1", temperature=0.2, max_tokens=7, upload_ids=("U1",), agent=options)
    assert chat.request(MODEL, prompt, "1.2.3") == Call(
        "POST",
        "api",
        "/v3/chat",
        {
            "context": {
                "conversation_id": "C1",
                "upload_ids": ["U1"],
                "knowledge_sources": ["K1", "K2"],
                "agent_built_in": True,
                "os": {"win32": "windows"}.get(sys.platform, sys.platform),
                "platform": "stackspot-cli",
                "platform_version": "1.2.3",
                "stackspot_ai_version": "2.3.0",
            },
            "user_prompt": "Say hi",
            "model": "stackspot-ai-code",
            "temperature": 0.2,
            "max_tokens": 7,
        },
        headers=EVENT_STREAM,
        dispensable=TUNING,
    )


def test_what_nobody_set_is_the_models_own() -> None:
    body = chat.request(replace(MODEL, temperature_default=0.3), Prompt("Hi", "C"), "1").body
    assert [body[name] for name in TUNING] == ["stackspot-ai-code", 0.3, 8192]
    assert chat.request(MODEL, Prompt("Hi", "C", temperature=0.0), "1").body["temperature"] == 0.0


def test_a_service_that_takes_no_tuning_is_asked_without() -> None:
    spared = chat.request(MODEL, Prompt("Hi", "C"), "1").spared()
    assert sorted(spared.body) == ["context", "user_prompt"]


@pytest.mark.parametrize("field", ["answer", "message"])
def test_the_text_is_in_either_routes_field(field: str) -> None:
    assert chat.reader().read("new_message", f'{{"{field}": "x"}}') == [Delta("x")]
