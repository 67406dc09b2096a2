"""Tools, forms and stop texts for Python code, by the same road as the gateway's.

OpenAI's fields in, OpenAI's calls out. Loaded by the first call that has any. Refuses to know how calls are asked
for (`tools`).
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import aclosing

from stackspot_cli.api.questions import ChatMessages, ToolUse
from stackspot_cli.api.shapes import in_chunks, in_chunks_async
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import (
    ChatCompletion,
    ChatCompletionChunk,
    Chunks,
    ToolCall,
    chunk,
    completion,
)
from stackspot_cli.dialects.chat_completions import call_fields, read
from stackspot_cli.domain import Question
from stackspot_cli.model import Model
from stackspot_cli.tools import rounds
from stackspot_cli.tools.inquiry import Call, Inquiry
from stackspot_cli.tools.room import Room
from stackspot_cli.tools.rounds import AnswerEvent, Finished
from stackspot_cli.tools.sending import Sender, Stream
from stackspot_cli.ulid import new_ulid


class Asking:
    """One question that may be answered by calls."""

    def __init__(self, inquiry: Inquiry, model: Model, settings: Question, room: Room) -> None:
        """Raises UsageError where it surely cannot be served."""
        self._inquiry = inquiry
        self._sender = Sender(model, settings, room, new_ulid)
        self.start = Start(model.name, self._sender.prepare(inquiry).conversation_id)

    def events(self, stream: Stream) -> Generator[AnswerEvent, None, None]:
        return rounds.answer(
            self._inquiry, self._sender, stream, new_id=lambda: f"call_{secrets.token_hex(6)}"
        )


def inquiry_of(messages: ChatMessages, use: ToolUse) -> Inquiry:
    """Raises UsageError, naming the field."""
    fields: Mapping[str, object] = {**use, "messages": messages}
    return read(fields).inquiry


# --- as OpenAI's objects ---------------------------------------------------------------------------


class _Collecting:
    def __init__(self, start: Start) -> None:
        self._start = start
        self._answer = Answer()
        self._calls: list[ToolCall] = []

    def add(self, event: AnswerEvent) -> None:
        match event:
            case Call():
                self._calls.append(call_fields(event))
            case Finished():
                self._answer.add(event.done)
            case _:
                self._answer.add(event)

    def completion(self) -> ChatCompletion:
        made = completion(self._answer, self._start, "tool_calls" if self._calls else None)
        if self._calls:
            made["choices"][0]["message"]["tool_calls"] = self._calls
        return made


def collected(events: Generator[AnswerEvent, None, None], start: Start) -> ChatCompletion:
    answer = _Collecting(start)
    for event in events:
        answer.add(event)
    return answer.completion()


async def collected_async(events: AsyncGenerator[AnswerEvent, None], start: Start) -> ChatCompletion:
    answer = _Collecting(start)
    async with aclosing(events):
        async for event in events:
            answer.add(event)
    return answer.completion()


class _Chunks:
    def __init__(self, start: Start) -> None:
        self._start = start
        self._plain = Chunks(start)
        self._calls = 0

    def of(self, event: AnswerEvent) -> Iterator[ChatCompletionChunk]:
        match event:
            case Call():
                yield from self._plain.opening()
                call: ToolCall = call_fields(event)
                call["index"] = self._calls
                self._calls += 1
                yield chunk(self._start, {"tool_calls": [call]})
            case Finished():
                for last in self._plain.of(event.done):
                    if self._calls and last["choices"][0]["finish_reason"] is not None:
                        last["choices"][0]["finish_reason"] = "tool_calls"
                    yield last
            case _:
                yield from self._plain.of(event)


def chunks(
    events: Generator[AnswerEvent, None, None], start: Start
) -> Generator[ChatCompletionChunk, None, None]:
    return in_chunks(events, _Chunks(start))


def chunks_async(
    events: AsyncGenerator[AnswerEvent, None], start: Start
) -> AsyncGenerator[ChatCompletionChunk, None]:
    return in_chunks_async(events, _Chunks(start))
