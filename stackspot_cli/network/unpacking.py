"""The body of an answer out of the one packing that it may come in, a bounded piece at a time.

Knows gzip and deflate, which is what is asked for. A few bytes may hold a gigabyte: no more is unpacked than somebody
is about to look at. What is packed twice holds more still and serves nobody: it is refused before it is read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.translation import _

PIECE_BYTES = 64 * 1024
_GZIP, _DEFLATE = frozenset({"gzip", "x-gzip"}), "deflate"


def coding_of(headers: Mapping[str, str]) -> str | None:
    """The packing that an answer names; None for none, or one that nobody knows. Raises httpx.DecodingError."""
    named = [coding.strip().lower() for coding in headers.get("content-encoding", "").split(",")]
    known = [coding for coding in named if coding in _GZIP or coding == _DEFLATE]
    if len(known) > 1:
        raise httpx.DecodingError(_("it is packed more than once, which nobody asked for"))
    return known[0] if known else None


def unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """What the pieces hold, up to PIECE_BYTES at a time. Raises httpx.DecodingError."""
    pieces, bits = (pieces, zlib.MAX_WBITS | 16) if coding in _GZIP else _deflated(iter(pieces))
    unpacker = zlib.decompressobj(bits)
    try:
        for piece in pieces:
            while piece and not unpacker.eof:
                content = unpacker.decompress(piece, PIECE_BYTES)
                piece = unpacker.unconsumed_tail
                if content:
                    yield content
        rest = unpacker.flush()  # what the last bits stood for
    except zlib.error as error:
        raise httpx.DecodingError(_("it cannot be unpacked")) from error
    if rest:
        yield rest


def _deflated(pieces: Iterator[bytes]) -> tuple[Iterator[bytes], int]:
    """The pieces, and how they are wrapped: as RFC 1950 says, or not at all, as some services do."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= 2:
            break
    wrapped = len(start) >= 2 and start[0] & 15 == zlib.DEFLATED and int.from_bytes(start[:2]) % 31 == 0
    return chain([start], pieces), zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
