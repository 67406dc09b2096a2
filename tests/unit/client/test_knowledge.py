"""Knowledge sources: shown, created, filled with files, and emptied."""

from typing import Any

import pytest
from scripted_client import ScriptedClient

from stackspot_cli.client import knowledge
from stackspot_cli.client.knowledge import Added, Knowledge, KnowledgeObject, Split
from stackspot_cli.client.polling import PollPlan
from stackspot_cli.client.uploads import LocalFile
from stackspot_cli.errors import BadRequest, StillRunning
from stackspot_cli.routes import files
from stackspot_cli.routes import knowledge as route


class Storage:
    """As much of the uploads as is needed here."""

    def __init__(self) -> None:
        self.sent: list[tuple[LocalFile, str | None]] = []

    def send(self, file: LocalFile, *, knowledge_source: str | None, show: Any, patience: Any) -> str:
        self.sent.append((file, knowledge_source))
        return "U1"


@pytest.fixture
def file(tmp_path: Any) -> LocalFile:
    return LocalFile(tmp_path / "a.md", 3, ("a.md", 3, 0))


def add(client: ScriptedClient, file: LocalFile, plan: PollPlan, shown: list[str] | None = None) -> Added:
    show = (shown if shown is not None else []).append
    return knowledge.add(
        client, Storage(), file, "rules", Split("lines", 7, 1), plan, lambda words, _part: show(words)
    )


def test_a_source_is_shown_with_what_is_in_it() -> None:
    client = ScriptedClient({"slug": "rules", "name": "Rules"}, [{"id": "1", "content": "x"}])
    assert knowledge.show(client, "rules") == (
        Knowledge("rules", name="Rules"),
        [KnowledgeObject("1", None, "x")],
    )
    assert client.calls == [route.source("rules"), route.objects("rules")]


@pytest.mark.parametrize(
    ("answer", "made"),
    [
        ({"slug": "rules", "id": "7"}, Knowledge("rules", "7")),
        (None, Knowledge("rules", None, "Rules", "Ours", "custom")),
        ({}, Knowledge("rules", None, "Rules", "Ours", "custom")),
    ],
)
def test_what_was_created_is_what_the_service_says_or_what_was_asked_for(
    answer: Any, made: Knowledge
) -> None:
    client = ScriptedClient(answer)
    assert knowledge.create(client, "rules", "Rules", "Ours", "custom") == made
    assert client.calls == [route.create("rules", "Rules", "Ours", "custom")]


@pytest.mark.parametrize(
    ("status", "hint"),
    [(422, "where it exists already, fill it: stackspot knowledge add rules FILE"), (400, "its own")],
)
def test_a_slug_that_exists_can_be_filled(status: int, hint: str) -> None:
    with pytest.raises(BadRequest) as caught:
        knowledge.create(
            ScriptedClient(BadRequest("no", "its own", status=status)), "rules", "Rules", "Ours", "custom"
        )
    assert caught.value.hint == hint


def test_clearing_is_one_call() -> None:
    client = ScriptedClient(None)
    knowledge.clear(client, "rules")
    assert client.calls == [route.clear("rules")]


@pytest.mark.parametrize(("status", "indexed"), [("INDEXED", True), ("SPLIT_ERROR", False)])
def test_a_file_is_handed_over_and_waited_for_until_its_fate_is_known(
    file: LocalFile, status: str, indexed: bool
) -> None:
    client, shown = ScriptedClient(None, {"status": "CHUNKING"}, {"status": status}), []
    assert add(client, file, PollPlan(600, 5), shown) == Added("a.md", "U1", status, indexed)
    assert client.calls == [
        files.index("U1", Split("lines", 7, 1)),
        files.status("U1"),
        files.status("U1"),
    ]
    assert client.asked == [1_000, 1_005, 1_010]
    assert shown == ["indexing a.md", "indexing a.md: CHUNKING", f"indexing a.md: {status}"]


def test_a_file_that_takes_longer_is_not_waited_for(file: LocalFile) -> None:
    client = ScriptedClient(None, {"status": "CHUNKING"})
    with pytest.raises(StillRunning) as caught:
        add(client, file, PollPlan(12, 5))
    assert caught.value.message == "a.md has not been indexed within 12 s"
    assert "stackspot knowledge show rules" in caught.value.hint
    assert client.clock.seconds == 1_012
