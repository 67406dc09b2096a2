"""The page that newcomers read first names what is there."""

import re

from package_source import PACKAGE

PAGE = PACKAGE.parent / "docs" / "architecture.md"


def test_every_file_that_it_names_exists() -> None:
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)?\.py)`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 30
    assert {
        name for name in named if not name.startswith("test_") and not (PACKAGE / name).is_file()
    } == set()
