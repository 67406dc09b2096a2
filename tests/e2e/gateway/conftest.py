"""One gateway for the tests of a file; behind it, each test starts the service that it needs."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from gateway_caller import CONFIG, Serve, environment, free_port, running

from stackspot_cli.sandbox import Sandbox


@pytest.fixture(scope="module")
def service_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def url(service_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One gateway for all tests of this file; behind it, each test starts the service that it needs."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.yaml").write_text(CONFIG)
    environ = environment(home, STACKSPOTAI_ENDPOINT_URL=f"http://127.0.0.1:{service_port}")
    with running(environ) as (_process, address):
        yield address


@pytest.fixture
def serve(service_port: int) -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(Sandbox(port=service_port, **how))
