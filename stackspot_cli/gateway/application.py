"""The gateway's routes: `/v1/models`, `/v1/chat/completions`, `/health`.

Knows who answers what. Refuses to know sockets (`server`) and what an answer looks like (`answers`).
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stackspot_cli.app import App
from stackspot_cli.errors import UsageError
from stackspot_cli.gateway import access, problems, requests
from stackspot_cli.gateway.access import Doors
from stackspot_cli.gateway.answers import AnswerResponse, Turns, problem_response
from stackspot_cli.gateway.problems import Problem
from stackspot_cli.model import Model
from stackspot_cli.translation import _
from stackspot_cli.ulid import new_ulid


class Gateway:
    """One account behind OpenAI's API. Made in the event loop's thread."""

    def __init__(self, app: App, who_may: Doors) -> None:
        self._app = app
        self._doors = who_may
        self._settings = app.settings
        self._client = app.client
        self._turns = Turns()

    def application(self) -> ASGIApp:
        routes = [
            Route("/health", self._health, methods=["GET"]),
            Route("/v1/models", self._models, methods=["GET"]),
            Route("/v1/models/{name:path}", self._model, methods=["GET"]),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
        ]
        handlers = {
            Problem: _answer_problem,
            HTTPException: _answer_http,
            ClientDisconnect: _answer_nobody,
            Exception: self._answer_bug,
        }
        inner = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]  # handlers of narrower exceptions than Starlette's type says
        return _Porter(inner, self._doors, self._app.step if self._is_loud else None)

    @property
    def _is_loud(self) -> bool:
        return self._app.options.verbose or self._app.options.debug

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _models(self, _request: Request) -> Response:
        return JSONResponse(
            {"object": "list", "data": [_model_object(model) for model in self._settings.models]}
        )

    async def _model(self, request: Request) -> Response:
        try:
            return JSONResponse(_model_object(self._settings.find_model(request.path_params["name"])))
        except UsageError as refusal:
            raise Problem(404, refusal.message, param="model", code="model_not_found") from refusal

    async def _chat(self, request: Request) -> Response:
        access.check_content_type(request.headers.get("content-type"))
        wanted = requests.read(
            await _body(request),
            find_model=self._settings.find_model,
            default_model=self._settings.model.value,
            conversation_id=new_ulid(),
        )
        return AnswerResponse(wanted, self._client.stream, self._client.patience, self._turns)

    async def _answer_bug(self, _request: Request, error: Exception) -> Response:
        if self._app.options.debug:
            for line in traceback.format_tb(error.__traceback__):
                self._app.terminal.write_stderr(line)
        self._app.terminal.note(
            _("a request met a bug in stackspot ({kind})").format(kind=type(error).__name__)
        )
        return problem_response(problems.bug(error))


class _Porter:
    """Stands before every route: Host and key. Tells `-v` what was asked and answered."""

    def __init__(self, inner: ASGIApp, who_may: Doors, step: Callable[[str], None] | None) -> None:
        self._inner = inner
        self._doors = who_may
        self._step = step

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name: value.decode("utf-8", "replace") for name, value in scope["headers"]}
        if self._step is not None:
            send = _narrated(scope, send, self._step)
        try:
            self._doors.check_host(headers.get(b"host"))
            if scope["path"] != "/health":
                self._doors.check_key(headers.get(b"authorization"))
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        await self._inner(scope, receive, send)


def _narrated(scope: Scope, send: Send, step: Callable[[str], None]) -> Send:
    began = time.monotonic()
    status = 0

    async def narrated(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            step(f"{scope['method']} {scope['path'][:100]} {status} {time.monotonic() - began:.2f} s")

    return narrated


async def _body(request: Request) -> bytes:
    """The whole body, within its bound. Raises Problem."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > access.BODY_BYTES:
            raise access.too_large()
    return b"".join(parts)


def _model_object(model: Model) -> dict[str, object]:
    return {"id": model.name, "object": "model", "created": 0, "owned_by": "stackspot"}


async def _answer_problem(_request: Request, problem: Problem) -> Response:
    return problem_response(problem)


async def _answer_http(request: Request, error: HTTPException) -> Response:
    path = request.url.path[:100]
    if error.status_code == 404:
        words, code = (
            _("there is nothing at {path}: the API is at /v1/models and /v1/chat/completions"),
            "not_found",
        )
    else:
        words, code = _("{path} has another method"), "method_not_allowed"
    problem = Problem(error.status_code, words.format(path=path), code=code)
    response = problem_response(problem)
    response.headers.update(error.headers or {})
    return response


async def _answer_nobody(_request: Request, _gone: ClientDisconnect) -> Response:
    return Response(status_code=499)  # goes nowhere; nginx's number for it
