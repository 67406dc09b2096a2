"""Every message is answered."""

import pytest
from fault_server import (
    END,
    FaultServer,
    delta,
    stream,
)


@pytest.fixture(autouse=True)
def answers(server: FaultServer) -> None:
    server.api(stream(delta("Hello"), END))
