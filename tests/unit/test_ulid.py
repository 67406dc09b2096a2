from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.ulid import ALPHABET, LENGTH, ulid


def test_the_specification_s_own_time_gives_its_own_characters() -> None:
    assert ulid(1469918176.385, b"\0" * 10) == "01ARYZ6S41" + "0" * 16


def test_the_last_possible_ulid() -> None:
    assert ulid((2**48 - 1) / 1000, b"\xff" * 10) == "7" + "Z" * 25


@given(st.integers(0, 2**47), st.integers(0, 2**47), st.binary(min_size=10, max_size=10))
def test_ulids_sort_by_the_time_they_were_made(first: int, second: int, dice: bytes) -> None:
    one, two = ulid(first / 1000, dice), ulid(second / 1000, dice)
    assert len(one) == LENGTH
    assert set(one) <= set(ALPHABET)
    assert (one <= two) == (int(first / 1000 * 1000) <= int(second / 1000 * 1000))
