"""Who stands before every route: lets in, or not; and tells `-v` what was asked and answered.

Knows headers. Refuses to know routes and answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stackspot_cli.dialects.apis import api_of
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.gateway.access import Doors
from stackspot_cli.gateway.answers import problem_response
from stackspot_cli.safe_text import safe_line

OPEN_TO_ALL = ("/", "/health")


class Porter:
    def __init__(self, inner: ASGIApp, who_may: Doors, step: Callable[[str], None] | None) -> None:
        self._inner = inner
        self._doors = who_may
        self._step = step

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name: value.decode("utf-8", "surrogateescape") for name, value in scope["headers"]}
        if self._step is not None:
            send = _narrated(scope, send, headers.get(b"user-agent", ""), self._step)
        try:
            self._doors.check(
                headers.get(b"host"),
                headers.get(b"authorization"),
                headers.get(b"x-api-key"),
                open_to_all=scope["path"] in OPEN_TO_ALL,
            )
        except Problem as problem:
            await problem_response(api_of(scope["path"]), problem)(scope, receive, send)
            return
        await self._inner(scope, receive, send)


def _narrated(scope: Scope, send: Send, user_agent: str, step: Callable[[str], None]) -> Send:
    began = time.monotonic()
    status = 0

    async def narrated(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            client = safe_line(user_agent.partition(" ")[0], 40)
            line = f"{scope['method']} {scope['path'][:100]} {status} {time.monotonic() - began:.2f} s"
            step("; ".join(part for part in (line, client, scope.get("stackspot.told")) if part))

    return narrated
