"""What the tests of commands about credentials and settings share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from credential_world import World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """A home, a keyring in memory, and an emulated service."""
    with world(tmp_path) as made:
        yield made
