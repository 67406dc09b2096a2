"""A completion that is one JSON value, for ordinary and for asyncio code. Refuses to know how an answer is had."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, TypeAlias

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import ChatCompletion, completion
from stackspot_cli.domain import Prompt
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.structured.asking import asking

if TYPE_CHECKING:
    from stackspot_cli.structured.asking import Value
    from stackspot_cli.structured.schema import Schema

Questions: TypeAlias = Generator[Prompt, Answer, tuple["Value", Answer]]


@dataclass(frozen=True, slots=True)
class ValueQuestion:
    """What is asked, and what its answer has to be. prompt: with the instructions before it."""

    prompt: Prompt
    start: Start
    schema: Schema

    def questions(self) -> Questions:
        """The prompts to ask, one after the other in one conversation; takes the whole answer to each."""
        asked = asking(self.schema)
        next(asked)
        prompt, usage = self.prompt, None
        while True:
            answer = yield prompt
            answer.usage = answer.usage if usage is None else usage + answer.usage
            usage = answer.usage
            try:
                words = asked.send(answer.text)
            except StopIteration as end:
                return end.value, answer
            known = answer.done.conversation_id if answer.done else None
            prompt = replace(self.prompt, text=words, conversation_id=known or prompt.conversation_id)

    def completion(self, value: Value, answer: Answer) -> ChatCompletion:
        """The answer with the value alone in it, as JSON, and beside it as Python's own."""
        whole = completion(answer, self.start)
        whole["choices"][0]["message"]["content"] = value.found.text
        whole["stackspot"]["parsed"] = value.found.value
        whole["stackspot"]["repairs"] = value.repairs
        return whole

    def ask(self, answer_to: Callable[[Prompt], Answer]) -> ChatCompletion:
        """Raises AnswerUnfit where no value fits, and what `answer_to` raises."""
        questions = self.questions()
        prompt = next(questions)
        while True:
            try:
                prompt = questions.send(answer_to(prompt))
            except StopIteration as end:
                return self.completion(*end.value)

    async def ask_async(self, answer_to: Callable[[Prompt], Awaitable[Answer]]) -> ChatCompletion:
        """The same."""
        questions = self.questions()
        prompt = next(questions)
        while True:
            answer = await answer_to(prompt)
            try:
                prompt = questions.send(answer)
            except StopIteration as end:
                return self.completion(*end.value)
