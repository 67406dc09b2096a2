"""Between rows and nouns."""

import pytest

from stackspot_cli.history.rows import countable, storable


@pytest.mark.parametrize(
    ("text", "stored"), [("olá", "olá"), ("\ud83d\ude00", "😀"), ("a\ud83d", "a\ufffd"), ("", "")]
)
def test_halves_that_meet_are_joined_and_a_half_alone_is_replaced(text: str, stored: str) -> None:
    assert storable(text) == stored


@pytest.mark.parametrize(
    ("number", "stored"), [(None, None), (0, 0), (-3, 0), (2**63 - 1, 2**63 - 1), (10**30, 2**63 - 1)]
)
def test_numbers_fit_the_column(number: int | None, stored: int | None) -> None:
    assert countable(number) == stored
