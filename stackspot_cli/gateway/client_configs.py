"""What to paste so that a client uses this gateway: for its address, key and model. Pure.

A model that takes little gets the settings that were run with 16,384 tokens: the client's tools that a task seldom
needs are off. Knows the clients' configuration. A key is never written out: the clients take it from the environment.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model

SMALL_TOKENS = 32_000  # a model that takes no more has no room for all of a client's tools
KEY_VARIABLE = "STACKSPOTAI_SERVE_KEY"
ANY_KEY = "any"
_DENIED_TO_CLAUDE = (
    "Agent",
    "CronCreate",
    "CronDelete",
    "CronList",
    "EnterWorktree",
    "ExitWorktree",
    "NotebookEdit",
    "ReportFindings",
    "ScheduleWakeup",
    "SendMessage",
    "Skill",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskOutput",
    "TaskStop",
    "TaskUpdate",
    "WebFetch",
    "WebSearch",
    "Workflow",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """url: the gateway's address, without `/v1`. has_key: one is wanted, and KEY_VARIABLE holds it.

    small: the model for titles and the like.
    """

    url: str
    model: Model
    small: Model
    has_key: bool = False

    @property
    def is_small(self) -> bool:
        return self.model.max_input_tokens <= SMALL_TOKENS

    @property
    def output_tokens(self) -> int:
        """The longest answer to be asked for: what is reserved for it is not there for the prompt."""
        return min(2_048, self.model.max_output_tokens) if self.is_small else self.model.max_output_tokens


def codex(wanted: Wanted) -> str:
    key = f'env_key = "{KEY_VARIABLE}"' if wanted.has_key else f'experimental_bearer_token = "{ANY_KEY}"'
    less = (
        "\n[agents]\nenabled = false\n\n[skills]\ninclude_instructions = false\n\n"
        "[features]\ngoals = false\nview_image = false\n"
        if wanted.is_small
        else ""
    )
    return (
        f"model = {json.dumps(wanted.model.name)}\n"
        'model_provider = "stackspot"\n'
        'web_search = "disabled"\n\n'
        "[model_providers.stackspot]\n"
        'name = "StackSpot"\n'
        f"base_url = {json.dumps(wanted.url + '/v1')}\n"
        'wire_api = "responses"\n'
        f"{key}\n"
        f"model_catalog_url = {json.dumps(wanted.url + '/v1/models')}\n"
        f"{less}"
    )


def claude(wanted: Wanted) -> str:
    name = wanted.model.name
    environ = {"ANTHROPIC_BASE_URL": wanted.url}
    if not wanted.has_key:
        environ["ANTHROPIC_AUTH_TOKEN"] = ANY_KEY
    environ |= {
        "ANTHROPIC_MODEL": name,
        "ANTHROPIC_DEFAULT_OPUS_MODEL": name,
        "ANTHROPIC_DEFAULT_SONNET_MODEL": name,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": wanted.small.name,
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(wanted.model.max_output_tokens),
        "CLAUDE_CODE_DISABLE_THINKING": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    settings: dict[str, Any] = {"env": environ}
    if wanted.has_key:
        settings["apiKeyHelper"] = f"printenv {KEY_VARIABLE}"
    if wanted.is_small:
        settings["permissions"] = {"deny": list(_DENIED_TO_CLAUDE)}
    return _json(settings)


def opencode(wanted: Wanted) -> str:
    models = {}
    for model in (wanted.model, wanted.small):
        output = min(2_048, model.max_output_tokens) if model.max_input_tokens <= SMALL_TOKENS else 8_192
        limit = {"context": model.max_input_tokens, "output": output}
        models[model.name] = {"name": model.name, "tool_call": True, "limit": limit}
    settings: dict[str, Any] = {
        "$schema": "https://opencode.ai/config.json",
        "model": f"stackspot/{wanted.model.name}",
        "small_model": f"stackspot/{wanted.small.name}",
        "provider": {
            "stackspot": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "StackSpot",
                "options": {
                    "baseURL": f"{wanted.url}/v1",
                    "apiKey": f"{{env:{KEY_VARIABLE}}}" if wanted.has_key else ANY_KEY,
                },
                "models": models,
            }
        },
    }
    if wanted.is_small:
        prompt = "You are a coding agent in a terminal. Use the tools until the task is done."
        settings["agent"] = {"build": {"prompt": prompt}, "title": {"disable": True}}
        settings["permission"] = dict.fromkeys(("task", "todowrite", "skill", "webfetch"), "deny")
    return _json(settings)


def copilot(wanted: Wanted) -> str:
    model = wanted.model
    line = "copilot --available-tools=bash,view,create,edit" if wanted.is_small else "copilot"
    return (
        f"export COPILOT_PROVIDER_BASE_URL={wanted.url}/v1\n"
        f"export COPILOT_PROVIDER_API_KEY={_shell_key(wanted)}\n"
        f"export COPILOT_MODEL={shlex.quote(model.name)}\n"
        f"export COPILOT_PROVIDER_MAX_PROMPT_TOKENS={model.max_input_tokens}\n"
        f"export COPILOT_PROVIDER_MAX_OUTPUT_TOKENS={model.max_output_tokens}\n"
        "export COPILOT_OFFLINE=true\n"
        f"# then: {line}\n"
    )


def aider(wanted: Wanted) -> str:
    key = f"# and in the shell: export OPENAI_API_KEY=${KEY_VARIABLE}\n" if wanted.has_key else ""
    return (
        f"{key}"
        f"model: {json.dumps('openai/' + wanted.model.name)}\n"
        f"openai-api-base: {wanted.url}/v1\n"
        + ("" if wanted.has_key else f"openai-api-key: {ANY_KEY}\n")
        + (
            "edit-format: whole            # `diff` sends less, and asks more of the model\n"
            if wanted.is_small
            else ""
        )
        + "show-model-warnings: false    # Aider knows no prices for StackSpot\n"
        + ("map-tokens: 1024\n" if wanted.is_small else "")
    )


def llm(wanted: Wanted) -> str:
    key = f'# then: llm keys set stackspot --value "${KEY_VARIABLE}"\n' if wanted.has_key else ""
    return (
        f"{key}"
        "- model_id: stackspot\n"
        f"  model_name: {json.dumps(wanted.model.name)}\n"
        f"  api_base: {wanted.url}/v1\n"
        + ("  api_key_name: stackspot\n" if wanted.has_key else "")
        + "  supports_tools: true\n"
        "  supports_schema: true\n"
    )


@dataclass(frozen=True, slots=True)
class Client:
    """goes_into: where a person puts what is written."""

    goes_into: str
    write: Callable[[Wanted], str]


CLIENTS: Mapping[str, Client] = {
    "codex": Client("~/.codex/config.toml", codex),
    "claude": Client("~/.claude/settings.json", claude),
    "opencode": Client("opencode.json", opencode),
    "copilot": Client('a shell, as eval "$(…)" does', copilot),
    "aider": Client(".aider.conf.yml", aider),
    "llm": Client('$(dirname "$(llm logs path)")/extra-openai-models.yaml', llm),
}


def _shell_key(wanted: Wanted) -> str:
    return f'"${KEY_VARIABLE}"' if wanted.has_key else ANY_KEY


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
