"""One answer over ASGI: whole, or as it comes.

Knows turns, silences, and when the caller has gone. Refuses to know what was asked and in whose words the answer is
written (`dialects`), and how StackSpot is reached (`client`).

The head of a streamed answer waits for the service's first word, so that a refusal keeps its status. Once
the service has begun to answer, or after `HEAD_SECONDS`, the caller gets the head, and signs of life while nothing
else comes; a failure after that comes as the API's own error event.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from stackspot_cli.client.handover import Handover
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.dialects import problems
from stackspot_cli.dialects.apis import Api
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before
from stackspot_cli.domain import Delta, Source, Usage
from stackspot_cli.errors import NotAnAnswer, StackSpotError
from stackspot_cli.gateway.turns import Turns
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.network.patience import Patience
from stackspot_cli.tools.inquiry import Call
from stackspot_cli.tools.rounds import AnswerEvent, Finished
from stackspot_cli.tools.sending import Sender
from stackspot_cli.translation import _

HEAD_SECONDS = 8.0  # longer than the three attempts of a rate-limited request usually take
ACCEPTED_SECONDS = 1.0  # between the service's head and ours: a page that is no answer is found out by then
SILENCE_SECONDS = 5.0  # towards the caller; the shortest time-outs of proxies are 10 s and more
WHOLE_CHARACTERS = 16 * 1024 * 1024
LEFT_OUT_HEADER = "x-stackspot-left-out"

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),  # nginx would hold the stream back
]

MakePatience = Callable[[Callable[[], float | None]], Patience]


@dataclass(frozen=True, slots=True)
class Answerable:
    """A request that can be answered. keep: given a whole answer, where somebody may go on from it.

    answer: asks, calls its second argument when the service has begun to answer, and gives what comes.
    """

    api: Api
    model: str
    stream: bool
    before: Before
    sender: Sender
    answer: Callable[[Patience, Callable[[], object]], Generator[AnswerEvent, None, None]]
    keep: Callable[[str, list[Call], After], None] | None = None


class AnswerResponse(Response):
    """The response to one request; asks StackSpot when it is sent."""

    def __init__(self, asked: Answerable, patience: MakePatience, turns: Turns) -> None:
        self._asked = asked
        self._patience = patience
        self._turns = turns
        self._writer = asked.api.writer(asked.before)
        self._texts: list[str] = []  # of an answer that is whole before it is written, or kept
        self._characters = 0
        self._calls: list[Call] = []
        self._sources: list[Source] = []
        self._usage = Usage()
        self._finished: Finished | None = None
        self._accepted = threading.Event()  # the service has begun to answer
        self._begun = False  # our head is on its way
        self._gone = False
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handover: Handover[AnswerEvent] = Handover(asyncio.get_running_loop())
        try:
            self._turns.enter()
        except Problem as problem:
            await problem_response(self._asked.api, problem)(scope, receive, send)
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
        handover: Handover[AnswerEvent],
        turn: asyncio.Task[None],
        watcher: asyncio.Task[None],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        try:
            if not await self._wait_for_turn(turn, watcher, send):
                return
            handover.start(self._asked.answer(self._patience(handover.idle), self._accepted.set))
            if self._asked.stream:
                await self._stream(handover, scope, send)
            else:
                await self._whole(handover, scope, receive, send)
        except StackSpotError as error:
            await self._break_off(problems.of(error), scope, receive, send)
        except asyncio.CancelledError:  # the gateway ends, and its patience with this answer has ended
            await self._break_off(problems.ending(), scope, receive, send)
            raise

    async def _break_off(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        self._tell(scope, problem)
        if self._begun:
            await _write(send, self._writer.failure(problem), last=True)
        elif not self._gone:
            await problem_response(self._asked.api, problem)(scope, receive, send)

    async def _notice_leaving(self, receive: Receive, handover: Handover[AnswerEvent]) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        handover.leave()

    async def _wait_for_turn(self, turn: asyncio.Task[None], watcher: asyncio.Task[None], send: Send) -> bool:
        """Whether it came before the caller left."""
        wait = HEAD_SECONDS
        while not turn.done() and not watcher.done():
            await asyncio.wait((turn, watcher), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if not turn.done() and not self._gone and self._asked.stream:
                await self._stay_alive(send)
            wait = SILENCE_SECONDS
        return turn.done() and not self._gone

    # --- streamed ----------------------------------------------------------------------------------

    async def _stream(self, handover: Handover[AnswerEvent], scope: Scope, send: Send) -> None:
        if not self._begun:
            await self._think(handover, send)
        text_of, kept = self._writer.text, self._asked.keep is not None
        while (events := await handover.take(SILENCE_SECONDS)) is not None:
            if not events:
                await self._stay_alive(send)
                continue
            parts = [] if self._begun else [await self._begin(send)]
            for event in events:
                if isinstance(event, Delta):
                    self._characters += len(event.text)
                    parts.append(text_of(event.text))
                    if kept:
                        self._texts.append(event.text)
                else:
                    self._note(event)
                    if isinstance(event, Call):
                        parts.append(self._writer.call(event))
            if parts:
                await _write(send, b"".join(parts))
        if not self._gone:
            begin = b"" if self._begun else await self._begin(send)
            after = self._after()
            self._keep(after)
            self._tell(scope)
            await _write(send, begin + self._writer.end(after), last=True)

    async def _think(self, handover: Handover[AnswerEvent], send: Send) -> None:
        """Until the first event, an error, or the moment for our head."""
        now = asyncio.get_running_loop().time
        latest = now() + HEAD_SECONDS
        accepted = False
        while not await handover.ready(0.1):
            if self._accepted.is_set() and not accepted:
                accepted = True
                latest = min(latest, now() + ACCEPTED_SECONDS)
            if now() >= latest:
                await self._stay_alive(send)
                return

    async def _begin(self, send: Send) -> bytes:
        """Sends the head; gives the first words of the body."""
        self._begun = True
        left_out = self._left_out
        headers = [*HEADERS, (LEFT_OUT_HEADER.encode(), left_out.encode())] if left_out else HEADERS
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        return self._writer.begin()

    async def _stay_alive(self, send: Send) -> None:
        begin = b"" if self._begun else await self._begin(send)
        await _write(send, begin + self._writer.keep_alive())

    # --- whole -------------------------------------------------------------------------------------

    async def _whole(
        self, handover: Handover[AnswerEvent], scope: Scope, receive: Receive, send: Send
    ) -> None:
        while (events := await handover.take()) is not None:
            for event in events:
                if isinstance(event, Delta):
                    self._characters += len(event.text)
                    self._texts.append(event.text)
                else:
                    self._note(event)
            if self._characters > WHOLE_CHARACTERS:
                raise NotAnAnswer(
                    _("the answer is longer than {limit} characters").format(limit=WHOLE_CHARACTERS)
                )
        if self._gone:
            return
        after = self._after()
        self._keep(after)
        self._tell(scope)
        whole = self._writer.whole("".join(self._texts), self._calls, after)
        left_out = self._left_out
        headers = {LEFT_OUT_HEADER: left_out} if left_out else None
        await JSONResponse(whole, headers=headers)(scope, receive, send)

    # --- what is known of it -----------------------------------------------------------------------

    def _note(self, event: AnswerEvent) -> None:
        match event:
            case Call():
                self._calls.append(event)
            case Source():
                self._sources.append(event)
            case Usage():
                self._usage = event
            case Finished():
                self._finished = event

    def _keep(self, after: After) -> None:
        if self._asked.keep is not None:
            self._asked.keep("".join(self._texts), self._calls, after)

    @property
    def _left_out(self) -> str:
        sent = self._asked.sender.sent
        return "; ".join(sent.fitted.left_out.parts()) if sent else ""

    def _after(self) -> After:
        assert self._finished is not None, "an answer that ends has ended whole, or has raised"
        prompt, completion, estimated = self._counts()
        return After(self._finished, prompt, completion, estimated, self._sources)

    def _counts(self) -> tuple[int, int, bool]:
        """Tokens of the prompt and of the answer, and whether they are estimated: clients stumble over absent ones."""
        prompt, completion = self._usage.prompt_tokens, self._usage.completion_tokens
        if prompt is not None and completion is not None:
            return prompt, completion, False
        sender = self._asked.sender
        if prompt is None:
            prompt = sender.room.tokens(sender.sent.characters if sender.sent else 0)
        if completion is None:
            written = self._characters + sum(len(call.arguments) for call in self._calls)
            completion = TokenEstimate().tokens(written)
        return prompt, completion, True

    def _tell(self, scope: Scope, problem: Problem | None = None) -> None:
        """For the line of `-v`: sizes and names, no content."""
        prompt, completion, _estimated = self._counts()
        parts = [self._asked.api.name, self._asked.model, f"tokens {prompt} in, {completion} out"]
        if self._calls:
            parts.append(f"calls {len(self._calls)}")
        if self._finished is not None and self._finished.repairs:
            parts.append(f"repairs {self._finished.repairs}")
        if self._left_out:
            parts.append(f"left out: {self._left_out}")
        if problem is not None:
            parts.append(f"error {problem.code}")
        scope["stackspot.told"] = ", ".join(parts)


def problem_response(api: Api, problem: Problem) -> JSONResponse:
    return JSONResponse(api.error(problem), problem.status, headers=problem.headers)


def _write(send: Send, body: bytes, *, last: bool = False) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": body, "more_body": not last})
