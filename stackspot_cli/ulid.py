"""ULIDs: ids that sort by the time they were made (github.com/ulid/spec).

Knows 26 characters of Crockford's base 32.
"""

from __future__ import annotations

import os
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26


def ulid(now_seconds: float, random_bytes: bytes) -> str:
    """48 bits of milliseconds since 1970, then 80 random bits (10 bytes, from `os.urandom`)."""
    milliseconds = int(now_seconds * 1000) & (1 << 48) - 1
    number = milliseconds << 80 | int.from_bytes(random_bytes[:10], "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def new_ulid() -> str:
    """One of now."""
    return ulid(time.time(), os.urandom(10))
