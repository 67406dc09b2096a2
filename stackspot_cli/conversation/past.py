"""Conversations that were: begun, gone on with, taken back; and what was learned of a model's counting from them.

Knows when the past may be gone on with. Refuses to know tables (`history`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stackspot_cli.account import Account, completed, difference
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.domain import Conversation
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.model import Model
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.history.store import History


def new_conversation(id_: str, account: Account, model: Model) -> Conversation:
    return Conversation(id=id_, account=account, model=model.name)


def resume(
    history: History | None,
    *,
    account: Account,
    way_back: Callable[[Conversation], str],
    named: str | None = None,
) -> Conversation:
    """The conversation to go on with: the named one, or the account's last. UsageError: there is none of its own.

    way_back: what to type, to go on with a conversation of somebody else's as who held it.
    history: None where nothing is to be kept. A turn that the service saw and we did not keep would leave the
    stored conversation out of step, so that is refused.
    """
    if history is None:
        raise UsageError(
            _("history is off, so there is no conversation to go on with"),
            _("leave out `--no-history`, or unset STACKSPOTAI_HISTORY"),
        )
    conversation = history.last(account) if named is None else history.find(named)
    if conversation is None:
        raise _none_yet(history, account)
    return owned(conversation, account, way_back)


def owned(
    conversation: Conversation, account: Account, way_back: Callable[[Conversation], str]
) -> Conversation:
    """The conversation, with what is known of its account now. UsageError where it is another account's."""
    named = _("conversation {id}").format(id=conversation.id)
    strange = difference(conversation.account, account, what=named)
    if strange:
        raise UsageError(strange, way_back(conversation))
    return replace(conversation, account=completed(conversation.account, account))


def _none_yet(history: History, account: Account) -> UsageError:
    if history.profiles():
        return UsageError(
            _("there is no conversation of this account to go on with yet (profile {profile})").format(
                profile=account.profile
            ),
            _("leave out `--continue` to begin one; `stackspot history list` shows those of all profiles"),
        )
    return UsageError(
        _("there is no conversation to go on with yet"), _("leave out `--continue` to begin one")
    )


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
