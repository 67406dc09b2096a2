"""Keeping one answer as it comes, beside the stream and never in its way."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from past import ANSWER, World

from stackspot_cli.history.store import History


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_what_came_so_far_is_on_disk_before_the_end(world: World) -> None:
    first = world.say(world.new(), "one")
    answering = world.answering(first, "two", lambda: iter(ANSWER))
    with answering:
        next(answering.events())
        world.waits_for(first.id, turns=2)
        turn = world.history.find(first.id).turns[1]
        assert (turn.answer, turn.state, turn.finished_at) == ("Hello", "interrupted", None)
        assert [hit.conversation.id for hit in world.history.search(["two"])] == [first.id]


def test_a_conversation_deleted_meanwhile_stays_deleted(world: World) -> None:
    first = world.say(world.new(), "one")
    answering = world.answering(first, "two", lambda: iter(ANSWER))
    with answering:
        events = answering.events()
        next(events)
        world.waits_for(first.id, turns=2)
        world.history.delete([first.id])
        list(events)
    assert world.history.summaries() == []
    assert world.notes == []


def test_a_history_that_cannot_be_written_costs_a_note_and_not_the_answer(world: World) -> None:
    world.path.parent.write_text("a file where the folder should be")
    said = world.say(world.new(), "q")
    assert said.turns[0].answer == "Hello there"
    assert said.in_sync
    assert len(world.notes) == 1
    assert world.notes[0].startswith(f"this answer is not kept: cannot use the history {world.path}")


def test_a_history_that_another_program_holds_costs_a_note_and_not_the_answer(world: World) -> None:
    first = world.say(world.new(), "one")
    world.history.close()
    world.history = History(world.path, now=world.now, note=world.notes.append, busy_seconds=0.01)
    holder = sqlite3.connect(world.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    said = world.say(first, "two")
    holder.execute("ROLLBACK")
    holder.close()
    assert [turn.answer for turn in said.turns] == ["Hello there", "Hello there"]
    assert world.notes == [
        f"this answer is not kept: cannot use the history {world.path}: database is locked"
    ]
    assert world.history.find(first.id) == first


def test_after_an_answer_that_was_not_kept_the_stored_rest_is_never_in_step(world: World) -> None:
    first = world.say(world.new(), "one")
    kept, world.history = (
        world.history,
        History(world.path.parent / "history.db" / "no", now=world.now, note=world.notes.append),
    )
    second = world.say(first, "two")
    world.history = kept
    third = world.say(second, "three")
    assert (second.in_sync, third.in_sync) == (True, True)
    stored = kept.find(first.id)
    assert [turn.prompt for turn in stored.turns] == ["one", "three"]
    assert not stored.in_sync
