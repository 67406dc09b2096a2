"""What names a knowledge source."""

from __future__ import annotations

import pytest

from stackspot_cli.commands.knowledge.slug import checked
from stackspot_cli.errors import UsageError


def test_blanks_around_a_slug_do_not_count() -> None:
    assert checked(" my-docs.v2 ") == "my-docs.v2"


@pytest.mark.parametrize("slug", ["", " ", "a b", "a/b", "-a", "é"])
def test_what_is_no_slug_is_refused_with_where_they_are_listed(slug: str) -> None:
    with pytest.raises(UsageError, match="is no slug: letters, digits") as refused:
        checked(slug)
    assert refused.value.hint == "`stackspot knowledge list` shows the slugs"
