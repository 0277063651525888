"""Where a zip's records lie: whether each byte belongs to exactly one of them.

Some readers follow the local headers from the front, some the directory at the end, and
each passes over what it does not look for. Only where both tell the same, and nothing
lies between, before or behind them, does everybody unpack the same (APPNOTE 4.3).
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from release_guard.facts import Defect, DefectKind

__all__ = ["EXTENSIBLE", "is_extensible", "read_framing"]

EXTENSIBLE = "has an end record with more in it than its fields"

_EXTRA = struct.Struct("<2H")
_LOCAL = struct.Struct("<4s5H3L2H")
#: Of a row of the directory its mark, and how long name, extra and comment are.
_ROW = struct.Struct("<4s24x3H12x")
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
#: What a zip64 field of sizes may be long, in bytes; one size is too little if packed.
_ZIP64_LENGTHS = (0, 8, 16, 24, 28)
_ONE_SIZE = 8
#: What a zip64 end record says that it is long: without its first two fields.
_END64_LENGTH = 44


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


def read_framing(
    file: BinaryIO,
    archive: zipfile.ZipFile,
    *,
    size: int,
    note: Callable[[Defect], None],
) -> dict[int, int]:
    """Where each member's data begins, by the offset of its header; a member without
    one has no data. ``note`` is told what readers of this zip of ``size`` bytes could
    differ about.
    """
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    data: dict[int, int] = {}
    end = 0
    for number, info in enumerate(infos):
        path = info.orig_filename
        _note_between(file, end, info.header_offset, note)
        if info.comment:
            note(Defect(DefectKind.COMMENT, path, "has a comment"))
        local = _local(file, info)
        if local is None:
            end = info.header_offset
            continue
        data[info.header_offset] = local.data
        for kind, detail in _problems(local, info):
            note(Defect(kind, path, detail))
        last = number == len(infos) - 1
        ahead = archive.start_dir if last else infos[number + 1].header_offset
        end = local.data + info.compress_size
        if local.flags & _DESCRIPTOR:
            if not _is_descriptor(file, end, ahead - end, info):
                note(
                    Defect(
                        DefectKind.OTHER_SIZE, path, "has other sizes behind its data"
                    )
                )
            end = ahead
    _note_between(file, end, archive.start_dir, note)
    for kind, detail in _end_problems(file, archive, size):
        note(Defect(kind, "", detail))
    return data


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


def _note_between(
    file: BinaryIO, end: int, start: int, note: Callable[[Defect], None]
) -> None:
    """Note where one record does not begin where the one before it ends."""
    if start > end:
        file.seek(end)
        if file.read(len(_MARK_LOCAL)) == _MARK_LOCAL:
            detail = f"holds a member that its directory does not list, at byte {end}"
            note(Defect(DefectKind.OTHER_NAME, "", detail))
        else:
            detail = (
                f"holds {start - end} bytes that belong to no record, at byte {end}"
            )
            note(Defect(DefectKind.STRAY_BYTES, "", detail))
    if start < end:
        note(
            Defect(
                DefectKind.STRAY_BYTES, "", f"has records that overlap, at byte {start}"
            )
        )


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


_Problems = Iterator[tuple[DefectKind, str]]


def _problems(local: _Local, info: zipfile.ZipInfo) -> _Problems:
    """What is odd in a local header, or says something else than the directory."""
    yield from _name_problems(local, info)
    if (local.flags ^ info.flag_bits) & ~_UTF8:
        yield DefectKind.OTHER_HEADER, "has other flags in its local header"
    if local.method != info.compress_type:
        yield DefectKind.OTHER_HEADER, "has another compression in its local header"
    if local.flags & _DESCRIPTOR:
        yield DefectKind.DESCRIPTOR, "has its sizes behind its data"
    elif local.crc != info.CRC:
        yield DefectKind.OTHER_HEADER, "has another checksum in its local header"
    if problem := _extra_problem(local):
        yield DefectKind.ODD_EXTRA, problem
    if not local.flags & _DESCRIPTOR and any(
        told != (info.compress_size, info.file_size) for told in _sizes(local)
    ):
        yield DefectKind.OTHER_SIZE, "has another size in its local header"
    for kind in (_ZIP64, _UNICODE_NAME):
        if len(_extra(local.extra, kind)) > 1:
            yield (
                DefectKind.TWICE_EXTRA,
                f"has two extra fields of the kind {kind:#06x}",
            )
        if len(_extra(info.extra, kind)) > 1:
            detail = f"has two extra fields of the kind {kind:#06x} in the directory"
            yield DefectKind.OTHER_HEADER, detail


def _name_problems(local: _Local, info: zipfile.ZipInfo) -> _Problems:
    """What is odd in a member's name."""
    encoding = "utf-8" if local.flags & _UTF8 else "cp437"
    if local.name.decode(encoding, "replace") != info.orig_filename:
        yield DefectKind.OTHER_NAME, "has another name in its local header"
    if (local.flags ^ info.flag_bits) & _UTF8:
        detail = "has another encoding of its name in its local header"
        yield DefectKind.OTHER_HEADER, detail
    if not _is_utf8(local.name):
        yield DefectKind.ENCODING, "has a name that is not in UTF-8"
    elif not (local.name.isascii() or local.flags & _UTF8):
        yield DefectKind.UNMARKED, "has a name in UTF-8 that is not marked as such"
    # Info-ZIP's own name for a member, which its readers prefer.
    names = [f[_UNICODE_NAME_FROM:] for f in _extra(local.extra, _UNICODE_NAME)]
    if not all(map(_is_utf8, names)):
        yield DefectKind.ENCODING, "has a name in an extra field that is not in UTF-8"
    names += [f[_UNICODE_NAME_FROM:] for f in _extra(info.extra, _UNICODE_NAME)]
    if any(name.decode("utf-8", "replace") != info.orig_filename for name in names):
        yield DefectKind.OTHER_HEADER, "has another name in an extra field"


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sizes(local: _Local) -> Iterator[tuple[int, int] | None]:
    """Packed size and size, as each reader takes them; None where a field is full and
    there is nothing else.

    Of zip64 the size comes first, each where the header's own field is full (APPNOTE
    4.5.3). Readers that come from the front take the packed size from there always.
    """
    packed, size = local.sizes
    extra = b"".join(_extra(local.extra, _ZIP64)[:1])
    wide = [value for (value,) in struct.iter_unpack("<Q", extra[: len(extra) & ~7])]
    if len(wide) > 1:
        yield wide[1], wide[0] if size == _IN_ZIP64 else size
    elif wide:
        yield wide[0], wide[0] if size == _IN_ZIP64 else size
    try:
        size = wide.pop(0) if size == _IN_ZIP64 else size
        packed = wide.pop(0) if packed == _IN_ZIP64 else packed
    except IndexError:
        yield None
    else:
        yield packed, size


def _extra_problem(local: _Local) -> str:
    """What is odd in the extra fields of a local header, empty where nothing is."""
    at, lengths = 0, []
    while at < len(local.extra):
        if at + _EXTRA.size > len(local.extra):
            return "has an extra field that is cut off"
        kind, length = _EXTRA.unpack_from(local.extra, at)
        at += _EXTRA.size + length
        if kind == _ZIP64:
            lengths.append(length)
    if at > len(local.extra):
        return "has an extra field that is longer than its place"
    stored = local.method == zipfile.ZIP_STORED
    for length in lengths:
        odd = length not in _ZIP64_LENGTHS
        # Only the size, and yet the packed size is another one.
        lacking = length == _ONE_SIZE and not stored
        # Nothing, and yet a field that refers to it.
        empty = length == 0 and _IN_ZIP64 in local.sizes
        if odd or lacking or empty:
            return f"has a field of 64 bit sizes of {length} bytes"
    return ""


def _extra(extra: bytes, wanted: int) -> list[bytes]:
    """The contents of all whole extra fields of one kind."""
    found, at = [], 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == wanted and at + length <= len(extra):
            found.append(extra[at : at + length])
        at += length
    return found


def _end_problems(file: BinaryIO, archive: zipfile.ZipFile, size: int) -> _Problems:
    """Whether the end record ends the file, and tells of the directory as it is."""
    start = size - _END.size - len(archive.comment)
    end = _record(file, _END, start, _MARK_END)
    if end is None or end[7] != len(archive.comment):
        yield DefectKind.TRAILING, "holds data behind its end, or less than it says"
        return
    locator = _record(file, _LOCATOR64, start - _LOCATOR64.size, _MARK_LOCATOR64)
    if locator is None:
        yield from _directory_problems(file, archive, end[1:7], start)
        return
    directory_end = start - _LOCATOR64.size - _END64.size
    end64 = _record(file, _END64, directory_end, _MARK_END64)
    if end64 is None or end64[1] != _END64_LENGTH:
        if is_extensible(file, size):
            yield DefectKind.EXTENSIBLE, EXTENSIBLE
            return
        yield DefectKind.STRAY_BYTES, "holds data before its end record"
        return
    if end[3] != end[4]:
        yield DefectKind.OTHER_COUNT, f"has {end[4]} members, and {end[3]} on its disk"
    # Some writers count no disk, and some one.
    if locator[1:] not in ((0, directory_end, 0), (0, directory_end, 1)):
        detail = "has a second place at which its end record should be"
        yield DefectKind.OTHER_PLACE, detail
    full = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, _IN_ZIP64, _IN_ZIP64)
    if any(a not in (b, c) for a, b, c in zip(end[1:7], end64[4:], full, strict=True)):
        yield DefectKind.OTHER_DIRECTORY, "has two end records that tell differently"
    yield from _directory_problems(file, archive, end64[4:], directory_end)


def is_extensible(file: BinaryIO, size: int) -> bool:
    """Whether a zip of ``size`` bytes has more in its end record than the fields: not
    every Python can open one.
    """
    place = size - _END.size - _LOCATOR64.size
    locator = _record(file, _LOCATOR64, place, _MARK_LOCATOR64)
    end64 = _record(file, _END64, locator[2], _MARK_END64) if locator else None
    return end64 is not None and end64[1] != _END64_LENGTH


def _directory_problems(
    file: BinaryIO, archive: zipfile.ZipFile, told: tuple[int, ...], directory_end: int
) -> _Problems:
    """Whether the directory is what the end record tells: its disks, its members on
    this disk and on all, its length and its place.
    """
    disk, directory_disk, on_disk, count, length, place = told
    if disk or directory_disk:
        yield DefectKind.SEVERAL_DISKS, "says that it goes over several disks"
    if on_disk != count:
        detail = f"has {count} members, and {on_disk} of them on its disk"
        yield DefectKind.OTHER_COUNT, detail
    if count != len(archive.infolist()):
        here = len(archive.infolist())
        detail = f"has {here} members, and its end record says {count}"
        yield DefectKind.OTHER_DIRECTORY, detail
    if place != archive.start_dir or place + length != directory_end:
        detail = "has a directory that is not where its end record says"
        yield DefectKind.OTHER_DIRECTORY, detail
    elif kind := _cut(file, place, length):
        yield kind, "has a directory that ends within a record"


def _cut(file: BinaryIO, start: int, length: int) -> DefectKind | None:
    """What is cut off at the end of the directory, None where its records fill it:
    ``zipfile`` takes what is there of the last one's name, extra fields and comment.
    """
    file.seek(start)
    content, at, comment = file.read(length), 0, 0
    while at + _ROW.size <= len(content):
        _, name, extra, comment = _ROW.unpack_from(content, at)
        at += _ROW.size + name + extra + comment
    if at == len(content):
        return None
    return DefectKind.COMMENT if comment else DefectKind.CUT_DIRECTORY


def _record(
    file: BinaryIO, form: struct.Struct, start: int, mark: bytes
) -> tuple[int, ...] | None:
    """The fields of a record, None where there is none."""
    if not 0 <= start <= file.seek(0, os.SEEK_END):
        return None
    file.seek(start)
    content = file.read(form.size)
    if len(content) < form.size or not content.startswith(mark):
        return None
    return form.unpack(content)
