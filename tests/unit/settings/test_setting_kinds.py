"""What a setting's text must look like, wherever it was written."""

from __future__ import annotations

import pytest

from stackspot_cli.settings import setting_kinds as kinds
from stackspot_cli.settings.setting_kinds import Kind

ULID = "01K45T82PF8QC64C9DNHGQWHY2"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.TEXT, "any text, olá", "any text, olá"),
        (kinds.SECRET, 'k+/&%="é', 'k+/&%="é'),
        (kinds.REALM, "acme-1.x_y", "acme-1.x_y"),
        (kinds.SECONDS, "2.5", 2.5),
        (kinds.SECONDS, "1e2", 100.0),
        (kinds.SECONDS, ".5", 0.5),
        (kinds.DEADLINE, "None", None),
        (kinds.DEADLINE, "60", 60.0),
        (kinds.WAIT, "0", 0.0),
        (kinds.COUNT, "100", 100),
        (kinds.TOKENS, "8192", 8192),
        (kinds.TEMPERATURE, "1", 1.0),
        (kinds.SWITCH, "YES", True),
        (kinds.SWITCH, "0", False),
        (kinds.TARGETS["ulid"], ULID.lower(), ULID),
        (kinds.TARGETS["slug"], "its-slug", "its-slug"),
        (kinds.TARGETS["name"], "stackspot-ai", "stackspot-ai"),
        (kinds.ADDRESS, "https://h.example/x/", "https://h.example/x"),
        (kinds.ADDRESS, "http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_a_text_that_fits_is_the_value(kind: Kind[object], text: str, value: object) -> None:
    assert kind.read(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (kinds.TEXT, "two\nlines", "must be one line of plain text, not 'two\\nlines'"),
        (kinds.REALM, "a/b", "must be an account's slug"),
        (kinds.SECONDS, "0", "must be a number of seconds above 0, not '0'"),
        (kinds.SECONDS, "inf", "must be a number of seconds above 0, not 'inf'"),
        (kinds.SECONDS, "1e9", "must be below 1,000,000,000 seconds, not '1e9'"),
        (kinds.SECONDS, "1_0", "must be a number of seconds above 0"),
        (kinds.WAIT, "-0.1", "must be a number of seconds, 0 or more"),
        (kinds.COUNT, "101", "must be a whole number from 0 to 100"),
        (kinds.COUNT, "\u0662", "must be a whole number from 0 to 100"),
        (kinds.TOKENS, "0", "must be a whole number of tokens above 0"),
        (kinds.TEMPERATURE, "1.1", "must be a number from 0.0 to 1.0"),
        (kinds.SWITCH, "maybe", "must be `on` or `off`, not 'maybe'"),
        (kinds.TARGETS["ulid"], ULID[:-1], "must be a ULID"),
        (kinds.TARGETS["slug"], "-x", "must be a slug"),
    ],
)
def test_a_text_that_does_not_fit_is_told_with_what_it_must_be(
    kind: Kind[object], text: str, problem: str
) -> None:
    with pytest.raises(ValueError) as refused:
        kind.read(text)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(kinds.SECRET, "hunter2\n"), (kinds.SECRET, "“hunter2”"), (kinds.ADDRESS, "https://me:hunter2@h")],
)
def test_what_may_hold_a_secret_is_never_repeated(kind: Kind[object], text: str) -> None:
    with pytest.raises(ValueError) as refused:
        kind.read(text)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("target", kinds.TARGETS)
def test_each_kind_of_target_has_an_example_that_fits(target: str) -> None:
    assert kinds.TARGETS[target].read(kinds.EXAMPLES[target])  # type: ignore[index]  # a TargetKind


def test_a_long_text_is_cut_where_it_is_repeated() -> None:
    with pytest.raises(ValueError) as refused:
        kinds.COUNT.read("x" * 1000)
    assert len(str(refused.value)) < 150
