"""A service that has a certificate."""

from collections.abc import Iterator

import pytest
import trustme
from fault_server import FaultServer
from tls_world import serving


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[FaultServer]:
    with serving(authority.issue_cert("127.0.0.1", "localhost")) as server:
        yield server
