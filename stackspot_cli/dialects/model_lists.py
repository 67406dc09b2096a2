"""Which models there are, in three shapes: OpenAI's with Codex's catalogue beside it, and Anthropic's. Pure.

Codex reads what it needs of a model from the catalogue, and takes no offence at the rest of the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.model import Model

_OWNER = "stackspot"
_SINCE = "2025-01-01T00:00:00Z"  # Anthropic's clients want a date; the service tells none
CODEX_INSTRUCTIONS = (
    "You are a coding agent on the user's machine. Look before you change: read files and run commands with "
    "exec_command. Write files with it, too (a quoted heredoc keeps them exact). Work until the task is done, "
    "check it, then say in a few words what you did."
)


def openai_model(model: Model, name: str = "") -> dict[str, Any]:
    return {"id": name or model.name, "object": "model", "created": 0, "owned_by": _OWNER}


def openai_list(models: Sequence[Model], aliases: Mapping[str, Model]) -> dict[str, Any]:
    named = [*models, *(replace(model, name=name) for name, model in aliases.items())]
    return {
        "object": "list",
        "data": [openai_model(model) for model in named],
        "models": [codex_entry(model, place) for place, model in enumerate(named)],
    }


def codex_entry(model: Model, place: int) -> dict[str, Any]:
    """What Codex wants to know. Without `apply_patch`: it writes files by its shell, which is one tool to learn."""
    return {
        "slug": model.name,
        "display_name": model.name,
        "description": str(model.description) or None,
        "default_reasoning_level": None,
        "supported_reasoning_levels": [],
        "shell_type": "unified_exec",
        "visibility": "list",
        "supported_in_api": True,
        "priority": place,
        "base_instructions": CODEX_INSTRUCTIONS,
        "supports_reasoning_summaries": False,
        "support_verbosity": False,
        "default_verbosity": None,
        "apply_patch_tool_type": None,
        "truncation_policy": {"mode": "bytes", "limit": 10_000},
        "supports_parallel_tool_calls": True,
        "context_window": model.max_input_tokens,
        "experimental_supported_tools": [],
    }


def anthropic_model(model: Model, name: str = "") -> dict[str, Any]:
    return {
        "type": "model",
        "id": name or model.name,
        "display_name": name or model.name,
        "created_at": _SINCE,
        "max_input_tokens": model.max_input_tokens,
        "max_tokens": model.max_output_tokens,
    }


def anthropic_list(models: Sequence[Model], aliases: Mapping[str, Model]) -> dict[str, Any]:
    data = [anthropic_model(model) for model in models]
    data += [anthropic_model(model, name) for name, model in aliases.items()]
    return {
        "data": data,
        "has_more": False,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }
