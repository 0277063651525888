"""The headers of a tar, read as strictly as the strictest of its readers.

``tarfile`` forgives much: it takes a damaged header for the end of the archive, and of
several extended headers before one member (pax, GNU's long names) those that it meets
last. Other readers choose otherwise. What they could take differently ends the pass.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, Self, TypeVar, cast

from release_guard.sources.archive import PastBoundError

__all__ = [
    "AmbiguousHeaderError",
    "HeaderError",
    "SparseMemberError",
    "header_type",
]

_LONG_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    *_LONG_NAMES,
)
#: Octal digits, padded as all readers take them, or a number of 256 bits' base.
_SIZE = re.compile(rb" *[0-7]*[ \0]*|[\x80\xff].{11}", re.DOTALL)


T = TypeVar("T", bound=tarfile.TarInfo)


class HeaderError(tarfile.ReadError):
    """A header that other readers could take differently, or not at all."""


class AmbiguousHeaderError(Exception):
    """Headers of which readers choose one or the other."""


class SparseMemberError(Exception):
    """A sparse member: it says how large it is, whatever the archive holds."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _header_problem(block: bytes, info: tarfile.TarInfo) -> str:
    """What readers take differently in a header, empty where they agree."""
    if block[257:263] != b"ustar\0" and block[345:500].strip(b"\0"):
        return "a prefix without ustar"
    if not _SIZE.fullmatch(block[124:136]):
        return "an odd size"
    return "a negative size" if info.size < 0 else ""


def _checked(
    read: Callable[[bytes, str, str], T],
    block: bytes,
    how: tuple[str, str],
    chain: _Chain,
    largest: int,
) -> T:
    """What ``read`` takes a block for; raises where other readers take it otherwise."""
    if not block:
        raise HeaderError("it ends without an end mark")
    try:
        info = read(block, *how)
    except tarfile.HeaderError as error:
        if block.strip(b"\0"):
            raise HeaderError(f"damaged header: {error}") from None
        raise
    if problem := _header_problem(block, info):
        raise HeaderError(f"damaged header: {problem}")
    chain.add(info, largest)
    if info.type == tarfile.GNUTYPE_SPARSE:
        raise SparseMemberError(info.name)
    # What pax says of the size replaces the header's own.
    vars(info)["header_size"] = info.size
    return info


def header_type(largest: int) -> type[tarfile.TarInfo]:
    """A header that ends the pass where ``tarfile`` would quietly stop, or fill memory.

    A damaged header in the middle, or the end of the file, is taken for the end of the
    archive by ``tarfile``; an extended header (pax, GNU long name) and the map of a
    sparse file are read into memory whatever their size.
    """
    chain = _Chain()

    def look(
        read: Callable[[bytes | bytearray, str, str], T],
        block: bytes | bytearray,
        encoding: str,
        errors: str,
    ) -> T:
        return _checked(read, bytes(block), (encoding, errors), chain, largest)

    class Header(tarfile.TarInfo):
        header_size: int

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            if hasattr(tarfile.TarInfo, "_frombuf"):
                # Pythons that are patched for CVE-2025-13462 read by the one below.
                return super().frombuf(buf, encoding, errors)
            return look(super().frombuf, buf, encoding, errors)

        @classmethod
        def _frombuf(
            cls, buf: bytes | bytearray, encoding: str, errors: str, **how: bool
        ) -> Self:
            read = partial(super()._frombuf, **how)  # type: ignore[misc]
            info: Self = look(read, buf, encoding, errors)
            return info

        def _proc_pax(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
            # tarfile reads the records first, then the header behind them.
            recorder = _Recorder(cast("BinaryIO", tar.fileobj))
            tar.fileobj = cast("BinaryIO", recorder)
            try:
                following: tarfile.TarInfo = super()._proc_pax(tar)  # type: ignore[misc]
            finally:
                tar.fileobj = recorder.file
            return following

        def _proc_gnusparse_10(self, following: tarfile.TarInfo, *_: object) -> None:
            # The one map that stands in the data; tarfile calls this to read it.
            raise SparseMemberError(following.name)

    return Header


class _Chain:
    """The extended headers before one member, which must leave no choice: each kind
    once, and pax (``x``) or GNU's long names, not both. Not all read Solaris' own kind.
    """

    def __init__(self) -> None:
        self._types: set[bytes] = set()

    def add(self, info: tarfile.TarInfo, largest: int) -> None:
        """Take the next header; raises where readers differ, or it is too large."""
        if info.type not in _EXTENDED:
            self._types.clear()
            return
        if info.size > largest:
            raise PastBoundError(f"has an extended header of {info.size} bytes")
        is_again = info.type in self._types
        self._types.add(info.type)
        both = tarfile.XHDTYPE in self._types and self._types & set(_LONG_NAMES)
        if is_again or both or info.type == tarfile.SOLARIS_XHDTYPE:
            raise AmbiguousHeaderError("has two extended headers for one member")


class _Recorder:
    """A stream whose first read is looked at: the records of an extended header."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._is_first = True

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises for records that readers take differently."""
        content = self.file.read(size)
        if self._is_first:
            self._is_first = False
            if problem := _pax_problem(content):
                raise AmbiguousHeaderError(f"has an odd extended header: {problem}")
        return content


def _pax_problem(content: bytes) -> str:
    """What is odd in pax records (``length key=value``), empty where nothing is."""
    at, keys = 0, set()
    content = content.rstrip(b"\0")
    while at < len(content):
        found = _PAX_RECORD.match(content, at)
        end = at + int(found[1]) if found else 0
        if not found or end <= found.end() or content[end - 1 : end] != b"\n":
            return "its records are not what they say"
        key, value = found[2], content[found.end() : end - 1]
        if key in keys:
            return f"it gives {key.decode('ascii', 'replace')} twice"
        if key in (b"size", b"path", b"linkpath") and b"\0" in value:
            return "it gives a value with a NUL"
        if key == b"size" and not value.isdigit():
            return "it gives a size that is no number"
        keys.add(key)
        at = end
    return ""


_PAX_RECORD = re.compile(rb"([1-9][0-9]{0,8}) ([^=\n]+)=")
