"""The commands that sentences name, for somebody who called us with global options."""

import pytest

from stackspot_cli.settings.calling import GlobalOptions, Verbatim, reaching

ACME = GlobalOptions(profile="acme", config="my file.yaml").program


def test_a_program_is_called_with_what_reaches_the_account() -> None:
    assert GlobalOptions().program == "stackspot"
    assert ACME == "stackspot --profile acme --config 'my file.yaml'"
    assert GlobalOptions(sandbox=True, verbose=True, no_color=True).program == "stackspot --sandbox"


@pytest.mark.parametrize(
    ("hint", "reached"),
    [
        ("type `stackspot login`", "type `stackspot -P login`"),
        (
            "stackspot run SLUG, or stackspot run --execution ID",
            "stackspot -P run SLUG, or stackspot -P run --execution ID",
        ),
        ("fill it: stackspot knowledge add x FILE", "fill it: stackspot -P knowledge add x FILE"),
        ("digite `stackspot login` ou stackspot run", "digite `stackspot -P login` ou stackspot -P run"),
        ("`stackspot --sandbox …` tries it", "`stackspot --sandbox …` tries it"),
        (
            "update stackspot, or set STACKSPOTAI_HISTORY=off",
            "update stackspot, or set STACKSPOTAI_HISTORY=off",
        ),
        ("how do I make stackspot run", "how do I make stackspot run"),
    ],
)
def test_commands_in_a_hint_reach_the_same_account(hint: str, reached: str) -> None:
    assert reaching("stackspot -P", hint) == reached
    assert reaching("stackspot", hint) == hint


def test_a_command_that_is_meant_for_another_account_stays() -> None:
    assert reaching(ACME, Verbatim("stackspot chat")) == "stackspot chat"
