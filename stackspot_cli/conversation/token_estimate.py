"""How many tokens a text will be, before the service has counted it.

Knows characters and the counts that came back; refuses to know models, files and the network.
The truth is `overhead + characters × rate`: services put words of their own before ours (749 tokens were
counted for a prompt of a few words), and the rate depends on language and tokenizer.
"""

from __future__ import annotations

import json
from dataclasses import astuple

from stackspot_cli.lean_dataclasses import dataclass

USUAL_RATE, RATE_DOUBT = 0.25, 0.1
"""Tokens a character: about four characters a token is the usual rule for English, three for Portuguese."""
OVERHEAD_DOUBT = 300.0
MEASURE_DOUBT = 0.1  # of the count: how far two texts of one length differ
FORGETTING = 0.9  # an account's models change: the last ten answers count most
LOWEST_RATE, HIGHEST_RATE = 1 / 8, 2.0
GENEROUS_CHARACTERS = 8
"""No public tokenizer averages eight characters a token over prose or code; five is already rare."""


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """Weighted sums of what was seen: enough for a least-squares line, and five numbers to store."""

    weight: float = 0.0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def tokens(self, characters: int) -> int:
        """The expected count for a text of so many characters."""
        overhead, rate = self._line()
        return round(overhead + characters * rate)

    def characters(self, tokens: int) -> int:
        """The longest text that is expected to stay within so many tokens."""
        overhead, rate = self._line()
        return max(0, int((tokens - overhead) / rate))

    @property
    def knows(self) -> bool:
        """Whether anything was learned."""
        return self.weight > 0

    def learn(self, characters: int, tokens: int) -> TokenEstimate:
        """With one more pair: what was sent, and what the service counted."""
        weight = 1 / (MEASURE_DOUBT * max(tokens, 100)) ** 2
        return TokenEstimate(
            self.weight * FORGETTING + weight,
            self.x * FORGETTING + weight * characters,
            self.y * FORGETTING + weight * tokens,
            self.xx * FORGETTING + weight * characters * characters,
            self.xy * FORGETTING + weight * characters * tokens,
        )

    def dump(self) -> str:
        return json.dumps(astuple(self))

    @staticmethod
    def load(text: str | None) -> TokenEstimate:
        """What `dump` wrote; anything else is a beginner's estimate."""
        try:
            return TokenEstimate(*map(float, json.loads(text or "[]")))
        except (ValueError, TypeError):
            return TokenEstimate()

    def _line(self) -> tuple[float, float]:
        """Least squares, with the doubts above as a prior so that one answer cannot mislead."""
        a = self.weight + 1 / OVERHEAD_DOUBT**2
        d = self.xx + 1 / RATE_DOUBT**2
        right = self.xy + USUAL_RATE / RATE_DOUBT**2
        rate = (a * right - self.x * self.y) / (a * d - self.x**2)
        rate = min(max(rate, LOWEST_RATE), HIGHEST_RATE)
        return max(0.0, (self.y - rate * self.x) / a), rate


def generous_count(text: str) -> int:
    """A number of tokens that the text surely has: only what exceeds the limit by this is refused unsent.

    Eight characters to a token, or one token a word where words are short: no tokenizer joins two words.
    """
    return max(len(text) // GENEROUS_CHARACTERS, len(text.split()))
