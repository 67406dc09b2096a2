"""A sandbox of its own for each test, and somebody who asks it."""

from collections.abc import Iterator

import pytest
from sandbox_caller import Caller

from stackspot_cli.sandbox import Sandbox


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def strict_caller() -> Iterator[Caller]:
    """Of a sandbox that has only what its account has."""
    with Sandbox(strict=True) as running, Caller(running) as ready:
        yield ready


@pytest.fixture
def caller(server: Sandbox) -> Iterator[Caller]:
    with Caller(server) as ready:
        yield ready
