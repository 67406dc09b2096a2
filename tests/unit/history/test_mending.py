"""A damaged search index is made anew; a full disk can be read; what is deleted is gone, or it is told."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from past import World
from somebody import folder_of_somebody, give, run_as_somebody

from stackspot_cli.conversation.past import without_last_turn
from stackspot_cli.domain import Delta, Done
from stackspot_cli.errors import LocalError

DAMAGES = {
    "rows gone": "DELETE FROM turn_search_data",
    "garbage": "UPDATE turn_search_data SET block = randomblob(200) WHERE id > 10",
    "structure": "UPDATE turn_search_data SET block = x'ff' WHERE id = 10",
    "no idx": "DROP TABLE turn_search_idx",
    "no data": "DROP TABLE turn_search_data",
    "no config": "DROP TABLE turn_search_config",
    "no docsize": "DROP TABLE turn_search_docsize",
    "another version": "UPDATE turn_search_config SET v = 99 WHERE k = 'version'",
}
UNNOTICED = ("no docsize", "structure")  # by a search: SQLite reads on, and finds less
NOTE = "the search index of the history was damaged: it was made anew"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("zugzwang", "pineapple"):
        world.say(world.new(), f"{name} question", Delta(f"{name} answer"), Done())
    yield world
    world.close()


def damage(world: World, how: str) -> None:
    world.history.close()
    connection = sqlite3.connect(world.path)
    with connection:
        connection.execute(DAMAGES[how])
    connection.close()
    world.history = world.open()


def intact(world: World) -> bool:
    connection = sqlite3.connect(world.path)
    told = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return told == [("ok",)] and not list(world.path.parent.glob("*.damaged-*"))


@pytest.mark.parametrize("how", [how for how in DAMAGES if how not in UNNOTICED])
def test_a_search_mends_the_index_and_finds(world: World, how: str) -> None:
    damage(world, how)
    assert [hit.conversation.title for hit in world.history.search(["zugz"])] == ["zugzwang question"]
    assert world.notes == [NOTE]
    assert intact(world)


@pytest.mark.parametrize("how", DAMAGES)
def test_deleting_mends_the_index_and_the_words_are_gone(world: World, how: str) -> None:
    damage(world, how)
    [wanted] = [summary.id for summary in world.history.summaries() if "zugzwang" in summary.title]
    assert world.history.delete([wanted]) == 1
    assert [summary.title for summary in world.history.summaries()] == ["pineapple question"]
    content = b"".join(path.read_bytes() for path in world.path.parent.iterdir())
    assert (b"zugzwang" in content, b"pineapple" in content) == (False, True)
    assert [hit.conversation.title for hit in world.history.search(["pine"])] == ["pineapple question"]
    assert intact(world)


@pytest.mark.parametrize("how", DAMAGES)
def test_an_answer_is_kept_whatever_the_index_is(world: World, how: str) -> None:
    damage(world, how)
    said = world.say(world.new(), "mango question", Delta("mango answer"), Done())
    assert world.history.find(said.id).turns[0].answer == "mango answer"
    assert len(world.history.search(["question"])) == 3
    assert intact(world)


def test_when_the_history_itself_is_damaged_deleting_does_not_say_that_it_did(world: World) -> None:
    [wanted, _other] = [summary.id for summary in world.history.summaries()]
    world.history.close()
    content = bytearray(world.path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    world.path.write_bytes(content)
    world.history = world.open()
    with pytest.raises(LocalError, match="nothing was deleted"):
        world.history.delete([wanted])
    [aside] = world.history.put_aside()
    assert b"zugzwang" in aside.read_bytes()
    world.history.delete_all()
    assert b"zugzwang" not in b"".join(path.read_bytes() for path in world.path.parent.iterdir())


def test_while_somebody_else_reads_the_words_are_not_gone_and_that_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    said = world.say(world.new(), "zugzwang")
    world.history.close()
    reader = sqlite3.connect(world.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM turn").fetchone()
    world.history = world.open(busy_seconds=0.1)
    with pytest.raises(LocalError, match="the words are on the disk until it ends"):
        world.history.delete([said.id])
    reader.close()
    world.say(world.new(), "something else")
    world.history.close()
    assert b"zugzwang" not in b"".join(path.read_bytes() for path in world.path.parent.iterdir())


def test_words_that_were_taken_back_leave_the_file(world: World) -> None:
    said = world.say(world.new(), "kiwi question", Delta("kiwi answer"), Done())
    world.history.drop_last_turn(said)  # and the chat stays open
    assert b"kiwi" not in b"".join(path.read_bytes() for path in world.path.parent.iterdir())
    assert said.id not in world.history.ids()  # the title is made of the first question


def test_a_conversation_whose_only_turn_was_taken_back_begins_anew(world: World) -> None:
    said = world.say(world.new(), "kiwi question", Delta("kiwi answer"), Done())
    empty = without_last_turn(said, world.history)
    again = world.say(empty, "plum question", Delta("plum answer"), Done())
    [newest, *_others] = world.history.summaries()
    assert (newest.id, newest.title, newest.turn_count) == (said.id, "plum question", 1)
    assert world.history.find(said.id).in_sync and again.in_sync


def test_the_turns_before_one_that_was_taken_back_stay(world: World) -> None:
    said = world.say(
        world.say(world.new(), "plum question", Delta("plum"), Done()), "kiwi", Delta("kiwi"), Done()
    )
    world.history.drop_last_turn(said)
    assert [turn.prompt for turn in world.history.find(said.id).turns] == ["plum question"]


def test_a_file_that_was_removed_meanwhile_is_begun_anew_and_told(world: World) -> None:
    said = world.say(world.new(), "first")
    for path in world.path.parent.iterdir():
        path.unlink()
    again = world.say(said, "second")
    assert world.notes == ["the history was removed meanwhile: a new one begins"]
    assert [turn.prompt for turn in world.history.find(again.id).turns] == ["second"]


def test_a_file_that_is_mostly_free_is_made_smaller(tmp_path: Path) -> None:
    world = World(tmp_path)
    large = [world.say(world.new(), "q", Delta("x" * 3_000_000), Done()).id for _ in range(8)]
    before = world.path.stat().st_size
    world.history.delete(large)
    assert world.path.stat().st_size < before / 20


NO_BYTE = """
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
"""
READ = """
history = History(Path(sys.argv[1]), note=print)
print([summary.title for summary in history.summaries()])
print([hit.excerpt for hit in history.search(["zugz"])])
"""
IMPORTS = "from pathlib import Path\nfrom stackspot_cli.history.store import History\n"


def test_where_nothing_can_be_written_the_past_can_be_read(world: World) -> None:
    """As on a full disk: no byte can be written to any file."""
    world.history.close()
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{IMPORTS}\n{NO_BYTE}\n{READ}", str(world.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0] == "['pineapple question', 'zugzwang question']"


@pytest.mark.parametrize("how", ["rows gone", "no config"])
def test_a_damaged_index_on_a_medium_that_cannot_be_written_is_done_without(world: World, how: str) -> None:
    damage(world, how)
    world.history.close()
    with folder_of_somebody() as folder:
        path = folder / "history.db"
        shutil.copy(world.path, path)
        path.chmod(0o400)
        give(path)
        folder.chmod(0o500)
        shown = run_as_somebody(IMPORTS, READ, str(path))
    assert shown.splitlines() == [
        "['pineapple question', 'zugzwang question']",
        "['zugzwang question zugzwang answer']",
    ]
