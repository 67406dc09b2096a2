"""`/v3/chat`, the route of the built-in models (protocol page, "Chat")."""

from __future__ import annotations

import sys

from stackspot_cli.domain import Prompt
from stackspot_cli.model import Model
from stackspot_cli.routes.call import EVENT_STREAM, Call
from stackspot_cli.routes.frames import FrameReader

_OS = {"win32": "windows"}  # the names that `platform.system().lower()` gives, without its import


def request(model: Model, prompt: Prompt, version: str) -> Call:
    """With `model`, `temperature`, `max_tokens`: the service's public clients send none of them."""
    temperature = prompt.temperature
    body: dict[str, object] = {
        "context": {
            "conversation_id": prompt.conversation_id,
            "upload_ids": list(prompt.upload_ids),
            "knowledge_sources": list(prompt.agent.knowledge_source_ids),
            "agent_built_in": True,
            "os": _OS.get(sys.platform, sys.platform),
            "platform": "stackspot-cli",
            "platform_version": version,
            "stackspot_ai_version": "2.3.0",
        },
        "user_prompt": prompt.text,
        "model": model.target,
        "temperature": model.temperature_default if temperature is None else temperature,
        "max_tokens": prompt.max_tokens or model.max_output_tokens,
    }
    tuning = ("model", "temperature", "max_tokens")
    return Call("POST", "api", "/v3/chat", body, headers=EVENT_STREAM, dispensable=tuning)


def reader() -> FrameReader:
    return FrameReader("answer")
