"""Knowledge sources: what is asked, and each known shape of a source and of its objects."""

from typing import Any

import pytest

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.routes import knowledge
from stackspot_cli.routes.call import Call
from stackspot_cli.routes.knowledge import Knowledge, KnowledgeObject


def test_what_looks_may_be_repeated_and_what_creates_may_not() -> None:
    query = (("page", "3"), ("size", "10"), ("visibility_list", "account"))
    path = "/v1/knowledge-sources"
    body = {"slug": "rules", "name": "Rules", "description": "Ours", "type": "custom"}
    assert knowledge.sources("account", 3) == Call(
        "GET", "data", "/v2/knowledge-sources", query=query, repeatable=True
    )
    assert knowledge.source("rules") == Call("GET", "data", f"{path}/rules", repeatable=True)
    assert knowledge.objects("rules") == Call("GET", "data", f"{path}/rules/objects", repeatable=True)
    assert knowledge.clear("rules") == Call(
        "DELETE", "data", f"{path}/rules/objects", repeatable=True, may_be_empty=True
    )
    assert knowledge.create("rules", "Rules", "Ours", "custom") == Call(
        "POST", "data", path, body, may_be_empty=True
    )


def test_a_slug_cannot_leave_its_place_in_the_path() -> None:
    assert knowledge.source("../a b").path == "/v1/knowledge-sources/..%2Fa%20b"


@pytest.mark.parametrize(
    ("entry", "source"),
    [
        ({"slug": "s", "id": "1", "type": "custom"}, Knowledge("s", "1", type="custom")),
        (
            {"slug": "s", "name": "N", "description": "D", "visibility": "v"},
            Knowledge("s", None, "N", "D", None, "v"),
        ),
        ({"id": 7}, Knowledge("7", "7")),
        ({"name": "x"}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_source_is_known_by_its_slug_or_its_id(entry: Any, source: Knowledge | None) -> None:
    assert knowledge.read_source(entry) == source


def test_the_one_that_was_asked_for_must_be_one() -> None:
    assert knowledge.read_one({"slug": "s"}) == Knowledge("s")
    with pytest.raises(NotAnAnswer, match="no knowledge source"):
        knowledge.read_one({"message": "no"})


@pytest.mark.parametrize(
    ("entry", "piece"),
    [
        ({"file_path": "a.md", "page_content": "x"}, KnowledgeObject(None, "a.md", "x")),
        ({"custom_id": 1, "title": "T", "text": "x"}, KnowledgeObject("1", "T", "x")),
        ({"odd": 1}, None),
    ],
)
def test_a_piece_is_read_leniently(entry: dict[str, Any], piece: KnowledgeObject | None) -> None:
    assert knowledge.read_object(entry) == piece
