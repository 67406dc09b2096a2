"""An answer that ends before a text that its caller named, wherever the pieces were cut. Pure."""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """The first of the texts that is complete ends the answer, before it; of two that are, the longer one.

    met: the one that ended it. Held back is only what could be the beginning of one.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(dict.fromkeys(text for text in texts if text))
        self._longest = max(map(len, self._texts), default=0)
        self._held = ""
        self.met: str | None = None

    def feed(self, text: str) -> str:
        """What is sure to stand before any of them. Nothing more comes once one is met."""
        if self.met is not None or not self._texts:
            return "" if self.met is not None else text
        text = self._held + text
        found = [
            (place + len(stop), -len(stop), stop) for stop in self._texts if (place := text.find(stop)) >= 0
        ]
        if found:
            end, _length, self.met = min(found)
            self._held = ""
            return text[: end - len(self.met)]
        sure = len(text)
        for count in range(1, min(self._longest, len(text) + 1)):
            if any(stop.startswith(text[-count:]) for stop in self._texts):
                sure = len(text) - count
        self._held = text[sure:]
        return text[:sure]

    def end(self) -> str:
        held, self._held = self._held, ""
        return held if self.met is None else ""
