"""Lines that are read twice."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from stackspot_cli.batch.source import LINE_BYTES, RawLine, Source
from stackspot_cli.errors import UsageError

LINES = [RawLine(1, b"a\n"), RawLine(3, b"b")]


def test_lines_are_numbered_and_blank_ones_count(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xef\xbb\xbfa\n \nb")
    with Source.of(str(path), None) as source:
        assert [list(source.lines()), list(source.lines())] == [LINES, LINES]


def test_stdin_and_pipes_are_read_twice_as_well(tmp_path: Path) -> None:
    with Source.of("-", io.BytesIO(b"a\n\nb")) as source:
        assert [list(source.lines()), list(source.lines())] == [LINES, LINES]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_bytes(b"a\n\nb")).start()
    with Source.of(str(pipe), None) as source:
        assert [list(source.lines()), list(source.lines())] == [LINES, LINES]


def test_what_comes_later_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"a\n")
    with Source.of(str(path), None) as source:
        with path.open("ab") as file:
            file.write(b"b\n")
        assert list(source.lines()) == [RawLine(1, b"a\n")]


def test_a_line_beyond_the_bound_is_one_line_and_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"x" * (2 * LINE_BYTES + 5) + b"\nb\n" + b"y" * (LINE_BYTES + 1))
    with Source.of(str(path), None) as source:
        assert list(source.lines()) == [RawLine(1, None), RawLine(2, b"b\n"), RawLine(3, None)]


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none: No such file"):
        Source.of(str(tmp_path / "none"), None)
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        Source.of(str(tmp_path), None)
    with pytest.raises(UsageError, match="stdin is closed"):
        Source.of("-", None)
