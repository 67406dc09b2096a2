"""A chat that has had a few turns, without a service."""

from __future__ import annotations

from dataclasses import replace

from stackspot_cli.commands.chat.session import Session
from stackspot_cli.domain import Turn

FACTORIAL = "Here:\n\n```python\ndef f(): ...\n```\n\nand\n\n```sh\nls\n```\n"
TALK = (Turn("Say hi", "Hi", "complete"), Turn("Write it", FACTORIAL, "complete"))


def talked(session: Session, *turns: Turn) -> None:
    """The conversation is these turns, and the service has seen them."""
    session.conversation = replace(session.conversation, turns=turns, in_sync=True)
