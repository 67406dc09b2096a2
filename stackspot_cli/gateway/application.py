"""The gateway's routes: the APIs of `dialects`, the models, and whether it lives.

Knows who answers what. Refuses to know sockets (`server`) and what an answer looks like (`answers`, `dialects`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stackspot_cli.app import App
from stackspot_cli.dialects import asked as fields
from stackspot_cli.dialects import model_lists, problems
from stackspot_cli.dialects.apis import APIS, BY_PATH, Api, api_of
from stackspot_cli.dialects.asked import Asked
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before, dumps
from stackspot_cli.errors import StackSpotError, UsageError
from stackspot_cli.gateway import access
from stackspot_cli.gateway.access import Doors
from stackspot_cli.gateway.answers import Answerable, AnswerResponse, problem_response
from stackspot_cli.gateway.kept_answers import KeptAnswers
from stackspot_cli.gateway.porter import Porter
from stackspot_cli.gateway.turns import Turns
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.model import Model
from stackspot_cli.network.patience import Patience
from stackspot_cli.tools import rounds
from stackspot_cli.tools.inquiry import Call, Said
from stackspot_cli.tools.prompt_text import compose
from stackspot_cli.tools.room import Room
from stackspot_cli.tools.rounds import AnswerEvent
from stackspot_cli.tools.sending import Sender
from stackspot_cli.translation import _, joined
from stackspot_cli.ulid import new_ulid

P = ParamSpec("P")
T = TypeVar("T")
LARGE_BYTES = 128 * 1024  # a request above it is taken apart in a thread: the others go on meanwhile


class Gateway:
    """One account behind several APIs. Made in the event loop's thread."""

    def __init__(self, app: App, who_may: Doors, turns: Turns) -> None:
        self._app = app
        self._doors = who_may
        self._settings = app.settings
        self._client = app.client
        self._turns = turns
        self._rooms: dict[str, Room] = {}
        self._kept = KeptAnswers() if self._settings.history_enabled.value else None
        self._told: set[str] = set()  # notes that were given once

    def application(self) -> ASGIApp:
        routes = [
            Route("/", self._health, methods=["GET"]),
            Route("/health", self._health, methods=["GET"]),
            Route("/v1/models", self._models, methods=["GET"]),
            Route("/v1/models/", self._models, methods=["GET"]),
            Route("/v1/models/{name:path}", self._model, methods=["GET"]),
            *(Route(api.path, self._ask, methods=["POST"]) for api in APIS),
            Route("/v1/messages/count_tokens", self._count, methods=["POST"]),
            Route("/v1/responses/{id}", self._kept_answer, methods=["GET", "DELETE"]),
        ]
        handlers = {
            Problem: _answer_problem,
            StackSpotError: _answer_error,
            HTTPException: _answer_http,
            ClientDisconnect: _answer_nobody,
            Exception: self._answer_bug,
        }
        inner = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]  # handlers of narrower exceptions than Starlette's type says
        return Porter(inner, self._doors, self._app.listener.step if self._is_loud else None)

    @property
    def _is_loud(self) -> bool:
        return self._app.options.verbose or self._app.options.debug

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    # --- models ------------------------------------------------------------------------------------

    async def _models(self, request: Request) -> Response:
        shape = model_lists.anthropic_list if _is_anthropic(request) else model_lists.openai_list
        models, usual = self._settings.models, await self._found(None)
        if all(
            model.name != usual.name for model in models
        ):  # an agent that is named nowhere but with --model
            models = (usual, *models)
        return JSONResponse(shape(models, self._aliases()))

    def _aliases(self) -> dict[str, Model]:
        """Those that stand for something; a wrong one is said when it is asked for."""
        found = {}
        for name in self._settings.aliases:
            with suppress(UsageError):
                found[name] = self._settings.find_model(name)
        return found

    async def _model(self, request: Request) -> Response:
        name = request.path_params["name"]
        shape = model_lists.anthropic_model if _is_anthropic(request) else model_lists.openai_model
        return JSONResponse(shape(await self._found(name), name))

    async def _found(self, name: str | None) -> Model:
        """Raises Problem for a name that nobody knows, StackSpotError where the list of agents cannot be had."""
        name = (name or self._settings.model.value)[: fields.NAME_CHARACTERS + 1]
        if self._settings.by_name(name) is None:
            return self._find(name)
        return await asyncio.to_thread(self._find, name)  # asks the service for its list, or a file

    def _find(self, name: str) -> Model:
        try:
            return self._app.find_model(name)
        except UsageError as refusal:
            words = (
                joined("", (refusal.message, " (", refusal.hint, ")")) if refusal.hint else refusal.message
            )
            raise Problem(404, words, param="model", code="model_not_found") from refusal

    # --- answers -----------------------------------------------------------------------------------

    async def _ask(self, request: Request) -> Response:
        access.check_content_type(request.headers.get("content-type"))
        api = BY_PATH[request.url.path]
        body = await _body(request)
        do = asyncio.to_thread if len(body) > LARGE_BYTES else _at_once
        asked = await do(self._asked, api, body)
        model = await self._found(asked.model)
        answerable = await do(self._answerable, api, asked, model)
        return AnswerResponse(answerable, self._client.patience, self._turns)

    def _asked(self, api: Api, body: bytes) -> Asked:
        """Raises Problem."""
        return self._going_on(api.read(fields.object_in(body)))

    def _answerable(self, api: Api, asked: Asked, model: Model) -> Answerable:
        """Everything that can be refused before the service is asked. Raises StackSpotError, Problem."""
        self._note_left_out(asked)
        sender = Sender(model, fields.settings_for(asked, model), self._room_of(model), new_ulid)
        sent = sender.prepare(asked.inquiry)
        before = Before(
            asked.model or model.name,
            new_ulid().lower(),
            sent.conversation_id,
            int(time.time()),
            sender.room.tokens(sent.characters),
            asked.include_usage,
            asked.body,
        )

        def answer(patience: Patience, accepted: Callable[[], object]) -> Generator[AnswerEvent, None, None]:
            stream = partial(self._client.stream, patience=patience, accepted=accepted)
            return rounds.answer(asked.inquiry, sender, stream, new_id=_ids(api.call_id))

        keep = partial(self._keep, api, asked, before) if asked.keep and self._kept is not None else None
        return Answerable(api, model.name, asked.stream, before, sender, answer, keep)

    # --- answers that are gone on from -------------------------------------------------------------

    def _going_on(self, asked: Asked) -> Asked:
        """With what was said before, behind the instructions. Raises Problem."""
        if asked.previous is None:
            return asked
        kept = self._kept.find(asked.previous) if self._kept is not None else None
        if kept is None:
            raise _not_kept(400, "previous_response_id")
        items = asked.inquiry.items
        front, rest = items[: asked.instructions], items[asked.instructions :]
        return replace(asked, inquiry=replace(asked.inquiry, items=(*front, *kept.items, *rest)))

    def _keep(
        self, api: Api, asked: Asked, before: Before, text: str, calls: Sequence[Call], after: After
    ) -> None:
        assert self._kept is not None, "asked for only where answers are kept"
        whole = api.writer(before).whole(text, calls, after)
        answer = (Said("assistant", text),) if text else ()
        said = asked.inquiry.items[asked.instructions :]
        self._kept.keep(whole["id"], (*said, *answer, *calls), dumps(whole))

    async def _kept_answer(self, request: Request) -> Response:
        """An answer of before, as it was given; or no more."""
        answer_id = request.path_params["id"]
        kept = self._kept.find(answer_id) if self._kept is not None else None
        if kept is None or self._kept is None:
            raise _not_kept(404, "id")
        if request.method == "DELETE":
            self._kept.delete(answer_id)
            return JSONResponse({"id": answer_id, "object": "response", "deleted": True})
        return Response(kept.body, media_type="application/json")

    async def _count(self, request: Request) -> Response:
        """How long a request would be, before anything is left out of it."""
        access.check_content_type(request.headers.get("content-type"))
        api = api_of(request.url.path)
        asked = api.read(fields.object_in(await _body(request)))
        room = self._room_of(await self._found(asked.model))
        return JSONResponse({"input_tokens": room.tokens(len(compose(asked.inquiry).text))})

    def _room_of(self, model: Model) -> Room:
        return self._rooms.setdefault(model.name, Room(model))

    def _note_left_out(self, asked: Asked) -> None:
        for name in asked.left_out:
            if name not in self._told:
                self._told.add(name)
                self._app.terminal.note(
                    _("the tool {name} is the vendor's own: it was left out").format(name=name)
                )

    # --- what goes wrong ---------------------------------------------------------------------------

    async def _answer_bug(self, request: Request, error: Exception) -> Response:
        if self._app.options.debug:
            for line in traceback.format_tb(error.__traceback__):
                self._app.terminal.write_stderr(line)
        self._app.terminal.note(
            _("a request met a bug in stackspot ({kind})").format(kind=type(error).__name__)
        )
        return problem_response(api_of(request.url.path), problems.bug(error))


async def _at_once(do: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """In the event loop's own thread: what is short."""
    return do(*given, **named)


def _ids(beginning: str) -> Callable[[], str]:
    """Short: each stands in every later prompt of its conversation."""
    return lambda: beginning + secrets.token_hex(6)


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


def _not_kept(status: int, param: str) -> Problem:
    words = _("no such answer is kept here: send the whole conversation")
    return Problem(status, words, param=param, code="previous_response_not_found")


def _is_anthropic(request: Request) -> bool:
    return "anthropic-version" in request.headers


async def _answer_problem(request: Request, problem: Problem) -> Response:
    return problem_response(api_of(request.url.path), problem)


async def _answer_error(request: Request, error: StackSpotError) -> Response:
    return problem_response(api_of(request.url.path), problems.of(error))


async def _answer_http(request: Request, error: HTTPException) -> Response:
    path = request.url.path[:100]
    if error.status_code == 404:
        words = _("there is nothing at {path}: the API is at {paths}").format(
            path=path, paths=", ".join(("/v1/models", *BY_PATH))
        )
        problem = Problem(404, words, code="not_found")
    else:
        words = _("{path} has another method").format(path=path)
        problem = Problem(error.status_code, words, code="method_not_allowed")
    response = problem_response(api_of(path), problem)
    response.headers.update(error.headers or {})
    return response


async def _answer_nobody(_request: Request, _gone: ClientDisconnect) -> Response:
    return Response(status_code=499)  # goes nowhere; nginx's number for it
