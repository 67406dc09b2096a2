"""Reading what may be no file: a pipe or a device in its place keeps nobody for ever."""

import os
import threading
import time
from pathlib import Path

import pytest

from stackspot_cli.files import plain_files

FIFO = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert plain_files.read(path, 100) == b"0123456789"
    assert plain_files.read(path, 4) == b"0123"


def test_a_folder_and_what_is_not_there_are_errors_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        plain_files.read(tmp_path, 1)
    with pytest.raises(FileNotFoundError):
        plain_files.read(tmp_path / "missing", 1)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without end")
def test_a_device_is_refused_before_it_is_read() -> None:
    with pytest.raises(OSError, match="no file but a device"):
        plain_files.read(Path("/dev/zero"), 1 << 40)


@FIFO
def test_a_pipe_that_nobody_writes_to_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(plain_files.NobodyWrites, match="nothing writes to the pipe"):
        plain_files.read(path, 10, writer_seconds=0.1)


@FIFO
@pytest.mark.parametrize("limit", [4, 1000])
def test_a_pipe_is_read_to_its_end_or_to_the_limit(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            pipe.write(b"abc")
            time.sleep(0.1)
            pipe.write(b"def")

    writer = threading.Thread(target=write)
    writer.start()
    assert plain_files.read(path, limit) == b"abcdef"[:limit]
    writer.join()


@FIFO
def test_a_writer_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    holder = os.open(path, os.O_RDWR)
    os.write(holder, b"abc")
    with pytest.raises(plain_files.NobodyWrites):
        plain_files.read(path, 100, silence_seconds=0.1)
    os.close(holder)
