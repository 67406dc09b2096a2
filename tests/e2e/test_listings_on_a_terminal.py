"""Lists and reports on a real terminal, wide and narrow; and what a person sees while something is waited for."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from emulator import Terminal
from program import Program

LISTINGS = [
    ["models"],
    ["models", "stackspot-ai"],
    ["config", "show"],
    ["status", "--offline"],
    ["--sandbox", "status"],
    ["--sandbox", "agents"],
    ["--sandbox", "knowledge", "list"],
    ["--sandbox", "knowledge", "show", "house-rules"],
    ["history", "list"],
    ["history", "search", "factorial"],
]
ORDERS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
NEVER_BROKEN = ("stackspot-ai-code", "refactoring", "STACKSPOTAI_ENDPOINT_URL", "(environment", "generation")


@pytest.fixture
def told(program: Program) -> Program:
    program.ask()  # a conversation that can be listed
    done = program.run(
        "complete", "--no-stdin", "Write a factorial function in Python, and explain each line"
    )
    assert done.code == 0, done.err
    return program


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("argv", LISTINGS, ids=" ".join)
def test_a_listing_fits_its_terminal(told: Program, argv: list[str], columns: int) -> None:
    with told.on_terminal(*argv, size=(columns, 24)) as screen:
        assert screen.end() == 0
    wide = Terminal(columns, 24)
    wide.receive(bytes(screen.shown).decode())
    as_written = ORDERS.sub(b"", bytes(screen.shown)).decode().replace("\r\n", "\n").split("\n")
    written = [line.rpartition("\r")[2].rstrip() for line in as_written]
    # Had a line been wider than the terminal, the terminal would show it as two.
    assert [line for line in wide.lines if line] == [line for line in written if line]
    for word in NEVER_BROKEN:
        assert (word in "\n".join(written)) == (word in "".join("".join(written).split()))


@contextmanager
def silent_service() -> Iterator[str]:
    """It accepts every connection and never answers, as a firewall makes many a host look."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_status_tells_at_once_what_it_knows(program: Program) -> None:
    with silent_service() as url:
        began = time.monotonic()
        process = program.start("status", env={"STACKSPOTAI_ENDPOINT_URL": url})
        assert process.stdout is not None
        shown = b""
        while b"quota" not in shown and select.select([process.stdout], [], [], 20)[0]:
            shown += process.stdout.read1(4096)  # type: ignore[attr-defined]  # a buffered reader
        seconds = time.monotonic() - began
        process.kill()
    assert b"idm_base" in shown and b"client key" in shown and b"keyring" in shown
    assert seconds < 5, "the time that the silent service is given"


def test_status_shows_that_it_waits(program: Program) -> None:
    with (
        silent_service() as url,
        program.on_terminal("status", env={"STACKSPOTAI_ENDPOINT_URL": url}) as screen,
    ):
        place = screen.wait_for(b"quota")
        screen.wait_for("⠙".encode(), after=place)
