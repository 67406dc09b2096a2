"""Between rows and nouns."""

import pytest

from stackspot_cli.history.rows import countable


@pytest.mark.parametrize(
    ("number", "stored"), [(None, None), (0, 0), (-3, 0), (2**63 - 1, 2**63 - 1), (10**30, 2**63 - 1)]
)
def test_numbers_fit_the_column(number: int | None, stored: int | None) -> None:
    assert countable(number) == stored
