"""Packed answers: unpacked to the end, or refused."""

from __future__ import annotations

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_guard.sources.content_encoding import unpacked

TEXT = b"a page of an index " * 10_000
BARE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
PACKED = {
    "nothing": ("", TEXT),
    "identity": ("identity", TEXT),
    "gzip": ("gzip", gzip.compress(TEXT)),
    "gzip in capitals": ("GZip ", gzip.compress(TEXT)),
    "gzip by its old name": ("x-gzip", gzip.compress(TEXT)),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "deflate without a head": ("deflate", BARE.compress(TEXT) + BARE.flush()),
}


def _pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", PACKED)
def test_what_was_asked_for_is_unpacked_whole(name: str, size: int) -> None:
    encoding, content = PACKED[name]
    assert b"".join(unpacked(_pieces(content, size), encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_nothing_is_nothing_however_it_is_packed(encoding: str) -> None:
    assert b"".join(unpacked([], encoding)) == b""
    assert b"".join(unpacked([b""], encoding)) == b""


REFUSED = {
    "an encoding that nobody asked for": ("br", TEXT, "not asked for"),
    "two encodings": ("gzip, gzip", gzip.compress(gzip.compress(TEXT)), "not asked"),
    "what is not packed at all": ("gzip", TEXT, "damaged"),
    "a second stream": ("gzip", gzip.compress(TEXT) * 2, "behind"),
    "a byte more": ("gzip", gzip.compress(TEXT) + b"\0", "behind"),
    "no trailer": ("gzip", gzip.compress(TEXT)[:-8], "cut off"),
    "half a trailer": ("gzip", gzip.compress(TEXT)[:-1], "cut off"),
    "only a head": ("gzip", gzip.compress(TEXT)[:10], "cut off"),
    "a wrong checksum": ("gzip", gzip.compress(TEXT)[:-8] + bytes(8), "damaged"),
    "zlib, cut off": ("deflate", zlib.compress(TEXT)[:-1], "cut off"),
}


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_whole_is_refused(name: str, size: int) -> None:
    encoding, content, reason = REFUSED[name]
    with pytest.raises(ValueError, match=reason):
        list(unpacked(_pieces(content, size), encoding))


def test_a_bomb_comes_out_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    pieces = itertools.islice(unpacked([bomb], "gzip"), 100)
    assert max(map(len, pieces)) <= 1 << 16


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(0, 330))
def test_no_part_of_a_stream_passes_for_the_whole(
    content: bytes, size: int, cut: int
) -> None:
    packed = gzip.compress(content)
    if cut >= len(packed):
        assert b"".join(unpacked(_pieces(packed, size), "gzip")) == content
    elif cut:
        with pytest.raises(ValueError, match="cut off"):
            list(unpacked(_pieces(packed[:cut], size), "gzip"))
