"""Token counts where the service tells none: one estimate, the same for text, JSON, Python, chat and the gateway.

Pure. Refuses to know how what is estimated is marked.
"""

from __future__ import annotations

from stackspot_cli.conversation.plan import Plan
from stackspot_cli.conversation.token_estimate import TokenEstimate
from stackspot_cli.conversation.transcript import transcript
from stackspot_cli.domain import Turn, Usage


def completed(usage: Usage, plan: Plan, answer_characters: int, estimate: TokenEstimate) -> Usage:
    """What was told, and our estimate of the rest. The prompt's is of all that the model sees, as a service counts."""
    sent = plan.prompt.text
    if not plan.whole:
        turns = [turn for turn in plan.conversation.turns if turn.happened]
        sent = transcript(plan.conversation.system, turns, sent)
    return _completed(usage, len(sent), answer_characters, estimate)


def of_conversation(system: str | None, turns: tuple[Turn, ...], estimate: TokenEstimate) -> Usage:
    """Of a conversation's last turn: what was told, or the estimate."""
    if not turns:
        return Usage(0, 0)
    *before, last = turns
    sent = transcript(system, before, last.prompt)
    return _completed(last.usage, len(sent), len(last.answer), estimate)


def _completed(usage: Usage, sent: int, answered: int, estimate: TokenEstimate) -> Usage:
    if usage.total_tokens is not None:
        return usage
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    if prompt is None:
        prompt = max(1, estimate.tokens(sent))
    if completion is None:  # nothing is put before an answer
        completion = max(0, estimate.tokens(answered) - estimate.tokens(0))
    return Usage(prompt, completion, estimated=True, told=usage.as_told)
