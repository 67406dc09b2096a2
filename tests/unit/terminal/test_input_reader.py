"""Stdin and files, read within one bound and as text."""

import os
import threading
from pathlib import Path

import pytest

from stackspot_cli.errors import TimedOut, UsageError
from stackspot_cli.terminal.input_reader import INPUT_BYTES, InputReader
from stackspot_cli.terminal.streams import Terminal


def reader(stdin: bytes = b"") -> InputReader:
    terminal = Terminal.fake(stdin)
    return InputReader(terminal, terminal.note)


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as refused:
        reader().file(path)
    return refused.value.message


def test_stdin_and_files_share_one_bound(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * INPUT_BYTES)
    one = reader(b"y")
    assert len(one.file(tmp_path / "large")) == INPUT_BYTES
    with pytest.raises(UsageError, match="makes the input larger"):
        one.stdin(may_skip=False)


def test_a_folder_a_device_and_nothing_are_told_apart(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} is a folder"
    assert refusal(Path(os.devnull)) == f"{os.devnull} is no file but a device"
    assert refusal(tmp_path / "no") == f"cannot read {tmp_path}/no: No such file or directory"


def test_a_pipe_with_a_writer_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_text("from a pipe"))
    writer.start()
    assert reader().file(path) == "from a pipe"
    writer.join()


def test_a_silent_stdin_ends_at_the_deadline() -> None:
    source, sink = os.pipe()
    with os.fdopen(source, "rb") as stdin, os.fdopen(sink, "wb"):
        terminal = Terminal.fake()
        terminal.stdin = stdin
        with pytest.raises(TimedOut) as late:
            InputReader(terminal, terminal.note, ends=5.0, now=lambda: 5.0).stdin(may_skip=True)
    assert late.value.message == "the deadline passed before the text from stdin had ended"


def test_a_closed_stdin_is_empty() -> None:
    terminal = Terminal.fake()
    terminal.stdin = None
    assert InputReader(terminal, terminal.note).stdin(may_skip=True) == ""
