"""One answer: what is known before it, and all of it, added up once as it comes.

Pure. Refuses to know where the events come from, and how the answer is shown.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from dataclasses import field

from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.history.growing_text import GrowingText
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.ulid import new_ulid


@dataclass(frozen=True, slots=True)
class Start:
    """What is known before the first event. conversation_id: the id that `--conversation` takes.

    created: seconds since 1970, UTC. answer_id: names this answer where the service does not.
    """

    model: str
    conversation_id: str
    created: int = field(default_factory=lambda: int(time.time()))
    answer_id: str = field(default_factory=new_ulid)


class Answer:
    """What came so far: text, sources, token counts, the service's last word (None: it was cut).

    longest: characters of text after which no more is kept, for who has no use for it; None keeps all. passing: nobody
    asks for the whole text, and its beginning may be let go of when it is on the disk.
    """

    __slots__ = ("done", "growing", "sources", "usage")

    def __init__(self, longest: int | None = None, *, passing: bool = False) -> None:
        self.growing = GrowingText(longest, passing=passing)
        self.sources: list[Source] = []
        self.usage = Usage()
        self.done: Done | None = None

    def add(self, event: Event) -> None:
        match event:
            case Delta(text):
                self.growing.append(text)
            case Source():
                self.sources.append(event)
            case Usage():
                self.usage = event
            case Done():
                self.done = event

    @property
    def text(self) -> str:
        return str(self.growing)


def added_up(events: Iterable[Event], answer: Answer) -> Generator[Event, None, None]:
    """Passes the events on, each added to the answer first."""
    for event in events:
        answer.add(event)
        yield event
