"""How far a batch is, in numbers and in words. Pure: times are given."""

from __future__ import annotations

from collections import deque
from dataclasses import field

from stackspot_cli.batch.result import BatchResult
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

RECENT = 64  # answers from which the rate is taken: an hour ago it was another


@dataclass(slots=True)
class Tally:
    """total: lines that can be asked. before: of these, how many an earlier run has answered, or lost and kept."""

    total: int
    before: int
    began: float
    answered: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))

    def add(self, result: BatchResult, now: float) -> None:
        if result.ok:
            self.answered += 1
        else:
            self.failed += 1
        self.prompt_tokens += result.usage.prompt_tokens or 0
        self.completion_tokens += result.usage.completion_tokens or 0
        self._recent.append(now)

    @property
    def done(self) -> int:
        """Of this run and the earlier ones."""
        return self.before + self.answered + self.failed

    @property
    def fraction(self) -> float:
        return self.done / self.total if self.total else 1.0

    def per_minute(self, now: float) -> float | None:
        """None before there is anything to tell."""
        count, since = self.answered + self.failed, self.began
        if count > RECENT and now > self._recent[0]:
            count, since = RECENT - 1, self._recent[0]
        return count / (now - since) * 60 if count and now > since else None

    def seconds_left(self, now: float) -> float | None:
        rate = self.per_minute(now)
        return (self.total - self.done) / rate * 60 if rate else None

    def words(self, now: float) -> str:
        """For a line that moves, or one a minute."""
        rate, left = self.per_minute(now), self.seconds_left(now)
        parts = [self.numbers]
        if rate is not None:
            parts.append(_("{count} a minute").format(count=f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"))
        if left is not None and self.done < self.total:
            parts.append(_("{time} left").format(time=span(left)))
        return ", ".join(parts)

    @property
    def numbers(self) -> str:
        parts = [_("{done} of {total} done").format(done=self.done, total=self.total)]
        if self.failed:
            parts.append(_("{count} failed").format(count=self.failed))
        return ", ".join(parts)

    def summary(self, now: float, left_out: int) -> str:
        """At the end. left_out: bad lines that were not asked."""
        parts = [_("{count} answered").format(count=self.answered)]
        if self.before:
            parts.append(_("{count} done before").format(count=self.before))
        if self.failed:
            parts.append(_("{count} failed").format(count=self.failed))
        if left_out:
            parts.append(_("{count} left out").format(count=left_out))
        if self.done < self.total:
            parts.append(_("{count} left").format(count=self.total - self.done))
        if self.prompt_tokens or self.completion_tokens:
            parts.append(
                _("{prompt} tokens in, {completion} out").format(
                    prompt=self.prompt_tokens, completion=self.completion_tokens
                )
            )
        return ", ".join([*parts, span(now - self.began)])


def span(seconds: float) -> str:
    """A length of time, as precise as anybody wants to know."""
    if seconds < 100:
        return _("{seconds} s").format(seconds=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 100:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
