"""Token counts where the service tells none."""

from pathlib import Path

import pytest
from past import World

from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.conversation.usage import completed, of_conversation
from stackspot_cli.domain import Delta, Done, Question, Turn, Usage
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

MODEL = BUILT_IN_MODELS[0]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (Usage(), Usage(10, 5, estimated=True)),
        (Usage(749), Usage(749, 5, estimated=True)),
        (Usage(None, 3), Usage(10, 3, estimated=True)),
        (Usage(749, 3), Usage(749, 3)),
    ],
)
def test_only_what_was_not_told_is_estimated(world: World, told: Usage, usage: Usage) -> None:
    plan = plan_turn(world.new(), Question("x" * 40), MODEL, scope="s", fresh_id=world.fresh_id)
    assert completed(told, plan, 20, TokenEstimate()) == usage


def test_a_later_turn_counts_all_that_the_model_sees(world: World) -> None:
    first = world.say(world.new(), "x" * 400, Delta("y" * 400), Done())
    plan = plan_turn(first, Question("short"), MODEL, scope="acme", fresh_id=world.fresh_id)
    assert not plan.whole
    usage = completed(Usage(), plan, 0, TokenEstimate())
    assert usage.prompt_tokens is not None and usage.prompt_tokens > 200


def test_a_chat_s_status_is_the_same_estimate(world: World) -> None:
    seen: list[Usage] = []
    answering = world.answering(world.new(), "x" * 40, lambda: iter([Delta("y" * 20), Done()]))
    with answering:
        seen += [event for event in answering.events() if isinstance(event, Usage)]
    assert seen == [Usage(10, 5, estimated=True)] == [answering.answer.usage]
    assert of_conversation(None, answering.conversation.turns, TokenEstimate()) == seen[0]
    assert of_conversation(None, (), TokenEstimate()) == Usage(0, 0)


def test_an_estimate_is_neither_kept_nor_learned_from(world: World) -> None:
    held = world.say(world.new(), "x" * 40, Delta("y"), Usage(7, None), Done())
    assert [turn.usage for turn in held.turns] == [Usage(7, None)]
    assert world.history.find(held.id) == held


def test_of_a_broken_answer_what_came_is_estimated(world: World) -> None:
    answering = world.answering(world.new(), "x" * 40, lambda: iter([Delta("y" * 20)]))
    with answering:
        list(answering.events())
    assert answering.answer.usage == Usage(10, 5, estimated=True)


def test_a_turn_that_was_told_counts_as_told() -> None:
    assert of_conversation(None, (Turn("a", "b", "complete", usage=Usage(1, 2)),), TokenEstimate()) == Usage(
        1, 2
    )
