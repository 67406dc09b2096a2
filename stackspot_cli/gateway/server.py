"""The gateway on its socket: listens, says where, and ends as it should.

Knows uvicorn, signals and addresses. A first SIGTERM or Ctrl-C lets running answers finish, for at most
`GRACE_SECONDS`; a second Ctrl-C ends at once.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import signal
import socket
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from stackspot_cli.addresses import cannot_listen
from stackspot_cli.app import App
from stackspot_cli.dialects.apis import APIS
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.domain import Secret
from stackspot_cli.errors import Terminated, UsageError
from stackspot_cli.gateway.access import Doors, literal
from stackspot_cli.gateway.answers import AT_ONCE, Turns
from stackspot_cli.gateway.application import Gateway
from stackspot_cli.translation import _

GRACE_SECONDS = 9  # with uvicorn's own ticks, ten at most
BACKLOG = 1024
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # recognised, not bound


@dataclass(frozen=True, slots=True)
class Listening:
    """An open socket, the address that a person would use, and whether other machines reach it."""

    socket: socket.socket
    url: str
    address: str


def listen(host: str, port: int, *, key: Secret | None) -> Listening:
    """Raises UsageError for an open door without a key, and LocalError where the address cannot be had."""
    family, address = _resolve(host, port)
    ip = literal(str(address[0]))
    if key is None and not (ip is not None and ip.is_loopback):
        raise UsageError(
            _("other machines could reach {host}: a key is needed").format(host=host),
            _("set STACKSPOTAI_SERVE_KEY, or leave --host at 127.0.0.1"),
        )
    # The protocol by its number: asyncio sets TCP_NODELAY only then, and without it each answer waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where REUSEADDR would share a busy port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise cannot_listen(host, port, error) from error
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # not a bind
    shown = f"[{shown}]" if ":" in shown else shown
    return Listening(listener, f"http://{shown}:{listener.getsockname()[1]}", str(address[0]))


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    family, _kind, _protocol, _name, address = found[0]
    return family, address


def doors_for(host: str, listening: Listening, key: Secret | None) -> Doors:
    """Which hosts are ours: the one that was named, and on all addresses also this machine's names."""
    names = {host.lower(), listening.address.lower()}
    everywhere = listening.address in WILDCARDS
    if everywhere:
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return Doors(frozenset(names), everywhere, key, listening.socket.getsockname()[1])


def serve(app: App, listening: Listening, who_may: Doors) -> None:
    """Answers until SIGTERM (raises Terminated) or Ctrl-C (raises KeyboardInterrupt)."""
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # what matters is said by us
        logging.getLogger(name).propagate = False
    gc.enable()  # switched off for the start; a server makes garbage
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(app, listening, who_may))


async def _serve(app: App, listening: Listening, who_may: Doors) -> None:
    config = uvicorn.Config(
        Gateway(app, who_may, Turns(AT_ONCE)).application(),
        http=_Protocol,
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


class _Protocol(H11Protocol):
    """Answers what is no HTTP (two Host lines, none, garbage) as OpenAI's clients expect errors."""

    def send_400_response(self, msg: str) -> None:
        body = json.dumps(APIS[0].error(Problem(400, msg, code="bad_request"))).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


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
