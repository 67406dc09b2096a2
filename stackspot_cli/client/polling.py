"""Asking the same question again, ever less often, until somebody is content or a patience ends.

Knows when to ask and when to stop. Refuses to know what is asked, clocks and sockets: time passes in the watch,
and waits go through `pause`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from stackspot_cli.errors import StillRunning, TimedOut
from stackspot_cli.network.patience import Patience as Watch
from stackspot_cli.routes.call import Call
from stackspot_cli.translation import _

WAIT_SECONDS = 600.0
POLL_SECONDS = 5.0  # questions count against the account's quota (protocol page)
GROWTH = 1.25
MOST_GROWTH = 4.0  # times the first interval
GRACE_SECONDS = 2.0  # for the answer to a question that was asked within the wait


@dataclass(frozen=True, slots=True)
class Patience:
    """wait_seconds: in all. poll_seconds: the first interval; they grow from there."""

    wait_seconds: float = WAIT_SECONDS
    poll_seconds: float = POLL_SECONDS


class Asks(Protocol):
    """The part of the client that is needed here."""

    def json(self, call: Call, patience: Watch | None = None) -> Any: ...
    def pause(self, seconds: float, patience: Watch) -> None: ...


class Polling:
    """One question. watch: of the whole command, whose deadline holds here too. late: what to raise at the end."""

    def __init__(
        self,
        service: Asks,
        call: Call,
        patience: Patience,
        watch: Watch,
        *,
        late: Callable[[], StillRunning],
    ) -> None:
        self._service = service
        self._call = call
        self._patience = patience
        self._watch = watch
        self._late = late
        self._began = watch.now()
        self._ends = self._began + patience.wait_seconds
        self._interval = patience.poll_seconds

    @property
    def waited_seconds(self) -> float:
        return self._watch.now() - self._began

    def answers(self, *, at_once: bool) -> Iterator[Any]:
        """Each answer as it comes, for as long as the caller wants another.

        at_once: False waits an interval before the first question. Raises `late()` when the patience has ended,
        TimedOut where the deadline comes first, and what the service's refusals mean.
        """
        if not at_once:
            self._rest(self._interval)
        while True:
            yield self._ask()
            if self._left() <= 0:
                raise self._late()
            self._rest(self._interval)
            self._interval = min(self._interval * GROWTH, self._patience.poll_seconds * MOST_GROWTH)

    def _ask(self) -> Any:
        """The answer. The exchange tries again by the retry rules, as often as for any call; not after the end."""
        watch = self._watch.another(ends=self._ends + GRACE_SECONDS, retries_end=self._ends)
        try:
            return self._service.json(self._call, watch)
        except TimedOut as late:
            if watch.deadline_passed() and self._left() <= 0 and not self._watch.deadline_passed():
                raise self._late() from late
            raise

    def _left(self) -> float:
        return self._ends - self._watch.now()

    def _rest(self, seconds: float) -> None:
        """Waits, never beyond the end of the patience. Raises TimedOut where the deadline comes first."""
        pause = max(0.0, min(seconds, self._left()))
        until_deadline = self._watch.deadline_seconds()
        if until_deadline is not None and until_deadline <= pause:
            self._service.pause(max(0.0, until_deadline), self._watch)
            raise TimedOut(
                _("the deadline passed before StackSpot had finished"), _("give it longer with --deadline")
            )
        self._service.pause(pause, self._watch)
