"""The gateway on its socket: serves, and ends as it should.

Knows uvicorn and signals. A first SIGTERM or Ctrl-C lets running answers finish, for at most `GRACE_SECONDS`; a
second Ctrl-C ends at once.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from functools import partial
from types import FrameType

import uvicorn

from stackspot_cli.app import App
from stackspot_cli.errors import Terminated
from stackspot_cli.gateway.access import Doors
from stackspot_cli.gateway.application import Gateway
from stackspot_cli.gateway.connections import Connection, Guard, most_connections
from stackspot_cli.gateway.listening import Listening, doors_for, listen
from stackspot_cli.gateway.turns import AT_ONCE, Turns
from stackspot_cli.translation import _

__all__ = ["doors_for", "listen", "serve"]

GRACE_SECONDS = 9  # with uvicorn's own ticks, ten at most


def serve(app: App, listening: Listening, who_may: Doors, *, at_once: int | None = None) -> None:
    """Answers until SIGTERM (raises Terminated) or Ctrl-C (raises KeyboardInterrupt). at_once: answers."""
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # what matters is said by us
        logging.getLogger(name).propagate = False
    gc.enable()  # switched off for the start; a server makes garbage
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(app, listening, who_may, at_once or AT_ONCE))


async def _serve(app: App, listening: Listening, who_may: Doors, at_once: int) -> None:
    def crowded(most: int) -> None:
        app.terminal.note(
            _("as many connections as can be served are open, {most}: idle ones are closed").format(most=most)
        )

    guard = Guard(most_connections(), crowded)
    config = uvicorn.Config(
        Gateway(app, who_may, Turns(at_once)).application(),
        http=partial(Connection, guard=guard),  # type: ignore[arg-type]  # called as the class is
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, app)
    previous = signal.getsignal(signal.SIGHUP) if hasattr(signal, "SIGHUP") else None
    if previous not in (None, signal.SIG_IGN):
        signal.signal(signal.SIGHUP, server.hang_up)
    await server.serve(sockets=[listening.socket])
    if server.hung_up:
        raise Terminated(128 + signal.SIGHUP)


class _Server(uvicorn.Server):
    """Takes SIGINT and SIGTERM while it serves, and raises them again when it has ended: then the program's own
    handlers turn them into exit codes."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app
        self.hung_up = False

    def hang_up(self, _signal: int, _frame: FrameType | None) -> None:
        self.hung_up = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        running = len(self.server_state.tasks)
        if running:
            self._app.terminal.note(
                _("ending: answers under way may take {seconds} s to finish: {count}").format(
                    seconds=GRACE_SECONDS, count=running
                )
            )
        await super().shutdown(sockets)
