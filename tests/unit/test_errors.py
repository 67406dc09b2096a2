"""The tree of errors, and the one place that says how a process ends."""

from __future__ import annotations

import pytest

from stackspot_cli import errors
from stackspot_cli.errors import ExitCode, StackSpotError, Terminated

LEAVES = [
    found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, StackSpotError)
]


@pytest.mark.parametrize("leaf", LEAVES)
def test_an_error_of_ours_ends_with_its_own_code(leaf: type[StackSpotError]) -> None:
    assert ExitCode.of(leaf("what happened")) is leaf.exit_code


@pytest.mark.parametrize(
    ("error", "code", "name"),
    [
        (KeyboardInterrupt(), 130, "INTERRUPTED"),
        (GeneratorExit(), 130, "INTERRUPTED"),
        (BrokenPipeError(), 141, "BROKEN_PIPE"),
        (Terminated(), 143, "TERMINATED"),
        (Terminated(129), 129, "TERMINATED"),
        (ValueError("a bug"), 1, "INTERNAL"),
        (OSError(), 1, "INTERNAL"),
    ],
)
def test_everything_else_has_a_code_and_a_name_too(error: BaseException, code: int, name: str) -> None:
    found = ExitCode.of(error)
    assert (int(found), found.name) == (code, name)


def test_no_other_number_is_an_exit_code() -> None:
    assert ExitCode(143) is ExitCode.TERMINATED
    for number in (11, 128, 193, 300):
        with pytest.raises(ValueError, match=str(number)):
            ExitCode(number)
