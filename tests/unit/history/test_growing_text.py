"""Text kept as few large strings: the whole and every tail are what a plain list would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.history.growing_text import GrowingText


@given(st.lists(st.text(max_size=3), max_size=2000), st.integers(0, 7000))
def test_any_tail_is_the_joined_texts_tail(pieces: list[str], position: int) -> None:
    text = GrowingText()
    for piece in pieces:
        text.append(piece)
    whole = "".join(pieces)
    assert str(text) == whole
    assert text.since(min(position, len(whole))) == whole[position:]


def test_many_small_pieces_are_few_strings() -> None:
    text = GrowingText()
    for _index in range(100_000):
        text.append("word ")
    assert len(text._parts) + len(text._small) < 1000
    assert len(str(text)) == 500_000


def test_beyond_its_longest_nothing_more_is_kept() -> None:
    text = GrowingText(longest=100_000)
    for _ in range(10):
        text.append("x" * 70_000)
    assert len(str(text)) == 140_000


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 9_000)), max_size=8), st.integers(0, 9_000))
def test_what_was_let_go_is_a_beginning_and_every_tail_after_it_is_the_same(
    stretches: list[tuple[int, int]], position: int
) -> None:
    text, whole = GrowingText(passing=True), ""
    for count, safe in stretches:
        for number in range(count):
            text.append(f"{number} ")
            whole += f"{number} "
        text.let_go(min(safe, len(whole)))
    assert text.start <= min(max((safe for _count, safe in stretches), default=0), len(whole))
    assert str(text) == whole[text.start :]
    assert text.since(max(position, text.start)) == whole[max(position, text.start) :]
    assert bool(text) == bool(whole)


def test_the_beginning_of_a_long_text_can_be_let_go_of() -> None:
    text = GrowingText(longest=900_000, passing=True)
    for _index in range(100_000):
        text.append("word ")
        text.let_go(text.start + 5_000)
    assert text.start > 490_000
    assert len(str(text)) < 10_000
    for _index in range(100_000):
        text.append("word ")
    assert text.start + len(str(text)) < 910_000  # its longest counts from the beginning
