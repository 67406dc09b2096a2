"""An answer that is longer than most is held on the disk alone, and is there as any other."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from past import World

from stackspot_cli.conversation.answer import Answer
from stackspot_cli.conversation.answering import Answering
from stackspot_cli.domain import Conversation, Delta, Done, Event, Usage
from stackspot_cli.errors import AnswerCut
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER
from stackspot_cli.history.recording import LONG_ANSWER
from stackspot_cli.history.store import History

BEGINNING = "zebra " + "word " * (LONG_ANSWER // 4)
END = "and a giraffe"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def long_answer(
    world: World, conversation: Conversation, last: Event | Exception, *, passing: bool = True
) -> Answering:
    """A turn whose beginning is on the disk, and let go of, before its end comes."""

    def events() -> Iterator[Event]:
        for start in range(0, len(BEGINNING), 50):
            yield Delta(BEGINNING[start : start + 50])
        for _ in range(1_000 if passing else 0):
            if turn.answer.growing.start:
                break
            time.sleep(0.01)
        yield Delta(END)
        if isinstance(last, Exception):
            raise last
        yield last

    turn = world.answering(conversation, "a long one", events, Answer(LONGEST_KEPT_ANSWER, passing=passing))
    return turn


def heard(turn: Answering) -> Conversation:
    with turn:
        for _event in turn.events():
            pass
    return turn.conversation


def found(history: History, *words: str) -> list[str]:
    return [hit.conversation.id for hit in history.search(words)]


def test_it_is_whole_in_the_history_and_let_go_of_in_memory(world: World) -> None:
    turn = long_answer(world, world.new(), Done())
    said = heard(turn)
    [kept] = world.history.find(said.id).turns
    assert (kept.answer, kept.state, kept.usage) == (BEGINNING + END, "complete", Usage())
    assert len(turn.answer.text) < LONG_ANSWER < len(kept.answer)
    assert said.in_sync
    assert world.notes == []


def test_one_that_somebody_asks_for_as_a_whole_is_held(world: World) -> None:
    turn = long_answer(world, world.new(), Done(), passing=False)
    said = heard(turn)
    assert (
        turn.answer.text
        == said.turns[0].answer
        == world.history.find(said.id).turns[0].answer
        == BEGINNING + END
    )


def test_one_that_broke_off_is_whole_as_far_as_it_came(world: World) -> None:
    turn = long_answer(world, world.new(), AnswerCut("it broke off"))
    with pytest.raises(AnswerCut):
        heard(turn)
    [kept] = world.history.find(turn.conversation.id).turns
    assert (kept.answer, kept.state) == (BEGINNING + END, "cut")


def test_its_words_are_found_and_it_is_gone_when_it_is_deleted(world: World) -> None:
    said = heard(long_answer(world, world.new(), Done()))
    assert [
        found(world.history, *words) for words in (["zeb"], ["giraffe"], ["zebra", "long"], ["lion"])
    ] == [
        [said.id],
        [said.id],
        [said.id],
        [],
    ]
    assert world.history.delete([said.id]) == 1
    assert b"giraffe" not in b"".join(path.read_bytes() for path in world.path.parent.iterdir())
    assert found(world.history, "zebra") == []


def test_its_words_are_found_when_the_index_was_made_anew(world: World) -> None:
    said = heard(long_answer(world, world.new(), Done()))
    short = world.say(world.new(), "a short one", Delta("with a zebra"), Done())
    world.history.close()
    with closing(sqlite3.connect(world.path)) as connection, connection:
        connection.execute("DROP TABLE turn_search_data")
    world.history = world.open()
    assert sorted(found(world.history, "zebra")) == sorted([said.id, short.id])
    assert found(world.history, "giraffe") == [said.id]
    assert world.notes == ["the search index of the history was damaged: it was made anew"]


def test_the_conversation_goes_on_from_it(world: World) -> None:
    said = heard(long_answer(world, world.new(), Done()))
    again = world.say(world.history.find(said.id), "and now?")
    assert [len(turn.answer) for turn in world.history.find(again.id).turns] == [len(BEGINNING + END), 11]


def test_a_history_that_is_removed_meanwhile_takes_what_was_let_go_of_with_it(world: World) -> None:
    def events() -> Iterator[Event]:
        yield from (Delta(BEGINNING[start : start + 50]) for start in range(0, len(BEGINNING), 50))
        for _ in range(1_000):
            if turn.answer.growing.start:
                break
            time.sleep(0.01)
        world.path.parent.rename(world.path.parent.with_name("removed"))
        yield Delta(END)
        yield Done()

    turn = world.answering(world.new(), "a long one", events, Answer(passing=True))
    said = heard(turn)
    [kept] = world.history.find(said.id).turns
    assert kept.answer == turn.answer.text
    assert kept.answer.endswith("word " + END)
    assert len(kept.answer) < len(BEGINNING)
    assert world.notes == ["the history was removed meanwhile: a new one begins"]
