"""Conversations that were: gone on with, taken back, learned from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from past import ANSWER, MODEL, World

from stackspot_cli.conversation.past import estimate_for, resume, without_last_turn
from stackspot_cli.domain import (
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
    world.history.close()


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


def test_the_last_conversation_is_the_profile_s_own(world: World) -> None:
    ours = world.say(world.new("ours"), "one")
    theirs = world.say(world.new("theirs"), "two")
    assert resume(world.history, profile="ours") == ours
    assert resume(world.history, profile="ours", named=theirs.id[:20].lower()) == theirs


def test_the_last_conversation_is_the_one_added_to_last(world: World) -> None:
    old, new = world.say(world.new(), "old"), world.say(world.new(), "new")
    assert resume(world.history, profile="acme").id == new.id
    world.say(old, "again")
    assert resume(world.history, profile="acme").id == old.id


@pytest.mark.parametrize("wanted", ["nothing", "", " ", "%", "01", None])
def test_what_is_not_there_is_a_usage_error(world: World, wanted: str | None) -> None:
    with pytest.raises(UsageError):
        resume(world.history, profile="acme", named=wanted)
    assert not world.path.parent.exists()


def test_without_history_there_is_nothing_to_go_on_with() -> None:
    with pytest.raises(UsageError, match="history is off"):
        resume(None, profile="acme")
