"""Who has seen a conversation: one service as one account. Pure.

What another has seen cannot be gone on with there. A digest, for it is kept in the history, and says no name.
"""

from __future__ import annotations

import hashlib

CHARACTERS = 24


def scope(address: str, realm: str, client_id: str) -> str:
    """address: of the service that is asked."""
    return hashlib.sha256("\n".join((address, realm, client_id)).encode()).hexdigest()[:CHARACTERS]
