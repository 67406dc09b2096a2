"""A request that is to be sent, as a value.

Refuses to know how it is sent: who only shows a request loads no HTTP library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from stackspot_cli.errors import StackSpotError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.listener import ignore

if TYPE_CHECKING:
    from stackspot_cli.network.shared_quota import SharedQuota

# From a status, the beginning of the body, the headers and the address: what a refusal means.
Explain: TypeAlias = Callable[[int, bytes, Mapping[str, str], str], StackSpotError]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, the same on each attempt.

    explain: what a status other than 2xx means.
    sealed: makes the headers that hold a secret; called as an attempt goes out, so that no frame holds them.
    repeatable: a lost connection or a silence may be tried again even though all was sent.
    quota: each attempt counts towards it, and waits for its turn; None for what nobody limits.
    on_sent: told, as an attempt goes out, how many of its bytes are on their way.
    """

    method: str
    url: str
    explain: Explain
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    sealed: Callable[[], Mapping[str, str]] = dict
    repeatable: bool = False
    quota: SharedQuota | None = None
    on_sent: Callable[[int], object] = ignore
