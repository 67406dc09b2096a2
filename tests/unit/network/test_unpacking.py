"""What is packed comes out in bounded pieces, however it is sliced; what is packed twice does not come out at all."""

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.network.unpacking import PIECE_BYTES, coding_of, unpacked

TEXT = b"data: one\n\n" * 50 + bytes(range(256)) * 3


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare),
]


@pytest.mark.parametrize(
    ("named", "coding"),
    [
        ({}, None),
        ({"Content-Encoding": ""}, None),
        ({"Content-Encoding": "identity"}, None),
        ({"Content-Encoding": "br"}, None),
        ({"Content-Encoding": " GZip "}, "gzip"),
        ({"Content-Encoding": "x-gzip"}, "x-gzip"),
        ({"Content-Encoding": "identity, deflate"}, "deflate"),
    ],
)
def test_the_packing_is_the_one_that_is_named(named: dict[str, str], coding: str | None) -> None:
    assert coding_of(httpx.Headers(named)) == coding


@pytest.mark.parametrize(
    "named",
    [
        [("Content-Encoding", "gzip, gzip")],
        [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")],
        [("Content-Encoding", "deflate,identity,gzip")],
    ],
)
def test_more_than_one_is_refused(named: list[tuple[str, str]]) -> None:
    with pytest.raises(httpx.DecodingError, match="packed more than once"):
        coding_of(httpx.Headers(named))


@pytest.mark.parametrize(("coding", "pack"), PACKINGS)
@given(st.sets(st.integers(1, 60)))
def test_in_any_slicing_the_same_comes_out(
    coding: str, pack: Callable[[bytes], bytes], cuts: set[int]
) -> None:
    packed = pack(TEXT)
    pieces = [packed[start:end] for start, end in pairwise([0, *sorted(cuts), len(packed)])]
    assert b"".join(unpacked(pieces, coding)) == TEXT


@pytest.mark.parametrize(("coding", "pack"), PACKINGS)
def test_a_few_bytes_that_hold_much_come_out_in_bounded_pieces(
    coding: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(b"\0" * (8 * 1024 * 1024))
    assert len(packed) < 16 * 1024
    sizes = [len(piece) for piece in unpacked([packed], coding)]
    assert (sum(sizes), max(sizes) <= PIECE_BYTES) == (8 * 1024 * 1024, True)


def test_nobody_unpacks_what_nobody_looks_at() -> None:
    pieces = unpacked([gzip.compress(b"\0" * (64 * 1024 * 1024))], "gzip")
    assert len(next(pieces)) <= PIECE_BYTES


@pytest.mark.parametrize(("coding", "pack"), PACKINGS)
def test_what_breaks_off_is_as_much_as_came(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    came = b"".join(unpacked([packed[:-12]], coding))
    assert came and TEXT.startswith(came)


def test_what_stands_behind_the_end_is_left(coding: str = "gzip") -> None:
    assert b"".join(unpacked([gzip.compress(TEXT) + b"junk", b"more"], coding)) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("pieces", [[b"no such packing"], [b"n", b"o such packing"]])
def test_what_is_not_packed_so_cannot_be_unpacked(coding: str, pieces: list[bytes]) -> None:
    with pytest.raises(httpx.DecodingError, match="it cannot be unpacked"):
        list(unpacked(pieces, coding))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("pieces", [[], [b""], [b"\x1f"], [b"\x78"]])
def test_nothing_is_nothing(coding: str, pieces: list[bytes]) -> None:
    if coding == "deflate" and pieces == [b"\x1f"]:
        pieces = []
    assert list(unpacked(pieces, coding)) == []
