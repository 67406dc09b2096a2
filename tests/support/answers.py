"""Answers for the tests of sinks: events, added up and delivered as a command does it."""

from __future__ import annotations

import io
from collections.abc import Iterable

from stackspot_cli.conversation.answer import Answer, Start, added_up
from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import StackSpotError
from stackspot_cli.output.sink import Sink, deliver

START = Start("stackspot-ai", "01CONVERSATION", created=1_700_000_000, answer_id="01ANSWER")
GUIDE = Source(name="Guide", document_type="pdf", document_score=0.5)
DONE = Done("stop", "01CONVERSATION", "01MESSAGE")
WHOLE: list[Event] = [Delta("Hello"), Delta(" there"), GUIDE, Usage(7, 2), DONE]


class Paper(io.StringIO):
    """A place for text that remembers what stood there at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[str] = []

    def flush(self) -> None:
        if not self.closed:
            self.flushed.append(self.getvalue())


def streamed(events: Iterable[Event | BaseException]) -> Iterable[Event]:
    """An exception among the events is raised where it stands."""
    for event in events:
        if isinstance(event, BaseException):
            raise event
        yield event


def run(sink: Sink, events: Iterable[Event | BaseException]) -> BaseException | None:
    """Delivers the events. What broke them, if anything did."""
    answer = Answer()
    try:
        deliver(added_up(streamed(events), answer), sink, START, answer)
    except (StackSpotError, KeyboardInterrupt, BrokenPipeError) as error:
        return error
    return None
