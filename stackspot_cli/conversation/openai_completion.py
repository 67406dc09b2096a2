"""OpenAI's shapes of an answer, typed: the whole `chat.completion`, and the `chat.completion.chunk`s of a stream.

Knows field names that OpenAI's clients read; refuses to know sockets and where the events come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NotRequired, TypedDict

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Done, Event, TokenCounts


class CalledFunction(TypedDict):
    """arguments: the JSON of an object."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """index: in a stream, its place among the calls. custom: in the place of function, for a tool that takes a text."""

    id: str
    type: Literal["function", "custom"]
    function: NotRequired[CalledFunction]
    custom: NotRequired[dict[str, str]]
    index: NotRequired[int]


class AnswerMessage(TypedDict):
    role: Literal["assistant"]
    content: str
    tool_calls: NotRequired[list[ToolCall]]


class AnswerDelta(TypedDict, total=False):
    role: Literal["assistant"]
    content: str
    tool_calls: list[ToolCall]


class Choice(TypedDict):
    index: int
    message: AnswerMessage
    finish_reason: str | None


class ChunkChoice(TypedDict):
    index: int
    delta: AnswerDelta
    finish_reason: str | None


class Extras(TypedDict):
    """What OpenAI's shape has no place for. complete: False where the answer broke off.

    usage_estimate: ours, where the service told no counts, or not all. parsed, repairs:
    where a schema was asked for, the value, and how often it had to be asked for once more.
    """

    conversation_id: str
    message_id: str | None
    complete: bool
    sources: list[dict[str, Any]]
    usage_estimate: NotRequired[TokenCounts]
    usage_estimated: NotRequired[bool]  # of the gateway, whose callers insist on numbers
    parsed: NotRequired[Any]
    repairs: NotRequired[int]


class ChatCompletion(TypedDict):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: TokenCounts
    stackspot: Extras


class ChatCompletionChunk(TypedDict):
    """usage: on the last chunk, where it was asked for; that chunk has no choices. stackspot: on the end."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: NotRequired[TokenCounts | None]
    stackspot: NotRequired[Extras]


def completion(answer: Answer, start: Start, reason: str | None = None) -> ChatCompletion:
    """The whole answer, or what came of it.

    reason: why it ended; by itself one of OpenAI's own words, which its clients insist on.
    """
    done = answer.done
    message_id = done.message_id if done else None
    whole: ChatCompletion = {
        "id": f"chatcmpl-{message_id or start.answer_id}",
        "object": "chat.completion",
        "created": start.created,
        "model": start.model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer.text},
                "finish_reason": (reason or finish_reason(done)) if done else None,
            }
        ],
        "usage": answer.usage.as_told.counts(),
        "stackspot": {
            "conversation_id": start.conversation_id,
            "message_id": message_id,
            "complete": done is not None,
            "sources": [source.fields() for source in answer.sources],
        },
    }
    if answer.usage.estimated:
        whole["stackspot"]["usage_estimate"] = answer.usage.counts()
    return whole


def chunk(start: Start, delta: AnswerDelta, reason: str | None = None) -> ChatCompletionChunk:
    return {
        "id": f"chatcmpl-{start.answer_id}",
        "object": "chat.completion.chunk",
        "created": start.created,
        "model": start.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }


def opening_chunk(start: Start) -> ChatCompletionChunk:
    """The first: who speaks."""
    return chunk(start, {"role": "assistant", "content": ""})


def closing_chunk(start: Start, answer: Answer) -> ChatCompletionChunk:
    """The end of a whole answer: why it ended, and what OpenAI's shape has no place for."""
    whole = completion(answer, start)
    last = chunk(start, {}, whole["choices"][0]["finish_reason"])
    last["stackspot"] = whole["stackspot"]
    return last


def finish_reason(done: Done) -> str:
    """`length` where the service says that the limit was met; `stop` for every other whole answer."""
    return "length" if done.stop_reason.lower() in ("length", "max_tokens") else "stop"


class Chunks:
    """Events of one answer to chunks, for Python callers."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._answer = Answer()
        self._begun = False

    def of(self, event: Event) -> Iterator[ChatCompletionChunk]:
        if isinstance(event, Delta):
            yield from self.opening()
            yield chunk(self._start, {"content": event.text})
            return
        self._answer.add(event)
        if isinstance(event, Done):
            yield from self.opening()
            yield closing_chunk(self._start, self._answer)

    def opening(self) -> Iterator[ChatCompletionChunk]:
        """The first chunk, once."""
        if not self._begun:
            self._begun = True
            yield opening_chunk(self._start)
