"""One answer's events as OpenAI's objects, for ordinary and for asyncio code."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing, closing
from typing import Protocol, TypeVar

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import (
    ChatCompletion,
    ChatCompletionChunk,
    Chunks,
    completion,
)
from stackspot_cli.domain import Event

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)


def collected(events: Generator[Event, None, None], start: Start) -> ChatCompletion:
    return completion(whole_answer(events), start)


def whole_answer(events: Generator[Event, None, None]) -> Answer:
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer


async def whole_answer_async(events: AsyncGenerator[Event, None]) -> Answer:
    answer = Answer()
    async with aclosing(events):
        async for event in events:
            answer.add(event)
    return answer


def chunks(events: Generator[Event, None, None], start: Start) -> Generator[ChatCompletionChunk, None, None]:
    return in_chunks(events, Chunks(start))


def chunks_async(
    events: AsyncGenerator[Event, None], start: Start
) -> AsyncGenerator[ChatCompletionChunk, None]:
    return in_chunks_async(events, Chunks(start))


class Chunked(Protocol[E_contra]):
    """What makes chunks of one answer's events."""

    def of(self, event: E_contra, /) -> Iterator[ChatCompletionChunk]: ...


def in_chunks(
    events: Generator[E, None, None], made: Chunked[E]
) -> Generator[ChatCompletionChunk, None, None]:
    with closing(events):
        for event in events:
            yield from made.of(event)


async def in_chunks_async(
    events: AsyncGenerator[E, None], made: Chunked[E]
) -> AsyncGenerator[ChatCompletionChunk, None]:
    async with aclosing(events):
        async for event in events:
            for chunk in made.of(event):
                yield chunk
