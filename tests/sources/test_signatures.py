"""What a file is to those who go by its front, and to those who go by its end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import (
    SDIST,
    WHEEL,
    Entry,
    Node,
    gzipped,
    patched,
    sdist_nodes,
    tar_of,
    wheel_entries,
    within,
    zip_of,
)

from release_guard.facts import Archive, DefectKind, Kind
from release_guard.sources.signatures import is_gzip, is_tar, is_zip
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.zip_archive import ZipReader

TAR = tar_of(*sdist_nodes())
ZIP = zip_of(*wheel_entries())
GZ, BZ2, XZ = gzipped(TAR), bz2.compress(TAR), lzma.compress(TAR)
TEXT = b"this is no archive\n" * 40


def tar_in_zip() -> bytes:
    """A zip of one member that is framed as it should be, and whose first 512 bytes
    are the header of a tar: what a tar needs stands in an extra field.
    """
    place = 30 + len("a.py") + 4
    extra = bytearray(512 - place)
    header = Node("", b"").blocks()[:512]
    extra[100 - place :] = header[100:]

    def front(checksum: bytes) -> Entry:
        extra[148 - place : 156 - place] = checksum
        field = struct.pack("<HH", 0x9999, len(extra)) + bytes(extra)
        return Entry("a.py", b"answer = 42\n", local={"extra": field})

    total = sum(zip_of(front(b" " * 8))[:512])
    return zip_of(front(b"%06o\0 " % total))


FILES = {
    "a zip": (ZIP, "zip"),
    "a zip of nothing": (zip_of(), "zip"),
    "a zip with a comment": (zip_of(comment=b"ours"), "zip"),
    "a tar": (TAR, "tar"),
    "a tar without ustar": (tar_of(Node("x", patches={257: bytes(8)})), "tar"),
    "a gzipped tar": (GZ, "gzip tar"),
    "a gzipped tar with a wrong checksum": (patched(GZ, -8, bytes(4)), "gzip tar"),
    "a tar in bzip2": (BZ2, "tar"),
    "a tar in xz": (XZ, "tar"),
    "xz of text": (lzma.compress(TEXT), "tar"),
    "gzip of text": (gzipped(TEXT), "gzip"),
    "gzip of nothing": (gzipped(b""), "gzip"),
    "gzip of gzip": (gzipped(GZ), "gzip"),
    "gzip of a zip": (gzipped(ZIP), "gzip"),
    "gzip that is cut off in its header": (GZ[:5], "gzip"),
    "gzip that is cut off": (GZ[:40], "gzip"),
    "gzip that is damaged": (patched(GZ, 10, b"\xff" * 9), "gzip"),
    "gzip of another method": (patched(GZ, 2, b"\7"), "gzip"),
    "bzip2 of text": (bz2.compress(TEXT), ""),
    "bzip2 that is cut off": (BZ2[:40], ""),
    "bzip2 that is damaged": (patched(BZ2, 10, b"\xff" * 30), ""),
    "bzip2 of no level": (b"BZhx" + BZ2[4:], ""),
    "half a mark of xz": (XZ[:5], ""),
    "half a header of a tar": (TAR[:300], ""),
    "a header of a tar with a wrong checksum": (patched(TAR, 0, b"x"), ""),
    "text": (TEXT, ""),
    "nothing": (b"", ""),
    "a tar and a zip behind it": (TAR + ZIP, "tar zip"),
    "a gzipped tar and a zip behind it": (GZ + ZIP, "gzip tar zip"),
    "a tar in bzip2 and a zip behind it": (BZ2 + ZIP, "tar zip"),
    "a tar in xz and a zip behind it": (XZ + ZIP, "tar zip"),
    "a zip in a member of a tar": (tar_of(Node("x", ZIP), end=b""), "tar zip"),
    "a zip and a tar behind it": (ZIP + TAR, "zip"),
    "a zip with a tar in its comment": (zip_of(comment=TAR), "zip"),
    "a zip whose first header is a tar's": (tar_in_zip(), "tar zip"),
}


@pytest.mark.parametrize(("content", "what"), FILES.values(), ids=FILES.keys())
def test_a_file_is_what_its_front_and_its_end_say(content: bytes, what: str) -> None:
    file = io.BytesIO(content)
    tests = {"gzip": is_gzip, "tar": is_tar, "zip": is_zip}
    assert " ".join(name for name, test in tests.items() if test(file)) == what


def test_where_the_file_was_read_to_makes_no_difference() -> None:
    file = io.BytesIO(GZ)
    for place in (0, 1, 100, len(GZ), len(GZ) + 100):
        file.seek(place)
        assert is_gzip(file)
        file.seek(place)
        assert is_tar(file)
        file.seek(place)
        assert not is_zip(file)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
def test_a_bomb_is_not_unpacked_to_see_what_it_is(
    pack: Callable[[bytes], bytes],
) -> None:
    content = pack(bytes(64 << 20))
    tracemalloc.start()
    try:
        assert not is_tar(io.BytesIO(content))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


# --- polyglots -----------------------------------------------------------------


def read_zip(folder: Path, content: bytes) -> Archive:
    path = folder / WHEEL
    path.write_bytes(content)
    with path.open("rb") as file, within(10):
        size = os.fstat(file.fileno()).st_size
        reader = ZipReader(file, filename=WHEEL, kind=Kind.WHEEL, size=size)
        return reader.archive()


def read_tar(folder: Path, content: bytes) -> Archive:
    path = folder / SDIST
    path.write_bytes(content)
    with path.open("rb") as file, within(10):
        return TarReader(file, filename=SDIST, size=len(content)).archive()


def kinds(archive: Archive) -> set[DefectKind]:
    return {defect.kind for defect in archive.defects}


FRONTS = {"tar": TAR, "gzip": GZ, "bzip2": BZ2, "xz": XZ}


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS.keys())
def test_a_wheel_that_is_also_a_tar_is_a_polyglot(front: bytes, tmp_path: Path) -> None:
    found = kinds(read_zip(tmp_path, front + ZIP))
    assert DefectKind.POLYGLOT in found
    assert DefectKind.STRAY_BYTES in found


def test_a_well_framed_wheel_that_is_also_a_tar_is_a_polyglot(tmp_path: Path) -> None:
    archive = read_zip(tmp_path, tar_in_zip())
    assert kinds(archive) == {DefectKind.POLYGLOT}
    assert archive.complete


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS.keys())
def test_an_sdist_that_is_also_a_zip_is_a_polyglot(
    front: bytes, tmp_path: Path
) -> None:
    assert DefectKind.POLYGLOT in kinds(read_tar(tmp_path, front + ZIP))


ONE_OF_BOTH = {
    "a zip": ZIP,
    "a zip behind a script": b"#!/bin/sh\n" + ZIP,
    "a zip behind gzip of text": gzipped(TEXT) + ZIP,
    "gzip of a zip": gzipped(ZIP),
    "text": TEXT,
    **FRONTS,
}


@pytest.mark.parametrize("read", [read_zip, read_tar], ids=["wheel", "sdist"])
@pytest.mark.parametrize("content", ONE_OF_BOTH.values(), ids=ONE_OF_BOTH.keys())
def test_only_what_is_both_is_a_polyglot(
    content: bytes, read: Callable[[Path, bytes], Archive], tmp_path: Path
) -> None:
    assert DefectKind.POLYGLOT not in kinds(read(tmp_path, content))
