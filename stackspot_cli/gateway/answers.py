"""One answer over ASGI: whole, or as it comes.

Knows OpenAI's event stream and when the caller has gone. Refuses to know what was asked (`requests`) and how
StackSpot is reached (`client`).

The head of a streamed answer waits for the service's first word, so that a refusal keeps its status. Once
the service has begun to answer, or after `HEAD_SECONDS`, the caller gets the head and keep-alive comments
instead; a failure after that comes as an `error` event, and no `[DONE]`.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Generator
from json.encoder import encode_basestring_ascii
from typing import Any, cast

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from stackspot_cli.client.handover import Handover
from stackspot_cli.conversation import openai_completion
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.domain import Delta, Event, Prompt, TokenCounts
from stackspot_cli.errors import NotAnAnswer, StackSpotError
from stackspot_cli.gateway import problems
from stackspot_cli.gateway.problems import Problem
from stackspot_cli.gateway.requests import Wanted
from stackspot_cli.model import Model
from stackspot_cli.network.patience import Patience
from stackspot_cli.translation import _

AT_ONCE, WAITING = 64, 256  # answers under way; those that wait for their turn, first come first served
HEAD_SECONDS = 8.0  # longer than the three attempts of a rate-limited request usually take
ACCEPTED_SECONDS = 1.0  # between the service's head and ours: a page that is no answer is found out by then
COMMENT_SECONDS = 5.0  # silence towards the caller; the shortest time-outs of proxies are 10 s and more
WHOLE_CHARACTERS = 16 * 1024 * 1024

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),  # nginx would hold the stream back
]
COMMENT = b": stackspot is thinking\n\n"

# The client's `stream` and `patience`.
Ask = Callable[[Model, Prompt, Patience, Callable[[], object]], Generator[Event, None, None]]
MakePatience = Callable[[Callable[[], float | None]], Patience]


class Turns:
    """Who may ask now: AT_ONCE at a time, the others in the order in which they came."""

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


class AnswerResponse(Response):
    """The response to one request; asks StackSpot when it is sent."""

    def __init__(self, wanted: Wanted, ask: Ask, patience: MakePatience, turns: Turns) -> None:
        self._wanted = wanted
        self._ask = ask
        self._patience = patience
        self._turns = turns
        self._start = Start(wanted.model.name, wanted.prompt.conversation_id)
        self._sum = Answer()
        self._answered_characters = 0
        self._accepted = threading.Event()  # the service has begun to answer
        self._begun = False  # our head is on its way
        self._gone = False
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handover = Handover(asyncio.get_running_loop())
        try:
            self._turns.enter()
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        watcher = asyncio.create_task(self._notice_leaving(receive, handover))
        turn = asyncio.create_task(self._turns.wait())
        try:
            await self._answer(handover, turn, watcher, scope, receive, send)
        finally:
            handover.leave()
            watcher.cancel()
            self._turns.leave(had_turn=not turn.cancel() and not turn.cancelled())

    async def _answer(
        self,
        handover: Handover,
        turn: asyncio.Task[None],
        watcher: asyncio.Task[None],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        try:
            if not await self._wait_for_turn(turn, watcher, send):
                return
            patience = self._patience(handover.idle)
            asked = self._wanted
            handover.start(self._ask(asked.model, asked.prompt, patience, self._accepted.set))
            if asked.stream:
                await self._stream(handover, send)
            else:
                await self._whole(handover, scope, receive, send)
        except StackSpotError as error:
            await self._break_off(problems.of(error), scope, receive, send)
        except asyncio.CancelledError:  # the gateway ends, and its patience with this answer has ended
            await self._break_off(problems.ending(), scope, receive, send)
            raise

    async def _break_off(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        if self._begun:
            await _write(send, _event(problem.body()), last=True)
        elif not self._gone:
            await problem_response(problem)(scope, receive, send)

    async def _notice_leaving(self, receive: Receive, handover: Handover) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        handover.leave()

    async def _wait_for_turn(self, turn: asyncio.Task[None], watcher: asyncio.Task[None], send: Send) -> bool:
        """Whether it came before the caller left."""
        wait = HEAD_SECONDS
        while not turn.done() and not watcher.done():
            await asyncio.wait((turn, watcher), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if not turn.done() and not self._gone and self._wanted.stream:
                await self._comment(send)
            wait = COMMENT_SECONDS
        return turn.done() and not self._gone

    # --- streamed ----------------------------------------------------------------------------------

    async def _stream(self, handover: Handover, send: Send) -> None:
        before, after = self._around_text()
        if not self._begun:
            await self._think(handover, send)
        began = False
        while True:
            events = await handover.take(COMMENT_SECONDS)
            if events is None:
                break
            if not events:
                await self._comment(send)
                continue
            if not self._begun:
                await self._begin(send)
            parts = [] if began else [_event(self._opening())]
            began = True
            for event in events:
                if isinstance(event, Delta):
                    text = event.text
                    self._answered_characters += len(text)
                    parts += (before, encode_basestring_ascii(text).encode("ascii"), after)
                else:
                    self._sum.add(event)
            await _write(send, b"".join(parts))
        if not self._gone:
            await self._end(send)

    async def _think(self, handover: Handover, send: Send) -> None:
        """Until the first event, an error, or the moment for our head."""
        now = asyncio.get_running_loop().time
        latest = now() + HEAD_SECONDS
        accepted = False
        while not await handover.ready(0.1):
            if self._accepted.is_set() and not accepted:
                accepted = True
                latest = min(latest, now() + ACCEPTED_SECONDS)
            if now() >= latest:
                await self._comment(send)
                return

    async def _end(self, send: Send) -> None:
        closing = openai_completion.closing_chunk(self._start, self._sum)
        counts, estimated = self._counts()
        parts = []
        if self._wanted.include_usage:
            closing["usage"] = None
            closing["stackspot"]["usage_estimated"] = estimated
            parts.append(_event(openai_completion.usage_chunk(self._start, counts)))
        await _write(send, b"".join((_event(closing), *parts, b"data: [DONE]\n\n")), last=True)

    def _opening(self) -> dict[str, Any]:
        return self._with_usage_field(openai_completion.opening_chunk(self._start))

    def _with_usage_field(self, chunk: openai_completion.ChatCompletionChunk) -> dict[str, Any]:
        if self._wanted.include_usage:
            chunk["usage"] = None  # as OpenAI does on every chunk but the last
        return cast(dict[str, Any], chunk)

    def _around_text(self) -> tuple[bytes, bytes]:
        """What stands before and after the text of each chunk: made once, not 2,000 times."""
        mark = "\0text\0"
        chunk = self._with_usage_field(openai_completion.chunk(self._start, {"content": mark}))
        before, after = _event(chunk).split(_dumps(mark))
        return before, after

    async def _begin(self, send: Send) -> None:
        self._begun = True
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})

    async def _comment(self, send: Send) -> None:
        if not self._begun:
            await self._begin(send)
        await _write(send, COMMENT)

    # --- whole -------------------------------------------------------------------------------------

    async def _whole(self, handover: Handover, scope: Scope, receive: Receive, send: Send) -> None:
        while (events := await handover.take()) is not None:
            for event in events:
                self._sum.add(event)
                self._answered_characters += len(event.text) if isinstance(event, Delta) else 0
            if self._answered_characters > WHOLE_CHARACTERS:
                raise NotAnAnswer(
                    _("the answer is longer than {limit} characters").format(limit=WHOLE_CHARACTERS)
                )
        if self._gone:
            return
        whole = openai_completion.completion(self._sum, self._start)
        whole["usage"], whole["stackspot"]["usage_estimated"] = self._counts()
        await JSONResponse(whole)(scope, receive, send)

    def _counts(self) -> tuple[TokenCounts, bool]:
        """Token counts, and whether they are estimated: OpenAI's clients stumble over absent numbers."""
        told = self._sum.usage.counts()
        if told["total_tokens"] is not None:
            return told, False
        tokens = TokenEstimate().tokens
        prompt = told["prompt_tokens"]
        answer = told["completion_tokens"]
        prompt = max(1, tokens(len(self._wanted.prompt.text))) if prompt is None else prompt
        answer = tokens(self._answered_characters) if answer is None else answer
        return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}, True


def problem_response(problem: Problem) -> JSONResponse:
    return JSONResponse(problem.body(), problem.status, headers=problem.headers)


def _write(send: Send, body: bytes, *, last: bool = False) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": body, "more_body": not last})


def _event(value: object) -> bytes:
    return b"data: " + _dumps(value) + b"\n\n"


def _dumps(value: object) -> bytes:
    """ASCII: some clients take U+2028 and its like for the end of an event's line."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")
