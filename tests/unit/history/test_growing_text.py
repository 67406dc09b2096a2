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
