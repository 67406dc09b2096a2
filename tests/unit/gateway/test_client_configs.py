"""What is printed for each client: its own format, with the address, the key's place and the model in it."""

import json
import shlex
import tomllib
from dataclasses import replace
from typing import Any

import pytest
import yaml

from stackspot_cli.gateway.client_configs import CLIENTS, Wanted
from stackspot_cli.settings import model_catalogue

URL = "http://127.0.0.1:8765"
BUILT_IN = model_catalogue.find(model_catalogue.merge(()), "stackspot-ai-code")
AGENT = model_catalogue.find((), "agent:01K45T82PF8QC64C9DNHGQWHY2")
SMALL, LARGE = Wanted(URL, BUILT_IN, BUILT_IN), Wanted(URL, AGENT, BUILT_IN)


def written(client: str, wanted: Wanted) -> Any:
    """As the client reads it."""
    text = CLIENTS[client].write(wanted)
    match client:
        case "codex":
            return tomllib.loads(text)
        case "claude" | "opencode":
            return json.loads(text)
        case "copilot":
            return dict(shlex.split(line)[1].split("=", 1) for line in text.splitlines() if line[0] != "#")
        case _:
            return yaml.safe_load(text)


def test_codex() -> None:
    small, large = written("codex", SMALL), written("codex", LARGE)
    assert large == {
        "model": AGENT.name,
        "model_provider": "stackspot",
        "web_search": "disabled",
        "model_providers": {
            "stackspot": {
                "name": "StackSpot",
                "base_url": f"{URL}/v1",
                "wire_api": "responses",
                "experimental_bearer_token": "any",
                "model_catalog_url": f"{URL}/v1/models",
            }
        },
    }
    assert small == {
        **large,
        "model": BUILT_IN.name,
        "agents": {"enabled": False},
        "skills": {"include_instructions": False},
        "features": {"goals": False, "view_image": False},
    }


def test_claude() -> None:
    small, large = written("claude", SMALL), written("claude", LARGE)
    assert large == {
        "env": {
            "ANTHROPIC_BASE_URL": URL,
            "ANTHROPIC_AUTH_TOKEN": "any",
            "ANTHROPIC_MODEL": AGENT.name,
            "ANTHROPIC_DEFAULT_OPUS_MODEL": AGENT.name,
            "ANTHROPIC_DEFAULT_SONNET_MODEL": AGENT.name,
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": BUILT_IN.name,
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "8192",
            "CLAUDE_CODE_DISABLE_THINKING": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
    }
    assert set(small) == {"env", "permissions"}
    assert {"Agent", "WebSearch", "Workflow"} <= set(small["permissions"]["deny"])
    assert not {"Bash", "Edit", "Read", "Write"} & set(small["permissions"]["deny"])


def test_opencode() -> None:
    small, large = written("opencode", SMALL), written("opencode", LARGE)
    limits = {name: model["limit"] for name, model in large["provider"]["stackspot"]["models"].items()}
    assert limits == {
        AGENT.name: {"context": 272_000, "output": 8_192},
        BUILT_IN.name: {"context": 16_384, "output": 2_048},
    }
    assert (large["model"], large["small_model"]) == (f"stackspot/{AGENT.name}", f"stackspot/{BUILT_IN.name}")
    assert large["provider"]["stackspot"]["options"] == {"baseURL": f"{URL}/v1", "apiKey": "any"}
    assert set(small) - set(large) == {"agent", "permission"}


def test_copilot() -> None:
    assert written("copilot", LARGE) == {
        "COPILOT_PROVIDER_BASE_URL": f"{URL}/v1",
        "COPILOT_PROVIDER_API_KEY": "any",
        "COPILOT_MODEL": AGENT.name,
        "COPILOT_PROVIDER_MAX_PROMPT_TOKENS": "272000",
        "COPILOT_PROVIDER_MAX_OUTPUT_TOKENS": "8192",
        "COPILOT_OFFLINE": "true",
    }
    endings = [CLIENTS["copilot"].write(wanted).splitlines()[-1] for wanted in (SMALL, LARGE)]
    assert endings == ["# then: copilot --available-tools=bash,view,create,edit", "# then: copilot"]


def test_aider_and_llm() -> None:
    assert written("aider", SMALL) == {
        "model": f"openai/{BUILT_IN.name}",
        "openai-api-base": f"{URL}/v1",
        "openai-api-key": "any",
        "edit-format": "whole",
        "show-model-warnings": False,
        "map-tokens": 1024,
    }
    assert written("llm", LARGE) == [
        {
            "model_id": "stackspot",
            "model_name": AGENT.name,
            "api_base": f"{URL}/v1",
            "supports_tools": True,
            "supports_schema": True,
        }
    ]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_key_is_named_and_never_written(client: str) -> None:
    text = CLIENTS[client].write(replace(SMALL, has_key=True))
    assert "STACKSPOTAI_SERVE_KEY" in text
    assert "any\n" not in text and '"any"' not in text
    written(client, replace(SMALL, has_key=True))


@pytest.mark.parametrize("client", CLIENTS)
def test_whatever_a_model_is_called_it_arrives(client: str) -> None:
    odd = replace(BUILT_IN, name="a \"b\" #c: $d 'e'")
    found = written(client, replace(SMALL, model=odd))
    held = json.dumps(found, ensure_ascii=False)
    assert json.dumps(odd.name)[1:-1] in held
