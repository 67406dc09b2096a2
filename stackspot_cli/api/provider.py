"""StackSpot for asyncio code: each call in a thread of its own, its events handed over in batches."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeVar, Unpack, overload

from stackspot_cli.api.conversations import Asked
from stackspot_cli.api.failures import Hinted
from stackspot_cli.api.options import CallOptions, FileName, Turn, TurnOptions, parted
from stackspot_cli.api.questions import ChatMessages, SchemaLike, ToolUse, is_tool_use, messages_of, schema_of
from stackspot_cli.api.shapes import chunks_async, whole_answer_async
from stackspot_cli.api.stackspot import StackSpot
from stackspot_cli.client.polling import WAIT_SECONDS
from stackspot_cli.conversation.openai_completion import ChatCompletion, ChatCompletionChunk, completion
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Event, Message, Prompt
from stackspot_cli.model import Model

if TYPE_CHECKING:
    from stackspot_cli.api.batch import BatchPrompt
    from stackspot_cli.batch.result import BatchResult
    from stackspot_cli.client.account import Agent
    from stackspot_cli.client.client import Client
    from stackspot_cli.client.quick_commands import Execution
    from stackspot_cli.network.patience import Patience
    from stackspot_cli.structured.schema import Schema

E = TypeVar("E")


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
        *,
        schema: SchemaLike | None = None,
        **more: Unpack[CallOptions],
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
        **more: Unpack[CallOptions],
    ) -> AsyncGenerator[ChatCompletionChunk, None]: ...

    async def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: bool = False,
        *,
        schema: SchemaLike | None = None,
        **more: Unpack[CallOptions],
    ) -> ChatCompletion | AsyncGenerator[ChatCompletionChunk, None]:
        """As StackSpot.completion; with stream an asynchronous iterator of chunks."""
        with Hinted(self._client.reaching):
            use, turn = parted(more)
            if is_tool_use(messages, use, schema):
                return await self._with_tools(messages, model, temperature, max_tokens, use, stream=stream)
            wanted = schema_of(schema, stream=stream)
            asked = await self._prepared(
                read_messages(messages), model, temperature, max_tokens, turn, wanted
            )
        if wanted is not None:
            from stackspot_cli.api.values import ValueQuestion

            question = ValueQuestion(asked.plan.prompt, asked.start, wanted)
            with Hinted(asked.reaching):
                return await question.ask_async(
                    lambda prompt: whole_answer_async(self._events(asked, prompt))
                )
        events = self._events(asked)
        if stream:
            return chunks_async(events, asked.start)
        return completion(await whole_answer_async(events), asked.start)

    async def stream(
        self,
        prompt: str | ChatMessages,
        *,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **more: Unpack[TurnOptions],
    ) -> AsyncGenerator[Event, None]:
        """As StackSpot.stream: `async for event in provider.stream("Explain it")`."""
        with Hinted(self._client.reaching):
            asked = await self._prepared(
                messages_of(prompt, system), model, temperature, max_tokens, Turn(**more)
            )
        events = self._events(asked)
        async with aclosing(events):
            async for event in events:
                yield event

    async def batch(
        self,
        prompts: Iterable[BatchPrompt],
        *,
        jobs: int = 4,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        schema: SchemaLike | None = None,
    ) -> AsyncGenerator[BatchResult, None]:
        """As StackSpot.batch: `async for result in provider.batch(prompts)`. Leaving it ends what is under way."""
        import asyncio

        ask = partial(self._client.batch, jobs=jobs, model=model, system=system, schema=schema)
        results = await asyncio.to_thread(ask, prompts, temperature=temperature, max_tokens=max_tokens)
        try:
            while (result := await asyncio.to_thread(next, results, None)) is not None:
                yield result
        finally:
            await asyncio.to_thread(results.close)

    async def run(
        self,
        slug: str | None = None,
        input: object = "",  # noqa: A002  # what the service and the command call it
        *,
        uploads: Sequence[FileName] = (),
        conversation: str | None = None,
        execution: str | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Execution:
        """As StackSpot.run. Cancelling it stops the waiting, not the quick command."""
        import asyncio

        return await asyncio.to_thread(
            self._client.run,
            slug,
            input,
            uploads=uploads,
            conversation=conversation,
            execution=execution,
            wait=wait,
        )

    async def models(self) -> list[Model]:
        """As StackSpot.models."""
        import asyncio

        return await asyncio.to_thread(self._client.models)

    async def agents(self) -> list[Agent]:
        """As StackSpot.agents."""
        import asyncio

        return await asyncio.to_thread(self._client.agents)

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

    async def _prepared(
        self,
        messages: Sequence[Message],
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        turn: Turn,
        schema: Schema | None = None,
    ) -> Asked:
        """See `StackSpot.prepare`. In a thread: the first call reads files and loads libraries."""
        import asyncio

        prepare = partial(self._client.prepare, schema=schema)
        return await asyncio.to_thread(prepare, messages, model, temperature, max_tokens, turn)

    async def _with_tools(
        self,
        messages: ChatMessages,
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        use: ToolUse,
        *,
        stream: bool,
    ) -> ChatCompletion | AsyncGenerator[ChatCompletionChunk, None]:
        import asyncio

        from stackspot_cli.api import tool_use

        asking, client = await asyncio.to_thread(
            self._client.prepare_tools, messages, model, temperature, max_tokens, use
        )
        events = self._handed_over(
            client, lambda patience: asking.events(partial(client.stream, patience=patience))
        )
        if stream:
            return tool_use.chunks_async(events, asking.start)
        return await tool_use.collected_async(events, asking.start)

    def _events(self, asked: Asked, prompt: Prompt | None = None) -> AsyncGenerator[Event, None]:
        return self._handed_over(asked.client, partial(asked.events, prompt or asked.plan.prompt))

    async def _handed_over(
        self, client: Client, answer: Callable[[Patience], Generator[E, None, None]]
    ) -> AsyncGenerator[E, None]:
        """What a thread of its own gives, until nobody listens any more."""
        import asyncio

        from stackspot_cli.client.handover import Handover

        handover: Handover[E] = Handover(asyncio.get_running_loop())
        handover.start(answer(client.patience(handover.idle)))
        try:
            with Hinted(self._client.reaching):
                while (events := await handover.take()) is not None:
                    for event in events:
                        yield event
        finally:
            handover.leave()
