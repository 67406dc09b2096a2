"""A completion that is one JSON value, from Python."""

import asyncio

import pytest

from stackspot_cli.api.values import ValueQuestion
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Done, Prompt, Usage
from stackspot_cli.errors import AnswerUnfit
from stackspot_cli.structured.schema import from_text

PROMPT = Prompt("May it be merged?", conversation_id="01A")
QUESTION = ValueQuestion(PROMPT, Start("stackspot-ai", "01A"), from_text("ok bool"))


class Service:
    """Answers one text after the other, under an id of its own."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, prompt: Prompt) -> Answer:
        self.asked.append((prompt.conversation_id, prompt.text.split("\n")[0]))
        answer = Answer()
        for event in (Delta(self.texts.pop(0)), Usage(10, 1), Done("stop", "01B", "01M")):
            answer.add(event)
        return answer

    async def later(self, prompt: Prompt) -> Answer:
        await asyncio.sleep(0)
        return self(prompt)


def test_the_value_stands_in_the_completion_twice() -> None:
    made = QUESTION.ask(Service('```json\n{"ok": true}\n```'))
    assert made["choices"][0]["message"]["content"] == '{"ok": true}'
    assert (made["stackspot"]["parsed"], made["stackspot"]["repairs"]) == ({"ok": True}, 0)


def test_a_repair_goes_to_the_conversation_that_the_service_named_and_counts() -> None:
    service = Service("yes", '{"ok": true}')
    made = asyncio.run(QUESTION.ask_async(service.later))
    assert service.asked == [("01A", "May it be merged?"), ("01B", "Your last answer does not fit:")]
    assert made["stackspot"]["repairs"] == 1
    assert made["usage"] == {"prompt_tokens": 20, "completion_tokens": 2, "total_tokens": 22}


def test_it_is_asked_twice_at_most_and_the_answer_is_not_lost() -> None:
    service = Service("one", "two")
    with pytest.raises(AnswerUnfit) as refused:
        QUESTION.ask(service)
    assert (refused.value.answer, service.texts) == ("two", [])
