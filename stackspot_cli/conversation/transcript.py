"""What was said, as the one text that the service takes: instructions, turns under headings, the new message last.

Pure. Refuses to know what was seen already, and where turns are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.domain import Message, Turn, TurnState
from stackspot_cli.model import Model


def opening(
    system: str | None,
    turns: Sequence[Turn],
    message: str,
    model: Model,
    estimate: Callable[[], TokenEstimate] = TokenEstimate,
) -> tuple[str, int]:
    """The first text of a conversation on the service, and how many of the oldest turns it lacks."""
    said = [turn for turn in turns if turn.happened]
    if not said:
        return transcript(system, [], message), 0
    tokens = estimate().tokens
    for dropped in range(len(said) + 1):
        text = transcript(system, said[dropped:], message)
        if tokens(len(text)) <= model.max_input_tokens:
            break
    return text, dropped


def transcript(system: str | None, turns: Sequence[Turn], message: str) -> str:
    """Instructions, then every turn under a heading, the new message last. Without turns: no headings."""
    messages = [Message("system", system)] if system else []
    for turn in turns:
        messages.append(Message("user", turn.prompt))
        if turn.answer:
            messages.append(Message("assistant", turn.answer + ENDINGS[turn.state]))
    return text_of([*messages, Message("user", message)])


ENDINGS: dict[TurnState, str] = {
    "complete": "",
    "cut": "\n[this answer was cut off here]",
    "interrupted": "\n[this answer was interrupted here]",
    "failed": "\n[this answer broke off here]",
}


def text_of(messages: Sequence[Message]) -> str:
    """Messages with roles as the one text that the service takes.

    A heading's rule is longer than any line of equals signs inside, so that no message can forge one.
    """
    system = [message.text for message in messages if message.role == "system"]
    said = [message for message in messages if message.role != "system"]
    if len(said) > 1:
        longest = max(len(run) for message in said for run in RULES.findall(message.text) or [""])
        rule = "=" * max(3, longest + 1)
        blocks = [f"{rule} {message.role} {rule}\n{message.text}" for message in said]
        body = CONVERSATION_SO_FAR + "\n\n" + "\n\n".join(blocks)
    else:
        body = "".join(message.text for message in said)
    return "\n\n".join(part for part in (*system, body) if part)


CONVERSATION_SO_FAR = "This is our conversation so far. Answer the last message."
RULES = re.compile(r"^=+", re.MULTILINE)
