"""What a Python caller asks, read and refused before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

ChatMessages = Sequence[Mapping[str, object]]
"""As OpenAI's clients write them: objects with `role` and `content`."""


def messages_of(prompt: object, system: str | None) -> tuple[Message, ...]:
    """What a caller of `stream` asks. Raises UsageError."""
    if system is not None and not isinstance(system, str):
        raise UsageError(_("the instructions are a text, not {given}").format(given=shown(system)))
    before = (Message("system", system),) if system else ()
    if isinstance(prompt, list | tuple):
        return (*before, *read_messages(prompt))
    if not isinstance(prompt, str):
        raise UsageError(
            _("the prompt is a text or a list of messages, not {given}").format(given=shown(prompt))
        )
    if not prompt.strip():
        raise UsageError(_("the prompt is empty"))
    return (*before, Message("user", prompt))


def shown(value: object) -> str:
    return safe_line(repr(value), 60)
