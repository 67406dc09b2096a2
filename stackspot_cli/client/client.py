"""StackSpot as a Python object: a prompt in, an iterator of events out; JSON calls for the rest.

Knows routes by name, tokens by their owner, and when an answer is whole. Refuses to know JSON field names
(`routes`), sockets (`transport`) and what is done with the events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from stackspot_cli import __version__
from stackspot_cli.auth.token_source import Auth
from stackspot_cli.domain import DOTS, Delta, Done, Event, Model, Prompt
from stackspot_cli.errors import AnswerCut, BadRequest, CredentialsRefused, NotAnAnswer, StackSpotError
from stackspot_cli.network.exchange import Exchange, Explain, translate
from stackspot_cli.network.transport import Watch, httpx
from stackspot_cli.routes import agent, chat, quick_command, refusals
from stackspot_cli.routes.call import Call, Service
from stackspot_cli.routes.frames import FrameReader
from stackspot_cli.routes.sse import Decoder, EventTooLarge
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.executions import Tell

ANSWER_BYTES = 16 * 1024 * 1024  # one event, or a plain JSON body

T = TypeVar("T")


class _TuningRefused(BadRequest):
    """The service does not take `model`, `temperature` or `max_tokens` on this route."""


class Client:
    """One account on one set of services. Safe to share by threads; `stream` may run in many at once.

    bases: each service's address. idle: called before each wait for the network, see `transport.Watch`.
    poll_seconds: the first interval between two questions after a quick command. tell: who hears how far it is.
    """

    def __init__(
        self,
        exchange: Exchange,
        auth: Auth,
        bases: Mapping[Service, str],
        *,
        silence_seconds: float,
        deadline_seconds: float | None = None,
        note: Callable[[str], None] = lambda _text: None,
        idle: Callable[[], float | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
        poll_seconds: float = 5.0,
        tell: Callable[[], Tell] | None = None,
    ) -> None:
        self._exchange = exchange
        self._auth = auth
        self._bases = bases
        self._silence_seconds = silence_seconds
        self._deadline_seconds = deadline_seconds
        self._note = note
        self._idle = idle
        self._now = now
        self._poll_seconds = poll_seconds
        self._tell = tell
        self._tuned = True  # until the service refuses the fields that only we send

    def watch(self, idle: Callable[[], float | None] | None = None) -> Watch:
        """A new patience, by the settings, from now. idle: in the place of the client's own."""
        deadline = None if self._deadline_seconds is None else self._now() + self._deadline_seconds
        return Watch(self._silence_seconds, deadline=deadline, idle=idle or self._idle, now=self._now)

    def call_for(self, model: Model, prompt: Prompt) -> Call:
        """What would be sent for this prompt."""
        match model.route:
            case "agent":
                return agent.request(model, prompt)
            case "command":
                return quick_command.request(model, prompt)
            case "chat":
                return chat.request(model, prompt, version=__version__, tuned=self._tuned)

    def url(self, call: Call) -> str:
        return self._bases[call.service].rstrip("/") + call.target

    def described(self, call: Call) -> dict[str, object]:
        """The request as it may be shown: the secrets are dots."""
        headers = {"Authorization": f"Bearer {DOTS}", **dict(call.headers)}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return {"method": call.method, "url": self.url(call), "headers": headers, "body": call.body}

    def stream(
        self, model: Model, prompt: Prompt, watch: Watch | None = None
    ) -> Generator[Event, None, None]:
        """The answer as it comes: Delta…, Source…, Usage, Done.

        Ends normally only after the service's own last word. Raises StackSpotError before the first Delta,
        AnswerCut after it. Closing the iterator closes the connection.
        """
        watch = watch or self.watch()
        if model.route == "command":
            yield from self._run_command(model, prompt, watch)
            return
        delivered = False
        try:
            response = self._open(model, prompt, watch)
            reader = agent.reader() if model.route == "agent" else chat.reader()
            try:
                for event in self._events(response, reader, watch):
                    delivered = delivered or isinstance(event, Delta)
                    yield event
            finally:
                response.close()
        except StackSpotError as error:
            self._auth.masked(error)
            if not delivered:
                raise
            raise _cut(error) from error

    def json(self, call: Call, watch: Watch | None = None) -> Any:
        """The parsed answer of a call that is no stream; None for one without a body, where that is an answer.

        An answer that breaks off is asked for again where the call may be repeated. Raises StackSpotError.
        """
        watch = watch or self.watch()

        def fetch(authorization: str) -> bytes:
            return self._exchange.fetch(
                call.method,
                self.url(call),
                watch,
                content=call.content(),
                headers=_headers(call, authorization),
                explain=_explain(call),
                limit=ANSWER_BYTES,
                repeatable=call.repeatable,
            )

        body = self._authorized(watch, fetch)
        if call.may_be_empty and not body.strip():
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise refusals.not_an_answer(body, "", self.url(call)) from error

    def sign_in(self) -> None:
        """Has a token ready, so that a later refusal can only be about what was asked. Raises StackSpotError."""
        self._auth.token(self.watch())

    def pause(self, seconds: float, watch: Watch) -> None:
        """Waits; the watch's idle hook may draw meanwhile."""
        self._exchange.pause(seconds, watch)

    # --- one answer --------------------------------------------------------------------------------

    def _run_command(self, model: Model, prompt: Prompt, watch: Watch) -> Iterator[Event]:
        """A quick command's result as the events of an answer that comes all at once."""
        from stackspot_cli.client import executions, polling  # deferred: only quick commands are followed

        tell = self._tell() if self._tell else executions.Tell(note=self._note)
        execution_id = quick_command.execution_id(self.json(self.call_for(model, prompt), watch))
        patience = polling.Patience(poll_seconds=self._poll_seconds)
        execution = executions.follow(self, execution_id, patience, watch, tell, created_now=True)
        if execution.state == "failed":
            raise executions.failure(execution)
        if execution.text:
            yield Delta(execution.text)
        yield from execution.sources
        yield Done("stop", execution.conversation_id or prompt.conversation_id)

    def _open(self, model: Model, prompt: Prompt, watch: Watch) -> httpx.Response:
        try:
            return self._send(self.call_for(model, prompt), watch)
        except _TuningRefused:
            self._tuned = False
            self._note(
                _("the service does not take model, temperature or max_tokens here; asked again without them")
            )
            return self._send(self.call_for(model, prompt), watch)

    def _authorized(self, watch: Watch, send: Callable[[str], T]) -> T:
        """What `send` makes of an Authorization; a refused token is renewed once."""
        token = self._auth.token(watch)
        try:
            return send(self._auth.authorization(token))
        except CredentialsRefused as refusal:
            if refusal.status != 401:
                raise
        token = self._auth.renewed(token, watch)
        return send(self._auth.authorization(token))

    def _send(self, call: Call, watch: Watch) -> httpx.Response:
        """The open 2xx response."""
        return self._authorized(
            watch,
            lambda authorization: self._exchange.send(
                call.method,
                self.url(call),
                watch,
                content=call.content(),
                headers=_headers(call, authorization),
                explain=_explain(call),
                repeatable=call.repeatable,
            ),
        )

    def _events(self, response: httpx.Response, reader: FrameReader, watch: Watch) -> Iterator[Event]:
        url = str(response.url)
        watch.touch()
        try:
            start, chunks = _start(response)
            if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"", b"<", b"{", b"["):
                yield from self._from_body(start, chunks, response, reader)
                return
            yield from _from_stream(start, chunks, reader, watch)
        except (httpx.TransportError, httpx.DecodingError) as error:
            if not reader.finished:
                raise translate(error, url, watch) from error
        if not reader.finished:
            raise NotAnAnswer(
                _("{url} broke off before its last word").format(url=url),
                _("try again; a proxy that cuts long answers may stand in between"),
            )

    def _from_body(
        self, start: bytes, chunks: Iterator[bytes], response: httpx.Response, reader: FrameReader
    ) -> Iterator[Event]:
        """A plain body in place of a stream: one JSON object that is the answer, or no answer at all."""
        parts = [start]
        size = len(start)
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > ANSWER_BYTES:
                break
        body = b"".join(parts)
        try:
            frame = json.loads(body)
            events = reader.read_object(frame)
        except (ValueError, RecursionError):
            events = []
        if not events and not reader.finished:
            content_type = response.headers.get("content-type", "")
            raise refusals.not_an_answer(body, content_type, str(response.url))
        yield from events
        if not reader.finished:
            yield from reader.end("stop")


def _headers(call: Call, authorization: str) -> dict[str, str]:
    content_type = {} if call.body is None else {"Content-Type": "application/json"}
    return {"Authorization": authorization, **dict(call.headers), **content_type}


def _explain(call: Call) -> Explain:
    def explain(status: int, body: bytes, headers: Mapping[str, str], url: str) -> StackSpotError:
        if status in (400, 422) and call.tuned and refusals.names_a_tuning_field(body):
            return _TuningRefused("", status=status)  # caught by who asks again: nobody reads it
        return refusals.from_status(status, body, headers, url)

    return explain


def _start(response: httpx.Response) -> tuple[bytes, Iterator[bytes]]:
    """The body up to its first meaningful byte, which tells a stream from a document; and the rest."""
    chunks = response.iter_bytes() if "content-encoding" in response.headers else response.iter_raw()
    start = b""
    for chunk in chunks:
        start += chunk
        if start.lstrip(b"\xef\xbb\xbf \t\r\n") or len(start) > 4096:
            break
    return start, chunks


def _from_stream(start: bytes, chunks: Iterator[bytes], reader: FrameReader, watch: Watch) -> Iterator[Event]:
    decoder = Decoder(max_event_bytes=ANSWER_BYTES, whole=reader.whole)
    feed, read = decoder.feed, reader.read
    chunk: bytes | None = start
    lost: Exception | None = None
    try:
        while chunk is not None:
            meant = reader.frames
            for frame in feed(chunk):
                yield from read(frame.event, frame.data)
            if reader.finished:
                return
            if reader.frames != meant:
                watch.touch()
            try:
                chunk = next(chunks, None)
            except (httpx.TransportError, httpx.DecodingError) as error:
                chunk, lost = None, error
        for frame in decoder.rest():  # the last frame, where the service closes without its blank line
            yield from read(frame.event, frame.data)
    except EventTooLarge as error:
        raise NotAnAnswer(
            _("the service sent one event of more than {limit} bytes").format(limit=ANSWER_BYTES),
            _("ask for a shorter answer; if it stays so, tell StackSpot's support"),
        ) from error
    if lost is not None:
        raise lost


def _cut(error: StackSpotError) -> AnswerCut:
    return AnswerCut(
        _("the answer broke off: {why}").format(why=error.message),
        _("what came was kept; ask again, or ask to go on from there"),
        status=error.status,
        service_code=error.service_code,
    )
