"""One part asked about: the question, the answer held against the schema, one repair; each a turn of the history.

Knows conversations and streams. Refuses to know sockets, threads, and where a finding belongs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from stackspot_cli.account import Account
from stackspot_cli.conversation.answer import Answer
from stackspot_cli.conversation.answering import Answering, Stream
from stackspot_cli.conversation.past import new_conversation
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.domain import Conversation, Question
from stackspot_cli.errors import AnswerLacks
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model
from stackspot_cli.review.findings import Claim, asked_for, read
from stackspot_cli.structured.fitting import Unfit, request_for_repair
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.history.store import History

LONGEST_ANSWER = 1_000_000  # characters: a hundred findings have a tenth of it


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one model. history: None where nothing is kept. scope: see `Conversation.remote_scope`.

    Safe to share between threads where `stream` is.
    """

    model: Model
    stream: Stream
    account: Account
    scope: str
    fresh_id: Callable[[], str]
    history: History | None = None
    temperature: float | None = None
    max_tokens: int | None = None

    def ask(self, prompt: str) -> tuple[Claim, ...]:
        """Raises StackSpotError; AnswerLacks where neither the first answer nor the second is a list of findings."""
        conversation = new_conversation(self.fresh_id(), self.account, self.model)
        answer, conversation = self._turn(conversation, prompt)
        found = read(answer)
        if isinstance(found, Unfit):
            answer, _conversation = self._turn(
                conversation, request_for_repair(asked_for(), found.complaints)
            )
            found = read(answer)
        if isinstance(found, Unfit):
            raise AnswerLacks(
                _("the answer holds no list of findings: {why}").format(why=found.complaints[0].sentence),
                _("try again, or choose another model with -m; `stackspot history list` has the answer"),
            )
        return found

    def _turn(self, conversation: Conversation, text: str) -> tuple[str, Conversation]:
        question = Question(text, self.temperature, self.max_tokens)
        plan = plan_turn(conversation, question, self.model, scope=self.scope, fresh_id=self.fresh_id)
        answering = Answering(
            plan, self.stream, now=time.time, history=self.history, answer=Answer(LONGEST_ANSWER)
        )
        with answering:
            for _event in answering.events():
                pass
        return answering.answer.text, answering.conversation
