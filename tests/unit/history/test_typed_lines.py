"""The lines typed into a chat, kept for the next time."""

import os
import stat
from pathlib import Path

import pytest

from stackspot_cli.errors import LocalError
from stackspot_cli.history.typed_lines import KEPT, LONGEST, SLACK, InputHistory, TypedLines


class Kept:
    """A history file, and what was noted about it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "input-history"
        self.notes: list[str] = []

    def open(self) -> InputHistory:
        return InputHistory(self.path, note=self.notes.append)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_what_was_typed_is_there_the_next_time_oldest_first(kept: Kept) -> None:
    history = kept.open()
    for text in ("one", "two\nlines \u2028 and \x1b[31m", "/help", "três"):
        history.add(text)
    assert kept.open().load() == ["one", "two\nlines \u2028 and \x1b[31m", "/help", "três"]
    assert kept.notes == []


@pytest.mark.parametrize("text", [" secret", "", "  ", "x" * (LONGEST + 1)])
def test_what_should_not_be_kept_makes_not_even_a_file(kept: Kept, text: str) -> None:
    kept.open().add(text)
    assert not kept.path.parent.exists()


def test_the_same_line_again_is_kept_once(kept: Kept) -> None:
    kept.open().add("one")
    history = kept.open()
    history.load()
    history.add("one")
    history.add("two")
    history.add("one")
    assert kept.open().load() == ["one", "two", "one"]


def test_reading_makes_nothing(kept: Kept) -> None:
    assert kept.open().load() == []
    assert not kept.path.parent.exists()


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
def test_the_file_is_private_whatever_the_umask(kept: Kept, umask: int) -> None:
    before = os.umask(umask)
    try:
        kept.open().add("one")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (kept.path, kept.path.parent)]
    assert modes == [0o600, 0o700]


def test_a_file_that_others_could_read_is_private_after_the_next_line(kept: Kept) -> None:
    kept.open().add("one")
    kept.path.chmod(0o644)
    kept.open().add("two")
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


def test_the_newest_are_kept_and_the_file_is_cut_now_and_then(kept: Kept) -> None:
    kept.path.parent.mkdir()
    many = KEPT + SLACK + 1
    kept.path.write_text("".join(f'"{number}"\n' for number in range(many)))
    assert kept.open().load() == [str(number) for number in range(many - KEPT, many)]
    assert len(kept.path.read_text().splitlines()) == KEPT
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


def test_damage_costs_the_damaged_lines_alone(kept: Kept) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(b'"one"\nnot json\n\xff\xfe\n["list"]\n" spaced"\n"two"\n')
    assert kept.open().load() == ["one", "two"]


def test_a_file_that_cannot_be_written_costs_one_note(kept: Kept) -> None:
    kept.path.mkdir(parents=True)
    history = kept.open()
    assert history.load() == []
    history.add("one")
    history.add("two")
    assert kept.notes == ["the lines that you type are not kept: Is a directory"]


def test_without_a_path_nothing_is_kept(tmp_path: Path) -> None:
    history = InputHistory(None, note=print)
    history.add("one")
    assert (history.load(), list(tmp_path.iterdir())) == ([], [])


# --- what goes with what was said ----------------------------------------------------------------------


@pytest.fixture
def typed(tmp_path: Path) -> TypedLines:
    for account, lines in {
        "a": ["why kiwis?", "/system speak as a pirate", "//etc is what?", "plums", "/review src main"],
        "b": ["why kiwis?"],
    }.items():
        history = InputHistory(tmp_path / f"input-history-{account}", note=print)
        for line in lines:
            history.add(line)
    (tmp_path / "history.db").touch()
    return TypedLines(tmp_path)


def lines_of(typed: TypedLines) -> dict[str, list[str]]:
    return {path.name[-1]: InputHistory(path, note=print).load() for path in typed.files}


def test_all_of_them_go_and_nothing_else(typed: TypedLines) -> None:
    typed.forget_all()
    assert [path.name for path in typed.folder.iterdir()] == ["history.db"]
    typed.forget_all()


def test_a_message_goes_with_its_prompt_whatever_files_followed_it(typed: TypedLines) -> None:
    typed.forget(["why kiwis?\n\nFile: a.txt\nkiwis"])
    assert lines_of(typed) == {
        "a": ["/system speak as a pirate", "//etc is what?", "plums", "/review src main"]
    }


def test_what_a_command_was_given_goes_with_what_it_became(typed: TypedLines) -> None:
    typed.forget(["speak as a pirate", "/etc is what?", "Review src main by our rules."])
    assert lines_of(typed) == {"a": ["why kiwis?", "plums"], "b": ["why kiwis?"]}


def test_where_nothing_was_said_nothing_is_written(typed: TypedLines) -> None:
    before = {path: path.stat().st_mtime_ns for path in typed.files}
    typed.forget([])
    typed.forget(["bananas"])
    assert {path: path.stat().st_mtime_ns for path in typed.files} == before


@pytest.mark.skipif(os.name != "posix", reason="links need no rights there")
def test_what_cannot_be_forgotten_is_told(tmp_path: Path) -> None:
    (tmp_path / "input-history-a").symlink_to(tmp_path / "nowhere")
    with pytest.raises(
        LocalError, match=r"the lines that were typed are still in .*input-history-a: No such"
    ):
        TypedLines(tmp_path).forget(["x"])
