"""What end-to-end tests share: a service that can misbehave, and the program in a world of its own."""

from __future__ import annotations

import os

os.environ["LC_ALL"] = "C.UTF-8"  # before the first import of ours: the tests read English, whoever runs them

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import trustme
from fault_server import FaultServer
from program import Program
from strict_service import StrictService

# In CI the same examples each time: what fails there can be run again. Nothing is kept in the working directory,
# and a slow machine is no failure.
SLOW = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile("here", deadline=None, database=None, suppress_health_check=SLOW)
hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("here"), derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as started:
        yield started


@pytest.fixture
def program(tmp_path: Path, server: FaultServer) -> Iterator[Program]:
    """Talks to `server`. After the test nothing that it wrote may hold a secret, in any shape."""
    made = Program(tmp_path, server)
    yield made
    made.close()
    assert made.leaks() == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """It signs the certificates of services."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    """The authority's certificate, as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return os.fspath(path)


@pytest.fixture
def strict() -> Iterator[StrictService]:
    """A service that knows the protocol page and nothing else: what the page does not say must not be sent."""
    service = StrictService()
    yield service
    service.close()
    assert service.violations == []


@pytest.fixture
def world(tmp_path: Path, strict: StrictService) -> Iterator[Program]:
    """The program, with the strict service behind it."""
    made = Program(tmp_path, strict)
    yield made
    made.close()
    assert made.leaks() == []
