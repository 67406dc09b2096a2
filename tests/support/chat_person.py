"""A person who types into a chat on a real terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyte
from fault_server import HOLD, STREAM_HEAD, FaultServer, chunk, delta
from program import Program, Screen

ENTER, TAB, UP, CTRL_C, CTRL_D, CTRL_J, ESC = b"\r", b"\t", b"\x1b[A", b"\x03", b"\x04", b"\n", b"\x1b"


ALT_ENTER = ESC + ENTER


PROMPT = b" left"  # the end of the bottom line, which stands below every prompt and nowhere else


CODE = "Here:\n\n```python\nprint(1)\n```\n"


HALF = [STREAM_HEAD, chunk(delta("Half an answer\n\n")), HOLD]


class Person:
    """Reads on from where they have read to; types when the prompt is there."""

    def __init__(self, screen: Screen, server: FaultServer) -> None:
        self.screen = screen
        self._server = server
        self._read_to = 0

    def sees(self, *texts: str | bytes) -> None:
        """Waits until each stands on the terminal, one after another."""
        for text in texts:
            wanted = text.encode() if isinstance(text, str) else text
            self._read_to = self.screen.wait_for(wanted, 30.0, after=self._read_to)

    def types(self, keys: str | bytes) -> None:
        self.screen.type(keys.encode() if isinstance(keys, str) else keys)

    def at_prompt(self, keys: str | bytes, *, enter: bool = True) -> None:
        """Waits for the next prompt, and types a line."""
        self.sees(PROMPT)
        self.types(keys.encode() + ENTER if isinstance(keys, str) and enter else keys)

    def until(self, is_so: Callable[[], bool]) -> None:
        """For what no byte tells."""
        ends = time.monotonic() + 30.0
        while not is_so():
            assert time.monotonic() < ends
            time.sleep(0.01)

    def leaves(self) -> int:
        self.at_prompt(CTRL_D)
        return self.screen.end(30.0)

    @property
    def told(self) -> list[str]:
        """What the service got."""
        return [request.json["user_prompt"] for request in self._server.api_requests]

    def lines(self, columns: int = 80, rows: int = 60) -> list[str]:
        """What stands on the terminal, as a person would read it."""
        view = pyte.Screen(columns, rows)
        pyte.ByteStream(view).feed(bytes(self.screen.shown))
        lines = [line.rstrip() for line in view.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


class Chats:
    """Starts chats on terminals of their own."""

    def __init__(self, program: Program, server: FaultServer) -> None:
        self.program = program
        self.server = server

    @contextmanager
    def __call__(self, *options: str, **more: Any) -> Iterator[Person]:
        with self.program.on_terminal("chat", *options, size=(80, 60), **more) as screen:
            yield Person(screen, self.server)

    def kept(self) -> list[dict[str, Any]]:
        """The turns of the last conversation, as history has them."""
        outcome = self.program.run("history", "show", "--format", "json")
        turns: list[dict[str, Any]] = outcome.json["turns"]
        return turns
