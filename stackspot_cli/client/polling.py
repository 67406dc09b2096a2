"""Asking the same question again, ever less often, until somebody is content or the wait ends.

Knows when to ask and when to stop. Refuses to know what is asked, clocks and sockets: time passes in the patience,
and waits go through `pause`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Protocol

from stackspot_cli.errors import QuotaExceeded, RateLimited, StillRunning, TimedOut
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.listener import Listener
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes.call import Call
from stackspot_cli.translation import _

WAIT_SECONDS = 600.0
POLL_SECONDS = 5.0  # questions count against the account's quota (protocol page)
GROWTH = 1.25
MOST_GROWTH = 4.0  # times the first interval
GRACE_SECONDS = 2.0  # for the answer to a question that was asked within the wait


@dataclass(frozen=True, slots=True)
class PollPlan:
    """wait_seconds: in all. poll_seconds: the first interval; they grow from there."""

    wait_seconds: float = WAIT_SECONDS
    poll_seconds: float = POLL_SECONDS


class Caller(Protocol):
    """The client, as those see it whom it uses itself."""

    @property
    def listener(self) -> Listener: ...
    @property
    def program(self) -> str: ...
    def json(self, call: Call, patience: Patience | None = None) -> Any: ...
    def pause(self, seconds: float, patience: Patience) -> None: ...


class Polling:
    """One question. patience: with the whole command, whose deadline holds here too. late: what the end raises."""

    def __init__(
        self,
        client: Caller,
        call: Call,
        plan: PollPlan,
        patience: Patience,
        *,
        late: Callable[[], StillRunning],
    ) -> None:
        self._client = client
        self._call = call
        self._plan = plan
        self._patience = patience
        self._late = late
        self._began = patience.now()
        self._ends = self._began + plan.wait_seconds
        self._interval = plan.poll_seconds

    @property
    def waited_seconds(self) -> float:
        return self._patience.now() - self._began

    def answers(self, *, at_once: bool) -> Generator[Any, None, None]:
        """Each answer as it comes, for as long as the caller wants another.

        at_once: False waits an interval before the first question. Raises `late()` when the wait has ended,
        TimedOut where the deadline comes first, and what the service's refusals mean.
        """
        if not at_once:
            self._rest(self._interval)
        while True:
            yield self._ask()
            if self._left() <= 0:
                raise self._late()
            self._rest(self._interval)
            self._interval = min(self._interval * GROWTH, self._plan.poll_seconds * MOST_GROWTH)

    def _ask(self) -> Any:
        """The answer. The exchange tries again by the retry rules, as often as for any call; not after the end."""
        patience = self._patience.another(ends=self._ends + GRACE_SECONDS, retries_end=self._ends)
        try:
            return self._client.json(self._call, patience)
        except TimedOut as late:
            if patience.deadline_passed() and self._left() <= 0 and not self._patience.deadline_passed():
                raise self._late() from late
            raise
        except RateLimited as late:
            if not self._is_after_the_wait(late):
                raise
            self._rest(self._left())
            raise self._late() from late

    def _is_after_the_wait(self, late: RateLimited) -> bool:
        """Whether it is the minute's quota alone that says no, and only for longer than anybody would have waited."""
        opens, until_deadline = late.retry_after_seconds, self._patience.deadline_seconds()
        is_ours = late.status is None and not isinstance(late, QuotaExceeded)
        return (
            is_ours
            and opens is not None
            and opens >= self._left()
            and (until_deadline is None or until_deadline >= self._left())
        )

    def _left(self) -> float:
        return self._ends - self._patience.now()

    def _rest(self, seconds: float) -> None:
        """Pauses, never beyond the end of the wait. Raises TimedOut where the deadline comes first."""
        pause = max(0.0, min(seconds, self._left()))
        until_deadline = self._patience.deadline_seconds()
        if until_deadline is not None and until_deadline <= pause:
            self._client.pause(max(0.0, until_deadline), self._patience)
            raise TimedOut(
                _("the deadline passed before StackSpot had finished"), _("give it longer with --deadline")
            )
        self._client.pause(pause, self._patience)
