"""A chat on a real terminal."""

from __future__ import annotations

import pytest
from chat_person import Chats
from fault_server import END, FaultServer, delta, stream
from program import Program


@pytest.fixture
def chat(program: Program, server: FaultServer) -> Chats:
    server.api(stream(delta("Hello"), END))
    return Chats(program, server)
