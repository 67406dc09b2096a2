"""Following one quick command to its end.

Knows what an execution's progress means to whoever waits. Refuses to know field names (`routes`) and when to ask
again (`polling`). Whatever breaks the following, the execution itself goes on: how to follow it again is said
each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stackspot_cli.client.polling import Asks, Patience, Polling
from stackspot_cli.domain import Progress
from stackspot_cli.errors import (
    CommandFailed,
    NotFound,
    QuotaExceeded,
    RateLimited,
    StackSpotError,
    StillRunning,
    Terminated,
)
from stackspot_cli.network.patience import Patience as Watch
from stackspot_cli.routes import quick_command
from stackspot_cli.routes.quick_command import Execution
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

QUEUE_SECONDS = 60.0  # a CREATED that lasts longer means that the queue is full (protocol page)


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told. program: how a person calls us, with the options that reach the same account."""

    progress: Callable[[Progress], None] = lambda _progress: None
    note: Callable[[str], None] = lambda _text: None
    step: Callable[[str], None] = lambda _text: None
    program: str = "stackspot"

    def follow_line(self, execution_id: str) -> str:
        """The command that follows an execution again."""
        import shlex  # deferred: only where something did not end

        return f"{self.program} run --execution {shlex.quote(safe_line(execution_id))}"


def follow(
    service: Asks, execution_id: str, patience: Patience, watch: Watch, tell: Tell, *, created_now: bool
) -> Execution:
    """The execution when it is over: completed or failed.

    watch: of the whole command; its deadline holds here too. created_now: the first question waits an interval.
    Raises StillRunning after patience.wait_seconds, and what the service's refusals mean.
    """
    try:
        return _Following(service, execution_id, patience, watch, tell).to_the_end(created_now)
    except (StillRunning, NotFound):
        raise
    except RateLimited as limited:
        _tell_when(limited, tell.follow_line(execution_id))
        raise
    except (StackSpotError, KeyboardInterrupt, Terminated):
        tell.note(
            _("the quick command goes on at StackSpot; follow it again: {command}").format(
                command=tell.follow_line(execution_id)
            )
        )
        raise


def _tell_when(limited: RateLimited, command: str) -> None:
    """Gives the refusal the one step that helps: to follow again, later."""
    told = limited.retry_after_seconds
    if isinstance(limited, QuotaExceeded):
        when = _("when there is quota again, follow it: {command}")
    elif told is not None:
        when = _("come back in {seconds} s, and follow it again: {command}")
    else:
        when = _("wait a minute, and follow it again: {command}")
    limited.hint = when.format(command=command, seconds=f"{told or 0:.0f}")


def failure(execution: Execution) -> CommandFailed:
    """What the end of a failed execution means. No field tells why, so its place must do."""
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


class _Following:
    def __init__(
        self, service: Asks, execution_id: str, patience: Patience, watch: Watch, tell: Tell
    ) -> None:
        self._id = execution_id
        self._patience = patience
        self._tell = tell
        self._polling = Polling(
            service,
            quick_command.callback(execution_id),
            patience,
            watch,
            late=self._still_running,
        )
        self._said: set[str] = set()
        self._progress = Progress("CREATED")

    def to_the_end(self, created_now: bool) -> Execution:
        if created_now:
            self._tell.progress(self._progress)
        for answer in self._polling.answers(at_once=not created_now):
            execution = quick_command.read(answer)
            self._heed(execution)
            if execution.is_over:
                return execution
        raise AssertionError("the answers end with an error")

    def _heed(self, execution: Execution) -> None:
        self._progress = execution.progress
        self._tell.progress(execution.progress)
        for odd in execution.odd:
            if odd not in self._said:
                self._said.add(odd)
                self._tell.step(_("not understood in the execution: {what}").format(what=safe_line(odd)))
        waited = self._polling.waited_seconds
        if execution.state == "waiting" and waited > QUEUE_SECONDS and "queue" not in self._said:
            self._said.add("queue")
            self._tell.note(
                _("not started after {seconds} s: StackSpot's queue seems full; still waiting").format(
                    seconds=f"{waited:.0f}"
                )
            )

    def _still_running(self) -> StillRunning:
        where = safe_line(self._progress.status, 40)
        if self._progress.step:
            where = f"{where}, {safe_line(self._progress.step, 80)}"
        return StillRunning(
            _("the quick command has not finished within {seconds} s ({where})").format(
                seconds=f"{self._patience.wait_seconds:g}", where=where
            ),
            _("follow it again: {command}").format(command=self._tell.follow_line(self._id)),
        )
