"""How much a model's prompt may hold, in characters: by its limit, by what the service counted, by its refusals.

Pure but for what it remembers. Refuses to know what is left out (`shortening`).
"""

from __future__ import annotations

import re

from stackspot_cli.conversation.token_estimate import TokenEstimate, generous_count
from stackspot_cli.errors import Refused, StackSpotError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model

SERVICES_OWN_TOKENS = 800  # before ours; 749 were counted for a prompt of a few words
KNOWN_MARGIN = 0.02  # of the limit, once counts are known: two texts of one length differ
RELIEF = 1.05  # after an answer to a text that was nearly as long as may be: the next may be longer again
_OVER_LONG_CODE = "6001"  # the service's own
_COUNTS = re.compile(r"(\d[\d.,]*\d|\d) *tokens")


@dataclass(frozen=True, slots=True)
class TooLong:
    """What a refusal said: how many tokens there were, and how many there may be; None where it did not."""

    tokens: int | None
    limit: int | None


def too_long(error: StackSpotError) -> TooLong | None:
    """What the service said of a prompt that it found too long; None for every other error."""
    if not isinstance(error, Refused) or _OVER_LONG_CODE not in (error.service_code or ""):
        return None
    counts = [int(re.sub(r"\D", "", found)) for found in _COUNTS.findall(error.message)][:2]
    if len(counts) < 2 or counts[0] == counts[1]:
        return TooLong(None, None)
    return TooLong(max(counts), min(counts))


class Room:
    """One model's. Learns from all answers; threads may share it."""

    def __init__(self, model: Model, estimate: TokenEstimate | None = None) -> None:
        self.limit = model.max_input_tokens
        self._estimate = estimate or TokenEstimate()
        self._most: float | None = None  # characters, after a refusal

    @property
    def characters(self) -> int:
        """What fits, as far as is known."""
        own = (
            int(self.limit * KNOWN_MARGIN)
            if self._estimate.knows
            else min(SERVICES_OWN_TOKENS, self.limit // 4)
        )
        most = self._estimate.characters(self.limit - own)
        return most if self._most is None else min(most, int(self._most))

    def tokens(self, characters: int) -> int:
        """The count that is expected for a text of so many characters; at least 1."""
        return max(1, self._estimate.tokens(characters))

    def surely_exceeds(self, text: str) -> int:
        """The least number of tokens that the text has, where even that is above the limit; else 0."""
        if len(text) <= self.limit:  # a token has at least one character
            return 0
        count = generous_count(text)
        return count if count > self.limit else 0

    def accepted(self, characters: int, tokens: int | None = None) -> None:
        """The service took a text of ours; tokens: what it counted, where it told."""
        if tokens:
            self._estimate = self._estimate.learn(characters, tokens)
        if self._most is not None and characters > self._most * 0.8:
            self._most *= RELIEF

    def refused(self, characters: int, told: TooLong) -> None:
        """The service found a text of ours too long: with its numbers, or without any."""
        share = 0.8
        if told.tokens is not None and told.limit is not None:
            self.limit = min(self.limit, told.limit)
            self._estimate = self._estimate.learn(characters, told.tokens)
            share = min(0.95 * told.limit / told.tokens, 0.95)
        self._most = min(self._most or characters, characters * share)
