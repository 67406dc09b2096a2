"""How pages, versions and visibilities become one list."""

from typing import Any

import pytest

from stackspot_cli.client import listings
from stackspot_cli.client.listings import Ears
from stackspot_cli.errors import BadRequest, RateLimited
from stackspot_cli.routes.call import Call


class Service:
    """Answers by the target of a call; the last answer of a list again and again."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.signed_in = False

    def sign_in(self) -> None:
        self.signed_in = True

    def json(self, call: Call) -> object:
        assert self.signed_in
        self.asked.append(call.target)
        answer = self.answer(call)
        if isinstance(answer, Exception):
            raise answer
        return answer


def number_of(call: Call) -> int:
    return int(dict(call.query).get("page", "1"))


def test_pages_are_followed_until_one_brings_nothing_new() -> None:
    pages = [[{"id": "A"}, {"id": "B"}], [{"id": "C"}], []]
    service = Service(lambda call: {"items": pages[number_of(call) - 1]})
    found = listings.agents(service, ["personal"], Ears())
    assert [agent.id for agent in found] == ["A", "B", "C"]
    assert len(service.asked) == 3


def test_a_told_total_saves_the_last_question() -> None:
    service = Service(lambda call: {"items": [{"id": "A"}], "total_items": 1})
    assert len(listings.agents(service, ["personal"], Ears())) == 1
    assert len(service.asked) == 1


def test_a_service_that_knows_no_pages_is_asked_twice_at_most() -> None:
    service = Service(lambda call: [{"id": "A"}])
    assert len(listings.agents(service, ["personal"], Ears())) == 1
    assert len(service.asked) == 2


def test_a_list_without_end_is_cut_and_said_so() -> None:
    notes: list[str] = []
    service = Service(lambda call: [{"id": f"A{number_of(call)}"}])
    assert len(listings.agents(service, ["personal"], Ears(notes.append))) == listings.MOST_PAGES
    assert notes == ["the list goes on: only its first 50 pages were asked for"]


def test_what_was_not_understood_is_told_to_those_who_asked() -> None:
    steps: list[str] = []
    service = Service(lambda call: {"items": [{"id": "A"}, {"name": "no id"}, 7], "total_items": 1})
    listings.agents(service, ["personal"], Ears(step=steps.append))
    assert steps == ["entries of the list that were not understood: 2"]


def test_a_page_that_is_no_list_is_a_refusal_of_that_version() -> None:
    service = Service(lambda call: {"oops": 1} if "v4" in call.path else [{"id": "A"}])
    assert [agent.id for agent in listings.agents(service, ["personal"], Ears())] == ["A"]


def test_a_rate_limit_is_no_refusal() -> None:
    service = Service(lambda call: RateLimited("429", status=429))
    with pytest.raises(RateLimited):
        listings.agents(service, ["personal"], Ears())
    assert len(service.asked) == 1


def test_knowledge_sources_that_are_refused_say_where_a_slug_is() -> None:
    service = Service(lambda call: BadRequest("400", status=400))
    with pytest.raises(BadRequest) as caught:
        listings.knowledge_sources(service, ["personal", "account"], Ears())
    assert "in the portal" in caught.value.hint
