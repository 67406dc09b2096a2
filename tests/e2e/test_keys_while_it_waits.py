"""What is typed while something is drawn is not echoed into it; the terminal is as before in the end."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator

import pytest
from program import Program, Screen

TURNING = "⠙".encode()


@pytest.fixture
def silent(program: Program) -> Iterator[Program]:
    """Its service accepts every connection, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program.environ["STACKSPOTAI_ENDPOINT_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield program


COMMANDS = [["complete", "--no-stdin", "hi"], ["agents"], ["run", "slug", "hi"], ["status"]]


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: argv[0])
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda screen: screen.type(b"\x03"), 130),
        (lambda screen: screen.process.send_signal(signal.SIGTERM), 143),
    ],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_no_key_is_echoed_into_what_turns(
    silent: Program, argv: list[str], end: Callable[[Screen], object], code: int
) -> None:
    with silent.on_terminal(*argv) as screen:
        place = screen.wait_for(TURNING)
        assert not screen.echoes
        screen.type(b"clear")
        screen.wait_for(TURNING, after=place)
        end(screen)
        assert screen.end() == code
        assert screen.echoes
        assert b"clear" not in screen.shown and b"^C" not in screen.shown


def test_plain_text_is_no_picture(silent: Program) -> None:
    with silent.on_terminal("complete", "--no-stdin", "--format", "text", "hi") as screen:
        screen.type(b"clear")
        screen.wait_for(b"clear")
        assert screen.echoes
