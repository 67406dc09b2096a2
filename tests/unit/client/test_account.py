"""How pages, versions and visibilities become one list."""

from typing import Any

import pytest
from scripted_client import ScriptedClient

from stackspot_cli.client import account
from stackspot_cli.client.account import Agent, Llm
from stackspot_cli.errors import (
    BadRequest,
    CannotConnect,
    CredentialsRefused,
    NotPermitted,
    RateLimited,
    StackSpotError,
)
from stackspot_cli.routes.call import Call
from stackspot_cli.routes.knowledge import Knowledge, KnowledgeObject

BOTH = account.VISIBILITIES


def query(call: Call, name: str) -> str | None:
    return dict(call.query).get(name)


def paged(*pages: Any) -> ScriptedClient:
    """The n-th page of a call; the last one again and again."""
    return ScriptedClient(lambda call, _patience: pages[min(int(query(call, "page") or "1"), len(pages)) - 1])


def test_pages_are_followed_until_one_brings_nothing_new() -> None:
    client = paged({"items": [{"id": "A"}, {"id": "B"}]}, {"items": [{"id": "C"}]}, {"items": []})
    assert account.agents(client, ["personal"]) == [Agent("A"), Agent("B"), Agent("C")]
    assert (client.signed_in, len(client.asked)) == (True, 3)


def test_a_total_saves_the_last_question() -> None:
    client = ScriptedClient({"items": [{"id": "A"}], "total_items": 1})
    assert account.agents(client, ["personal"]) == [Agent("A")]
    assert len(client.asked) == 1


def test_a_service_that_knows_no_pages_is_asked_twice_at_most() -> None:
    client = ScriptedClient([{"id": "A"}])
    assert account.agents(client, ["personal"]) == [Agent("A")]
    assert len(client.asked) == 2


def test_a_list_without_end_is_cut_and_said_so() -> None:
    client = ScriptedClient(lambda call, _patience: [{"id": f"A{query(call, 'page')}"}])
    assert len(account.agents(client, ["personal"])) == account.MOST_PAGES
    assert client.notes == ["the list goes on: only its first 50 pages were asked for"]


def test_what_was_not_understood_is_counted_for_those_who_asked() -> None:
    client = ScriptedClient({"items": [{"id": "A"}, {"name": "no id"}, 7], "total_items": 1})
    account.agents(client, ["personal"])
    assert client.steps == ["entries of the list that were not understood: 2"]


def test_an_agent_of_two_visibilities_is_listed_once() -> None:
    client = ScriptedClient({"items": [{"id": "A"}], "total": 1})
    assert account.agents(client, BOTH) == [Agent("A")]
    assert [query(call, "visibility_list") for call in client.calls] == ["personal", "account"]


def test_a_page_that_is_no_list_is_a_refusal_of_that_version() -> None:
    client = ScriptedClient(lambda call, _patience: {"oops": 1} if "v4" in call.path else [{"id": "A"}])
    assert account.agents(client, ["personal"]) == [Agent("A")]
    assert [call.path for call in client.calls] == ["/v4/agents", "/v3/agents", "/v3/agents"]


def test_a_visibility_that_is_refused_is_missing_and_said_so() -> None:
    def answer(call: Call, _patience: object) -> Any:
        return (
            NotPermitted("no", status=403) if query(call, "visibility_list") == "account" else [{"id": "A"}]
        )

    client = ScriptedClient(answer)
    assert account.agents(client, BOTH) == [Agent("A")]
    assert client.notes == ["those with visibility account are missing: no"]
    assert client.steps == ["account: no"]


def test_where_every_version_refuses_the_refusal_about_permissions_says_how_to_do_without() -> None:
    def answer(call: Call, _patience: object) -> StackSpotError:
        return (NotPermitted if "v3" in call.path else BadRequest)(f"no {call.path}", status=400)

    client = ScriptedClient(answer)
    with pytest.raises(NotPermitted, match="no /v3/agents") as caught:
        account.agents(client, ["personal"])
    assert caught.value.hint.endswith("-m agent:ULID")
    assert [call.path for call in client.calls] == ["/v4/agents", "/v3/agents", "/v1/agents"]


@pytest.mark.parametrize(
    ("error", "soft"),
    [
        (BadRequest("400", status=400), True),
        (NotPermitted("403", status=403), True),
        (CredentialsRefused("no credentials"), False),
        (RateLimited("429", status=429), False),
        (CannotConnect("down"), False),
    ],
)
def test_only_a_definite_no_is_asked_elsewhere(error: StackSpotError, soft: bool) -> None:
    assert account.is_soft(error) is soft
    client = ScriptedClient(error)
    with pytest.raises(type(error)):
        account.agents(client, ["personal"])
    assert len(client.asked) == (3 if soft else 1)


def test_the_llms_come_at_once() -> None:
    client = ScriptedClient({"data": [{"slug": "gpt", "id": 1}, {"slug": "gpt", "id": 1}]})
    assert account.llms(client) == [Llm("gpt", "1"), Llm("gpt", "1")]
    assert len(client.asked) == 1


def test_knowledge_sources_are_listed_by_their_pages() -> None:
    client = paged([{"slug": "a"}], [{"slug": "b"}], [])
    assert account.knowledge_sources(client, ["personal"]) == [Knowledge("a"), Knowledge("b")]


def test_knowledge_sources_that_are_refused_say_where_a_slug_is() -> None:
    client = ScriptedClient(BadRequest("400", status=400))
    with pytest.raises(BadRequest) as caught:
        account.knowledge_sources(client, BOTH)
    assert "in the portal" in caught.value.hint


def test_what_is_in_a_knowledge_source_comes_at_once() -> None:
    client = ScriptedClient([{"id": "1", "content": "x"}, {}])
    assert account.knowledge_objects(client, "rules") == [KnowledgeObject("1", None, "x")]
    assert client.steps == ["entries of the list that were not understood: 1"]
