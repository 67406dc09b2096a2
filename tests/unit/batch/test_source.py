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


TEXT = '{"prompt": "Olá, açúcar"}\n{"prompt": "日本"}\n'
LATIN = '{"prompt": "Olá, açúcar"}\n{"prompt": "é"}\n'


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (TEXT.encode(), None, TEXT),
        (b"\xef\xbb\xbf" + TEXT.encode(), None, TEXT),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8", TEXT),
        (TEXT.encode("utf-16"), None, TEXT),
        (TEXT.encode("utf-16"), "utf-16", TEXT),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le", TEXT),
        (TEXT.encode("utf-16-be"), "utf-16-be", TEXT),
        (TEXT.encode("utf-32"), None, TEXT),
        (LATIN.encode("latin-1"), "iso8859-1", LATIN),
    ],
)
@pytest.mark.parametrize("of_stdin", [True, False])
def test_in_of_another_encoding_is_read_as_text(
    tmp_path: Path, data: bytes, encoding: str | None, text: str, of_stdin: bool
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)
    with Source.of("-" if of_stdin else str(path), io.BytesIO(data), encoding) as source:
        for _time in range(2):
            assert [raw.data for raw in source.lines()] == [
                line.encode() + b"\n" for line in text.rstrip().split("\n")
            ]


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (b"abc\xff\n", "ascii", "ASCII text (byte 3)"),
        (b"a" * (1 << 20) + b"bc\xff\n", "ascii", "ASCII text (byte 1048578)"),
        (b"\xff\xfea\0\0\xdca", None, "UTF-16 text (byte 4)"),
        (b"\xff\xfea\0b", None, "UTF-16 text (byte 4)"),
    ],
)
def test_what_is_not_the_encoding_that_it_should_be_names_the_place(
    tmp_path: Path, data: bytes, encoding: str | None, message: str
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        Source.of(str(path), None, encoding)
    assert caught.value.message == f"{path} is not {message}"
