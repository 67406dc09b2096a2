"""OUT: whole lines, gone on with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackspot_cli.batch.ids import digest
from stackspot_cli.batch.record import Record
from stackspot_cli.errors import OutputUnwritable, UsageError


def line(id_: object, *, ok: bool = True) -> str:
    return json.dumps({"id": id_, "ok": ok})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_lines_are_written_whole_and_stand_there(path: Path) -> None:
    with Record(path, resume=False) as record:
        record.write(line("é"))
        assert path.read_text() == line("é") + "\n"
        record.write(line(2))
    assert path.read_text() == f"{line('é')}\n{line(2)}\n"


def test_what_is_there_is_known_and_gone_on_with(path: Path) -> None:
    path.write_text(f"{line('a')}\n\n{line(1, ok=False)}\n")
    with Record(path, resume=True) as record:
        assert [digest(one) in record.answered for one in ("a", 1, "1")] == [True, True, False]
        assert (record.failed, record.torn) == (1, False)
        record.write(line("b"))
    assert path.read_text().endswith(f"{line(1, ok=False)}\n{line('b')}\n")


def test_failures_that_are_asked_again_leave_the_file(path: Path) -> None:
    path.write_text("".join(f"{line(number, ok=number % 2 == 0)}\n" for number in range(5)))
    path.chmod(0o640)
    with Record(path, resume=True, retry_failed=True) as record:
        assert [digest(number) in record.answered for number in range(5)] == [True, False, True, False, True]
        assert record.failed == 0
        record.write(line(1))
    assert path.read_text() == "".join(f"{line(number)}\n" for number in (0, 2, 4, 1))
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("torn", ['{"id": "b", "ok": tr', "\0" * 5_000, '{"id":'])
@pytest.mark.parametrize("before", ["", line("a") + "\n"])
def test_a_line_that_was_cut_short_is_taken_away(path: Path, before: str, torn: str) -> None:
    path.write_text(before + torn)
    with Record(path, resume=True) as record:
        assert record.torn
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("my notes", 1),
        ("my notes\n", 1),
        (f"{line(1)}\nhello\n{line(2)}\n", 2),
        ('{"id": 1, "prompt": "x"}\n', 1),
    ],
)
def test_a_file_of_somebody_else_s_is_left_as_it_is(path: Path, content: str, number: int) -> None:
    path.write_text(content)
    with pytest.raises(UsageError, match=f"line {number}: it is no answer of a batch"):
        Record(path, resume=True)
    assert path.read_text() == content


def test_openai_s_lines_are_known_too(path: Path) -> None:
    answered = {"id": "batch_req_1", "custom_id": "a", "response": {"status_code": 200}, "error": None}
    path.write_text(
        json.dumps(answered) + "\n" + json.dumps({**answered, "custom_id": "b", "error": {}}) + "\n"
    )
    with Record(path, resume=True) as record:
        assert (digest("a") in record.answered, record.failed) == (True, 1)


def test_lines_are_put_in_order_and_strangers_stay_behind(path: Path) -> None:
    path.write_text("".join(f"{line(one)}\n" for one in ("c", "x", "a", "y", "b")))
    with Record(path, resume=True) as record:
        record.put_in_order(map(digest, ("a", "b", "missing", "c")))
        record.write(line("d"))
    assert [json.loads(one)["id"] for one in path.read_text().splitlines()] == ["a", "b", "c", "x", "y", "d"]


def test_what_is_in_order_is_not_touched(path: Path) -> None:
    with Record(path, resume=False) as record:
        for one in ("a", "b"):
            record.write(line(one))
        before = path.stat().st_ino
        record.put_in_order(map(digest, ("a", "b")))
    assert path.stat().st_ino == before


def test_what_got_no_line_is_not_left_in_the_way(path: Path) -> None:
    with pytest.raises(ValueError, match="no"), Record(path, resume=False):
        raise ValueError("no")
    assert not path.exists()
    path.touch()
    with pytest.raises(ValueError, match="no"), Record(path, resume=True):
        raise ValueError("no")
    assert path.exists()
    with pytest.raises(ValueError, match="no"), Record(path, resume=True) as record:
        record.write(line(1))
        raise ValueError("no")
    assert path.read_text() == line(1) + "\n"


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "out.jsonl", tmp_path):
        with pytest.raises(OutputUnwritable, match="cannot write"):
            Record(place, resume=False)
    with Record(Path("/dev/full"), resume=False) as record, pytest.raises(OutputUnwritable, match="No space"):
        record.write(line(1))


def test_one_out_has_one_writer(path: Path) -> None:
    with (
        Record(path, resume=False),
        pytest.raises(UsageError, match="another `stackspot batch` is writing"),
    ):
        Record(path, resume=True)
    Record(path, resume=True).__exit__()
