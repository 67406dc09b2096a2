"""Following one quick command to its end: asks how far it is, ever less often, within a patience.

Knows when to ask again and when to stop. Refuses to know field names (`routes`), clocks and sockets: time passes
in the watch, and waits go through `pause`. Whatever breaks the following, the execution itself goes on: how to
follow it again is said each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from stackspot_cli.domain import Progress
from stackspot_cli.errors import (
    CommandFailed,
    NotFound,
    QuotaExceeded,
    RateLimited,
    StackSpotError,
    StillRunning,
    Terminated,
    TimedOut,
)
from stackspot_cli.messages import _
from stackspot_cli.retry import LONGEST_TOLD_SECONDS
from stackspot_cli.routes import quick_command
from stackspot_cli.routes.call import Call
from stackspot_cli.routes.quick_command import Execution
from stackspot_cli.safe_text import safe_line
from stackspot_cli.transport import Watch

WAIT_SECONDS = 600.0
POLL_SECONDS = 5.0  # polls count against the account's quota (protocol page)
GROWTH = 1.25
MOST_GROWTH = 4.0  # times the first interval
QUEUE_SECONDS = 60.0  # a CREATED that lasts longer means that the queue is full (protocol page)
GRACE_SECONDS = 2.0  # for the answer to a question that was asked within the wait


@dataclass(frozen=True, slots=True)
class Patience:
    """wait_seconds: in all. poll_seconds: the first interval; they grow from there."""

    wait_seconds: float = WAIT_SECONDS
    poll_seconds: float = POLL_SECONDS


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


class Asks(Protocol):
    """The part of the client that is needed here."""

    def json(self, call: Call, watch: Watch | None = None) -> Any: ...
    def pause(self, seconds: float, watch: Watch) -> None: ...


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
    except (StackSpotError, KeyboardInterrupt, Terminated):
        tell.note(
            _("the quick command goes on at StackSpot; follow it again: {command}").format(
                command=tell.follow_line(execution_id)
            )
        )
        raise


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
        self._service = service
        self._id = execution_id
        self._patience = patience
        self._watch = watch
        self._tell = tell
        self._began = watch.now()
        self._ends = self._began + patience.wait_seconds
        self._interval = patience.poll_seconds
        self._said_odd: set[str] = set()
        self._said_queue = False
        self._progress = Progress("CREATED")

    def to_the_end(self, created_now: bool) -> Execution:
        if created_now:
            self._tell.progress(self._progress)
            self._rest(self._interval)
        while True:
            execution = self._ask()
            if execution is not None:
                self._heed(execution)
                if execution.is_over:
                    return execution
            if self._left() <= 0:
                raise self._still_running()
            self._rest(self._interval)
            self._interval = min(self._interval * GROWTH, self._patience.poll_seconds * MOST_GROWTH)

    def _ask(self) -> Execution | None:
        """What the service says now, or None where it asked for fewer questions, and that was waited out."""
        watch = self._one_question()
        try:
            return quick_command.read(self._service.json(quick_command.callback(self._id), watch))
        except QuotaExceeded:
            raise
        except RateLimited as limited:
            self._wait_out(limited)
            return None
        except TimedOut as late:
            if watch.expired_by_deadline and self._left() <= 0 and not self._deadline_passed():
                raise self._still_running() from late
            raise

    def _one_question(self) -> Watch:
        whole = self._watch
        ends = self._ends + GRACE_SECONDS
        deadline = ends if whole.deadline is None else min(ends, whole.deadline)
        return Watch(whole.silence_seconds, deadline=deadline, idle=whole.idle, now=whole.now)

    def _wait_out(self, limited: RateLimited) -> None:
        """The exchange has tried again by the retry rules already; the execution deserves more patience."""
        told = limited.retry_after_seconds
        if told is not None and told > LONGEST_TOLD_SECONDS:
            raise limited
        if told is not None and told > self._left():
            raise self._still_running() from limited
        self._tell.step(_("StackSpot asks for fewer requests; asking less often"))
        self._interval = self._patience.poll_seconds * MOST_GROWTH
        if told is not None:
            self._rest(told)

    def _heed(self, execution: Execution) -> None:
        self._progress = execution.progress
        self._tell.progress(execution.progress)
        for odd in execution.odd:
            if odd not in self._said_odd:
                self._said_odd.add(odd)
                self._tell.step(_("not understood in the execution: {what}").format(what=safe_line(odd)))
        waited = self._watch.now() - self._began
        if execution.state == "waiting" and waited > QUEUE_SECONDS and not self._said_queue:
            self._said_queue = True
            self._tell.note(
                _("not started after {seconds} s: StackSpot's queue seems full; still waiting").format(
                    seconds=f"{waited:.0f}"
                )
            )

    def _left(self) -> float:
        return self._ends - self._watch.now()

    def _deadline_passed(self) -> bool:
        left = self._watch.deadline_seconds()
        return left is not None and left <= 0

    def _rest(self, seconds: float) -> None:
        """Waits, never beyond the end of the patience. Raises TimedOut where the deadline comes first."""
        left = self._left()
        until_deadline = self._watch.deadline_seconds()
        pause = max(0.0, min(seconds, left))
        if until_deadline is not None and until_deadline <= pause:
            self._service.pause(max(0.0, until_deadline), self._watch)
            raise TimedOut(
                _("the deadline passed before the quick command had finished"),
                _("give it longer with --deadline"),
            )
        self._service.pause(pause, self._watch)

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
