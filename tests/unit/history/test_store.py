"""The stored past: written as an answer comes, found again, deleted for good."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackspot_cli.conversation.conversation import (
    Answering,
    estimate_for,
    new_conversation,
    plan_turn,
    resume,
    without_last_turn,
)
from stackspot_cli.domain import (
    BUILT_IN_MODELS,
    Conversation,
    Delta,
    Done,
    Event,
    Model,
    Prompt,
    Source,
    Turn,
    Usage,
)
from stackspot_cli.errors import (
    AnswerCut,
    CredentialsRefused,
    LocalError,
    ServerFailed,
    StackSpotError,
    Terminated,
    UsageError,
)
from stackspot_cli.history import rows, search
from stackspot_cli.history.database import open_for_writing, open_read_only
from stackspot_cli.history.store import History
from stackspot_cli.ulid import ulid

MODEL = BUILT_IN_MODELS[0]
ANSWER: list[Event] = [
    Delta("Hello"),
    Delta(" there"),
    Source(name="guide", document_score=0.5),
    Usage(749, 5),
    Done(message_id="M1"),
]


class World:
    """A history in a folder, a clock that counts, ids that count, notes that are kept."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "history.db"
        self.notes: list[str] = []
        self.seconds = 1_700_000_000.0
        self.history = self.open()

    def open(self) -> History:
        return History(self.path, now=self.now, note=self.notes.append)

    def now(self) -> float:
        self.seconds += 1
        return self.seconds

    def fresh_id(self) -> str:
        return ulid(self.now(), b"\7" * 10)

    def new(self, profile: str = "acme") -> Conversation:
        return new_conversation(self.fresh_id(), profile, MODEL)

    def answering(
        self, conversation: Conversation, message: str, events: Callable[[], Iterator[Event]]
    ) -> Answering:
        plan = plan_turn(conversation, Prompt(message, ""), MODEL, scope="acme", fresh_id=self.fresh_id)
        return Answering(plan, lambda model, prompt: events(), now=self.now, history=self.history)

    def say(self, conversation: Conversation, message: str, *events: Event | BaseException) -> Conversation:
        """One turn; an exception among the events is raised by the stream, and swallowed here."""

        def stream() -> Iterator[Event]:
            for event in events or ANSWER:
                if isinstance(event, BaseException):
                    raise event
                yield event

        answering = self.answering(conversation, message, stream)
        try:
            with answering:
                list(answering.events())
        except (StackSpotError, KeyboardInterrupt, Terminated):
            pass
        return answering.conversation


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.history.close()


# --- what is kept ----------------------------------------------------------------------------------


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


# --- in step with the service ----------------------------------------------------------------------


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
        recording_is_on_disk(world, first.id, turns=2)
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


def test_a_conversation_deleted_meanwhile_stays_deleted(world: World) -> None:
    first = world.say(world.new(), "one")
    answering = world.answering(first, "two", lambda: iter(ANSWER))
    with answering:
        events = answering.events()
        next(events)
        recording_is_on_disk(world, first.id, turns=2)
        world.history.delete([first.id])
        list(events)
    assert world.history.summaries() == []
    assert world.notes == []


def recording_is_on_disk(world: World, id_: str, turns: int) -> None:
    """Waits until the thread beside the stream has saved."""
    for _ in range(1_000):
        if len(world.history.find(id_).turns) == turns:
            return
        time.sleep(0.01)
    raise AssertionError("nothing was saved")


def test_what_came_so_far_is_on_disk_before_the_end(world: World) -> None:
    first = world.say(world.new(), "one")
    answering = world.answering(first, "two", lambda: iter(ANSWER))
    with answering:
        next(answering.events())
        recording_is_on_disk(world, first.id, turns=2)
        turn = world.history.find(first.id).turns[1]
        assert (turn.answer, turn.state, turn.finished_at) == ("Hello", "interrupted", None)
        assert [hit.conversation.id for hit in world.history.search(["two"])] == [first.id]


def test_counts_that_the_service_returns_are_learned_from(world: World) -> None:
    for _ in range(5):
        world.say(world.new(), "x" * 4_000, Delta("a"), Usage(3_000, 1), Done())
    assert estimate_for(world.history, MODEL).tokens(4_000) > 2_500


# --- which conversation ----------------------------------------------------------------------------


def test_the_last_conversation_is_the_profile_s_own(world: World) -> None:
    ours = world.say(world.new("ours"), "one")
    theirs = world.say(world.new("theirs"), "two")
    assert resume(world.history, profile="ours") == ours
    assert resume(world.history, profile="ours", wanted=theirs.id[:20].lower()) == theirs


def test_the_last_conversation_is_the_one_added_to_last(world: World) -> None:
    old, new = world.say(world.new(), "old"), world.say(world.new(), "new")
    assert resume(world.history, profile="acme").id == new.id
    world.say(old, "again")
    assert resume(world.history, profile="acme").id == old.id


@pytest.mark.parametrize("wanted", ["nothing", "", " ", "%", "01", None])
def test_what_is_not_there_is_a_usage_error(world: World, wanted: str | None) -> None:
    with pytest.raises(UsageError):
        resume(world.history, profile="acme", wanted=wanted)
    assert not world.path.parent.exists()


def test_without_history_there_is_nothing_to_go_on_with() -> None:
    with pytest.raises(UsageError, match="history is off"):
        resume(None, profile="acme")


def test_a_prefix_of_several_names_them(world: World) -> None:
    one, two = world.say(world.new(), "one"), world.say(world.new(), "two")
    with pytest.raises(UsageError) as caught:
        world.history.find("01")
    assert caught.value.message == f"more than one conversation begins with 01: {two.id}, {one.id}"


# --- finding ---------------------------------------------------------------------------------------


def test_nothing_is_created_by_reading(world: World) -> None:
    assert world.history.summaries() == []
    assert world.history.search(["word"]) == []
    assert world.history.last("acme") is None
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
        recording_is_on_disk(world, first.id, turns=2)
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


def test_a_sqlite_without_fts5_finds_by_reading(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path / "history.db")

    def not_built_in() -> None:
        raise NotImplementedError

    connection.create_function("fts5_source_id", 0, not_built_in)
    talk = rows.insert_conversation(connection, new_conversation("01", "p", MODEL), "q")
    number = rows.insert_turn(connection, talk, Turn("An apple", "a pear", "complete"))
    search.add(connection, number)
    assert list(search.find(connection, ["apple", "pear"])) == [number]
    assert connection.execute("SELECT indexed FROM turn").fetchall() == [(0,)]
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'turn_search'").fetchall() == []
    search.remove(connection, [number])
    search.scrub(connection)
    connection.close()


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


def test_an_empty_file_is_an_empty_history(world: World) -> None:
    world.path.parent.mkdir()
    world.path.touch()
    assert world.history.summaries() == []
    assert world.path.stat().st_size == 0


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
    plan = plan_turn(said, Prompt("two", ""), other, scope="acme", fresh_id=world.fresh_id)
    answering = Answering(plan, lambda model, prompt: iter(ANSWER), now=world.now, history=world.history)
    with answering:
        list(answering.events())
    stored = world.history.find(said.id)
    assert stored.model == "stackspot-ai-code"
    assert [turn.model for turn in stored.turns] == ["stackspot-ai", "stackspot-ai-code"]
    assert stored == answering.conversation == replace(stored)
