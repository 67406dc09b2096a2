"""The lists of an account: what is asked, and each known shape of a page and of its entries."""

from typing import Any

import pytest

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.routes import account
from stackspot_cli.routes.account import Agent, AgentsVersion, Llm, Page
from stackspot_cli.routes.call import Call

ENTRY = {"id": "A"}


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        ([ENTRY], Page((ENTRY,))),
        ({"items": [ENTRY]}, Page((ENTRY,))),
        ({"content": [ENTRY], "totalElements": 7}, Page((ENTRY,), 7)),
        ({"data": [ENTRY], "total": "7"}, Page((ENTRY,), 7)),
        ({"data": [ENTRY], "total": "many"}, Page((ENTRY,))),
        ({"items": [ENTRY, None, "x"], "total_items": 3}, Page((ENTRY,), 3, 2)),
        ([], Page(())),
    ],
)
def test_a_page_is_an_array_or_holds_one(answer: Any, page: Page) -> None:
    assert account.read_page(answer) == page


@pytest.mark.parametrize("answer", [None, "x", {}, {"items": None}, {"message": "no"}])
def test_what_holds_no_array_is_no_page(answer: Any) -> None:
    with pytest.raises(NotAnAnswer):
        account.read_page(answer)


@pytest.mark.parametrize(
    ("entry", "agent"),
    [
        ({"id": "A", "slug": "s", "name": "N", "visibility_level": "v"}, Agent("A", "s", "N", None, "v")),
        ({"agent_id": "A", "title": "T", "visibility": "v"}, Agent("A", None, "T", None, "v")),
        ({"id": 7, "name": None}, Agent("7")),
        ({"name": "N"}, None),
        ({"id": " "}, None),
    ],
)
def test_an_agent_is_known_by_its_id(entry: dict[str, Any], agent: Agent | None) -> None:
    assert account.read_agent(entry) == agent


@pytest.mark.parametrize(
    ("entry", "llm"),
    [
        ({"id": "1", "slug": "gpt", "name": "GPT"}, Llm("gpt", "1", "GPT")),
        ({"model_name": "gpt", "provider": {"name": "acme"}}, Llm("gpt", None, None, "acme")),
        ({"active": True}, None),
    ],
)
def test_an_llm_is_known_by_the_name_to_select_it(entry: dict[str, Any], llm: Llm | None) -> None:
    assert account.read_llm(entry) == llm


@pytest.mark.parametrize(
    ("version", "query"),
    [
        ("v4", (("page", "2"), ("size", "100"), ("visibility_list", "personal"))),
        ("v3", (("page", "2"), ("size", "100"), ("visibility_list", "personal"))),
        ("v1", (("visibility", "personal"),)),
    ],
)
def test_agents_are_asked_for_by_the_page_where_a_version_has_pages(
    version: AgentsVersion, query: tuple[tuple[str, str], ...]
) -> None:
    assert account.agents(version, "personal", 2) == Call(
        "GET", "tools", f"/{version}/agents", query=query, repeatable=True
    )


def test_llms_are_asked_for_at_once() -> None:
    query = (("active", "true"), ("page_size", "999"))
    assert account.llms() == Call("GET", "inference", "/v1/llm/models", query=query, repeatable=True)
