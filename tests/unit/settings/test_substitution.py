"""References to variables inside a value, and what looks like one."""

import pytest

from stackspot_cli.settings.substitution import expand, is_literal, refuse_no_reference, secrets_named


@pytest.mark.parametrize(
    ("text", "value", "literal"),
    [
        ("plain", "plain", True),
        ("${A}", "a", False),
        ("x${A}", "xa", True),
        ("${A}${B:-b}", "ab", True),
        ("${B:-}", "", False),
        ("${B}", None, False),
        ("${EMPTY:-d}", "d", True),
        ("$A {A} $$ %A%", "$A {A} $$ %A%", True),
        ("${B:-a:-b$}", "a:-b$", True),
    ],
)
def test_a_text_is_a_value_or_names_one(text: str, value: str | None, literal: bool) -> None:
    assert expand(text, {"A": "a", "EMPTY": ""}) == value
    assert is_literal(text) is literal


NO_REFERENCES = [
    "${A:-${B}}",
    "${A:?x}",
    "${A-x}",
    "${ A }",
    "${env:A}",
    "${A",
    "${}",
    "${1}",
    "x${A}${",
    "${a b}",
    "$${",
]


@pytest.mark.parametrize("text", NO_REFERENCES)
def test_half_a_reference_is_never_a_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"^holds a \$\{ that begins no reference: \$\{NAME\}"):
        expand(text, {"A": "outer", "B": "inner"})


def test_another_program_s_way_to_write_one_is_said_in_ours() -> None:
    with pytest.raises(ValueError, match=r"must name a variable as \$\{A\}, not as os.environ/A"):
        refuse_no_reference(" os.environ/A ")
    refuse_no_reference("see os.environ/A")


def test_variables_that_hold_a_key_are_known() -> None:
    assert secrets_named("${A}${STACKSPOT_CLIENT_SECRET:-x}${STACKSPOTAI_SERVE_KEY}") == [
        "STACKSPOT_CLIENT_SECRET",
        "STACKSPOTAI_SERVE_KEY",
    ]
