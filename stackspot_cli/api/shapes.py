"""One answer's events as OpenAI's objects, for ordinary and for asyncio code."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import (
    ChatCompletion,
    ChatCompletionChunk,
    Chunks,
    completion,
)
from stackspot_cli.domain import Event


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
    made = Chunks(start)
    with closing(events):
        for event in events:
            yield from made.of(event)


async def chunks_async(
    events: AsyncGenerator[Event, None], start: Start
) -> AsyncGenerator[ChatCompletionChunk, None]:
    made = Chunks(start)
    async with aclosing(events):
        async for event in events:
            for chunk in made.of(event):
                yield chunk
