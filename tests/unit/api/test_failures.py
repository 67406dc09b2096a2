"""A failure as a Python caller meets it."""

import pytest

from stackspot_cli.api.failures import add_note, in_python
from stackspot_cli.errors import TimedOut


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("give it longer with --deadline, or ask for less", "give it longer with deadline=, or ask for less"),
        (
            "choose one that does: -m agent:ULID; `stackspot agents` lists them",
            'choose one that does: model="agent:ULID"; `stackspot agents` lists them',
        ),
        ("name regular files, one after each --upload", "name regular files, one after each uploads="),
        (
            "`stackspot --profile nope login` stores them; without --profile the environment counts too",
            "`stackspot --profile nope login` stores them; without profile= the environment counts too",
        ),
        (
            "follow it again: stackspot run --execution X --wait 5",
            "follow it again: stackspot run --execution X --wait 5",
        ),
        ("put `--deadline 5` there", "put `--deadline 5` there"),
        ("--timeout-now and x--wait are none", "--timeout-now and x--wait are none"),
        ("nothing of it", "nothing of it"),
        ("", ""),
    ],
)
def test_a_hint_names_keywords_and_leaves_commands_alone(hint: str, told: str) -> None:
    assert in_python(hint) == told


def test_the_hint_is_a_note_once() -> None:
    error = TimedOut("it took too long", "give it longer with --deadline")
    for _time in range(2):
        add_note(error, str)
    assert (error.hint, error.__notes__) == (
        "give it longer with deadline=",
        ["hint: give it longer with deadline="],
    )
