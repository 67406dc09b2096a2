"""What may be asked of a model: temperature, length, an agent's options; refused before anything is sent.

Pure. Knows the limits that a model carries; refuses to know where the numbers were typed.
"""

from __future__ import annotations

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
