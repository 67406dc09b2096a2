"""What may be asked of a model: temperature, length of question and answer, an agent's options.

What may not is refused before anything is sent.
Pure. Knows the limits that a model carries; refuses to know where the numbers were typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeGuard

from stackspot_cli.domain import AgentOptions
from stackspot_cli.errors import UsageError
from stackspot_cli.model import Model
from stackspot_cli.routes import ROUTES
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, either


def check_limits(
    model: Model, temperature: object, longest: object = None, *, named: str = "--max-tokens"
) -> None:
    """UsageError where a value is outside the model's limits, or no number; None is a value that nobody gave.

    longest: of the answer, in tokens. named: how the caller gave it.
    """
    if temperature is not None and not (
        _is_number(temperature) and model.temperature_min <= temperature <= model.temperature_max
    ):
        raise UsageError(
            _("the temperature is a number from {least} to {most}, not {given}").format(
                least=model.temperature_min,
                most=model.temperature_max,
                given=temperature if isinstance(temperature, float) else safe_line(repr(temperature), 60),
            ),
            _("0 is the steadiest, 1 the liveliest; default {default}").format(
                default=model.temperature_default
            ),
        )
    if longest is not None and not (
        _is_number(longest) and isinstance(longest, int) and 1 <= longest <= model.max_output_tokens
    ):
        raise UsageError(
            _("{option} is a whole number from 1 to {most}, not {given}").format(
                option=named, most=model.max_output_tokens, given=safe_line(repr(longest), 60)
            ),
            _("`stackspot models {name}` shows its limits").format(name=model.name),
        )


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


_OPTIONS = {
    "stackspot_knowledge": "--stackspot-knowledge",
    "deep_search": "--deep-search",
    "agent_version": "--agent-version",
    "selected_model": "--select-model",
    "knowledge_source_ids": "--knowledge",
}


def check_agent_options(model: Model, agent: AgentOptions, named: Callable[[str], str] = str) -> None:
    """An option that this route has no field for would be lost without a word: UsageError.

    named: what the caller calls an option of the command.
    """
    for field, option in _OPTIONS.items():
        if field not in model.route.takes and getattr(agent, field) != getattr(_NOTHING, field):
            raise UsageError(
                _("{model} takes no {option}").format(option=named(option), model=model.name),
                _who_takes(field),
            )


_NOTHING = AgentOptions()


def _who_takes(field: str) -> str:
    takers = [route for route in ROUTES if field in route.takes and route.reference]
    hint = _("choose one that does: -m {references}").format(
        references=either([route.form for route in takers])
    )
    lists = [f"`{route.listed_by}`" for route in takers if route.listed_by]
    return _("{hint}; {commands} lists them").format(hint=hint, commands=", ".join(lists)) if lists else hint


def refuse_over_long(text: str, model: Model) -> None:
    """UsageError where even a generous estimate is above the model's input limit."""
    # Deferred, since a connection is begun first.
    from stackspot_cli.conversation.token_estimate import generous_count

    # A token has at least one character: a short text needs no count.
    count = generous_count(text) if len(text) > model.max_input_tokens else 0
    if count > model.max_input_tokens:
        raise UsageError(
            _("the prompt has at least {count} tokens; {model} takes {limit}").format(
                count=count, model=model.name, limit=model.max_input_tokens
            ),
            _("send less, or split it into several prompts"),
        )


def refuse_over_long_files(texts: Iterable[str], model: Model) -> None:
    """The same of files that are to go with a prompt, before there is one."""
    from stackspot_cli.conversation.token_estimate import generous_count

    count = sum(map(generous_count, texts))
    if count > model.max_input_tokens:
        raise UsageError(
            _("the files have at least {count} tokens; {model} takes {limit}").format(
                count=count, model=model.name, limit=model.max_input_tokens
            ),
            _(
                "take less, or a model that takes more: `stackspot agents` lists some, /model agent:NAME takes one"
            ),
        )
