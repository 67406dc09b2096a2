"""One turn under way: what is kept of it, whatever becomes of it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from past import ANSWER, World, streamed

from stackspot_cli.conversation.answering import Answering
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.domain import Delta, Done, Event, Question, Source, Turn, Usage
from stackspot_cli.errors import (
    AnswerCut,
    CredentialsRefused,
    ServerFailed,
    Terminated,
)
from stackspot_cli.model import Model
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_a_turn_is_kept_as_it_was(world: World) -> None:
    said = world.say(world.new(), "Say hi\nplease")
    [turn] = said.turns
    assert turn == Turn(
        prompt="Say hi\nplease",
        answer="Hello there",
        state="complete",
        model="stackspot-ai",
        started_at=1_700_000_002,
        finished_at=1_700_000_003,
        usage=Usage(749, 5),
        sources=(Source(name="guide", document_score=0.5),),
        message_id="M1",
    )
    assert world.open().find(said.id) == said
    assert said.title == "Say hi"
    assert said.in_sync
    assert world.notes == []


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([*ANSWER], "complete"),
        ([Delta("Hello there")], "cut"),
        ([Delta("Hello there"), AnswerCut("broke off")], "cut"),
        ([Delta("Hello there"), ServerFailed("no")], "failed"),
        ([Delta("Hello there"), KeyboardInterrupt()], "interrupted"),
        ([Delta("Hello there"), Terminated()], "interrupted"),
        ([*ANSWER, AnswerCut("after the end")], "complete"),
    ],
)
def test_how_an_answer_ended_is_kept(world: World, events: list[Event | BaseException], state: str) -> None:
    said = world.say(world.new(), "q", *events)
    stored = world.history.find(said.id)
    assert (stored.turns[0].answer, stored.turns[0].state) == ("Hello there", state)
    assert stored == said
    assert stored.in_sync == (state == "complete")


def test_a_reader_that_leaves_early_leaves_an_interrupted_answer(world: World) -> None:
    answering = world.answering(world.new(), "q", lambda: iter(ANSWER))
    with answering:
        assert next(answering.events()) == Delta("Hello")
    assert world.history.find(answering.conversation.id).turns[0].answer == "Hello"
    assert answering.conversation.turns[0].state == "interrupted"


def test_leaving_after_the_last_word_is_no_interruption(world: World) -> None:
    answering = world.answering(world.new(), "q", lambda: iter(ANSWER))
    with answering:
        events = answering.events()
        for _ in ANSWER:
            next(events)
    assert world.history.find(answering.conversation.id).turns[0].state == "complete"


def test_a_first_message_that_failed_at_once_leaves_nothing_on_disk(world: World) -> None:
    said = world.say(world.new(), "q", CredentialsRefused("no"))
    assert said.turns[0].state == "failed"
    assert not world.path.parent.exists()


def test_a_later_message_that_failed_is_kept_and_marked(world: World) -> None:
    said = world.say(world.say(world.new(), "one"), "two", ServerFailed("no"))
    assert [turn.state for turn in world.history.find(said.id).turns] == ["complete", "failed"]
    assert not said.in_sync


def test_the_service_s_own_id_for_the_conversation_is_the_one_to_go_on_with(world: World) -> None:
    said = world.say(world.new(), "q", Delta("a"), Done(conversation_id="THEIRS"))
    assert world.history.find(said.id).remote_id == "THEIRS"
    assert said.id != "THEIRS"


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=60), cuts=st.lists(st.integers(0, 60), max_size=8))  # type: ignore[arg-type]  # every code point, lone surrogates too
def test_however_an_answer_is_sliced_the_same_is_stored(
    tmp_path_factory: pytest.TempPathFactory, text: str, cuts: list[int]
) -> None:
    world = World(tmp_path_factory.mktemp("slices"))
    places = [0, *sorted(cuts), len(text)]
    slices = [Delta(text[a:b]) for a, b in pairwise(places)]
    one = world.say(world.new(), "q", Delta(text), Done())
    many = world.say(world.new(), "q", *slices, Done())
    a, b = world.history.find(one.id).turns[0], world.history.find(many.id).turns[0]
    assert a.answer == b.answer == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    world.history.close()


def test_counts_beyond_all_measure_are_kept_as_large(world: World) -> None:
    said = world.say(world.new(), "q", Delta("a"), Usage(10**30, 1), Done())
    assert world.history.find(said.id).turns[0].usage == Usage(2**63 - 1, 1)


def test_the_times_and_the_title_are_the_first_turn_s(world: World) -> None:
    said = world.say(world.say(world.new(), "\n  first line  \nmore"), "two")
    [summary] = world.history.summaries()
    assert (summary.title, summary.turn_count) == ("first line", 2)
    assert (summary.created_at, summary.updated_at) == (said.created_at, said.updated_at)
    assert said.created_at == said.turns[0].started_at
    assert said.updated_at == said.turns[1].finished_at


def test_a_model_that_changes_is_the_conversation_s_from_then_on(world: World) -> None:
    said = world.say(world.new(), "one")
    other: Model = BUILT_IN_MODELS[2]
    plan = plan_turn(said, Question("two"), other, scope="acme", fresh_id=world.fresh_id)
    answering = Answering(
        plan, lambda _model, _prompt: streamed(ANSWER), now=world.now, history=world.history
    )
    with answering:
        list(answering.events())
    stored = world.history.find(said.id)
    assert stored.model == "stackspot-ai-code"
    assert [turn.model for turn in stored.turns] == ["stackspot-ai", "stackspot-ai-code"]
    assert stored == answering.conversation == replace(stored)
