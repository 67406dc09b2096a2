"""What takes an answer: the sink, and where its text goes.

Knows when an answer begins, passes and ends. Refuses to know formats, and where the events come from.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol, runtime_checkable

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Event
from stackspot_cli.errors import LocalError
from stackspot_cli.terminal.streams import Terminal


class Out(Protocol):
    """Where a sink's text goes: stdout, or a file."""

    def write(self, text: str) -> None: ...
    def flush(self) -> None: ...


class Exactly:
    """stdout for text that was asked for as it came."""

    def __init__(self, terminal: Terminal) -> None:
        self.write = terminal.write_exactly
        self.flush = terminal.flush


class Sink(Protocol):
    """Takes one answer. `tick` is called before each wait for the network: puts out what is due, and returns
    the seconds after which it wants to be called again, or None. Exactly one of `done` and `broken` ends it.
    """

    def start(self, start: Start) -> None: ...
    def event(self, event: Event) -> None: ...
    def tick(self) -> float | None: ...
    def done(self, answer: Answer) -> None: ...
    def broken(self, answer: Answer, error: BaseException) -> None: ...


@runtime_checkable
class Redrawn(Protocol):
    """A sink that draws again what it has written. `leave`: see `Drawing`."""

    def leave(self) -> str: ...


def deliver(
    events: Generator[Event, None, None],
    sink: Sink,
    start: Start,
    answer: Answer,
    begins: Callable[[], object] = lambda: None,
) -> None:
    """Runs the events into the sink. What broke them is raised again after the sink has ended properly.

    answer: is being added up by who makes the events. begins: called before the first of its characters.
    """
    sink.start(start)
    put = sink.event
    try:
        for event in events:
            if isinstance(event, Delta):
                begins()
                put(event)
                break
            put(event)
        for event in events:
            put(event)
    except BaseException as error:
        events.close()
        begins()
        if not isinstance(error, BrokenPipeError | LocalError):
            sink.broken(answer, error)
        raise
    begins()
    sink.done(answer)
