"""The file: private, set aside where it is damaged, refused where it is newer."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from past import ANSWER, World

from stackspot_cli.errors import (
    LocalError,
)
from stackspot_cli.history.opening import open_read_only
from stackspot_cli.history.store import History


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277])
def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        world = World(tmp_path / "a" / "b")
        world.say(world.new(), "q")
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in [
                tmp_path / "a",
                tmp_path / "a" / "b",
                world.path.parent,
                *world.path.parent.iterdir(),
            ]
        }
        world.history.close()
    finally:
        os.umask(before)
    assert modes == {
        "a": 0o700,
        "b": 0o700,
        "data": 0o700,
        "history.db": 0o600,
        "history.db-wal": 0o600,
        "history.db-shm": 0o600,
    }


@pytest.mark.parametrize(
    "junk", [b"this is no database", os.urandom(5_000), b"SQLite format 3\0" + b"\0" * 200]
)
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(world: World, junk: bytes) -> None:
    world.path.parent.mkdir()
    world.path.write_bytes(junk)
    said = world.say(world.new(), "q")
    assert world.history.find(said.id) == said
    [aside] = world.path.parent.glob("history.db.damaged-*")
    assert aside.read_bytes() == junk
    assert world.notes == [f"the history was damaged: it is kept as {aside}, and a new one begins"]


def test_damage_in_the_middle_is_set_aside_too(world: World) -> None:
    for n in range(30):
        world.say(world.new(), f"question {n} " * 200)
    world.history.close()
    damaged = bytearray(world.path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    world.path.write_bytes(bytes(damaged))
    world.history = world.open()
    said = world.say(world.new(), "after")
    assert [summary.title for summary in world.history.summaries()] == ["after"]
    assert world.history.find(said.id) == said
    assert len(world.notes) == 1


def test_damage_while_an_answer_comes_costs_the_past_and_not_the_answer(world: World) -> None:
    first = world.say(world.new(), "one")
    answering = world.answering(first, "two", lambda: iter(ANSWER))
    with answering:
        events = answering.events()
        next(events)
        world.waits_for(first.id, turns=2)
        world.history.close()
        for path in world.path.parent.iterdir():
            path.write_bytes(b"junk" * 5_000)
        list(events)
    assert [turn.prompt for turn in world.history.find(first.id).turns] == ["two"]
    assert [turn.prompt for turn in answering.conversation.turns] == ["one", "two"]
    assert not world.history.find(first.id).in_sync


def test_reading_a_damaged_file_sets_it_aside_and_finds_nothing(world: World) -> None:
    world.path.parent.mkdir()
    world.path.write_bytes(b"junk" * 50)
    assert world.history.summaries() == []
    assert [path.name[:19] for path in world.path.parent.iterdir()] == ["history.db.damaged-"]
    assert len(world.notes) == 1


def test_two_damaged_files_of_one_second_are_both_kept(world: World) -> None:
    world.path.parent.mkdir()
    stopped = History(world.path, now=lambda: 0.0, note=world.notes.append)
    for junk in (b"one" * 50, b"two" * 50):
        world.path.write_bytes(junk)
        stopped.summaries()
    assert sorted(path.name for path in world.path.parent.iterdir()) == [
        "history.db.damaged-19700101T000000Z",
        "history.db.damaged-19700101T000000Z-2",
    ]


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_newer_file_is_refused_and_not_touched(world: World, journal: str) -> None:
    world.path.parent.mkdir()
    connection = sqlite3.connect(world.path)
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("CREATE TABLE future (x)")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = world.path.read_bytes()
    said = world.say(world.new(), "q")
    assert said.turns[0].answer == "Hello there"
    assert world.notes == [
        f"this answer is not kept: the history {world.path} was written by a newer version of stackspot"
    ]
    with pytest.raises(LocalError, match="newer version"):
        world.history.summaries()
    assert world.path.read_bytes() == before
    assert [path.name for path in world.path.parent.iterdir()] == ["history.db"]


def test_where_nothing_can_be_written_reading_goes_on(world: World) -> None:
    said = world.say(world.new(), "one")
    world.history.close()
    before = sorted(world.path.parent.iterdir())
    for mode in ("mode=ro", "immutable=1"):
        connection = open_read_only(world.path, modes=(mode,))
        assert connection.execute("SELECT id FROM conversation").fetchall() == [(said.id,)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM conversation")
        connection.close()
    assert before == [world.path]


def test_an_empty_file_is_an_empty_history(world: World) -> None:
    world.path.parent.mkdir()
    world.path.touch()
    assert world.history.summaries() == []
    assert world.path.stat().st_size == 0
