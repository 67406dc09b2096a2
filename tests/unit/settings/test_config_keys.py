"""Which keys the config file may hold, and what each must look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.settings import config_keys, setting_kinds
from stackspot_cli.settings.config_file import ConfigFile, parse

FILE = Path("config.yaml")


def config(text: str) -> ConfigFile:
    return parse(text, FILE)


@pytest.mark.parametrize(
    ("dotted", "keys"),
    [
        ("timeout", ("timeout",)),
        ("providers.acme.client_realm", ("providers", "acme", "client_realm")),
        ('providers."my.profile".timeout', ("providers", "my.profile", "timeout")),
    ],
)
def test_a_dotted_key_is_taken_apart_and_put_together_again(dotted: str, keys: tuple[str, ...]) -> None:
    assert config_keys.split(dotted) == keys
    assert config_keys.join(keys) == dotted


@pytest.mark.parametrize("dotted", ["", ".", "a.", ".a", "a..b", 'a."b', 'a."".b'])
def test_what_is_no_key_is_refused(dotted: str) -> None:
    with pytest.raises(UsageError, match="is not a key"):
        config_keys.split(dotted)


@pytest.mark.parametrize(
    ("dotted", "kind"),
    [
        ("timeout", setting_kinds.SECONDS),
        ("default_profile", setting_kinds.TEXT),
        ("client_id", None),
        ("providers.x.timeout", setting_kinds.SECONDS),
        ("providers.x.api_key", setting_kinds.SECRET),
        ("providers.x.default_profile", None),
        ("providers.x.models.m.agent", setting_kinds.TARGETS["ulid"]),
        ("providers.x.models.m.timeout", None),
        ("providers.x.quota.per_minute", setting_kinds.LIMIT),
        ("providers.x.quota.per_hour", None),
        ("quota.per_minute", None),
        ("providers.x", None),
        ("providers.x.aliases.claude-haiku-4-5", setting_kinds.TEXT),
        ("other.x.timeout", None),
    ],
)
def test_a_key_has_its_kind_where_it_is_read(dotted: str, kind: object) -> None:
    assert config_keys.kind_of(config_keys.split(dotted)) is kind


@pytest.mark.parametrize(
    "dotted",
    [
        "providers",
        "providers.x",
        "providers.x.models",
        "providers.x.models.m",
        "providers.x.quota",
        "providers.x.aliases",
    ],
)
def test_a_group_holds_other_keys(dotted: str) -> None:
    assert config_keys.is_group(config_keys.split(dotted))


@pytest.mark.parametrize("dotted", ["timeout", "providers.x.timeout", "providers.x.other.m", "x.y"])
def test_everything_else_is_no_group(dotted: str) -> None:
    assert not config_keys.is_group(config_keys.split(dotted))


def test_the_names_beside_a_key_are_those_of_its_place() -> None:
    assert set(config_keys.known_beside(("timeuot",))) == {*config_keys.TOP_KEYS, "providers"}
    assert set(config_keys.known_beside(("providers", "x", "realm"))) == {
        *config_keys.PROFILE_KEYS,
        "models",
        "quota",
        "aliases",
    }
    assert config_keys.known_beside(("providers", "x", "quota", "per_hour")) == ("per_minute", "per_day")
    beside = config_keys.known_beside(("providers", "x", "models", "m", "agnet"))
    assert beside == tuple(config_keys.MODEL_KEYS)
    assert config_keys.known_beside(("a", "b")) == ()


def test_what_people_call_a_key_elsewhere_is_a_key_of_ours() -> None:
    known = {
        *config_keys.TOP_KEYS,
        *config_keys.PROFILE_KEYS,
        *config_keys.PROFILE_GROUPS,
        *config_keys.QUOTA_KEYS,
        *config_keys.MODEL_KEYS,
        "providers",
    }
    assert set(config_keys.ALSO_CALLED.values()) <= known


def test_unknown_keys_are_found_in_one_profile_or_in_all() -> None:
    root = config("x: 1\nproviders: {a: {y: 1, models: {m: {z: 1}}}, b: {w: 1}}").root
    assert [keys[-1] for keys, _node in config_keys.unknown_keys(root)] == ["x", "y", "z", "w"]
    assert [keys[-1] for keys, _node in config_keys.unknown_keys(root, "b")] == ["x", "w"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("9", (9.0,)),
        ("'9'", (9.0,)),
        ("${T}", (7.0,)),
        ("${U}", None),
        ("${U:-8}", (8.0,)),
        ("~", None),
        ("''", None),
    ],
)
def test_a_value_is_read_whether_quoted_or_referred_to(written: str, value: tuple[float] | None) -> None:
    file = config(f"timeout: {written}")
    node = file.root.at("timeout")
    assert node is not None
    assert config_keys.read(file, ("timeout",), node, setting_kinds.SECONDS, {"T": "7"}) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timeout: {a: 1}", "timeout must be text: put it in quotes"),
        ("timeout: [1]", "timeout must be text: put it in quotes"),
        ("default_model: 7", "default_model must be text: put it in quotes"),
        ("providers: {a: {timeout: soon}}", "providers.a.timeout must be a number of seconds above 0"),
        ("providers: {a: {models: {m: {max_tokens: 0}}}}", "providers.a.models.m.max_tokens must be"),
        ("providers: x", "providers must hold keys and values"),
        ("providers: {a: x}", "providers.a must hold keys and values"),
        ("providers: {a: {models: [m]}}", "providers.a.models must hold keys and values"),
        ("providers: {a: {models: {m: x}}}", "providers.a.models.m must hold keys and values"),
    ],
)
def test_a_file_is_checked_whole_whatever_profile_is_in_use(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"config\.yaml, line 1, column \d+: {message}"):
        config_keys.check(config(text), {})


def test_keys_that_nobody_reads_may_hold_anything() -> None:
    config_keys.check(config("x: {y: [1]}\nproviders: {a: {z: 1, models: {m: {w: {}}}, b: ~}, c: ~}"), {})
