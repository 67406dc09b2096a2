"""The client as the files beside it see it: it answers what a test wrote down, and time passes on a clock."""

from __future__ import annotations

from typing import Any

from clock import Clock

from stackspot_cli.domain import Progress
from stackspot_cli.listener import Listener
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes.call import Call


class ScriptedClient:
    """answers: one a call, in turn, the last one again and again; an exception is raised, a function is asked.

    calls, asked: what was sent, and when. notes, steps, progress: what was heard.
    """

    program = "stackspot"

    def __init__(self, *answers: Any, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.answers = list(answers)
        self.calls: list[Call] = []
        self.asked: list[float] = []
        self.signed_in = False
        self.notes: list[str] = []
        self.steps: list[str] = []
        self.progress: list[Progress] = []
        self.listener = Listener(self.notes.append, self.steps.append, self.progress.append)

    def patience(self, *, deadline: float | None = None) -> Patience:
        return Patience(180.0, deadline=deadline, now=self.clock.now)

    def refuse_own_secrets(self, content: str | bytes, what: str) -> None:
        """A test has none."""

    def sign_in(self) -> None:
        self.signed_in = True

    def json(self, call: Call, patience: Patience | None = None) -> Any:
        self.calls.append(call)
        self.asked.append(self.clock.seconds)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if callable(answer):
            answer = answer(call, patience)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def pause(self, seconds: float, patience: Patience) -> None:
        self.clock.sleep(seconds)
