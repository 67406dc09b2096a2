"""A history in a folder, with a clock and ids that count, and conversations that are held in it."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

from stackspot_cli.account import Account
from stackspot_cli.conversation.answer import Answer
from stackspot_cli.conversation.answering import Answering
from stackspot_cli.conversation.past import new_conversation
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.domain import Conversation, Delta, Done, Event, Question, Source, Usage
from stackspot_cli.errors import (
    StackSpotError,
    Terminated,
)
from stackspot_cli.history.store import History
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.ulid import ulid

MODEL = BUILT_IN_MODELS[0]


ANSWER: list[Event] = [
    Delta("Hello"),
    Delta(" there"),
    Source(name="guide", document_score=0.5),
    Usage(749, 5),
    Done(message_id="M1"),
]


def streamed(events: Iterable[Event]) -> Generator[Event, None, None]:
    """The events as a client gives them."""
    yield from events


class World:
    """A history in a folder, a clock that counts, ids that count, notes that are kept."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "history.db"
        self.notes: list[str] = []
        self.seconds = 1_700_000_000.0
        self._opened: list[History] = []
        self.history = self.open()

    def open(self, busy_seconds: float = 5.0) -> History:
        history = History(self.path, now=self.now, note=self.notes.append, busy_seconds=busy_seconds)
        self._opened.append(history)
        return history

    def close(self) -> None:
        for history in (*self._opened, self.history):
            history.close()

    def now(self) -> float:
        self.seconds += 1
        return self.seconds

    def fresh_id(self) -> str:
        return ulid(self.now(), b"\7" * 10)

    def new(self, profile: str = "acme") -> Conversation:
        return new_conversation(self.fresh_id(), Account(profile), MODEL)

    def answering(
        self,
        conversation: Conversation,
        message: str,
        events: Callable[[], Iterator[Event]],
        answer: Answer | None = None,
    ) -> Answering:
        plan = plan_turn(conversation, Question(message), MODEL, scope="acme", fresh_id=self.fresh_id)
        return Answering(
            plan,
            lambda _model, _prompt: streamed(events()),
            now=self.now,
            history=self.history,
            answer=answer,
        )

    def say(self, conversation: Conversation, message: str, *events: Event | BaseException) -> Conversation:
        """One turn; an exception among the events is raised by the stream, and swallowed here."""

        def stream() -> Iterator[Event]:
            for event in events or ANSWER:
                if isinstance(event, BaseException):
                    raise event
                yield event

        answering = self.answering(conversation, message, stream)
        try:
            with answering:
                list(answering.events())
        except (StackSpotError, KeyboardInterrupt, Terminated):
            pass
        return answering.conversation

    def waits_for(self, id_: str, turns: int) -> None:
        """Waits until the thread beside the stream has saved."""
        for _ in range(1_000):
            if len(self.history.find(id_).turns) == turns:
                return
            time.sleep(0.01)
        raise AssertionError("nothing was saved")
