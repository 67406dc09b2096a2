"""The stored past: written as an answer comes, found again, deleted for good."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from past import ANSWER, MODEL, World

from stackspot_cli.account import Account
from stackspot_cli.conversation.past import new_conversation
from stackspot_cli.domain import (
    Delta,
    Done,
    Turn,
)
from stackspot_cli.errors import (
    UsageError,
)
from stackspot_cli.history import rows, search
from stackspot_cli.history.opening import open_for_writing


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


# --- what is kept ----------------------------------------------------------------------------------


# --- in step with the service ----------------------------------------------------------------------


# --- which conversation ----------------------------------------------------------------------------


def test_a_prefix_of_several_names_them(world: World) -> None:
    one, two = world.say(world.new(), "one"), world.say(world.new(), "two")
    with pytest.raises(UsageError) as caught:
        world.history.find("01")
    assert caught.value.message == f"more than one conversation begins with 01: {two.id}, {one.id}"


# --- finding ---------------------------------------------------------------------------------------


def test_nothing_is_created_by_reading(world: World) -> None:
    assert world.history.summaries() == []
    assert world.history.search(["word"]) == []
    assert world.history.last(Account("acme")) is None
    assert world.history.ids() == []
    assert world.history.recall("x") is None
    assert world.history.delete(["X"]) == 0
    assert not world.path.parent.exists()


def test_a_list_is_the_newest_first(world: World) -> None:
    for word in ("one", "two", "three"):
        world.say(world.new(), word)
    assert [summary.title for summary in world.history.summaries(2)] == ["three", "two"]
    [summary] = world.history.summaries(1)
    assert (summary.turn_count, summary.state, summary.profile) == (1, "complete", "acme")


SEARCHES = [
    (["factorial"], ["b", "a"]),
    (["FACTOR"], ["b", "a"]),  # the beginning of a word, case aside
    (["torial"], []),  # not its middle
    (["factorial", "python"], ["a"]),
    (["python", "rust"], []),
    (["acao"], ["c"]),  # accents aside, both ways
    (["ação"], ["c"]),
    (["coração"], []),
    (["foo_bar"], ["d"]),
    (["foo bar"], ["d"]),
    (["bar foo"], []),
    (['"OR" AND (NEAR'], []),
    (["c++"], ["d"]),  # as the word `c`: signs inside a word are not looked up
    (["++"], ["d"]),
    (["end", "start"], ["d"]),
    (["end start"], []),
    (["STRASSE"], []),
]


@pytest.mark.parametrize(("words", "expected"), SEARCHES)
@pytest.mark.parametrize("indexed", [True, False])
def test_a_search_finds_all_words_with_and_without_an_index(
    world: World, words: list[str], expected: list[str], indexed: bool
) -> None:
    texts = {
        "a": ("A factorial in Python", "def factorial(n): …"),
        "b": ("Factorials", "n!"),
        "c": ("Opções e ação", "não"),
        "d": ("start foo_bar straße end", "start c ++"),
    }
    names = {}
    for name, (prompt, answer) in texts.items():
        names[world.say(world.new(), prompt, Delta(answer), Done()).id] = name
    if not indexed:  # as where SQLite has no FTS5, or before an answer has ended
        with sqlite3.connect(world.path) as connection:
            connection.execute("UPDATE turn SET indexed = 0")
            connection.execute("INSERT INTO turn_search (turn_search) VALUES ('delete-all')")
        connection.close()
    found = [names[hit.conversation.id] for hit in world.history.search(words)]
    assert found == expected


def test_a_conversation_is_found_once_with_its_newest_place(world: World) -> None:
    said = world.say(world.say(world.new(), "the first apple"), "x" * 500 + " the second apple " + "y" * 500)
    [hit] = world.history.search(["apple"])
    assert hit.conversation.id == said.id
    assert "second apple" in hit.excerpt
    assert len(hit.excerpt) <= 162


# --- the file --------------------------------------------------------------------------------------


def test_what_is_deleted_is_in_no_byte_of_the_files(world: World) -> None:
    kept = world.say(world.new(), "keep pineapple", Delta("pineapple " * 50), Done())
    gone = [
        world.say(world.new(), f"zugzwang{n} question", Delta(f"zugzwang{n} answer " * 300), Done()).id
        for n in range(20)
    ]
    assert b"zugzwang" in bytes_of(world)
    assert world.history.delete(gone) == 20
    assert b"zugzwang" not in bytes_of(world)
    assert b"pineapple" in bytes_of(world)
    assert [word for word in indexed_words(world) if word.startswith("z")] == []
    assert [hit.conversation.id for hit in world.history.search(["pineapple"])] == [kept.id]
    assert world.history.search(["zugzwang"]) == []
    assert world.history.delete(["unknown"]) == 0


def test_an_answer_that_a_kill_left_unfinished_can_be_deleted(world: World) -> None:
    answering = world.answering(world.new(), "zugzwang", lambda: iter(ANSWER))
    with answering:
        next(answering.events())
        for _ in range(1_000):
            if world.history.ids():
                break
            time.sleep(0.01)
        assert world.history.delete(world.history.ids()) == 1
        assert b"zugzwang" not in bytes_of(world)


def indexed_words(world: World) -> list[str]:
    with sqlite3.connect(world.path) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'turn_search', 'row')")
        words = [word for (word,) in connection.execute("SELECT term FROM words")]
    connection.close()
    return words


def bytes_of(world: World) -> bytes:
    return b"".join(
        path.read_bytes() for path in sorted(world.path.parent.iterdir()) if "shm" not in path.name
    )


def test_a_sqlite_without_fts5_finds_by_reading(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path / "history.db")

    def not_built_in() -> None:
        raise NotImplementedError

    connection.create_function("fts5_source_id", 0, not_built_in)
    talk = rows.insert_conversation(connection, new_conversation("01", Account("p"), MODEL), "q")
    number = rows.insert_turn(connection, talk, Turn("An apple", "a pear", "complete"))
    search.add(connection, number)
    assert list(search.find(connection, ["apple", "pear"])) == [number]
    assert connection.execute("SELECT indexed FROM turn").fetchall() == [(0,)]
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'turn_search'").fetchall() == []
    search.remove(connection, [number])
    search.scrub(connection)
    connection.close()
