"""The conversations of this process, so that a later call goes on with one: whose each is, and what was said in it.

Knows how many are remembered, and where else one can be: in the history, which the command keeps and Python only
reads, or at the service alone. Refuses to know sockets and what an answer looks like.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from stackspot_cli.account import Account, digest
from stackspot_cli.api.failures import Hinted
from stackspot_cli.app import App
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.past import new_conversation, owned
from stackspot_cli.conversation.plan import Plan, plan_turn
from stackspot_cli.domain import Conversation, Event, Prompt, Question
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.model import Model
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings.setting_kinds import TARGETS
from stackspot_cli.translation import _
from stackspot_cli.ulid import new_ulid

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client
    from stackspot_cli.network.patience import Patience

MOST_CONVERSATIONS = 1_000
MOST_CHARACTERS = 32 * 1024 * 1024  # of all of them together; the oldest are forgotten first


class Conversations:
    """By id, the newest last. Safe to share by threads."""

    def __init__(self) -> None:
        self._known: dict[str, Conversation] = {}
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, id_: str) -> Conversation | None:
        return self._known.get(id_)

    def keep(self, conversation: Conversation) -> None:
        """Under its id, and under the service's where that is another."""
        size = sum(len(turn.prompt) + len(turn.answer) for turn in conversation.turns)
        with self._lock:
            for name in {conversation.id, conversation.remote_id or conversation.id}:
                self._known.pop(name, None)
                self._known[name], self._sizes[name] = conversation, size
            while len(self._known) > MOST_CONVERSATIONS or sum(self._sizes.values()) > MOST_CHARACTERS:
                oldest = next(iter(self._known))
                del self._known[oldest], self._sizes[oldest]


OF_THIS_PROCESS = Conversations()  # of all its clients: one client's conversation is told from another's


@dataclass(slots=True)
class Asked:
    """A question on its way: what is sent, to whom, and where the conversation is remembered.

    reaching: see `calling`.
    """

    client: Client
    plan: Plan
    conversations: Conversations
    reaching: Callable[[str], str]

    @property
    def start(self) -> Start:
        return Start(self.plan.model.name, self.plan.conversation.id)

    def events(self, prompt: Prompt, patience: Patience | None = None) -> Generator[Event, None, None]:
        """The answer to the plan's prompt, or to a further one in the same conversation. Remembered at its end."""
        from stackspot_cli.conversation.answering import Answering

        plan = self.plan
        if prompt is not plan.prompt:
            said = self.conversations.get(plan.conversation.id) or plan.conversation
            plan = replace(plan, conversation=said, message=prompt.text, prompt=prompt)
        stream = partial(self.client.stream, patience=patience)
        turn = Answering(plan, stream, now=time.time, answer=Answer(LONGEST_KEPT_ANSWER))
        try:
            with Hinted(self.reaching), turn:
                yield from turn.events()
        finally:
            self.conversations.keep(turn.conversation)


def found(app: App, id_: str, conversations: Conversations = OF_THIS_PROCESS) -> Conversation:
    """The conversation of this id. UsageError for none, and for another account's."""
    held = conversations.get(id_) or _kept(app, id_)
    if held is None:
        return _at_the_service(app, id_)
    return owned(held, app.account, way_back=_way_back)


def planned(app: App, conversation: Conversation | None, question: Question, model: Model) -> Plan:
    """UsageError where the message alone is surely too long. conversation: None begins one."""
    account = app.account
    scope = f"{digest(account)}/{model.route.name}"
    if conversation is None:
        conversation = new_conversation(new_ulid(), account, model)
    elif not conversation.model:  # the service has it, whatever model it was held with
        conversation = replace(conversation, model=model.name, remote_scope=scope)
    plan = plan_turn(
        conversation,
        question,
        model,
        scope=scope,
        fresh_id=new_ulid,
    )
    if plan.note:
        app.terminal.note(plan.note)
    return plan


def _kept(app: App, id_: str) -> Conversation | None:
    """What the command has kept. The service has then to be told all of it: what Python says is not kept there."""
    if not app.settings.history_enabled.value:
        return None
    with suppress(LocalError, UsageError):
        return replace(app.history.holder(id_) or app.history.find(id_), in_sync=False)
    return None


def _at_the_service(app: App, id_: str) -> Conversation:
    """One of another process: the service has all of it, and we have nothing."""
    try:
        ulid = str(TARGETS["ulid"].parse(id_.strip()))
    except ValueError as problem:
        raise UsageError(
            _("no conversation {id}").format(id=safe_line(id_, 60)),
            _("give the whole id, as `conversation_id` in an answer has it"),
        ) from problem
    account = app.account
    return Conversation(id=ulid, account=account, model="", remote_id=ulid, in_sync=True)


def _way_back(conversation: Conversation) -> str:
    held: Account = conversation.account
    return _("a StackSpot(profile={profile}) with its credentials goes on with it").format(
        profile=repr(held.profile)
    )
