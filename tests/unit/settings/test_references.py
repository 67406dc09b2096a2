"""How a target is named that has no entry in the config file."""

import pytest

from stackspot_cli.model import Model
from stackspot_cli.routes import named
from stackspot_cli.settings import references
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS


def test_the_forms_are_those_of_the_table() -> None:
    assert references.forms() == "agent:ULID or command:SLUG"


@pytest.mark.parametrize(
    ("begun", "offered"),
    [("a", ["agent:"]), ("command:", ["command:"]), ("", ["agent:", "command:"]), ("agent:0", []), ("x", [])],
)
def test_a_prefix_is_offered_to_who_began_it(begun: str, offered: list[str]) -> None:
    assert references.prefixes(begun) == offered


@pytest.mark.parametrize("reference", ["agent:X", "AGENT:X"])
def test_a_reference_is_a_route_and_a_target(reference: str) -> None:
    assert references.by_prefix(reference) == (named("agent"), "X")


@pytest.mark.parametrize("name", ["stackspot-ai", "agent", "agent:", ":X", "chat:X", ""])
def test_a_name_is_no_reference(name: str) -> None:
    assert references.by_prefix(name) is None


def test_a_model_of_the_config_file_has_a_reference_as_well() -> None:
    assert references.of(Model("translate", named("command"), "to-spanish")) == "command:to-spanish"
    assert references.of(BUILT_IN_MODELS[0]) is None
