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


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("agent:Reviewer", "Reviewer"),
        ("AGENT:código é teste ", "código é teste"),
        ("agent:01K45T82PF8QC64C9DNHGQWHY2", None),
        ("agent:01K45T82PF8QC64C9DNHGQWHYU", None),  # an id with a slip in it
        ("command:translate", None),
        ("stackspot-ai", None),
        ("agent:", None),
    ],
)
def test_a_listed_target_may_be_named(reference: str, name: str | None) -> None:
    found = references.by_name(reference)
    assert (found and found[1]) == name
