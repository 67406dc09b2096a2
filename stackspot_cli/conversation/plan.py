"""One turn, decided: what to send, under which conversation id, whether the service has seen what we hold.

Pure. Refuses to know sockets, screens and tables.
"""

from __future__ import annotations

from collections.abc import Callable

from stackspot_cli.conversation.limits import refuse_over_long
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.conversation.transcript import opening
from stackspot_cli.domain import Conversation, Prompt, Question
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.model import Model
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Plan:
    """One turn, decided.

    conversation: as it will be stored; its remote_id is the id that goes to the service.
    message: what the person said. prompt: what is sent: the message alone, or everything (`whole`).
    dropped_turns: how many of the oldest turns did not fit the input limit.
    """

    conversation: Conversation
    model: Model
    message: str
    prompt: Prompt
    whole: bool
    dropped_turns: int = 0

    @property
    def note(self) -> str:
        """What the person should know before the answer comes; mostly nothing."""
        if not self.dropped_turns:
            return ""
        return _("oldest turns left out, to fit the input limit of {limit} tokens: {count}").format(
            limit=self.model.max_input_tokens, count=self.dropped_turns
        )


def plan_turn(
    conversation: Conversation,
    question: Question,
    model: Model,
    *,
    scope: str,
    fresh_id: Callable[[], str],
    system: str | None = None,
    estimate: Callable[[], TokenEstimate] = TokenEstimate,
) -> Plan:
    """Decides whether the new message is enough. UsageError where the message alone is surely too long.

    question: the message, with its settings.
    system: None leaves the conversation's own; "" takes it away. scope: see `Conversation.remote_scope`.
    """
    system = conversation.system if system is None else system or None
    seen = (
        conversation.in_sync
        and conversation.remote_id is not None
        and (conversation.remote_scope, conversation.model, conversation.system)
        == (scope, model.name, system)
    )
    if seen and conversation.remote_id is not None:
        remote_id, text, dropped = conversation.remote_id, question.instructed, 0
    else:
        remote_id = conversation.id if conversation.remote_id is None else fresh_id()
        text, dropped = opening(system, conversation.turns, question.instructed, model, estimate)
    refuse_over_long(text, model)
    return Plan(
        conversation=replace(
            conversation, model=model.name, system=system, remote_id=remote_id, remote_scope=scope
        ),
        model=model,
        message=question.text,
        prompt=question.within(remote_id, text),
        whole=not seen,
        dropped_turns=dropped,
    )
