"""An agent by its name: from a list that is kept for a day, and asked for again where a name is not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackspot_cli.client.account import Agent
from stackspot_cli.client.agent_names import GOOD_SECONDS, AgentNames
from stackspot_cli.errors import NotPermitted, UsageError

REVIEWER = Agent("01A", "reviewer", "Reviewer")
TESTER = Agent("01B", "tester", "Código é teste")
TWIN = Agent("01C", "reviewer-2", "Reviewer")


class World:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "cache" / "agents.json"
        self.agents: list[Agent] = [REVIEWER, TESTER]
        self.asked = 0
        self.seconds = 1_000_000.0

    def ask(self) -> list[Agent]:
        self.asked += 1
        return self.agents

    def id_of(self, name: str, *, may_ask: bool = True) -> str:
        return AgentNames(self.path, self.ask if may_ask else None, now=lambda: self.seconds).id_of(name)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Reviewer", "01A"),
        ("reviewer", "01A"),
        ("REVIEWER", "01A"),
        ("código é TESTE", "01B"),
        ("tester", "01B"),
    ],
)
def test_a_name_or_a_slug_is_found_in_either_case(world: World, name: str, id_: str) -> None:
    assert world.id_of(name) == id_


def test_the_list_is_kept_for_a_day_in_a_private_file(world: World) -> None:
    assert [world.id_of("Reviewer"), world.id_of("tester")] == ["01A", "01B"]
    assert (world.asked, world.path.stat().st_mode & 0o777) == (1, 0o600)
    world.seconds += GOOD_SECONDS
    world.id_of("tester")
    assert world.asked == 2


def test_a_name_that_is_not_in_the_list_is_asked_for_again(world: World) -> None:
    world.id_of("Reviewer")
    world.agents = [*world.agents, Agent("01D", "new", "New")]
    assert (world.id_of("new"), world.asked) == ("01D", 2)
    with pytest.raises(UsageError, match="there is no agent called 'Reviewr'") as caught:
        world.id_of("Reviewr")
    assert caught.value.hint == "did you mean agent:reviewer?"


def test_a_name_of_several_words_can_be_pasted(world: World) -> None:
    world.agents = [Agent("01E", None, "Code Reader")]
    with pytest.raises(UsageError) as caught:
        world.id_of("Code Raeder")
    assert caught.value.hint == "did you mean 'agent:Code Reader'?"


def test_of_several_none_is_chosen(world: World) -> None:
    world.agents = [REVIEWER, TWIN]
    with pytest.raises(UsageError, match="several agents are called 'Reviewer': 01A, 01C"):
        world.id_of("Reviewer")
    assert world.id_of("reviewer-2") == "01C"


def test_where_nobody_may_be_asked_only_what_is_kept_counts(world: World) -> None:
    with pytest.raises(UsageError, match="not known yet which agent"):
        world.id_of("Reviewer", may_ask=False)
    world.id_of("Reviewer")
    assert (world.id_of("Reviewer", may_ask=False), world.asked) == ("01A", 1)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"at": "x", "agents": []}', '{"at": 1e6, "agents": [{"no": 1}]}']
)
def test_a_damaged_list_is_a_miss(world: World, content: str) -> None:
    world.path.parent.mkdir()
    world.path.write_text(content)
    world.path.chmod(0o600)
    assert world.id_of("Reviewer") == "01A"


def test_a_list_that_the_service_will_not_tell_is_its_own_refusal(tmp_path: Path) -> None:
    def refuse() -> list[Agent]:
        raise NotPermitted("no")

    with pytest.raises(NotPermitted):
        AgentNames(tmp_path / "agents.json", refuse).id_of("Reviewer")


def test_a_list_that_cannot_be_kept_costs_nothing(world: World) -> None:
    world.path.parent.write_text("a file")
    assert [world.id_of("Reviewer"), world.id_of("Reviewer")] == ["01A", "01A"]
    assert world.asked == 2
