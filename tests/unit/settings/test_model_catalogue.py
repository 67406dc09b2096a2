"""Which model a name means, what a config entry makes of one, and what is said of a name that no model has."""

from collections.abc import Mapping

import pytest

from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.model import Model
from stackspot_cli.routes import named
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS, entry, find, find_target, merge

ULID = "01K45T82PF8QC64C9DNHGQWHY2"
AGENT, COMMAND = named("agent"), named("command")
REVIEWER = Model("reviewer", AGENT, ULID, "Our reviewer", max_input_tokens=200_000)
TRANSLATE = Model("translate", COMMAND, "to-spanish", "quick command to-spanish", max_input_tokens=272_000)
MODELS = (*BUILT_IN_MODELS, REVIEWER, TRANSLATE)
KNOWN = "stackspot-ai, stackspot-ai-chat, stackspot-ai-code, reviewer, translate"


def made(name: str, values: Mapping[str, object]) -> Model:
    return entry(name, values, ConfigError)


@pytest.mark.parametrize(
    ("name", "values", "model"),
    [
        ("reviewer", {"agent": ULID, "description": "Our reviewer", "max_input_tokens": 200_000}, REVIEWER),
        ("translate", {"quick_command": "to-spanish"}, TRANSLATE),
        ("translate", {"quick_command": "to-spanish", "model": "ignored", "provider": "x"}, TRANSLATE),
        ("stackspot-ai", {"model": "stackspot-ai", "max_tokens": 8192}, BUILT_IN_MODELS[0]),
        (
            "fast",
            {"model": "stackspot-ai-chat", "max_tokens": 100, "temperature": 0.1},
            Model(
                "fast",
                named("chat"),
                "stackspot-ai-chat",
                "chat-optimised model",
                "interactive conversations and explanations",
                max_output_tokens=100,
                temperature_default=0.1,
            ),
        ),
        ("new", {"best_for": "all"}, Model("new", named("chat"), "new", best_for="all")),
    ],
)
def test_an_entry_is_a_model_and_keeps_what_it_does_not_say(
    name: str, values: Mapping[str, object], model: Model
) -> None:
    assert made(name, values) == model


def test_an_entry_has_one_target() -> None:
    with pytest.raises(ConfigError) as caught:
        made("x", {"agent": ULID, "quick_command": "y"})
    assert caught.value.message == "names more than one target: agent, quick_command"


def test_an_entry_takes_the_place_of_the_built_in_model_of_its_name() -> None:
    own = Model("stackspot-ai-chat", AGENT, ULID)
    assert merge([REVIEWER, own]) == (BUILT_IN_MODELS[0], own, BUILT_IN_MODELS[2], REVIEWER)


@pytest.mark.parametrize(
    ("reference", "model"),
    [
        ("stackspot-ai-chat", BUILT_IN_MODELS[1]),
        (" reviewer ", REVIEWER),
        (f"agent:{ULID}", Model(f"agent:{ULID}", AGENT, ULID, f"agent {ULID}", max_input_tokens=272_000)),
        (
            f"Agent:{ULID.lower()}",
            Model(f"agent:{ULID}", AGENT, ULID, f"agent {ULID}", max_input_tokens=272_000),
        ),
        (
            "command:fix-my_code.2",
            Model(
                "command:fix-my_code.2",
                COMMAND,
                "fix-my_code.2",
                "quick command fix-my_code.2",
                max_input_tokens=272_000,
            ),
        ),
    ],
)
def test_a_reference_finds_its_model(reference: str, model: Model) -> None:
    assert find(MODELS, reference) == model


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        (
            "stackspot-ai-cod",
            "there is no model 'stackspot-ai-cod'",
            "did you mean stackspot-ai-code, stackspot-ai, stackspot-ai-chat? `stackspot models` lists them all",
        ),
        (ULID.lower(), f"there is no model '{ULID.lower()}'", f"did you mean agent:{ULID}?"),
        (
            "zzz",
            "there is no model 'zzz'",
            f"known models: {KNOWN}; also agent:ULID or command:SLUG; an agent by its name: agent:zzz",
        ),
        ("", "there is no model ''", f"known models: {KNOWN}; also agent:ULID or command:SLUG"),
        ("agent:", "there is no model 'agent:'", f"known models: {KNOWN}; also agent:ULID or command:SLUG"),
        (
            f"agent:{ULID[:-1]}U",
            f"'agent:{ULID[:-1]}U': the part after `agent:` must be a ULID: 26 letters and digits, "
            "from the address in the portal",
            f"for example agent:{ULID}",
        ),
        (
            "command:a/b",
            "'command:a/b': the part after `command:` must be a slug: letters, digits, `.`, `_` and `-`",
            "for example command:its-slug",
        ),
    ],
)
def test_an_unknown_reference_is_answered_with_what_may_be_meant(
    reference: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        find(MODELS, reference)
    assert (caught.value.message, caught.value.hint) == (message, hint)


ALIASES = {
    "claude-haiku-4-5": "stackspot-ai",
    "helper": f"agent:{ULID}",
    "stackspot-ai": "x",
    "lost": "nowhere",
}


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("claude-haiku-4-5", "stackspot-ai"),
        ("claude-haiku-4-5-20251001", "stackspot-ai"),
        ("helper", f"agent:{ULID}"),
        ("stackspot-ai", "stackspot-ai"),
    ],
)
def test_an_alias_finds_what_it_stands_for_and_no_model_is_hidden_by_one(reference: str, name: str) -> None:
    assert find(MODELS, reference, ALIASES).name == name


def test_an_alias_that_leads_nowhere_says_so() -> None:
    with pytest.raises(UsageError) as refused:
        find(MODELS, "lost", ALIASES)
    assert refused.value.message == "there is no model 'nowhere'"
    with pytest.raises(UsageError) as refused:
        find(MODELS, "claude-haiku-4", ALIASES)
    assert "claude-haiku-4-5" in refused.value.hint


@pytest.mark.parametrize("reference", ["translate", "to-spanish", " command:to-spanish"])
def test_a_target_is_meant_by_a_models_name_by_itself_or_by_its_reference(reference: str) -> None:
    assert find_target(MODELS, COMMAND, reference) == "to-spanish"


def test_a_target_of_one_route_is_not_sought_in_another() -> None:
    assert find_target(MODELS, COMMAND, "reviewer") == "reviewer"
    with pytest.raises(UsageError, match="must be a slug"):
        find_target(MODELS, COMMAND, f"agent:{ULID}")
