"""An authority of certificates, and a service that has one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from fault_server import FaultServer
from tls_world import serving


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    """The authority's certificate, as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return os.fspath(path)


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[FaultServer]:
    with serving(authority.issue_cert("127.0.0.1", "localhost")) as server:
        yield server
