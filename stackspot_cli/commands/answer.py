"""One turn, from its plan to the screen and the history: what `complete` and `chat` do alike."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.conversation import past
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.answering import Answering
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.conversation.scope import scope
from stackspot_cli.errors import OutputUnwritable, StackSpotError
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER
from stackspot_cli.output.present import Presentation, present
from stackspot_cli.translation import _
from stackspot_cli.ulid import new_ulid

if TYPE_CHECKING:
    from stackspot_cli.conversation.plan import Plan
    from stackspot_cli.domain import Conversation, Question
    from stackspot_cli.model import Model
    from stackspot_cli.network.patience import Patience


def new_conversation(app: App, model: Model) -> Conversation:
    return past.new_conversation(new_ulid(), app.settings.profile.value, model)


def planned(
    app: App, conversation: Conversation, question: Question, model: Model, system: str | None
) -> Plan:
    """The turn, decided: what has to be said to this service, as this account, that it has not seen."""
    return plan_turn(
        conversation,
        question,
        model,
        scope=_scope(app, model),
        fresh_id=new_ulid,
        system=system,
        estimate=lambda: past.estimate_for(app.kept_history, model),
    )


def _scope(app: App, model: Model) -> str:
    settings = app.settings
    address = settings.base(model.route.service).value
    try:
        credentials = app.credentials
    except StackSpotError:  # without credentials only `--dry-run` comes further than this
        return scope(address, settings.realm.value, "")
    return scope(address, credentials.realm.value, credentials.client_id.value)


def answering(
    app: App, plan: Plan, presentation: Presentation, patience: Patience | None = None, *, goes_on: bool
) -> Answering:
    """The turn, not yet asked. goes_on: whether the conversation goes on in this process."""
    history = app.kept_history
    if presentation.needs_whole:
        answer = Answer()
    else:  # what nobody will look at again is not kept in memory
        answer = Answer(LONGEST_KEPT_ANSWER if goes_on or history is not None else 0)
    stream = partial(app.client.stream, patience=patience)
    return Answering(plan, stream, now=time.time, history=history, answer=answer)


def show(app: App, turn: Answering, presentation: Presentation) -> None:
    """Asks, and shows what comes. Raises what broke it, when all that came is shown and kept."""
    plan = turn.plan
    try:
        with turn:
            present(
                app.terminal,
                presentation,
                turn.events(),
                Start(plan.model.name, plan.conversation.id),
                turn.answer,
                now=app.now,
            )
    except OutputUnwritable as error:
        if app.keeps_answers:
            error.hint = _("free some space or write elsewhere; `stackspot history show` has the last answer")
        raise
