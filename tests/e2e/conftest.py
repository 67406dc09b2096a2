"""What the end-to-end tests of the Python API share: a sandbox that this process speaks to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from served import Serve

from stackspot_cli.sandbox import Sandbox


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Serve]:
    """Starts a sandbox, and points the environment at it."""
    with ExitStack() as stack:

        def start(**how: Any) -> Sandbox:
            server = stack.enter_context(Sandbox(**how))
            for name, value in {**server.environment, "STACKSPOTAI_HOME": str(tmp_path)}.items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("STACKSPOTAI_RETRY_WAIT", "0")
            return server

        yield start
