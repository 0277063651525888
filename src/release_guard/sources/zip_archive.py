"""Zips: wheels, and some older sdists. A few small members first, then all of them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, cast

from release_guard.facts import Archive, DefectKind, Kind, Member, MemberKind
from release_guard.sources.archive import (
    BOUNDS,
    CHUNK,
    Bounds,
    Drained,
    Meter,
    Pass,
    PastBoundError,
    drain,
)
from release_guard.sources.obfuscation import bytes_to_scan, obfuscator_of
from release_guard.sources.observer import Observer, needed, show
from release_guard.sources.signatures import is_tar, is_zip
from release_guard.sources.zip_framing import EXTENSIBLE, is_extensible, read_framing

__all__ = ["ZipReader"]

_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
)
_LINK_TARGET = 4096
#: Encrypted; a patch; strongly encrypted; with a masked directory (APPNOTE 4.4.4).
_ENCRYPTED, _PATCHED = 0x1 | 0x40 | 0x2000, 0x20
#: DOS's mark of a folder, in the lower half of the attributes.
_DOS_FOLDER = 0x10
_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Guarded:
    """A file that refuses a read larger than a bound.

    ``zipfile`` reads a central directory in one piece, however large it says it is,
    and keeps several hundred bytes for each entry.
    """

    def __init__(self, file: BinaryIO, largest: int) -> None:
        self._file = file
        self._largest = largest

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        if size > self._largest:
            raise PastBoundError(f"has a directory of {size} bytes")
        content = self._file.read(size if size >= 0 else self._largest + 1)
        if len(content) > self._largest:
            raise PastBoundError(f"has more than {self._largest} bytes at its end")
        return content


class ZipReader:
    """A wheel or a ``.zip`` sdist: any member first, then all of them once."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        filename: str,
        kind: Kind,
        size: int,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._file = file
        self._size = size
        self._bounds = bounds
        self._meter = Meter(size, bounds)
        self._pass = Pass(filename, kind, size)
        self._infos: list[zipfile.ZipInfo] = []
        self._data: Mapping[int, int] = {}
        try:
            self._open()
        except PastBoundError as error:
            self._pass.end(DefectKind.BOMB, "", error)
        except _BROKEN_ZIP as error:
            if is_extensible(file, size):
                self._pass.end(DefectKind.EXTENSIBLE, "", EXTENSIBLE)
            else:
                self._pass.end(DefectKind.DAMAGED, "", error)

    def _open(self) -> None:
        """Read the directory, and see where each member lies."""
        guarded = _Guarded(self._file, self._bounds.directory)
        if not is_zip(cast("BinaryIO", guarded)):
            self._pass.end(DefectKind.NO_ARCHIVE, "", "is no zip")
            return
        if is_tar(self._file):
            self._pass.add_defect(DefectKind.POLYGLOT, "", "is a zip and a tar")
        archive = zipfile.ZipFile(cast("BinaryIO", guarded))
        if len(archive.infolist()) > self._bounds.members:
            raise PastBoundError(f"holds more than {self._bounds.members} members")
        note = self._pass.note
        self._data = read_framing(self._file, archive, size=self._size, note=note)
        self._infos = archive.infolist()
        self._pass.unpacked = sum(info.file_size for info in self._infos)

    def names(self) -> tuple[str, ...]:
        """The member names, in the directory's order."""
        return tuple(info.orig_filename for info in self._infos)

    def text(self, path: str) -> bytes | None:
        """One small member's bytes; None where it is not there, broken or too large.

        What is wrong with it is noted by ``archive``, which reads it again.
        """
        info = next((i for i in self._infos if i.orig_filename == path), None)
        if info is None or _zip_kind(info) is not MemberKind.FILE:
            return None
        if not _is_readable(info):
            return None
        if info.file_size > self._bounds.kept_member:
            detail = f"is larger than {self._bounds.kept_member} bytes"
            self._pass.end(DefectKind.BOMB, path, detail)
            return None
        try:
            # It is read, and counted, once more by archive.
            stream = self._stream(info, Meter(self._size, self._bounds))
            drained = drain(stream, keep=info.file_size)
            stream.finish()
        except (PastBoundError, *_BROKEN_ZIP):
            return None
        return drained.kept

    def archive(
        self,
        algorithm_of: Callable[[str], str] = lambda _: "",
        observers: Sequence[Observer] = (),
        *,
        blobs: bool = False,
    ) -> Archive:
        """Read every member once, before the eyes of the observers; ``algorithm_of`` a
        path says how it is hashed, and ``blobs`` asks for git's ids as well.
        """
        for info in self._infos:
            path, drained = info.orig_filename, Drained(0, "", b"")
            try:
                drained = self._drained(
                    info, algorithm_of(path), observers, blobs=blobs
                )
            except PastBoundError as error:
                self._pass.end(DefectKind.BOMB, path, error)
                break
            except zlib.error as error:
                self._pass.end(DefectKind.STREAM, path, error)
            except _BROKEN_ZIP as error:
                self._pass.end(DefectKind.DAMAGED, path, error)
            # The content of a link is where it leads to.
            kind, kept = _zip_kind(info), drained.kept
            is_link = kind is MemberKind.LINK
            if kind is MemberKind.FILE:
                said, size = info.file_size, drained.size
                show(observers, path, kept, said=said, size=size)
            member = Member(
                path,
                kind,
                drained.size,
                drained.digest,
                target=kept.decode("utf-8", "replace") if is_link else "",
                obfuscator=obfuscator_of(path, kept, drained.size),
                blob=drained.blob,
                executable=kind is MemberKind.FILE and _is_executable(info),
            )
            self._pass.members.append(member)
        return self._pass.archive()

    def _drained(
        self,
        info: zipfile.ZipInfo,
        algorithm: str,
        observers: Sequence[Observer],
        *,
        blobs: bool,
    ) -> Drained:
        kind, path = _zip_kind(info), info.orig_filename
        if info.flag_bits & _ENCRYPTED:
            self._pass.end(DefectKind.ENCRYPTED, path, "is encrypted")
            return Drained(0, "", b"")
        if info.flag_bits & _PATCHED:
            raise zipfile.BadZipFile("is a patch to another file")
        if info.compress_type not in _COMPRESSION:
            # Installers promise no other; lzma may ask for 4 GiB before the first byte.
            detail = f"is compressed by method {info.compress_type}"
            self._pass.end(DefectKind.COMPRESSION, path, detail)
            return Drained(0, "", b"")
        if kind is not MemberKind.FOLDER and info.external_attr & _DOS_FOLDER:
            detail = "is marked as a folder, and named as a file"
            self._pass.add_defect(DefectKind.CONTENT_OF_NO_FILE, path, detail)
        if kind is MemberKind.FOLDER and info.file_size:
            detail = "is no file and has content"
            self._pass.add_defect(DefectKind.CONTENT_OF_NO_FILE, path, detail)
        stream = self._stream(info, self._meter)
        keep = max(bytes_to_scan(path), needed(observers, path, info.file_size))
        drained = drain(
            stream,
            algorithm=algorithm,
            keep=_LINK_TARGET if kind is MemberKind.LINK else keep,
            blob_of=info.file_size if blobs else None,
        )
        stream.finish()
        return drained

    def _stream(self, info: zipfile.ZipInfo, meter: Meter) -> _MemberStream:
        start = self._data.get(info.header_offset)
        if start is None:
            raise zipfile.BadZipFile("has no header where the directory says")
        return _MemberStream(self._file, info, start, meter)


class _MemberStream:
    """What comes out of one member of a zip, to its last bit.

    ``zipfile`` stops at the size that the directory says, and looks neither at what
    the stream still holds nor at what lies behind it.
    """

    def __init__(
        self, file: BinaryIO, info: zipfile.ZipInfo, start: int, meter: Meter
    ) -> None:
        self._file = file
        self._info = info
        self._at = start
        self._left = info.compress_size
        self._meter = meter
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._packed = b""
        self._crc = 0
        self._size = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, none at the end."""
        stored = self._info.compress_type == zipfile.ZIP_STORED
        chunk = self._read_packed(size) if stored else self._inflate(size)
        self._meter.add(len(chunk))
        self._crc = zlib.crc32(chunk, self._crc)
        self._size += len(chunk)
        return chunk

    def finish(self) -> None:
        """Raise where what came out is not what the directory says."""
        is_deflated = self._info.compress_type == zipfile.ZIP_DEFLATED
        if is_deflated and not self._inflater.eof:
            raise zipfile.BadZipFile("has a stream that is cut off")
        if is_deflated and (self._inflater.unused_data or self._packed or self._left):
            raise zipfile.BadZipFile("has bytes behind its stream")
        if self._size != self._info.file_size:
            said = self._info.file_size
            raise zipfile.BadZipFile(f"has {self._size} bytes, expected {said}")
        if self._crc != self._info.CRC:
            raise zipfile.BadZipFile("has another checksum than the directory says")

    def _read_packed(self, size: int) -> bytes:
        self._file.seek(self._at)
        chunk = self._file.read(min(size, self._left))
        self._at += len(chunk)
        self._left -= len(chunk)
        return chunk

    def _inflate(self, size: int) -> bytes:
        while not self._inflater.eof:
            packed = self._packed or self._read_packed(CHUNK)
            # Where nothing is left to put in, something may be left to come out.
            chunk = self._inflater.decompress(packed, size)
            self._packed = self._inflater.unconsumed_tail
            if chunk or not packed:
                return chunk
        return b""


def _is_readable(info: zipfile.ZipInfo) -> bool:
    plain = not info.flag_bits & (_ENCRYPTED | _PATCHED)
    return plain and info.compress_type in _COMPRESSION


def _is_executable(info: zipfile.ZipInfo) -> bool:
    return bool(info.external_attr >> 16 & 0o111)


def _zip_kind(info: zipfile.ZipInfo) -> MemberKind:
    """What a zip entry is; the upper half of its attributes is Unix's file mode."""
    if info.orig_filename.endswith("/"):
        return MemberKind.FOLDER
    match (info.external_attr >> 16) & 0o170000:
        case 0o120000:
            return MemberKind.LINK
        case 0 | 0o100000:
            return MemberKind.FILE
    return MemberKind.SPECIAL
