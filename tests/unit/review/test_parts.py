from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.review.diff import FileDiff, Kind, Line, Status, whole
from stackspot_cli.review.parts import AROUND, Room, TooLong, hunks, sections, split

KINDS: dict[str, Kind] = {"+": "added", "-": "removed", " ": "kept"}


def diff(*lines: str, status: Status = "changed") -> FileDiff:
    """Each line with its mark."""
    made, number = [], 0
    for line in lines:
        kind = KINDS[line[0]]
        number += kind != "removed"
        made.append(Line(kind, None if kind == "removed" else number, line[1:]))
    return FileDiff("src/a.py", status, lines=tuple(made))


def at_most(characters: int) -> Room:
    return Room(characters, len)


def test_a_small_file_is_one_part_whole_with_its_numbers() -> None:
    small = diff(" a", "-b", "+B", "+c", " d")
    [part], too_long = split(small, at_most(1000))
    assert (part.number, part.of, too_long) == (1, 1, ())
    assert part.text == "File: src/a.py\n\n1   a\n  - b\n2 + B\n3 + c\n4   d"
    assert part.lines == small.lines


def test_the_head_tells_what_happened_to_the_file() -> None:
    odd = FileDiff(
        "b\n.py",
        old_path="a.py",
        old_mode="100644",
        new_mode="100755",
        lines=diff("+x").lines,
        ends_bare=True,
    )
    [part], _ = split(odd, at_most(1000))
    assert part.text.split("\n")[:4] == [
        "File: b .py",
        "It was: a.py",
        "Its mode was 100644 and is 100755.",
        "Its last line has no newline.",
    ]
    assert split(diff("+x", status="new"), at_most(1000))[0][0].text.startswith(
        "File: src/a.py\nIt is new.\n"
    )


def test_a_long_file_is_divided_between_its_hunks_with_what_is_around_them() -> None:
    far = [f" line {number}" for number in range(60)]
    long = diff(*far[:20], "-x", "+first", *far[20:40], "+second", *far[40:])
    (first, second), too_long = split(long, at_most(200))
    assert too_long == ()
    assert [(part.number, part.of) for part in (first, second)] == [(1, 2), (2, 2)]
    assert "21 + first" in first.text and "second" not in first.text
    assert "42 + second" in second.text and "first" not in second.text
    assert len(first.text) <= 200 and len(first.lines) > 2 * AROUND + 2  # as much around it as fits
    assert "…" in first.text.split("\n")


def test_a_hunk_that_does_not_fit_is_not_cut_but_told() -> None:
    long = diff(*[" k"] * 20, *[f"+{'x' * 50}"] * 20, *[" k"] * 20, "+small", *[" k"] * 20)
    parts, too_long = split(long, at_most(500))
    assert too_long == (TooLong("src/a.py", 18, 43),)
    assert [line.text for part in parts for line in part.lines if line.kind == "added"] == ["small"]


def test_a_new_file_is_divided_where_something_begins() -> None:
    texts = ["import a", "", "def f():", "    1", "", "    2", "", "def g():", "    3", ")", ""]
    new = diff(*(f"+{text}" for text in texts), status="new")
    assert sections(new.lines) == [(0, 2), (2, 7), (7, 11)]
    parts, too_long = split(new, at_most(90))
    assert too_long == ()
    assert [[line.text for line in part.lines if line.kind == "added"] for part in parts] == [
        texts[:7],
        texts[7:],
    ]


def test_hunks_that_would_touch_are_one() -> None:
    apart = diff("+a", *[" k"] * (2 * AROUND + 1), "+b")
    together = diff("+a", *[" k"] * (2 * AROUND), "+b")
    assert (len(hunks(apart.lines)), len(hunks(together.lines))) == (2, 1)


LINES = st.lists(
    st.tuples(st.sampled_from("+- "), st.sampled_from(["", "x", "def", "  y" * 5, "z" * 60])), max_size=80
)


@given(LINES, st.integers(40, 1200), st.sampled_from(["changed", "new", "whole"]))
def test_everything_is_covered_once_and_no_hunk_is_cut(
    lines: list[tuple[str, str]], size: int, status: Status
) -> None:
    if status != "changed":
        lines = [("+" if status == "new" else " ", text) for _mark, text in lines]
    made = diff(*(mark + text for mark, text in lines), status=status)
    parts, too_long = split(made, at_most(size))
    covered: list[Line] = []
    for part in parts:
        assert len(part.text) <= size
        numbers = [line.number for line in part.lines if line.number is not None]
        assert numbers == sorted(set(numbers))
        covered += [line for line in part.lines if line.kind != "kept"]
    lost = [range(one.first, one.last + 1) for one in too_long]
    if status == "whole":
        shown = {line.number for part in parts for line in part.lines}
        assert {line.number for line in made.lines} <= shown | {number for gone in lost for number in gone}
        return
    changed = [line for line in made.lines if line.kind != "kept"]
    added = [line for line in covered if line.kind == "added"]
    assert [line for line in added if line.number is not None] == [
        line for line in changed if line.kind == "added" and not any(line.number in gone for gone in lost)
    ]
    for start, end in hunks(made.lines) if status == "changed" else []:
        inside = [line for line in made.lines[start:end] if line.kind != "kept"]
        holders = [
            part for part in parts if any(line in part.lines for line in inside if line.number is not None)
        ]
        assert len(holders) <= 1
        for part in holders:
            assert all(line in part.lines for line in made.lines[start:end])


def test_a_large_file_is_divided_soon_enough() -> None:
    content = "".join(f"line {number}\n" for number in range(20_000)).encode()
    parts, _ = split(whole("a", content), at_most(40_000))
    assert sum(len(part.lines) for part in parts) >= 20_000
