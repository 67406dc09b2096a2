from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.review.diff import FileDiff, Line
from stackspot_cli.review.findings import Claim
from stackspot_cli.review.parts import Part, Room, split
from stackspot_cli.review.placing import Finding, merged, place

LINES = (
    Line("kept", 10, "def add(a, b):"),
    Line("removed", None, "    check(a)"),
    Line("added", 11, "    return a - b"),
    Line("added", 12, "    return a - b"),
    Line("kept", 13, ""),
    Line("kept", 40, "def sub(a, b):"),
    Line("kept", 41, "    return a - b  # right"),
)
PART = Part("src/add.py", LINES, "")


def claim(line: int, quote: str = "", file: str = "src/add.py", end_line: int | None = None) -> Claim:
    return Claim(file, line, end_line or line, "error", "t", "w", "f", quote)


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (claim(11), 11),
        (claim(11, "return a - b"), 11),
        (claim(12, "return a - b"), 12),
        (claim(41, "return a - b # right"), 41),
        (claim(11, "def add(a, b):"), 10),  # a line too far: the quote is right
        (claim(999, "def add(a, b):"), 10),
        (claim(999, "10   def add(a, b):"), 10),  # with its number and mark
        (claim(999, "+ def sub(a, b):\nmore"), 40),
        (claim(10, "check(a)"), 11),  # a line that is gone: where it stood
        (claim(13, "return a - b"), 12),  # the nearest of two
        (claim(10, "def add", end_line=11), 10),
        (claim(10, "return a - b", end_line=12), 10),  # somewhere within its lines
        (claim(11, "}"), 11),  # too short to say anything
    ],
)
def test_a_finding_stands_where_its_quote_does(told: Claim, where: int) -> None:
    finding = place(told, PART)
    assert finding is not None and (finding.file, finding.line) == ("src/add.py", where)


@pytest.mark.parametrize(
    "told",
    [
        claim(999),
        claim(14),  # between what was shown
        claim(999, "return a - b"),  # which of them?
        claim(11, "os.system(user_input)"),  # made up
        claim(11, file="src/other.py"),
        claim(11, file=""),
        claim(11, "import os", file="/etc/passwd"),
        claim(0x7FFFFFFF, "    "),
    ],
)
def test_what_stands_nowhere_is_dropped(told: Claim) -> None:
    assert place(told, PART) is None


@pytest.mark.parametrize("file", ["src/add.py", "a/src/add.py", "./src/add.py", "add.py", " src\\add.py "])
def test_a_file_may_be_named_as_models_do(file: str) -> None:
    assert place(claim(11, file=file), PART) is not None


def test_another_files_name_counts_only_with_a_quote_of_this_one() -> None:
    found = place(claim(3, "def sub(a, b):", file="lib/math.py"), PART)
    assert found is not None and (found.file, found.line) == ("src/add.py", 40)


def test_a_finding_says_the_line_as_it_is_and_ends_where_the_lines_do() -> None:
    assert place(claim(11, "return a-b".replace("-", " - "), end_line=99), PART) == Finding(
        "src/add.py", 11, 13, "error", "t", "w", "f", "    return a - b"
    )


@given(
    st.lists(st.tuples(st.sampled_from("+- "), st.text("abc (){}", max_size=6)), min_size=1, max_size=30),
    st.integers(1, 60),
    st.integers(1, 60),
    st.text("abc (){}+1\n", max_size=8),
    st.sampled_from(["x", "y", "a/x"]),
)
def test_a_finding_is_always_about_a_line_that_was_shown(
    lines: list[tuple[str, str]], line: int, end: int, quote: str, file: str
) -> None:
    made, number = [], 0
    for mark, text in lines:
        number += mark != "-"
        made.append(
            Line({"+": "added", "-": "removed"}.get(mark, "kept"), None if mark == "-" else number, text)
        )  # type: ignore[arg-type]
    [part], _ = split(FileDiff("x", lines=tuple(made)), Room(10**9, len))
    finding = place(claim(line, quote, file, max(line, end)), part)
    if finding is None:
        return
    texts = {one.number: one.text for one in made if one.number is not None}
    assert finding.quote == texts[finding.line]
    assert set(range(finding.line, finding.end_line + 1)) <= texts.keys()
    if len(quote.splitlines()[0].replace(" ", "") if quote.strip() and quote.splitlines() else "") >= 4:
        assert any(
            " ".join(quote.splitlines()[0].split()).lstrip("1+ ") in " ".join(one.text.split())
            for one in made
        )


FOUND = Finding("a", 5, 5, "warning", "The list may be empty", "short", "", "x = items[0]")


def test_what_two_parts_told_is_one_finding_with_the_severer_judgement() -> None:
    other = replace(
        FOUND, line=7, end_line=7, severity="error", title="the list may be EMPTY.", why="longer", fix="f"
    )
    assert merged([[FOUND], [other]]) == ((replace(FOUND, severity="error", why="longer", fix="f"),), 1)


def test_what_one_part_told_of_two_lines_stays_two() -> None:
    other = replace(FOUND, line=6, end_line=6)
    assert merged([[other, FOUND]]) == ((FOUND, other), 0)
    assert merged([[FOUND, FOUND]]) == ((FOUND,), 1)
    assert merged([[FOUND], [replace(FOUND, file="b")]])[1] == 0
    assert merged([[FOUND], [replace(FOUND, title="It leaks a handle")]])[1] == 0
    assert merged([[FOUND], [replace(FOUND, line=50)]])[1] == 0


def test_findings_come_in_the_order_of_files_and_lines() -> None:
    told = [replace(FOUND, file="b"), replace(FOUND, line=9, title="z"), FOUND]
    assert [(one.file, one.line) for one in merged([told])[0]] == [("a", 5), ("a", 9), ("b", 5)]
