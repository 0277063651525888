"""One gzip stream: read to its last byte, compared with what it says, no further."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from archives import gzipped, patched

from release_guard.facts import DefectKind
from release_guard.sources.archive import CHUNK, Bounds, Meter, PastBoundError
from release_guard.sources.gzip_stream import GzipError, GzipStream

TEXT = b"answer = 42\n" * 30
STREAM = gzipped(TEXT)


def opened(content: bytes, bounds: Bounds | None = None) -> GzipStream:
    meter = Meter(len(content), bounds or Bounds())
    return GzipStream(io.BytesIO(content), meter)


def read_out(stream: GzipStream, size: int = CHUNK) -> bytes:
    return b"".join(iter(lambda: stream.read(size), b""))


# --- sound ---------------------------------------------------------------------


def with_header(flags: int, *fields: bytes) -> bytes:
    """A stream whose header has optional fields (RFC 1952)."""
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\0\xff" + b"".join(fields)
    if flags & 2:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + STREAM[10:]


EXTRA = struct.pack("<H", 6) + b"AB\2\0xy"
SOUND = {
    "the plainest": STREAM,
    "a time and a level": gzip.compress(TEXT, compresslevel=1, mtime=1_700_000_000),
    "a file name": with_header(8, b"demo-1.0.tar\0"),
    "a comment": with_header(16, b"built today\0"),
    "an extra field": with_header(4, EXTRA),
    "a checksum of the header": with_header(2),
    "all of them": with_header(30, EXTRA, b"demo-1.0.tar\0", b"built today\0"),
    "the mark of a text": with_header(1),
    "stored blocks": gzip.compress(TEXT, compresslevel=0, mtime=0),
}


@pytest.mark.parametrize("content", SOUND.values(), ids=SOUND.keys())
@pytest.mark.parametrize("size", [1, 7, CHUNK])
def test_a_sound_stream_gives_what_was_packed(content: bytes, size: int) -> None:
    stream = opened(content)
    assert read_out(stream, size) == TEXT
    assert stream.read(size) == b""
    assert stream.rest() is None


def test_a_stream_of_nothing_is_sound() -> None:
    stream = opened(gzipped(b""))
    assert stream.read(CHUNK) == b""
    assert stream.rest() is None


@pytest.mark.parametrize("size", [1, 5, 100])
def test_no_read_gives_more_than_was_asked_for(size: int) -> None:
    stream = opened(STREAM)
    chunks = list(iter(lambda: stream.read(size), b""))
    assert max(map(len, chunks)) <= size
    assert b"".join(chunks) == TEXT


# --- damaged -------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(len(STREAM)))
def test_a_stream_that_is_cut_off_anywhere_is_no_end(cut: int) -> None:
    with pytest.raises(EOFError, match="cut off"):
        read_out(opened(STREAM[:cut]))


@pytest.mark.parametrize("cut", range(10, len(SOUND["all of them"]) - len(STREAM) + 10))
def test_a_header_that_is_cut_off_anywhere_is_no_end(cut: int) -> None:
    with pytest.raises(EOFError, match="cut off"):
        read_out(opened(SOUND["all of them"][:cut]))


@pytest.mark.parametrize("place", range(-8, 0))
@pytest.mark.parametrize("size", [1, CHUNK])
def test_each_byte_of_the_checksum_and_of_the_length_counts(
    place: int, size: int
) -> None:
    damaged = patched(STREAM, place, bytes([STREAM[place] ^ 1]))
    with pytest.raises(GzipError, match=r"incorrect (data|length) check") as raised:
        read_out(opened(damaged), size)
    assert raised.value.kind is DefectKind.CHECKSUM


DAMAGED = {
    "no gzip": b"this is no archive\n",
    "another mark": patched(STREAM, 1, b"\x8c"),
    "another method": patched(STREAM, 2, b"\x07"),
    "flags that do not exist": patched(STREAM, 3, b"\xe0"),
    "a wrong checksum of the header": patched(with_header(2), 10, b"\0\0"),
    "a block that does not exist": patched(STREAM, 10, b"\xff"),
    "zlib without gzip": zlib.compress(TEXT),
    "deflate without gzip": STREAM[10:-8],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_stream_is_an_error(content: bytes) -> None:
    with pytest.raises(GzipError) as raised:
        read_out(opened(content))
    assert raised.value.kind is DefectKind.STREAM
    assert str(raised.value)


# --- what lies behind ----------------------------------------------------------

RESTS = {
    "nothing": (b"", None),
    "a zero": (b"\0", None),
    "many zeros": (bytes(10_000), None),
    "zeros over more than one read": (bytes(2 * CHUNK + 5), None),
    "text": (b"more", DefectKind.TRAILING),
    "zeros and text": (bytes(512) + b"more", DefectKind.TRAILING),
    "zeros over more than one read, and text": (
        bytes(2 * CHUNK) + b"x",
        DefectKind.TRAILING,
    ),
    "a zip": (b"PK\3\4" + bytes(100), DefectKind.TRAILING),
    "the first half of a mark": (b"\x1f", DefectKind.TRAILING),
    "a second stream": (STREAM, DefectKind.SECOND_STREAM),
    "a second stream of nothing": (gzipped(b""), DefectKind.SECOND_STREAM),
    "half a second stream": (STREAM[:15], DefectKind.SECOND_STREAM),
    "only its mark": (b"\x1f\x8b", DefectKind.SECOND_STREAM),
    "zeros and a second stream": (bytes(512) + STREAM, DefectKind.SECOND_STREAM),
}


@pytest.mark.parametrize(("rest", "kind"), RESTS.values(), ids=RESTS.keys())
def test_what_lies_behind_a_stream_is_told(
    rest: bytes, kind: DefectKind | None
) -> None:
    stream = opened(STREAM + rest)
    assert read_out(stream) == TEXT
    found = stream.rest()
    assert (found and found[0]) == kind
    assert found is None or found[1].startswith("holds ")


def test_the_second_stream_is_not_read() -> None:
    stream = opened(STREAM + gzipped(b"import os\n"))
    assert read_out(stream) == TEXT


# --- bounds --------------------------------------------------------------------

BOUNDS = {
    "a size": Bounds(unpacked=len(TEXT) - 1),
    "a ratio": Bounds(ratio=2, ratio_from=10),
}


@pytest.mark.parametrize("bounds", BOUNDS.values(), ids=BOUNDS.keys())
def test_reading_ends_at_a_bound(bounds: Bounds) -> None:
    with pytest.raises(PastBoundError):
        read_out(opened(STREAM, bounds))


def test_what_fits_the_bound_is_read() -> None:
    assert read_out(opened(STREAM, Bounds(unpacked=len(TEXT)))) == TEXT


MOST = 8 << 20


def test_memory_does_not_grow_with_what_a_stream_unpacks_to() -> None:
    content = gzipped(bytes(4 * MOST))
    stream = opened(content)
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in iter(lambda: stream.read(CHUNK), b""))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == 4 * MOST
    assert peak < MOST


def test_memory_does_not_grow_with_what_lies_behind_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "demo"
    path.write_bytes(STREAM + bytes(4 * MOST))
    with path.open("rb") as file:
        stream = GzipStream(file, Meter(len(STREAM), Bounds()))
        read_out(stream)
        tracemalloc.start()
        try:
            assert stream.rest() is None
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < MOST
