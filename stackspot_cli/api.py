"""StackSpot from Python: `StackSpot` for ordinary code, `StackSpotProvider` for asyncio.

    with StackSpot() as client:
        answer = client.completion(messages=[{"role": "user", "content": "Say hi"}])
        print(answer["choices"][0]["message"]["content"])

Settings and credentials are found as the command finds them. Knows how an answer is handed to Python code;
refuses to know the command line. Prints nothing: notes go to the logger `stackspot_cli`, as warnings.
Keeps no history.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Literal, Self, cast, overload

from stackspot_cli.app import App, GlobalOptions
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import (
    ChatCompletion,
    ChatCompletionChunk,
    Chunks,
    completion,
)
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Event, Message, Prompt, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.model import Model
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client

ChatMessages = Sequence[Mapping[str, object]]
"""As OpenAI's clients write them: objects with `role` and `content`."""


class StackSpot:
    """One account. Safe to share by threads, which then share one pool of connections and one token.

    profile, config, model, timeout, deadline, retries: as the command's options of these names; None leaves it
    to the environment, the config file and the defaults. Seconds. sandbox: an emulated StackSpot inside this
    process, no account needed.

    Opens nothing until the first call. `close` (or leaving a `with`) lets go of the connections; so does being
    collected. Every failure is a StackSpotError with `message`, `hint`, and `status` where there was one:
    UsageError (the call is wrong, nothing was sent), AuthError, RateLimited, Unavailable, Refused, AnswerCut.
    """

    def __init__(
        self,
        profile: str | None = None,
        config: str | os.PathLike[str] | None = None,
        model: str | None = None,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        retries: int | None = None,
        sandbox: bool = False,
    ) -> None:
        for name, seconds in (("timeout", timeout), ("deadline", deadline)):
            if seconds is not None and not (_is_number(seconds) and 0 < seconds < float("inf")):
                raise UsageError(
                    _("{name} is a number of seconds above 0, not {given}").format(
                        name=name, given=_shown(seconds)
                    )
                )
        app = App(os.environ, _silent_terminal())
        app.set_options(
            GlobalOptions(profile, None if config is None else str(Path(config)), sandbox=sandbox)
        )
        app.override(model=model, timeout=timeout, deadline=deadline, retries=retries)
        self._app = app
        self._lock = threading.Lock()
        self._close = weakref.finalize(self, app.close)

    # --- answers -----------------------------------------------------------------------------------

    @overload
    def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: Literal[False] = False,
    ) -> ChatCompletion: ...

    @overload
    def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        *,
        stream: Literal[True],
    ) -> Generator[ChatCompletionChunk, None, None]: ...

    def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: bool = False,
    ) -> ChatCompletion | Generator[ChatCompletionChunk, None, None]:
        """An answer to OpenAI-style messages: a `chat.completion`, or with stream its chunks as they come.

        model: a name of `stackspot models`, `agent:ULID` or `command:SLUG`. temperature: 0.0 to 1.0.
        max_tokens: 1 to the model's limit. Agents and quick commands take neither.
        Raises StackSpotError; the stream raises it where it breaks off, and closes the connection when closed.
        """
        client, asked, prompt = self._prepare(read_messages(messages), model, temperature, max_tokens)
        start = Start(asked.name, prompt.conversation_id)
        events = self._events(client, asked, prompt)
        return _chunks(events, start) if stream else _collected(events, start)

    def stream(
        self,
        prompt: str | ChatMessages,
        *,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> Generator[Event, None, None]:
        """The answer to a prompt, or to messages, as typed events: Delta…, Source…, Usage, and Done last.

        Done names the conversation. An answer without Done was cut, which is an AnswerCut. Raises StackSpotError.
        Closing the iterator closes the connection.
        """
        client, asked, asking = self._prepare(_messages(prompt, system), model, temperature, max_tokens)
        return self._events(client, asked, asking)

    # --- the rest ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Lets go of the connections, and of the sandbox. Safe to call twice."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _events(self, client: Client, model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        """The client's own stream. A generator of this object, which is not collected while it is read."""
        yield from client.stream(model, prompt)

    def _prepare(
        self,
        messages: Sequence[Message],
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
    ) -> tuple[Client, Model, Prompt]:
        """Everything that can be refused without asking the service, and what to ask it."""
        from stackspot_cli.conversation.limits import check_limits
        from stackspot_cli.conversation.plan import prompt_of
        from stackspot_cli.ulid import new_ulid

        with self._lock:
            if not self._close.alive:
                raise UsageError(_("this StackSpot was closed"), _("make a new one"))
            settings, client = self._app.settings, self._app.client
        if model is not None and not isinstance(model, str):
            raise UsageError(_("the model is a name, not {given}").format(given=_shown(model)))
        asked = settings.find_model(model or settings.model.value)
        check_limits(asked, temperature, max_tokens, named="max_tokens")
        question = Question("", temperature, max_tokens)
        return client, asked, prompt_of(messages, asked, question, new_ulid())


class StackSpotProvider:
    """The same for asyncio: `await provider.completion(…)`. The parameters are StackSpot's.

    Each call runs in a thread of its own; cancelling it closes its connection. Use it from any event loop.
    """

    def __init__(
        self,
        profile: str | None = None,
        config: str | os.PathLike[str] | None = None,
        model: str | None = None,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        retries: int | None = None,
        sandbox: bool = False,
    ) -> None:
        self._client = StackSpot(
            profile, config, model, timeout=timeout, deadline=deadline, retries=retries, sandbox=sandbox
        )

    @overload
    async def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: Literal[False] = False,
    ) -> ChatCompletion: ...

    @overload
    async def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        *,
        stream: Literal[True],
    ) -> AsyncGenerator[ChatCompletionChunk, None]: ...

    async def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: bool = False,
    ) -> ChatCompletion | AsyncGenerator[ChatCompletionChunk, None]:
        """As StackSpot.completion; with stream an asynchronous iterator of chunks."""
        start, events = await self._ask(read_messages(messages), model, temperature, max_tokens)
        if stream:
            return _chunks_async(events, start)
        answer = Answer()
        async with aclosing(events):
            async for event in events:
                answer.add(event)
        return completion(answer, start)

    async def stream(
        self,
        prompt: str | ChatMessages,
        *,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[Event, None]:
        """As StackSpot.stream: `async for event in provider.stream("Explain it")`."""
        _start, events = await self._ask(_messages(prompt, system), model, temperature, max_tokens)
        async with aclosing(events):
            async for event in events:
                yield event

    async def close(self) -> None:
        """Lets go of the connections. Safe to call twice."""
        import asyncio

        await asyncio.to_thread(self._client.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(
        self,
        messages: Sequence[Message],
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
    ) -> tuple[Start, AsyncGenerator[Event, None]]:
        import asyncio

        # In a thread: the first call reads files and loads libraries.
        client, asked, prompt = await asyncio.to_thread(
            self._client._prepare, messages, model, temperature, max_tokens
        )
        return Start(asked.name, prompt.conversation_id), self._events(client, asked, prompt)

    async def _events(self, client: Client, model: Model, prompt: Prompt) -> AsyncGenerator[Event, None]:
        import asyncio

        from stackspot_cli.client.handover import Handover

        handover = Handover(asyncio.get_running_loop())
        handover.start(client.stream(model, prompt, client.patience(handover.idle)))
        try:
            while (events := await handover.take()) is not None:
                for event in events:
                    yield event
        finally:
            handover.leave()


# --- one answer -------------------------------------------------------------------------------------


def _collected(events: Generator[Event, None, None], start: Start) -> ChatCompletion:
    answer = Answer()
    for event in events:
        answer.add(event)
    return completion(answer, start)


def _chunks(events: Generator[Event, None, None], start: Start) -> Generator[ChatCompletionChunk, None, None]:
    chunks = Chunks(start)
    with closing(events):
        for event in events:
            yield from chunks.of(event)


async def _chunks_async(
    events: AsyncGenerator[Event, None], start: Start
) -> AsyncGenerator[ChatCompletionChunk, None]:
    chunks = Chunks(start)
    async with aclosing(events):
        async for event in events:
            for chunk in chunks.of(event):
                yield chunk


def _messages(prompt: object, system: str | None) -> tuple[Message, ...]:
    """What a caller of `stream` asks. Raises UsageError."""
    if system is not None and not isinstance(system, str):
        raise UsageError(_("the instructions are a text, not {given}").format(given=_shown(system)))
    before = (Message("system", system),) if system else ()
    if isinstance(prompt, list | tuple):
        return (*before, *read_messages(prompt))
    if not isinstance(prompt, str):
        raise UsageError(
            _("the prompt is a text or a list of messages, not {given}").format(given=_shown(prompt))
        )
    if not prompt.strip():
        raise UsageError(_("the prompt is empty"))
    return (*before, Message("user", prompt))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return safe_line(repr(value), 60)


class _Log:
    """A stream that is a logger: what the command says on stderr, a library leaves to its caller."""

    def __init__(self) -> None:
        import logging

        self._logger = logging.getLogger("stackspot_cli")
        self._logger.addHandler(logging.NullHandler())

    def write(self, data: bytes) -> int:
        text = data.decode("utf-8", "replace").strip()
        if text:
            self._logger.warning(text.removeprefix("note: "))
        return len(data)

    def flush(self) -> None:
        pass


def _silent_terminal() -> Terminal:
    return Terminal(
        None,
        None,
        cast(BinaryIO, _Log()),
        os.environ,
        stdin_kind="none",
        stdout_is_terminal=False,
        stderr_is_terminal=False,
    )
