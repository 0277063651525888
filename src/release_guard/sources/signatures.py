"""What a file is by its first and last bytes, as readers guess it.

Some go by the front and some by the end: a file can be a tar to the one and a zip to
the other.
"""

from __future__ import annotations

import bz2
import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import BinaryIO

__all__ = ["is_gzip", "is_tar", "is_zip"]

_MARK_GZIP, _MARK_XZ = b"\x1f\x8b", b"\xfd7zXZ\0"
_PACKED: Mapping[bytes, Callable[[BinaryIO], gzip.GzipFile | bz2.BZ2File]] = {
    _MARK_GZIP: lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
}


def is_zip(file: BinaryIO) -> bool:
    """Whether a file ends as a zip does."""
    return zipfile.is_zipfile(file)


def is_gzip(file: BinaryIO) -> bool:
    """Whether a file begins as gzip does."""
    file.seek(0)
    return file.read(len(_MARK_GZIP)) == _MARK_GZIP


def is_tar(file: BinaryIO) -> bool:
    """Whether a file begins as a tar does, plain or packed.

    What may ask for gigabytes before its first byte (xz) is taken for one by its mark.
    """
    file.seek(0)
    begin = file.read(tarfile.BLOCKSIZE)
    if begin.startswith(_MARK_XZ):
        return True
    opened = next((_PACKED[mark] for mark in _PACKED if begin.startswith(mark)), None)
    if opened is not None:
        file.seek(0)
        try:
            with opened(file) as unpacked:
                begin = unpacked.read(tarfile.BLOCKSIZE)
        except (OSError, EOFError, zlib.error):
            return False
    try:
        tarfile.TarInfo.frombuf(begin, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
