"""What a turn sends: the message alone, or everything."""

from dataclasses import replace

import pytest

from stackspot_cli.account import Account
from stackspot_cli.conversation.plan import Plan, plan_turn
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.conversation.transcript import opening, transcript
from stackspot_cli.domain import Conversation, Prompt, Question, Turn
from stackspot_cli.errors import UsageError
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

MODEL, _CHAT, CODE = BUILT_IN_MODELS
SCOPE = "acme https://example.test"
SEEN = Conversation(
    id="LOCAL",
    account=Account("acme"),
    model=MODEL.name,
    turns=(Turn("first", "one", "complete"),),
    remote_id="REMOTE",
    remote_scope=SCOPE,
    in_sync=True,
    revision=2,
)


def plan(conversation: Conversation, message: str = "second", **changes: object) -> Plan:
    arguments = {"model": MODEL, "scope": SCOPE, "fresh_id": lambda: "FRESH", **changes}
    return plan_turn(conversation, Question(message), **arguments)  # type: ignore[arg-type]  # a test's table


def sent(plan: Plan) -> tuple[str, str]:
    return plan.prompt.conversation_id, plan.prompt.text


WHOLE = (
    "This is our conversation so far. Answer the last message.\n\n"
    "=== user ===\nfirst\n\n=== assistant ===\none\n\n=== user ===\nsecond"
)


def test_a_new_conversation_goes_under_its_own_id() -> None:
    new = Conversation(id="LOCAL", account=Account("acme"), model=MODEL.name)
    assert sent(plan(new, system="Be brief.")) == ("LOCAL", "Be brief.\n\nsecond")
    assert plan(new).conversation == replace(new, remote_id="LOCAL", remote_scope=SCOPE)


def test_what_the_service_has_seen_is_not_sent_again() -> None:
    assert sent(plan(SEEN)) == ("REMOTE", "second")
    assert not plan(SEEN).whole


@pytest.mark.parametrize(
    ("conversation", "changes", "expected"),
    [
        pytest.param(replace(SEEN, in_sync=False), {}, WHOLE, id="undone, interrupted or failed"),
        pytest.param(SEEN, {"model": CODE}, WHOLE, id="another model"),
        pytest.param(SEEN, {"scope": "other"}, WHOLE, id="another account or address"),
        pytest.param(SEEN, {"system": "Be brief."}, "Be brief.\n\n" + WHOLE, id="new instructions"),
        pytest.param(replace(SEEN, system="Be brief."), {"system": ""}, WHOLE, id="no instructions any more"),
    ],
)
def test_what_it_has_not_seen_goes_whole_under_a_fresh_id(
    conversation: Conversation, changes: dict[str, object], expected: str
) -> None:
    made = plan(conversation, **changes)
    assert sent(made) == ("FRESH", expected)
    assert made.conversation.id == "LOCAL"
    assert made.whole


def test_the_same_instructions_again_change_nothing() -> None:
    assert sent(plan(replace(SEEN, system="Be brief."), system="Be brief.")) == ("REMOTE", "second")


def test_the_settings_of_the_request_travel() -> None:
    question = Question("second", temperature=0.1, max_tokens=5, upload_ids=("U",))
    made = plan_turn(SEEN, question, MODEL, scope=SCOPE, fresh_id=lambda: "FRESH")
    assert made.prompt == Prompt("second", "REMOTE", 0.1, 5, ("U",))


def test_the_oldest_turns_are_left_out_where_the_limit_asks_for_it() -> None:
    turns = tuple(Turn(f"question {n}", "x" * 400, "complete") for n in range(10))
    small = replace(MODEL, max_input_tokens=400)
    made = plan(replace(SEEN, turns=turns, in_sync=False), model=small)
    assert made.dropped_turns == 7
    assert made.prompt.text == transcript(None, turns[7:], "second")
    assert made.note == "oldest turns left out, to fit the input limit of 400 tokens: 7"
    assert made.conversation.turns == turns


def test_the_limit_is_measured_by_what_was_learned() -> None:
    turns = tuple(Turn(f"question {n}", "x" * 400, "complete") for n in range(10))
    learned = TokenEstimate()
    for characters in (500, 4_000, 9_000) * 3:
        learned = learned.learn(characters, characters // 2)
    small = replace(MODEL, max_input_tokens=400)
    _, dropped = opening(None, turns, "second", small, lambda: learned)
    assert dropped == 9


def test_a_message_that_leaves_no_room_goes_alone() -> None:
    small = replace(MODEL, max_input_tokens=20)
    made = plan(replace(SEEN, in_sync=False), "y" * 80, model=small)
    assert (made.prompt.text, made.dropped_turns) == ("y" * 80, 1)


@pytest.mark.parametrize("text", ["x" * (8 * 16_385), "a " * 16_385])
def test_an_over_long_prompt_is_refused_and_both_numbers_named(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(SEEN, text)
    assert caught.value.message == "the prompt has at least 16385 tokens; stackspot-ai takes 16384"


@pytest.mark.parametrize("text", ["x" * (8 * 16_384), "a " * 16_384])
def test_a_prompt_that_may_fit_is_sent(text: str) -> None:
    assert plan(SEEN, text).prompt.text == text
