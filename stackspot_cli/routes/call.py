"""What a route wants sent: a value, so that it can be shown (`--dry-run`), retried byte for byte, and tested."""

from __future__ import annotations

import json as _json
from dataclasses import field
from typing import Any
from urllib.parse import urlencode

from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.model import Service


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one of the services.

    service: whose base address the path is appended to.
    body: JSON to send, or None for no body. headers: besides the ones that every request has.
    repeatable: whether sending it twice does no harm, so that a lost connection may be tried again.
    may_be_empty: whether a 200 without a body is an answer.
    dispensable: the body's fields that only we send, for a service that refuses them.
    absent: what a 404 means, as a sentence, and what to do then; empty where only the address can be told.
    """

    method: str
    service: Service
    path: str
    body: Any = None
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    repeatable: bool = False
    may_be_empty: bool = False
    dispensable: tuple[str, ...] = ()
    absent: tuple[str, str] | None = field(default=None, compare=False)

    @property
    def target(self) -> str:
        """The path with its query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def spared(self) -> Call:
        """The same without what can be dispensed with."""
        if not self.dispensable:
            return self
        body = {name: value for name, value in self.body.items() if name not in self.dispensable}
        return replace(self, body=body, dispensable=())

    def content(self) -> bytes:
        """The body's bytes; the same on each attempt."""
        if self.body is None:
            return b""
        return _json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


EVENT_STREAM = (
    ("Accept", "text/event-stream"),
    ("Accept-Encoding", "identity"),
    ("Cache-Control", "no-cache"),
)
