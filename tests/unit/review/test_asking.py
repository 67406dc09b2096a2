from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from stackspot_cli.account import Account
from stackspot_cli.domain import Delta, Done, Event, Prompt
from stackspot_cli.errors import AnswerCut, AnswerLacks
from stackspot_cli.history.store import History
from stackspot_cli.model import Model
from stackspot_cli.review.asking import Asker
from stackspot_cli.review.findings import Claim
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

ONE = json.dumps([{"file": "a", "line": 1, "severity": "note", "title": "t"}])
CLAIMS = (Claim("a", 1, 1, "note", "t"),)


class Service:
    """Answers in turn; keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[Prompt] = []

    def stream(self, _model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        self.prompts.append(prompt)
        answer = self.answers.pop(0)
        yield Delta(answer[:5])
        yield Delta(answer[5:])
        if answer.endswith("CUT"):
            raise AnswerCut("it broke off")
        yield Done()


def asker(service: Service, history: History | None = None) -> Asker:
    ids = iter("ABCDEF")
    return Asker(
        BUILT_IN_MODELS[0],
        service.stream,
        Account("p"),
        "s",
        lambda: next(ids),
        history,
        temperature=0.0,
        max_tokens=7,
    )


def test_an_answer_that_fits_is_asked_for_once() -> None:
    service = Service(ONE)
    assert asker(service).ask("prompt") == CLAIMS
    assert service.prompts == [Prompt("prompt", "A", 0.0, 7)]


def test_an_answer_that_does_not_fit_is_asked_for_once_more_in_the_same_conversation() -> None:
    service = Service("Looks good!", ONE)
    assert asker(service).ask("prompt") == CLAIMS
    assert [prompt.conversation_id for prompt in service.prompts] == ["A", "A"]
    assert service.prompts[1].text.startswith("Your last answer does not fit:\n- the answer holds no JSON\n")


def test_two_answers_that_do_not_fit_are_a_failure() -> None:
    service = Service("Looks good!", "Really!")
    with pytest.raises(AnswerLacks, match="the answer holds no list of findings"):
        asker(service).ask("prompt")
    assert len(service.prompts) == 2


def test_an_answer_that_broke_off_is_no_answer_even_where_it_holds_a_list() -> None:
    with pytest.raises(AnswerCut):
        asker(Service(ONE + " CUT")).ask("prompt")


def test_each_turn_is_kept(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db", note=print)
    asker(Service("Looks good!", ONE), history).ask("Review of a\n\nprompt")
    [summary] = history.summaries()
    conversation = history.find(summary.id)
    history.close()
    assert (summary.title, [turn.answer for turn in conversation.turns]) == (
        "Review of a",
        ["Looks good!", ONE],
    )
