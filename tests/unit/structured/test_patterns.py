"""Regular expressions from outside, searched within a bound of time."""

import pytest

from stackspot_cli.structured.patterns import NotAPattern, TooSlow, compile_pattern

ANSWER = "It is good.\nNot approved.\nApproved: no\n"


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("^Approved", "Approved: no"),
        ("approved.$", "Not approved."),
        (r"good\.\nNot", "It is good."),
        ("(?i)APPROVED", "Not approved."),
        ("missing", None),
    ],
)
def test_the_first_line_that_it_is_found_in(pattern: str, line: str | None) -> None:
    assert compile_pattern(pattern, by_line=True).line_of(ANSWER) == line


def test_for_the_whole_text_its_ends_are_the_texts() -> None:
    assert compile_pattern("^Not", by_line=False).line_of(ANSWER) is None


def test_what_does_not_compile_says_where() -> None:
    with pytest.raises(NotAPattern, match="missing \\)"):
        compile_pattern("(a", by_line=True)


def test_no_pattern_hangs_the_program() -> None:
    with pytest.raises(TooSlow):
        compile_pattern(r"^(a|b|ab)*\1$", by_line=True).line_of("ab" * 3_000 + "c")
