"""Conversations that were: gone on with, taken back, learned from."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from past import ANSWER, MODEL, World

from stackspot_cli.account import Account
from stackspot_cli.conversation.past import estimate_for, resume, without_last_turn
from stackspot_cli.domain import (
    Conversation,
    Delta,
    Done,
    Usage,
)
from stackspot_cli.errors import (
    UsageError,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_a_stored_conversation_goes_on_where_it_stood(world: World) -> None:
    said = world.say(world.say(world.new(), "one"), "two")
    stored = world.open().find(said.id)
    assert stored.in_sync
    assert stored.remote_id == said.remote_id == said.id
    assert stored == said


def test_a_turn_that_another_process_added_means_starting_over(world: World) -> None:
    first = world.say(world.new(), "one")
    world.say(first, "two, here")
    mine = world.say(first, "two, there")  # planned on what was read before
    stored = world.history.find(first.id)
    assert [turn.prompt for turn in stored.turns] == ["one", "two, here", "two, there"]
    assert not stored.in_sync
    assert mine.in_sync  # what this process holds, the service has seen


def test_an_answer_that_was_still_coming_elsewhere_means_starting_over(world: World) -> None:
    first = world.say(world.new(), "one")
    other = world.answering(first, "two, here", lambda: iter(ANSWER))
    with other:
        events = other.events()
        next(events)
        world.say(world.history.find(first.id), "two, there")
        list(events)
    assert not world.history.find(first.id).in_sync


def test_a_turn_that_came_in_between_means_starting_over_though_ours_ended_well(world: World) -> None:
    first = world.say(world.new(), "one")
    ours = world.answering(first, "two, here", lambda: iter(ANSWER))
    with ours:
        events = ours.events()
        next(events)
        world.waits_for(first.id, turns=2)
        world.say(world.history.find(first.id), "two, there")
        assert world.history.find(first.id).in_sync
        list(events)
    stored = world.history.find(first.id)
    assert [turn.state for turn in stored.turns] == ["complete"] * 3
    assert not stored.in_sync


def test_a_turn_taken_back_is_gone_and_the_service_no_longer_in_step(world: World) -> None:
    said = world.say(world.say(world.new(), "one"), "two")
    back = without_last_turn(said, world.history)
    stored = world.history.find(said.id)
    assert [turn.prompt for turn in stored.turns] == ["one"]
    assert (stored.in_sync, stored.revision) == (back.in_sync, back.revision) == (False, back.revision)
    again = world.say(back, "two")
    assert again.remote_id != said.remote_id
    assert world.history.find(said.id) == again
    assert again.in_sync


def test_counts_that_the_service_returns_are_learned_from(world: World) -> None:
    for _ in range(5):
        world.say(world.new(), "x" * 4_000, Delta("a"), Usage(3_000, 1), Done())
    assert estimate_for(world.history, MODEL).tokens(4_000) > 2_500


def going_on(world: World, account: Account | str, named: str | None = None) -> Conversation:
    asking = Account(account) if isinstance(account, str) else account
    return resume(
        world.history, account=asking, named=named, way_back=lambda held: f"as {held.account.profile}"
    )


def test_the_last_conversation_is_the_account_s_own(world: World) -> None:
    ours = world.say(world.new("ours"), "one")
    theirs = world.say(world.new("theirs"), "two")
    assert going_on(world, "ours") == ours
    assert going_on(world, "theirs", theirs.id[:20].lower()) == theirs


def test_a_conversation_of_another_profile_is_refused_with_the_way_to_it(world: World) -> None:
    theirs = world.say(world.new("theirs"), "two")
    with pytest.raises(UsageError, match="belongs to profile theirs, and this is profile ours") as caught:
        going_on(world, "ours", theirs.id)
    assert caught.value.hint == "as theirs"


HELD = Account("acme", "https://one.example", "bank", "client-1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"service": "https://two.example"}, "the service at https://one.example"),
        ({"realm": "other"}, "realm bank, and this is realm other"),
        ({"client_id": "client-2"}, "client id client-1, and this is client id client-2"),
    ],
)
def test_another_service_realm_or_client_id_is_another_account(
    world: World, change: dict[str, str], sentence: str
) -> None:
    held = world.say(replace(world.new(), account=HELD), "hi")
    other = replace(HELD, **change)
    with pytest.raises(UsageError, match=sentence):
        going_on(world, other, held.id)
    with pytest.raises(UsageError, match="no conversation of this account"):
        going_on(world, other)
    assert going_on(world, HELD) == held


def test_what_was_not_known_of_an_account_is_learned_with_the_next_turn(world: World) -> None:
    held = world.say(world.new(), "hi")
    world.say(going_on(world, HELD, held.id), "again")
    assert world.history.find(held.id).account == HELD


def test_the_last_conversation_is_the_one_added_to_last(world: World) -> None:
    old, new = world.say(world.new(), "old"), world.say(world.new(), "new")
    assert going_on(world, "acme").id == new.id
    world.say(old, "again")
    assert going_on(world, "acme").id == old.id


@pytest.mark.parametrize("wanted", ["nothing", "", " ", "%", "01", None])
def test_what_is_not_there_is_a_usage_error(world: World, wanted: str | None) -> None:
    with pytest.raises(UsageError):
        going_on(world, "acme", wanted)
    assert not world.path.parent.exists()


def test_without_history_there_is_nothing_to_go_on_with() -> None:
    with pytest.raises(UsageError, match="history is off"):
        resume(None, account=Account("acme"), way_back=str)
