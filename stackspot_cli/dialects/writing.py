"""What every API needs to write an answer, and what its writer can be asked for.

Knows that answers are event streams of JSON. Refuses to know which events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from stackspot_cli.dialects.problems import Problem
from stackspot_cli.domain import Source
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.tools.inquiry import Call
from stackspot_cli.tools.rounds import Finished


@dataclass(frozen=True, slots=True)
class Before:
    """What is known before an answer. answer_id: letters and digits, without an API's own beginning.

    created: seconds since 1970. prompt_tokens: estimated. body: the request, for an API that repeats it.
    """

    model: str
    answer_id: str
    conversation_id: str
    created: int
    prompt_tokens: int
    include_usage: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class After:
    """What is known behind it. estimated: the service told no counts."""

    finished: Finished
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    sources: Sequence[Source] = ()

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def extras(self, before: Before) -> dict[str, Any]:
        """What no API has a place for."""
        done = self.finished.done
        return {
            "conversation_id": before.conversation_id,
            "message_id": done.message_id,
            "complete": True,
            "sources": [source.fields() for source in self.sources],
            "usage_estimated": self.estimated,
        }


class Writer(Protocol):
    """One answer in one API's words. Each piece is bytes of an event stream; `whole` is the answer without one."""

    def begin(self) -> bytes: ...

    def text(self, text: str) -> bytes: ...

    def call(self, call: Call) -> bytes: ...

    def end(self, after: After) -> bytes: ...

    def keep_alive(self) -> bytes:
        """Something that the API's clients take for life, and for nothing else."""
        ...

    def failure(self, problem: Problem) -> bytes:
        """The end of an answer that broke off."""
        ...

    def whole(self, text: str, calls: Sequence[Call], after: After) -> dict[str, Any]: ...


def dumps(value: object) -> bytes:
    """ASCII: some clients take U+2028 and its like for the end of an event's line."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def around(event: bytes, mark: str) -> tuple[bytes, bytes]:
    """What stands before and behind a text in an event: made once, not for each of 2,000."""
    before, _mark, after = event.partition(dumps(mark))
    return before, after
