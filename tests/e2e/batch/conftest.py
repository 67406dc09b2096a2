"""Each prompt is answered by itself."""

from __future__ import annotations

import pytest
from batch_calls import echo
from program import Program


@pytest.fixture(autouse=True)
def _echo(program: Program) -> None:
    program.server.api(echo)
