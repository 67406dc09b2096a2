"""An emulated StackSpot over real loopback sockets: for people without an account, for tests, for CI.

An island: it imports nothing of ours and only the standard library, so that a mistake in our decoder
cannot cancel itself out here. It translates nothing. Public names are loaded on first use.

    with Sandbox(answers=[{"when": "merge", "answer": '{"approved": true}'}]) as server:
        os.environ.update(server.environment)        # what is under test now speaks to it
        …
        assert "merge" in server.requests[-1].json["user_prompt"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackspot_cli.sandbox.faults import FAULTS as FAULTS
    from stackspot_cli.sandbox.server import Sandbox as Sandbox

__all__ = ["FAULTS", "Sandbox"]


def __getattr__(name: str) -> object:
    if name == "FAULTS":
        from stackspot_cli.sandbox.faults import FAULTS

        return FAULTS
    if name == "Sandbox":
        from stackspot_cli.sandbox.server import Sandbox

        return Sandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
