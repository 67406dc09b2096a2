"""What a forked process makes anew: its parent's connections and locks are not its own.

Two processes that read one connection get one another's answers, and a lock that another thread of the parent held
is never let go of in the child. Knows a process's beginning; refuses to know what is made anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:

    class Renewable(Protocol):
        """Something that holds what only one process may use."""

        def renew_after_fork(self) -> None:
            """Called in the child, where no other thread runs. Closes nothing that the parent still speaks on."""


_renewables: WeakSet[Renewable] = WeakSet()


def renew_in_children(thing: Renewable) -> None:
    """From now on, for as long as it lives."""
    _renewables.add(thing)


def of_this_process(action: Callable[[], object]) -> Callable[[], None]:
    """The action, in this process; nothing in a child, to which it does not belong."""
    process = os.getpid()

    def act() -> None:
        if os.getpid() == process:
            action()

    return act


def _renew() -> None:
    for thing in list(_renewables):
        thing.renew_after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_renew)
