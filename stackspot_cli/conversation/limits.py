"""What may be asked of a model: temperature, length of question and answer, an agent's options.

What may not is refused before anything is sent.
Pure. Knows the limits that a model carries; refuses to know where the numbers were typed.
"""

from __future__ import annotations

from stackspot_cli.conversation.token_estimate import generous_count
from stackspot_cli.domain import AgentOptions, Model
from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _


def check_limits(model: Model, temperature: float | None, longest: int | None = None) -> None:
    """UsageError where a value is outside the model's limits; None is a value that nobody gave."""
    if temperature is not None and not model.temperature_min <= temperature <= model.temperature_max:
        raise UsageError(
            _("the temperature is a number from {least} to {most}, not {given}").format(
                least=model.temperature_min, most=model.temperature_max, given=temperature
            ),
            _("0 is the steadiest, 1 the liveliest; default {default}").format(
                default=model.temperature_default
            ),
        )
    if longest is not None and not 1 <= longest <= model.max_output_tokens:
        raise UsageError(
            _("--max-tokens is a whole number from 1 to {most}, not {given}").format(
                most=model.max_output_tokens, given=longest
            ),
            _("`stackspot models {name}` shows its limits").format(name=model.name),
        )


def check_agent_options(model: Model, agent: AgentOptions) -> None:
    """An option that this route has no field for would be lost without a word: UsageError."""
    if model.route == "agent":
        return
    for name, given in (
        ("--stackspot-knowledge", agent.stackspot_knowledge),
        ("--deep-search", agent.deep_search),
        ("--agent-version", agent.agent_version is not None),
        ("--select-model", agent.selected_model is not None),
        ("--knowledge", agent.knowledge_source_ids and model.route == "command"),
    ):
        if given:
            raise UsageError(
                _("{option} is for agents, and {model} is none").format(option=name, model=model.name),
                _("choose one with -m agent:ULID; `stackspot agents` lists them"),
            )


def refuse_over_long(text: str, model: Model) -> None:
    """UsageError where even a generous estimate is above the model's input limit."""
    limit = model.max_input_tokens
    count = generous_count(text) if len(text) > limit else 0  # a token has at least one character
    if count > limit:
        raise UsageError(
            _("the prompt has at least {count} tokens; {model} takes {limit}").format(
                count=count, model=model.name, limit=limit
            ),
            _("send less, or split it into several prompts"),
        )
