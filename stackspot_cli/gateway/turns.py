"""How many answers are under way at once, and who waits: first come, first served.

Refuses to know what is asked.
"""

from __future__ import annotations

import asyncio

from stackspot_cli.dialects import problems

AT_ONCE, WAITING = 64, 256  # answers under way; those that wait for their turn


class Turns:
    """Who may ask now: `at_once` at a time, the others in the order in which they came."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._inside = 0

    def enter(self) -> None:
        """Raises Problem where too many wait already."""
        if self._inside >= self._most:
            raise problems.too_busy()
        self._inside += 1

    async def wait(self) -> None:
        await self._free.acquire()

    def leave(self, *, had_turn: bool) -> None:
        self._inside -= 1
        if had_turn:
            self._free.release()
