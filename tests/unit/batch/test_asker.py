"""One line asked to its end: when a refusal is waited out."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from stackspot_cli.batch.asker import Asker
from stackspot_cli.batch.questions import Asking
from stackspot_cli.domain import Delta, Done, Event, Question, Usage
from stackspot_cli.errors import NotFound, QuotaExceeded, RateLimited
from stackspot_cli.model import Model
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes import ROUTES

MODEL = Model("m", ROUTES[0], "m")
ASKING = Asking("a", MODEL, Question("hi"))
BUSY = RateLimited("slow down", status=429)


class Service:
    """answers: one a question; an error is raised. Is the job's surroundings as well: its rests take no time."""

    stopping = False

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.rests: list[float] = []
        self.seconds = 0.0

    def stream(self, _model: Model, _prompt: Any, patience: Patience) -> Generator[Event, None, None]:
        self.seconds += 1.0
        patience.attempts += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield Delta(answer)
        yield Usage(5, 2)
        yield Done("stop", "C1")

    def asker(self, **how: Any) -> Asker:
        def patience(idle: Any) -> Patience:
            return Patience(10.0, idle=idle, now=self.now)

        return Asker(self.stream, patience, rest_seconds=60.0, now=self.now, **how)

    def now(self) -> float:
        return self.seconds

    def look(self, *, begun: bool) -> float:
        return 0.2

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return not self.stopping


def test_an_answer_has_its_text_its_cost_and_its_conversation() -> None:
    service = Service("yes")
    result = service.asker().ask(ASKING, service).result  # type: ignore[arg-type]  # as far as a job is asked
    assert (result.id, result.answer, result.usage, result.conversation_id) == ("a", "yes", Usage(5, 2), "C1")
    assert (result.seconds, result.attempts) == (1.0, 1)


def test_a_minute_s_refusal_is_waited_out_once() -> None:
    service = Service(BUSY, "yes")
    told: list[float] = []
    asker = service.asker(told=lambda _error, seconds: told.append(seconds))
    came = asker.ask(ASKING, service)  # type: ignore[arg-type]
    assert (came.result.answer, came.result.attempts, service.rests, told) == ("yes", 2, [60.0], [60.0])
    lost = Service(BUSY, BUSY, "yes")
    with pytest.raises(RateLimited):
        lost.asker().ask(ASKING, lost)  # type: ignore[arg-type]
    assert lost.rests == [60.0]


def test_who_is_unlucky_while_others_are_answered_goes_on() -> None:
    service = Service(BUSY, BUSY, "yes")
    asker = service.asker()

    def another_was_answered(_seconds: float) -> bool:
        service.rests.append(60.0)
        service.seconds += 60.0
        asker._answered_at = service.seconds + 1.0
        return True

    service.rest = another_was_answered  # type: ignore[method-assign]
    assert asker.ask(ASKING, service).result.answer == "yes"  # type: ignore[arg-type]
    assert service.rests == [60.0, 60.0]


@pytest.mark.parametrize(
    "refusal",
    [
        QuotaExceeded("the day is over"),
        RateLimited("come back", status=429, retry_after_seconds=900.0),
        RateLimited("the minute's quota is used up, and --deadline comes first"),
    ],
)
def test_what_a_minute_does_not_mend_is_raised_at_once(refusal: RateLimited) -> None:
    service = Service(refusal)
    with pytest.raises(RateLimited):
        service.asker().ask(ASKING, service)  # type: ignore[arg-type]
    assert service.rests == []


def test_what_is_wrong_with_one_line_alone_is_its_result() -> None:
    service = Service(NotFound("no such agent", status=404))
    result = service.asker().ask(ASKING, service).result  # type: ignore[arg-type]
    assert (result.ok, result.answer, str(result.error)) == (False, None, "no such agent")
