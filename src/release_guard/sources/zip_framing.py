"""Where a zip's records lie: whether each byte belongs to exactly one of them.

Some readers follow the local headers from the front, some the directory at the end, and
each passes over what it does not look for. Only where both tell the same, and nothing
lies between, before or behind them, does everybody unpack the same (APPNOTE 4.3).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Framing", "read_framing"]

_EXTRA = struct.Struct("<2H")
_LOCAL = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_MARK_LOCAL, _MARK_END = b"PK\x03\x04", b"PK\x05\x06"
_MARK_DESCRIPTOR = b"PK\x07\x08"
_MARK_END64, _MARK_LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_IN_ZIP64 = 0xFFFFFFFF
_ZIP64, _UNICODE_NAME = 0x0001, 0x7075
#: A version and a checksum stand before the name.
_UNICODE_NAME_FROM = 5
_UTF8, _DESCRIPTOR = 0x800, 0x8
#: A file knows no place behind this one; an offset of zip64 may be larger.
_FURTHEST = (1 << 63) - 1
#: Checksum and two sizes behind the data; in zip64 the sizes are wider.
_DESCRIPTORS = (struct.Struct("<3L"), struct.Struct("<L2Q"))
_LONGEST_DESCRIPTOR = 24


@dataclass(frozen=True, slots=True)
class Framing:
    """Where each member's data begins, by the offset of its header, and what readers
    could differ about: the member (empty for the whole) and what it is.
    """

    data: Mapping[int, int]
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Local:
    """A local header: what the front of the archive says of a member."""

    flags: int
    method: int
    crc: int
    sizes: tuple[int, int]
    name: bytes
    extra: bytes
    data: int


def read_framing(file: BinaryIO, archive: zipfile.ZipFile, *, size: int) -> Framing:
    """Compare what the front and the end of a zip of ``size`` bytes say.

    A member without a local header has no data either.
    """
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    data: dict[int, int] = {}
    problems: list[tuple[str, str]] = []
    end = 0
    for number, info in enumerate(infos):
        problems += _between(end, info.header_offset)
        local = _local(file, info)
        if local is None:
            end = info.header_offset
            continue
        data[info.header_offset] = local.data
        path = info.orig_filename
        problems += ((path, problem) for problem in _differences(local, info))
        last = number == len(infos) - 1
        ahead = archive.start_dir if last else infos[number + 1].header_offset
        end = local.data + info.compress_size
        if local.flags & _DESCRIPTOR:
            if not _is_descriptor(file, end, ahead - end, info):
                problems.append((path, "has other sizes behind its data"))
            end = ahead
    problems += _between(end, archive.start_dir)
    problems += _end_problems(file, archive, size)
    return Framing(data, tuple(problems))


def _is_descriptor(
    file: BinaryIO, start: int, length: int, info: zipfile.ZipInfo
) -> bool:
    """Whether the bytes behind a member's data repeat what the directory says: with
    or without a mark, with sizes of 32 or 64 bits.
    """
    if not 0 < length <= _LONGEST_DESCRIPTOR:
        return False
    file.seek(start)
    content = file.read(length).removeprefix(_MARK_DESCRIPTOR)
    forms = (form for form in _DESCRIPTORS if form.size == len(content))
    told = (info.CRC, info.compress_size, info.file_size)
    return any(form.unpack(content) == told for form in forms)


def _between(end: int, start: int) -> Iterator[tuple[str, str]]:
    """Whether one record begins where the one before it ends."""
    if start > end:
        yield "", f"holds {start - end} bytes that belong to no record, at byte {end}"
    if start < end:
        yield "", f"has records that overlap, at byte {start}"


def _local(file: BinaryIO, info: zipfile.ZipInfo) -> _Local | None:
    file.seek(min(info.header_offset, _FURTHEST))
    content = file.read(_LOCAL.size)
    if len(content) < _LOCAL.size or not content.startswith(_MARK_LOCAL):
        return None
    _, _, flags, method, _, _, *sizes, name_size, extra_size = _LOCAL.unpack(content)
    name, extra = file.read(name_size), file.read(extra_size)
    data = info.header_offset + _LOCAL.size + name_size + extra_size
    crc, packed, unpacked = sizes
    return _Local(flags, method, crc, (packed, unpacked), name, extra, data)


def _differences(local: _Local, info: zipfile.ZipInfo) -> Iterator[str]:
    """What the local header and the directory say differently."""
    encoding = "utf-8" if local.flags & _UTF8 else "cp437"
    if local.name.decode(encoding, "replace") != info.orig_filename:
        yield "has another name in its local header"
    if local.method != info.compress_type:
        yield "has another compression in its local header"
    if (local.flags ^ info.flag_bits) & _UTF8:
        yield "has another encoding of its name in its local header"
    if not local.flags & _DESCRIPTOR:
        if local.crc != info.CRC:
            yield "has another checksum in its local header"
        if _sizes(local) != (info.compress_size, info.file_size):
            yield "has another size in its local header"
    for extra in (local.extra, info.extra):
        # Info-ZIP's own name for a member, which its readers prefer.
        names = [field[_UNICODE_NAME_FROM:] for field in _extra(extra, _UNICODE_NAME)]
        if any(n.decode("utf-8", "replace") != info.orig_filename for n in names):
            yield "has another name in an extra field"
        if len(_extra(extra, _ZIP64)) > 1:
            yield "has two fields of 64 bit sizes"


def _sizes(local: _Local) -> tuple[int, int] | None:
    """Packed size and size; of zip64 the size comes first, each where the header's own
    field is full. None where a field is full and there is nothing else.
    """
    packed, size = local.sizes
    if _IN_ZIP64 not in local.sizes:
        return packed, size
    extra = b"".join(_extra(local.extra, _ZIP64)[:1])
    wide = [value for (value,) in struct.iter_unpack("<Q", extra[: len(extra) & ~7])]
    try:
        size = wide.pop(0) if size == _IN_ZIP64 else size
        packed = wide.pop(0) if packed == _IN_ZIP64 else packed
    except IndexError:
        return None
    return packed, size


def _extra(extra: bytes, wanted: int) -> list[bytes]:
    """The contents of all extra fields of one kind."""
    found, at = [], 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == wanted:
            found.append(extra[at : at + length])
        at += length
    return found


def _end_problems(
    file: BinaryIO, archive: zipfile.ZipFile, size: int
) -> Iterator[tuple[str, str]]:
    """Whether the end record ends the file, and tells of the directory as it is."""
    start = size - _END.size - len(archive.comment)
    end = _record(file, _END, start, _MARK_END)
    if end is None:
        yield "", "holds data behind its end"
        return
    count, length, place = end[4], end[5], end[6]
    directory_end = start
    plain = (end[4], end[5], end[6])
    locator = _record(file, _LOCATOR64, start - _LOCATOR64.size, _MARK_LOCATOR64)
    if locator is not None:
        directory_end = start - _LOCATOR64.size - _END64.size
        end64 = _record(file, _END64, directory_end, _MARK_END64)
        if end64 is None:
            yield "", "holds data before its end record"
            return
        count, length, place = end64[7], end64[8], end64[9]
        full = (0xFFFF, _IN_ZIP64, _IN_ZIP64)
        wide = (count, length, place)
        if any(a not in (b, c) for a, b, c in zip(plain, wide, full, strict=True)):
            yield "", "has two end records that tell of two directories"
    if count != len(archive.infolist()):
        here = len(archive.infolist())
        yield "", f"has {here} members, and its end record says {count}"
    if place != archive.start_dir or place + length != directory_end:
        yield "", "has a directory that is not where its end record says"


def _record(
    file: BinaryIO, form: struct.Struct, start: int, mark: bytes
) -> tuple[int, ...] | None:
    """The fields of a record, None where there is none."""
    if start < 0:
        return None
    file.seek(start)
    content = file.read(form.size)
    if len(content) < form.size or not content.startswith(mark):
        return None
    return form.unpack(content)
