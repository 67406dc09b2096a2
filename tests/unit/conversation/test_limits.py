"""What may be asked of a model, by the limits that it carries."""

from dataclasses import replace

import pytest

from stackspot_cli.conversation.limits import check_agent_options, check_limits, refuse_over_long
from stackspot_cli.domain import AgentOptions
from stackspot_cli.errors import UsageError
from stackspot_cli.model import Model
from stackspot_cli.routes import named
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

MODEL = BUILT_IN_MODELS[0]
AGENT = replace(MODEL, name="agent:X", route=named("agent"))
COMMAND = replace(MODEL, name="command:x", route=named("command"))


@pytest.mark.parametrize("temperature", [None, 0.0, 1.0])
@pytest.mark.parametrize("longest", [None, 1, 8_192])
def test_what_is_within_the_limits_passes(temperature: float | None, longest: int | None) -> None:
    check_limits(MODEL, temperature, longest)


@pytest.mark.parametrize(
    ("temperature", "longest", "message"),
    [
        (1.01, None, "the temperature is a number from 0.0 to 1.0, not 1.01"),
        (-0.1, None, "the temperature is a number from 0.0 to 1.0, not -0.1"),
        (float("nan"), None, "the temperature is a number from 0.0 to 1.0, not nan"),
        ("hot", None, "the temperature is a number from 0.0 to 1.0, not 'hot'"),
        (True, None, "the temperature is a number from 0.0 to 1.0, not True"),
        (None, 1.5, "--max-tokens is a whole number from 1 to 8192, not 1.5"),
        (None, True, "--max-tokens is a whole number from 1 to 8192, not True"),
        (None, "many\x1b", "--max-tokens is a whole number from 1 to 8192, not 'many\\x1b'"),
        (None, 0, "--max-tokens is a whole number from 1 to 8192, not 0"),
        (None, 8_193, "--max-tokens is a whole number from 1 to 8192, not 8193"),
    ],
)
def test_what_is_not_is_refused_with_the_limits(temperature: object, longest: object, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_limits(MODEL, temperature, longest)
    assert refused.value.message == message
    assert refused.value.hint


def test_the_limit_of_an_answer_is_called_as_the_caller_calls_it() -> None:
    with pytest.raises(UsageError, match=r"^max_tokens is a whole number"):
        check_limits(MODEL, None, 0, named="max_tokens")


ALL = AgentOptions(("K",), True, True, 3, "gpt")


@pytest.mark.parametrize(
    ("model", "options", "option"),
    [
        (MODEL, AgentOptions(stackspot_knowledge=True), "--stackspot-knowledge"),
        (MODEL, AgentOptions(deep_search=True), "--deep-search"),
        (COMMAND, AgentOptions(agent_version=0), "--agent-version"),
        (COMMAND, AgentOptions(selected_model="gpt"), "--select-model"),
        (COMMAND, AgentOptions(("K",)), "--knowledge"),
    ],
)
def test_an_option_that_a_route_has_no_field_for_is_not_lost_without_a_word(
    model: Model, options: AgentOptions, option: str
) -> None:
    with pytest.raises(UsageError) as refused:
        check_agent_options(model, options)
    assert refused.value.message == f"{model.name} takes no {option}"
    assert refused.value.hint == "choose one that does: -m agent:ULID; `stackspot agents` lists them"


def test_an_agent_takes_its_own_options() -> None:
    check_agent_options(AGENT, ALL)
    check_agent_options(MODEL, AgentOptions(("K",)))


@pytest.mark.parametrize("text", ["x" * (8 * 16_385), "a " * 16_385])
def test_an_over_long_prompt_is_refused_and_both_numbers_named(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_over_long(text, MODEL)
    assert caught.value.message == "the prompt has at least 16385 tokens; stackspot-ai takes 16384"


@pytest.mark.parametrize("text", ["x" * (8 * 16_384), "a " * 16_384])
def test_a_prompt_that_may_fit_passes(text: str) -> None:
    refuse_over_long(text, MODEL)
