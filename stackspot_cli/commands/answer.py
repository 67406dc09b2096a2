"""One turn, from its plan to the screen and the history: what `complete` and `chat` do alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.conversation import past
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.answering import Answering
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.conversation.scope import scope
from stackspot_cli.errors import AnswerCut, AnswerTooLarge, OutputUnwritable, StackSpotError
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER
from stackspot_cli.listener import ignore
from stackspot_cli.output.present import Presentation, counts, present
from stackspot_cli.translation import _
from stackspot_cli.ulid import new_ulid

if TYPE_CHECKING:
    from stackspot_cli.conversation.plan import Plan
    from stackspot_cli.domain import Conversation, Question
    from stackspot_cli.model import Model
    from stackspot_cli.network.patience import Patience
    from stackspot_cli.output.value import ValueOutput
    from stackspot_cli.structured.schema import Schema


def new_conversation(app: App, model: Model) -> Conversation:
    return past.new_conversation(new_ulid(), app.account, model)


def planned(
    app: App, conversation: Conversation, question: Question, model: Model, system: str | None
) -> Plan:
    """The turn, decided: what has to be said to this service, as this account, that it has not seen."""
    plan = plan_turn(
        conversation,
        question,
        model,
        scope=scope_of(app, model),
        fresh_id=new_ulid,
        system=system,
        estimate=lambda: past.estimate_for(app.kept_history, model),
    )
    app.client.refuse_own_secrets(plan.prompt.text, _("the prompt"))  # before any of it is kept
    return plan


def scope_of(app: App, model: Model) -> str:
    """Who sees what is asked of this model: see `conversation.scope`."""
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
        longest = LONGEST_KEPT_ANSWER if goes_on or history is not None else 0
        answer = Answer(longest, passing=not goes_on)
    stream = partial(app.client.stream, patience=patience)
    on_cut = partial(_say_how_to_go_on, plan.conversation.id) if app.keeps_answers and not goes_on else ignore
    return Answering(plan, stream, now=time.time, history=history, answer=answer, on_cut=on_cut)


def _say_how_to_go_on(conversation_id: str, cut: AnswerCut) -> None:
    if not isinstance(cut.__cause__, AnswerTooLarge):  # the rest of which would be too long as well
        cut.hint = _(
            'what came was kept; ask again, or go on from there: stackspot complete --conversation {id} "Go on"'
        ).format(id=conversation_id)


def show(app: App, turn: Answering, presentation: Presentation) -> None:
    """Asks, and shows what comes. Raises what broke it, when all that came is shown and kept."""
    plan = turn.plan
    with _told_where_it_is_kept(app, lambda: turn.is_kept), turn:
        present(
            app.terminal,
            presentation,
            turn.events(),
            Start(plan.model.name, plan.conversation.id),
            turn.answer,
            now=app.now,
        )


@contextmanager
def _told_where_it_is_kept(app: App, is_kept: Callable[[], bool]) -> Iterator[None]:
    """An answer that cannot be written is not lost where it is kept."""
    try:
        yield
    except OutputUnwritable as error:
        if app.keeps_answers and is_kept():
            error.hint = _("free some space or write elsewhere; `stackspot history show` has the last answer")
        raise


def show_value(
    app: App,
    plan: Plan,
    presentation: Presentation,
    schema: Schema,
    again: Callable[[Conversation, str], Plan],
    patience: Patience | None = None,
    *,
    heard: Callable[[Answering], None] = lambda _turn: None,
) -> None:
    """Asks for one JSON value, once more where none fits, and puts it where it was wanted.

    again: plans the request for a repair, in the conversation as it stands then. heard: is given each turn when it is
    over, whatever became of it. Raises AnswerUnfit, and what broke an answer; what came is on stderr then.
    """
    from stackspot_cli.output.value import value_output
    from stackspot_cli.structured.asking import ask_for_value

    turns: list[Answering] = []

    def ask(complaints: str) -> str:
        planned = again(turns[-1].conversation, complaints) if turns else plan
        stream = partial(app.client.stream, patience=patience.another() if patience else None)
        turns.append(Answering(planned, stream, now=time.time, history=app.kept_history, answer=Answer()))
        text = _heard_out(turns[-1], output, heard)
        if len(turns) > 1:  # what both of them took
            turns[-1].answer.usage = turns[-2].answer.usage + turns[-1].answer.usage
        return text

    def is_kept() -> bool:
        return bool(turns) and turns[-1].is_kept

    with _told_where_it_is_kept(app, is_kept), value_output(app.terminal, presentation, app.now) as output:
        try:
            with output.or_lost(lambda: turns[-1].answer if turns else Answer()):
                value = ask_for_value(ask, schema)
                output.put(value, turns[-1].answer)
        finally:
            if presentation.usage and turns:
                app.terminal.say(counts(turns[-1].answer.usage))
    presentation.demand(turns[-1].answer)


def _heard_out(turn: Answering, output: ValueOutput, heard: Callable[[Answering], None]) -> str:
    """The whole answer's text."""
    output.start(Start(turn.plan.model.name, turn.plan.conversation.id))
    try:
        with turn:
            for _event in turn.events():
                pass
    finally:
        heard(turn)
    output.checks()
    return turn.answer.text
