"""Conversations that were: begun, gone on with, taken back; and what was learned of a model's counting from them.

Knows when the past may be gone on with. Refuses to know tables (`history`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.domain import Conversation
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.model import Model
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.history.store import History


def new_conversation(id_: str, profile: str, model: Model) -> Conversation:
    return Conversation(id=id_, profile=profile, model=model.name)


def resume(history: History | None, *, profile: str, named: str | None = None) -> Conversation:
    """The conversation to go on with: the named one, or the profile's last. UsageError: there is none.

    history: None where nothing is to be kept. A turn that the service saw and we did not keep would leave the
    stored conversation out of step, so that is refused.
    """
    if history is None:
        raise UsageError(
            _("history is off, so there is no conversation to go on with"),
            _("leave out `--no-history`, or unset STACKSPOTAI_HISTORY"),
        )
    if named is not None:
        return history.find(named)
    conversation = history.last(profile)
    if conversation is None:
        raise UsageError(
            _("there is no conversation to go on with yet"), _("leave out `--continue` to begin one")
        )
    return conversation


def without_last_turn(conversation: Conversation, history: History | None) -> Conversation:
    """One turn back, here and on disk. The service has then seen more than we hold."""
    if not conversation.turns:
        return conversation
    if history is not None:
        history.drop_last_turn(conversation)
    return replace(
        conversation, turns=conversation.turns[:-1], in_sync=False, revision=conversation.revision + 1
    )


def estimate_for(history: History | None, model: Model) -> TokenEstimate:
    """What this machine has learned of the model's counting; a beginner's estimate where nothing was."""
    if history is None:
        return TokenEstimate()
    try:
        return TokenEstimate.load(history.recall(memo_name(model)))
    except LocalError:
        return TokenEstimate()  # told where the history is written


def learn(history: History, model: Model, characters: int, tokens: int) -> None:
    try:
        history.remember(
            memo_name(model), lambda old: TokenEstimate.load(old).learn(characters, tokens).dump()
        )
    except LocalError:
        return  # an estimate less


def memo_name(model: Model) -> str:
    return f"tokens:{model.name}"
