"""The process's descriptors: one is written whole, however slow its reader is."""

import io
import os
import sys
import threading

import pytest

from stackspot_cli.terminal.descriptors import ours_alone, write_all


def test_a_pipe_that_somebody_made_non_blocking_still_gets_all_of_it() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    data = os.urandom(300_000)
    came: list[bytes] = []

    def read() -> None:
        while part := os.read(source, 65_536):
            came.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(sink, "wb") as stream:
        write_all(stream, data, patient=True)
    reader.join()
    os.close(source)
    assert b"".join(came) == data


def test_without_patience_only_what_fits_is_written() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    with os.fdopen(sink, "wb") as stream:
        write_all(stream, b"x" * 10_000_000, patient=False)
    came = 0
    while part := os.read(source, 1 << 20):
        came += len(part)
    os.close(source)
    assert 0 < came < 10_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_a_terminal_is_ours_alone_unless_somebody_reads_the_answer_from_a_pipe() -> None:
    ours, theirs = os.openpty()
    source, sink = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    with (
        os.fdopen(theirs, "wb", buffering=0) as terminal,
        os.fdopen(sink, "wb") as pipe,
        os.fdopen(null, "wb") as file,
    ):
        for stdout, stderr, expected in [
            (terminal, terminal, theirs),
            (file, terminal, theirs),
            (None, terminal, theirs),
            (terminal, file, theirs),
            (terminal, pipe, theirs),
            (pipe, terminal, None),
            (file, file, None),
            (None, None, None),
            (io.BytesIO(), io.BytesIO(), None),
        ]:
            assert ours_alone(stdout, stderr) == expected
    os.close(source)
    os.close(ours)
