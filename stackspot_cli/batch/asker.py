"""One line asked to its end: its answer held against what was wanted, a refusal waited out where that helps.

Knows streams and demands. Refuses to know threads' making and OUT. What goes wrong with one line is its result;
what would go wrong with all of them is raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias

from stackspot_cli.batch.questions import Asking
from stackspot_cli.batch.result import BatchResult, Came
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Event, Prompt, Usage
from stackspot_cli.errors import AuthError, LocalError, QuotaExceeded, RateLimited, StackSpotError
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.model import Model
from stackspot_cli.network.patience import Patience
from stackspot_cli.process.frames import without_frames
from stackspot_cli.settings.settings import DEFAULT_RETRY_WAIT_SECONDS, Settings
from stackspot_cli.ulid import new_ulid

if TYPE_CHECKING:
    from stackspot_cli.batch.jobs import Jobs
    from stackspot_cli.structured.json_text import Found

Stream: TypeAlias = Callable[[Model, Prompt, Patience], Generator[Event, None, None]]
Demand: TypeAlias = Callable[[Answer], "StackSpotError | None"]
Idle: TypeAlias = Callable[[], "float | None"]

MINUTE_SECONDS = 60.0


def rest_seconds(settings: Settings) -> float | None:
    """How long a refused job rests, scaled as all waits are; None for who wants no further attempts."""
    scale = settings.retry_wait_seconds.value / DEFAULT_RETRY_WAIT_SECONDS
    return MINUTE_SECONDS * scale if settings.retries.value else None


@dataclass(slots=True)
class _Sum:
    """What all that is asked for one line costs."""

    usage: Usage = field(default_factory=Usage)
    patiences: list[Patience] = field(default_factory=list)

    def add(self, usage: Usage) -> None:
        self.usage = Usage(
            _sum(self.usage.prompt_tokens, usage.prompt_tokens),
            _sum(self.usage.completion_tokens, usage.completion_tokens),
        )

    @property
    def attempts(self) -> int:
        return sum(patience.attempts for patience in self.patiences)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


class Asker:
    """Asks lines, each in the thread of its job.

    patience: for one line, with what is called before each wait. demands: what an answer has to be besides.
    extract: what is wanted of an answer that is not wanted whole; raises where it is not there.
    uploads: the ids that go along. rest_seconds: after which a limit of a minute is surely over; None waits for
    none. told: of each rest.
    """

    def __init__(
        self,
        stream: Stream,
        patience: Callable[[Idle], Patience],
        *,
        demands: Sequence[Demand] = (),
        extract: Callable[[Answer], str] | None = None,
        uploads: Callable[[Patience], tuple[str, ...]] | None = None,
        rest_seconds: float | None = None,
        told: Callable[[StackSpotError, float], object] = lambda _error, _seconds: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._patience = patience
        self._demands = demands
        self._extract = extract
        self._uploads = uploads
        self._rest_seconds = rest_seconds
        self._told = told
        self._now = now
        self._answered_at: float | None = None  # by any job: whether the service answers anybody

    def ask(self, asking: Asking, job: Jobs[Any, Any]) -> Came:
        """Raises AuthError, RateLimited and LocalError, which no other line would escape, and Left."""
        asked = _Line(self, asking, job)
        while True:
            began = self._now()
            try:
                came = asked.came()
            except RateLimited as refused:
                if not self._rests(refused, began, asked, job):
                    raise
            except (AuthError, LocalError):
                raise
            else:
                self._answered_at = self._now()
                return came

    def _rests(self, refused: RateLimited, began: float, asked: _Line, job: Jobs[Any, Any]) -> bool:
        """Whether a rest may help: a minute's limit is over after a minute; what refuses after that is another.

        Where others were answered meanwhile, we were only unlucky.
        """
        if self._rest_seconds is None or refused.status != 429 or isinstance(refused, QuotaExceeded):
            return False
        if refused.retry_after_seconds is not None:
            return False  # longer than is sensible: the service said so itself
        lucky = self._answered_at is not None and self._answered_at > began
        if asked.rested and not lucky:
            return False
        asked.rested = True
        self._told(refused, self._rest_seconds)
        return job.rest(self._rest_seconds)


class _Line:
    """One line under way."""

    def __init__(self, asker: Asker, asking: Asking, job: Jobs[Any, Any]) -> None:
        self._asker = asker
        self._asking = asking
        self._job = job
        self._began = asker._now()
        self._sum = _Sum()
        self.rested = False

    def came(self) -> Came:
        """Asked once by the rules of retries: whole, or with what is wrong with this line alone."""
        asking = self._asking
        self._start = Start(asking.model.name, new_ulid())
        self._answer = Answer()
        patience = self._asker._patience(lambda: self._job.look(begun=patience.attempts > 0))
        self._sum.patiences.append(patience)
        found, error = None, None
        try:
            found = self._fitting(patience)
            for demand in self._asker._demands:
                lack = demand(self._answer)
                if lack is not None:
                    raise lack
            text = self._answer.text if self._asker._extract is None else self._asker._extract(self._answer)
        except (AuthError, LocalError, RateLimited):
            raise
        except StackSpotError as wrong:
            error, text = without_frames(wrong), self._answer.text  # it is kept, and held by whoever asked
        answer = None if found is not None or (error is not None and not text) else text
        done = self._answer.done
        result = BatchResult(
            asking.id,
            answer,
            None if found is None else found.value,
            error,
            self._sum.usage,
            (done.conversation_id if done else None) or self._start.conversation_id,
            self._asker._now() - self._began,
            self._sum.attempts,
        )
        return Came(result, found, self._answer, self._start, asking.openai)

    def _fitting(self, patience: Patience) -> Found | None:
        """The whole answer, and the value in it where one was asked for."""
        question, schema = self._asking.question, self._asking.schema
        if self._asker._uploads is not None:
            question = replace(question, upload_ids=self._asker._uploads(patience.another()))

        def ask(more: str) -> str:
            conversation_id = (
                self._answer.done and self._answer.done.conversation_id
            ) or self._start.conversation_id
            prompt = question.within(conversation_id, more or question.text)
            self._listen(replace(prompt, upload_ids=()) if more else prompt, patience)
            return self._answer.text

        if schema is None:
            ask("")
            return None
        from stackspot_cli.structured.asking import ask_for_value  # deferred: few batches have a schema

        return ask_for_value(ask, schema).found

    def _listen(self, prompt: Prompt, patience: Patience) -> None:
        """Fills the answer. Ends normally only when it is whole."""
        self._answer = answer = Answer()
        stream = self._asker._stream(self._asking.model, prompt, patience)
        try:
            for event in stream:
                answer.add(event)
        finally:
            stream.close()
            self._sum.add(answer.usage)
