"""Connections that do not hold the gateway up: who is slow to ask or to read is let go, who is idle makes room.

Knows uvicorn's protocol and the process's limit of open files. Refuses to know routes.

The time for a request's head, and for all of it, is counted from its first moment: dripping does not stretch it. A
caller that does not read what it asked for is let go, too. When there are as many connections as may be, the one that
has been idle longest makes room; where all are at work, the new one is told to come back, and `/health` still answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import field
from typing import Any

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from stackspot_cli.dialects import problems
from stackspot_cli.dialects.apis import APIS, api_of
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.lean_dataclasses import dataclass

HEAD_SECONDS, REQUEST_SECONDS, WRITE_SECONDS = 20.0, 120.0, 60.0
MOST_CONNECTIONS, LEAST_CONNECTIONS = 2_000, 16
OTHER_FILES = 64  # that the process has open besides connections
WRITTEN_BYTES = 4 * 1024  # and not yet taken by the caller: more of an answer waits for that
RESERVE = 32  # connections beyond the limit, to be told so
HEALTH = "/health"


def most_connections() -> int:
    """By the limit of open files, which is raised as far as it may be: each request needs one more, to StackSpot."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS + OTHER_FILES + RESERVE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        except (OSError, ValueError):
            soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, (soft - OTHER_FILES - RESERVE) // 2))


@dataclass(slots=True)
class Guard:
    """What all connections share. crowded: told once, when there are as many as may be."""

    most: int
    crowded: Callable[[int], object] = lambda _most: None
    head_seconds: float = HEAD_SECONDS
    request_seconds: float = REQUEST_SECONDS
    write_seconds: float = WRITE_SECONDS
    all: set[Connection] = field(default_factory=set)
    idle: dict[Connection, None] = field(default_factory=dict)  # without a whole request, longest first
    _told: bool = False

    def enter(self, connection: Connection) -> bool:
        """Whether it is served as any other; one that is not has been told, or is told when it asks."""
        if len(self.all) >= self.most:
            if not self._told:
                self._told = True
                self.crowded(self.most)
            if self.idle:
                next(iter(self.idle)).let_go()
        self.all.add(connection)
        self.idle[connection] = None
        if len(self.all) > self.most + RESERVE:
            connection.let_go()
        return len(self.all) <= self.most

    def leave(self, connection: Connection) -> None:
        self.all.discard(connection)
        self.idle.pop(connection, None)


class Connection(H11Protocol):
    """One caller's. Answers what is no HTTP (two Host lines, none, garbage) as OpenAI's clients expect errors."""

    def __init__(self, *arguments: Any, guard: Guard, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._guard = guard
        self._receiving: asyncio.TimerHandle | None = None
        self._in_body = False
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=WRITTEN_BYTES)
        self._receive(self._guard.head_seconds)
        if not self._guard.enter(self):
            self.app = _crowded(self.app)

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.leave(self)
        self._received()
        self._stop_writing()
        super().connection_lost(exc)

    def let_go(self) -> None:
        """At once, whatever is under way."""
        self._guard.leave(self)
        self.transport.abort()

    # --- asking ------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def _look(self) -> None:
        """How far the request is. h11 knows: IDLE is before and in a head, SEND_BODY in a body."""
        state = self.conn.their_state
        if state is h11.IDLE:
            if self._receiving is None:
                self._receive(self._guard.head_seconds)
        elif state is h11.SEND_BODY:
            if not self._in_body:
                self._receive(self._guard.request_seconds)
                self._in_body = True
        else:
            self._received()

    def _receive(self, seconds: float) -> None:
        self._received()
        self._receiving = self.loop.call_later(seconds, self.let_go)

    def _received(self) -> None:
        self._guard.idle.pop(self, None)
        self._in_body = False
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self in self._guard.all and not self.transport.is_closing():
            self._guard.idle[self] = None  # kept for a next request; uvicorn's own timer ends that

    # --- answering ---------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop_writing()
        self._writing = self.loop.call_later(self._guard.write_seconds, self.let_go)

    def resume_writing(self) -> None:
        self._stop_writing()
        super().resume_writing()

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def send_400_response(self, msg: str) -> None:
        body = json.dumps(APIS[0].error(Problem(400, msg, code="bad_request"))).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def _crowded(app: ASGIApp) -> ASGIApp:
    """Tells whoever came last to come back, but whether the gateway lives."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == HEALTH:
            await app(scope, receive, send)
            return
        problem = problems.too_busy()
        body = json.dumps(api_of(scope["path"]).error(problem)).encode()
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
        }
        given = [(name.encode(), value.encode()) for name, value in {**headers, **problem.headers}.items()]
        await send({"type": "http.response.start", "status": problem.status, "headers": given})
        await send({"type": "http.response.body", "body": body})

    return answer
