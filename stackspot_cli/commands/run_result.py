"""A quick command's execution for `run`: followed to its end, and its result put where it was wanted.

Refuses to know options, and how an execution is followed (`client`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.client import quick_commands
from stackspot_cli.conversation.answer import Answer, Start, added_up
from stackspot_cli.domain import Source
from stackspot_cli.errors import AnswerLacks
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.output.present import Presentation, present, put_object
from stackspot_cli.terminal.progress import progress_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.polling import PollPlan
    from stackspot_cli.client.quick_commands import Execution
    from stackspot_cli.client.uploads import LocalFile
    from stackspot_cli.routes.call import Call
    from stackspot_cli.structured.schema import Schema


@dataclass(frozen=True, slots=True)
class Following:
    """Executions of one call of the program, followed one after the other. ends: see `App.ends`."""

    app: App
    plan: PollPlan
    ends: float | None

    def with_uploads(self, call: Call, files: Sequence[LocalFile]) -> Call:
        """The call, once StackSpot holds the files."""
        patience = self.app.client.patience().another(ends=self.ends)
        with progress_line(self.app.terminal, self.app.now) as line:
            ids = list(self.app.new_uploads().upload_all(tuple(files), line.show, patience))
        return replace(call, body={**call.body, "upload_ids": ids})

    def start(self, call: Call) -> str:
        """Has an execution begin: its id."""
        id_ = quick_commands.start(self.app.client, call, self.app.client.patience().another(ends=self.ends))
        self.app.listener.step(_("execution {id}").format(id=id_))
        return id_

    def finished(self, begun: Call | str) -> Execution:
        """The execution of this call, or id, when it is over. Raises StackSpotError."""
        id_ = begun if isinstance(begun, str) else self.start(begun)
        patience = self.app.client.patience().another(ends=self.ends)
        return quick_commands.follow(
            self.app.client, id_, self.plan, patience, created_now=not isinstance(begun, str)
        )


def show(
    following: Following,
    presentation: Presentation,
    schema: Schema | None,
    begun: Call | str,
    *,
    name: str = "",
    may_repair: bool = False,
) -> None:
    """Follows the execution of this call, or id, and delivers its result.

    may_repair: whether a result that does not fit the schema may be asked for once more.
    """
    app = following.app
    if schema is not None:
        _show_value(following, presentation, schema, begun, name=name, may_repair=may_repair)
        return
    with progress_line(app.terminal, app.now, alive=presentation.format != "text"):
        execution = following.finished(begun)
    deliver(app, presentation, execution, name)


def deliver(app: App, presentation: Presentation, execution: Execution, name: str) -> None:
    """Puts the result where it was wanted. Raises CommandFailed for one that failed, AnswerLacks, LocalError."""
    if presentation.format == "json":
        put_object(app.terminal, execution.whole, presentation.output)
    if execution.state == "failed":
        raise quick_commands.failure(execution)
    answer = Answer()
    # The result is what was asked for; what it leans on stands in `--format json`.
    events = [event for event in quick_commands.events(execution) if not isinstance(event, Source)]
    if presentation.format == "json":
        for event in events:
            answer.add(event)
        presentation.demand(answer)
        return
    _refuse_without_result(execution)
    if not isinstance(execution.result, str):  # JSON that stands in no fence is unwrapped already
        presentation = replace(presentation, format=presentation.format or "text", extract=None)
    start = Start(name, execution.conversation_id or "")
    present(app.terminal, presentation, added_up(events, answer), start, answer, now=app.now)


def _refuse_without_result(execution: Execution) -> None:
    if execution.result is None:
        raise AnswerLacks(
            _("the quick command completed without a result"),
            _("--format json shows all that StackSpot told about it"),
        )


# --- a value ---------------------------------------------------------------------------------------


def _show_value(
    following: Following,
    presentation: Presentation,
    schema: Schema,
    begun: Call | str,
    *,
    name: str,
    may_repair: bool,
) -> None:
    """One JSON value; a second execution in the same conversation where none fits. Raises AnswerUnfit."""
    from stackspot_cli.output.value import value_output
    from stackspot_cli.structured.asking import ask_for_value

    done: list[tuple[Execution, Answer]] = []

    def ask(complaints: str) -> str:
        last = done[-1][0] if done else None
        output.start(Start(name, (last and last.conversation_id) or ""))
        execution = following.finished(begun if last is None else _again(begun, complaints, last))
        if execution.state == "failed":
            raise quick_commands.failure(execution)
        _refuse_without_result(execution)
        done.append((execution, _answer_of(execution)))
        output.checks()
        return execution.text

    with (
        value_output(following.app.terminal, presentation, following.app.now) as output,
        output.or_lost(lambda: done[-1][1] if done else Answer()),
    ):
        value = ask_for_value(ask, schema, may_repair=may_repair)
        execution, answer = done[-1]
        output.put(value, answer, execution.whole if isinstance(execution.whole, dict) else {})
    presentation.demand(answer)


def _answer_of(execution: Execution) -> Answer:
    answer = Answer()
    for event in quick_commands.events(execution):
        answer.add(event)
    return answer


def _again(begun: Call | str, complaints: str, last: Execution) -> Call:
    """The call for a repair: in the conversation of the last one, else with all that it said."""
    assert not isinstance(begun, str), "what runs already is not asked for again"
    if last.conversation_id is None:
        data = f"{begun.body['input_data']}\n\n{complaints}"
        return replace(begun, body={**begun.body, "input_data": data})
    return replace(
        begun,
        body={**begun.body, "input_data": complaints},
        query=(("conversation_id", last.conversation_id),),
    )
