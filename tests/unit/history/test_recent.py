"""A look at the newest conversations that leaves no trace."""

from pathlib import Path

from past import World

from stackspot_cli.history.recent import newest


def test_the_newest_come_first_and_a_prefix_chooses(tmp_path: Path) -> None:
    world = World(tmp_path)
    one = world.say(world.new(), "first question")
    other = world.say(world.new(), "second question")
    assert newest(world.path, 10) == [(other.id, "second question"), (one.id, "first question")]
    assert newest(world.path, 1) == [(other.id, "second question")]
    assert newest(world.path, 10, one.id) == [(one.id, "first question")]
    world.history.close()
    before = sorted(tmp_path.rglob("*"))
    assert newest(world.path, 1) == [(other.id, "second question")]
    assert sorted(tmp_path.rglob("*")) == before


def test_where_nothing_can_be_seen_there_is_nothing(tmp_path: Path) -> None:
    assert newest(tmp_path / "no" / "history.db", 5) == []
    (tmp_path / "junk.db").write_bytes(b"no database")
    assert newest(tmp_path / "junk.db", 5) == []
    assert [path.name for path in tmp_path.iterdir()] == ["junk.db"]
