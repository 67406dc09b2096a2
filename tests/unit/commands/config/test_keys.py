"""A key of the config file, as it is typed."""

from __future__ import annotations

import pytest

from stackspot_cli.commands.config.keys import known_kind
from stackspot_cli.errors import UsageError
from stackspot_cli.settings import config_keys, setting_kinds


def test_a_key_that_is_read_has_its_kind() -> None:
    assert known_kind(("timeout",)) is setting_kinds.SECONDS


@pytest.mark.parametrize(
    ("dotted", "message", "hint"),
    [
        ("timeuot", "there is no setting timeuot", "did you mean timeout?"),
        (
            "providers.a.realm",
            "there is no setting providers.a.realm",
            "did you mean providers.a.client_realm?",
        ),
        ("zzzzzz", "there is no setting zzzzzz", "known here: default_profile, default_model, "),
        ("a.b", "there is no setting a.b", "write keys with dots: providers.stackspot.client_realm"),
        (
            "providers",
            "providers is a group of keys",
            "name one of them: providers.stackspot.client_realm",
        ),
        (
            "providers.a",
            "providers.a is a group of keys",
            "name one of them: providers.a.client_realm",
        ),
        (
            "providers.a.models",
            "providers.a.models is a group of keys",
            "name one of them: providers.a.models.NAME.agent",
        ),
        (
            "providers.a.models.m",
            "providers.a.models.m is a group of keys",
            "name one of them: providers.a.models.m.agent",
        ),
    ],
)
def test_any_other_key_is_answered_with_the_nearest(dotted: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        known_kind(config_keys.split(dotted))
    assert refused.value.message == message and refused.value.hint.startswith(hint)
