"""What a pattern says about a whole answer."""

from collections.abc import Callable

import pytest

from stackspot_cli.errors import AnswerLacks
from stackspot_cli.structured.patterns import Pattern, compile_pattern
from stackspot_cli.structured.verdicts import found_in, missing_in

ANSWER = "Looks good.\nNot approved.\nIt should be: fix()"


def pattern(text: str) -> Pattern:
    return compile_pattern(text, by_line=True)


def test_what_must_not_be_found_is_told_with_its_line() -> None:
    lack = found_in(pattern("[Nn]ot approved"), ANSWER)
    assert lack is not None
    assert lack.message == ("the answer matches '[Nn]ot approved' (--fail-if) in the line: Not approved.")
    assert found_in(pattern("^approved$"), ANSWER) is None


def test_what_must_be_found_is_told_when_it_is_not() -> None:
    lack = missing_in(pattern("^APPROVED$"), ANSWER)
    assert lack is not None
    assert lack.message == "the answer does not match '^APPROVED$' (--fail-unless)"
    assert missing_in(pattern(r"^Not approved\.$"), ANSWER) is None


@pytest.mark.parametrize("verdict", [found_in, missing_in])
def test_a_gate_opens_for_what_is_known_alone(verdict: Callable[[Pattern, str], AnswerLacks | None]) -> None:
    lack = verdict(pattern("(x+x+)+y"), "x" * 40_000)
    assert lack is not None
    assert "takes too long, so it counts as not met" in lack.message
