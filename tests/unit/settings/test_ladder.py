"""Option, environment, profile, default: the first rung that holds a value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.settings.config_file import parse
from stackspot_cli.settings.ladder import Ladder
from stackspot_cli.settings.setting import Setting
from stackspot_cli.settings.setting_kinds import COUNT, SWITCH, TEXT

FILE = Path("config.yaml")
TEXT_OF_ALL = "retries: 4\nproviders: {acme: {retries: 3, client_realm: acme}}"


def pick(
    text: str = "", environ: Mapping[str, str] | None = None, option: object = None, profile: str = "acme"
) -> Setting[int]:
    ladder = Ladder(environ or {}, parse(text, FILE), profile)
    return ladder.pick(COUNT, ("--retries", option), ("RETRIES", "STACKSPOT_RETRIES"), "retries", 9)


@pytest.mark.parametrize(
    ("text", "environ", "option", "setting"),
    [
        (TEXT_OF_ALL, {"STACKSPOTAI_RETRIES": "2"}, 1, Setting(1, "option --retries", "option")),
        (
            TEXT_OF_ALL,
            {"STACKSPOTAI_RETRIES": "2", "STACKSPOT_RETRIES": "5"},
            None,
            Setting(2, "environment STACKSPOTAI_RETRIES", "environment"),
        ),
        (
            TEXT_OF_ALL,
            {"STACKSPOTAI_RETRIES": " ", "STACKSPOT_RETRIES": "5"},
            None,
            Setting(5, "environment STACKSPOT_RETRIES", "environment"),
        ),
        (TEXT_OF_ALL, {}, None, Setting(3, "profile acme in config.yaml", "config")),
        ("retries: 4", {}, None, Setting(4, "config.yaml", "config")),
        ("retries: ${R}", {"R": "6"}, None, Setting(6, "config.yaml", "config")),
        ("retries: ${R}", {}, None, Setting(9, "default", "default")),
    ],
)
def test_the_highest_rung_that_holds_a_value_counts(
    text: str, environ: Mapping[str, str], option: object, setting: Setting[int]
) -> None:
    assert pick(text, environ, option) == setting


def test_another_profiles_value_and_a_key_that_belongs_into_a_profile_do_not_count() -> None:
    assert pick("providers: {other: {retries: 3}}").value == 9
    ladder = Ladder({}, parse("client_realm: acme", FILE), "acme")
    assert ladder.from_config(TEXT, "client_realm") is None


def test_a_switch_on_the_command_line_is_read_as_everywhere() -> None:
    ladder = Ladder({}, parse("", FILE), "")
    assert ladder.pick(SWITCH, ("--vi", True), (), "vi", False) == Setting(True, "option --vi", "option")


@pytest.mark.parametrize(
    ("environ", "option", "message", "hint"),
    [
        ({}, 101, "option --retries must be a whole number from 0 to 100, not '101'", "`--help` shows"),
        (
            {"STACKSPOTAI_RETRIES": "x"},
            None,
            "STACKSPOTAI_RETRIES must be a whole number from 0 to 100, not 'x'",
            "correct STACKSPOTAI_RETRIES, or unset it",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_rung(
    environ: Mapping[str, str], option: object, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        pick("", environ, option)
    assert refused.value.message == message and refused.value.hint.startswith(hint)


def test_a_wrong_value_in_the_file_is_named_with_its_place() -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml, line 1, column 10: retries must be a whole number"):
        pick("retries: many")
