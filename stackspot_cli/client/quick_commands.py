"""A quick command's execution: started, followed to its end, and made the events of an answer.

Knows what an execution's progress means to whoever waits. Refuses to know field names (`routes`) and when to ask
again (`polling`). Whatever breaks the following, the execution itself goes on: how to follow it again is said
each time.
"""

from __future__ import annotations

from collections.abc import Generator

from stackspot_cli.client.polling import Caller, Polling, PollPlan
from stackspot_cli.domain import Delta, Done, Event, Progress
from stackspot_cli.errors import (
    CommandFailed,
    NotFound,
    QuotaExceeded,
    RateLimited,
    StackSpotError,
    StillRunning,
    Terminated,
)
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes import quick_command
from stackspot_cli.routes.call import Call
from stackspot_cli.routes.quick_command import Execution, create
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, numeral

__all__ = ["Execution", "create", "events", "failure", "follow", "follow_line", "start"]

QUEUE_SECONDS = 60.0  # a CREATED that lasts longer means that the queue is full (protocol page)


def start(client: Caller, call: Call, patience: Patience) -> str:
    """Has an execution begin: its id. call: what `create` made. Raises StackSpotError."""
    return quick_command.execution_id(client.json(call, patience))


def follow(
    client: Caller, execution_id: str, plan: PollPlan, patience: Patience, *, created_now: bool
) -> Execution:
    """The execution when it is over: completed or failed.

    patience: with the whole command; its deadline holds here too. created_now: the first question waits an
    interval. Raises StillRunning after plan.wait_seconds, and what the service's refusals mean.
    """
    again = follow_line(client.program, execution_id)
    try:
        return _Following(client, execution_id, plan, patience).to_the_end(created_now)
    except (StillRunning, NotFound):
        raise
    except RateLimited as limited:
        if not client.program:
            raise
        limited.hint = _when(limited).format(command=again, seconds=f"{limited.retry_after_seconds or 0:.0f}")
        raise
    except (StackSpotError, KeyboardInterrupt, Terminated):
        if client.program:
            client.listener.note(
                _("the quick command goes on at StackSpot; follow it again: {command}").format(command=again)
            )
        raise


def events(execution: Execution) -> Generator[Event, None, None]:
    """The result as an answer that comes all at once. Raises CommandFailed for an execution that failed."""
    if execution.state == "failed":
        raise failure(execution)
    if execution.text:
        yield Delta(execution.text)
    yield from execution.sources
    yield Done("stop", execution.conversation_id)


def failure(execution: Execution) -> CommandFailed:
    """What the end of a failed execution means. No field says why, so its place must do."""
    what = _("the quick command failed ({status})").format(status=safe_line(execution.progress.status, 40))
    if execution.progress.step:
        what = _("{what} after the step {step}").format(
            what=what, step=repr(safe_line(execution.progress.step, 80))
        )
    if isinstance(execution.result, str) and execution.result.strip():
        what = f"{what}: {safe_line(execution.result)}"
    return CommandFailed(
        what, _("StackSpot does not say why: try the command in its portal, with the same input")
    )


def follow_line(program: str, execution_id: str) -> str:
    """The command that follows an execution again. program: how a person calls us, and reaches the same account."""
    import shlex  # deferred: only where something did not end

    return f"{program} run --execution {shlex.quote(safe_line(execution_id))}"


def _when(limited: RateLimited) -> str:
    """The one step that helps against a refusal: to follow again, later."""
    if isinstance(limited, QuotaExceeded):
        return _("when there is quota again, follow it: {command}")
    if limited.retry_after_seconds is not None:
        return _("come back in {seconds} s, and follow it again: {command}")
    return _("wait a minute, and follow it again: {command}")


class _Following:
    def __init__(self, client: Caller, execution_id: str, plan: PollPlan, patience: Patience) -> None:
        self._client = client
        self._listener = client.listener
        self._id = execution_id
        self._plan = plan
        self._polling = Polling(
            client, quick_command.callback(execution_id), plan, patience, late=self._still_running
        )
        self._said: set[str] = set()
        self._progress = Progress("CREATED")

    def to_the_end(self, created_now: bool) -> Execution:
        if created_now:
            self._listener.progress(self._progress)
        for answer in self._polling.answers(at_once=not created_now):
            execution = quick_command.read(answer)
            self._heed(execution)
            if execution.is_over:
                return execution
        raise AssertionError("the answers end with an error")

    def _heed(self, execution: Execution) -> None:
        self._progress = execution.progress
        self._listener.progress(execution.progress)
        for odd in execution.odd:
            if odd not in self._said:
                self._said.add(odd)
                self._listener.step(_("not understood in the execution: {what}").format(what=safe_line(odd)))
        waited = self._polling.waited_seconds
        if execution.state == "waiting" and waited > QUEUE_SECONDS and "queue" not in self._said:
            self._said.add("queue")
            self._listener.note(
                _("not started after {seconds} s: StackSpot's queue seems full; still waiting").format(
                    seconds=f"{waited:.0f}"
                )
            )

    def _still_running(self) -> StillRunning:
        place = safe_line(self._progress.status, 40)
        if self._progress.step:
            place = f"{place}, {safe_line(self._progress.step, 80)}"
        return StillRunning(
            _("the quick command has not finished within {seconds} s ({where})").format(
                seconds=numeral(f"{self._plan.wait_seconds:g}"), where=place
            ),
            _("follow it again: {command}").format(command=follow_line(self._client.program, self._id))
            if self._client.program
            else _("give it longer with --wait: it ends with this call, as the emulated StackSpot does"),
        )
