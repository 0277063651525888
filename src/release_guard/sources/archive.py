"""Archives as a hostile reader's reader sees them: streamed, bounded, never extracted.

Both readers make one pass and inflate each byte once. What is damaged or past a bound
becomes a ``Defect``, a fact for the rules; the pass ends there.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import posixpath
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, Self, cast

from release_guard.facts import (
    Archive,
    Defect,
    DefectKind,
    Kind,
    Member,
    MemberKind,
)
from release_guard.sources.zip_framing import read_framing

__all__ = ["BOUNDS", "Bounds", "TarReader", "ZipReader"]

_CHUNK = 1 << 20
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
)
_BROKEN_TAR = (
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    # A chain of extended headers, which tarfile reads one inside the other.
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far reading goes. Sizes are in bytes.

    They lie far above any sound release: the largest wheels unpack to about 5 GB and
    hold some 20,000 members. ``ratio`` counts from ``ratio_from`` unpacked bytes on.
    """

    members: int = 200_000
    unpacked: int = 32 << 30
    ratio: int = 200
    ratio_from: int = 64 << 20
    kept_member: int = 16 << 20
    directory: int = 24 << 20
    extended_header: int = 1 << 20


BOUNDS = Bounds()


class _Stream(Protocol):
    """Something that gives bytes until there are none left."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""


class _PastBoundError(Exception):
    """Reading went past one of the bounds; the text says which."""


@dataclass(slots=True)
class _Meter:
    """What came out of an archive so far, against its bounds."""

    packed: int
    bounds: Bounds
    unpacked: int = 0

    def add(self, count: int) -> None:
        """Count bytes that came out; raises where they are too many."""
        self.unpacked += count
        self.check(self.unpacked)

    def check(self, size: int) -> None:
        """Raise where an archive of this many unpacked bytes is too large."""
        if size > self.bounds.unpacked:
            raise _PastBoundError(f"unpacks to more than {self.bounds.unpacked} bytes")
        if size > max(self.bounds.ratio_from, self.bounds.ratio * self.packed):
            raise _PastBoundError(
                f"unpacks to more than {self.bounds.ratio} times its own size"
            )


@dataclass(slots=True)
class _Pass:
    """What one pass has collected."""

    filename: str
    kind: Kind
    members: list[Member] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    complete: bool = True

    def add_defect(self, kind: DefectKind, member: str, detail: object) -> None:
        """Note a defect."""
        self.defects.append(Defect(kind, member, str(detail) or type(detail).__name__))

    def end(self, kind: DefectKind, member: str, detail: object) -> None:
        """Note a defect behind which nothing can be read."""
        self.add_defect(kind, member, detail)
        self.complete = False

    def _find_namesakes(self) -> None:
        """Note the names of which unpacking keeps one: the same place twice, and a file
        with something below it.
        """
        seen: dict[str, MemberKind] = {}
        for member in self.members:
            name = posixpath.normpath(member.path)
            kinds = {seen.get(name), member.kind}
            # A folder may stand there as often as it likes.
            if name in seen and kinds != {MemberKind.FOLDER}:
                detail = "stands there more than once"
                self.add_defect(DefectKind.AMBIGUOUS, member.path, detail)
            seen[name] = member.kind
        for name in seen:
            if any(seen.get(above) is MemberKind.FILE for above in _above(name)):
                detail = "lies below a file"
                self.add_defect(DefectKind.AMBIGUOUS, name, detail)

    def archive(self) -> Archive:
        """The facts, once the pass is over."""
        self._find_namesakes()
        return Archive(
            filename=self.filename,
            kind=self.kind,
            members=tuple(self.members),
            defects=tuple(self.defects),
            complete=self.complete,
        )


def _above(name: str) -> Iterator[str]:
    """The folders that a name lies in, the nearest first."""
    while (name := posixpath.dirname(name)) not in ("", "/"):
        yield name


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
            raise _PastBoundError(f"has a directory of {size} bytes")
        content = self._file.read(size if size >= 0 else self._largest + 1)
        if len(content) > self._largest:
            raise _PastBoundError(f"has more than {self._largest} bytes at its end")
        return content


class _Metered:
    """A stream whose bytes are counted as they come out."""

    def __init__(self, stream: _Stream, meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises where too many have come out."""
        chunk = self._stream.read(size)
        self._meter.add(len(chunk))
        return chunk


def record_digest(algorithm: str, digest: bytes) -> str:
    """A digest in RECORD's form: ``sha256=`` and unpadded base64url."""
    text = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    return f"{algorithm}={text}"


def _drain(stream: _Stream, *, algorithm: str = "", keep: int = 0) -> _Drained:
    """Read a stream to its end, keeping at most its first ``keep`` bytes."""
    hasher = hashlib.new(algorithm) if algorithm else None
    size, kept = 0, bytearray()
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if hasher:
            hasher.update(chunk)
        if len(kept) < keep:
            kept += chunk[: keep - len(kept)]
    digest = record_digest(algorithm, hasher.digest()) if hasher else ""
    return _Drained(size, digest, bytes(kept))


@dataclass(frozen=True, slots=True)
class _Drained:
    """What came out of one member."""

    size: int
    digest: str
    kept: bytes


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
        self._meter = _Meter(size, bounds)
        self._pass = _Pass(filename, kind)
        self._infos: list[zipfile.ZipInfo] = []
        self._data: Mapping[int, int] = {}
        try:
            self._open()
        except _PastBoundError as error:
            self._pass.end(DefectKind.BOMB, "", error)
        except _BROKEN_ZIP as error:
            self._pass.end(DefectKind.UNREADABLE, "", error)

    def _open(self) -> None:
        """Read the directory, and see where each member lies."""
        archive = zipfile.ZipFile(_Guarded(self._file, self._bounds.directory))
        if len(archive.infolist()) > self._bounds.members:
            raise _PastBoundError(f"holds more than {self._bounds.members} members")
        framing = read_framing(self._file, archive, size=self._size)
        for path, problem in framing.problems:
            self._pass.add_defect(DefectKind.AMBIGUOUS, path, problem)
        self._infos, self._data = archive.infolist(), framing.data

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
            stream = self._stream(info)
            drained = _drain(stream, keep=info.file_size)
            stream.finish()
        except (_PastBoundError, *_BROKEN_ZIP):
            return None
        return drained.kept

    def archive(self, algorithm_of: Callable[[str], str] = lambda _: "") -> Archive:
        """Read every member once; ``algorithm_of`` a path says how it is hashed."""
        for info in self._infos:
            path, drained = info.orig_filename, _Drained(0, "", b"")
            try:
                drained = self._drained(info, algorithm_of(path))
            except _PastBoundError as error:
                self._pass.end(DefectKind.BOMB, path, error)
                break
            except _BROKEN_ZIP as error:
                self._pass.end(DefectKind.UNREADABLE, path, error)
            # The content of a link is where it leads to.
            target = drained.kept.decode("utf-8", "replace")
            member = Member(path, _zip_kind(info), drained.size, drained.digest, target)
            self._pass.members.append(member)
        return self._pass.archive()

    def _drained(self, info: zipfile.ZipInfo, algorithm: str) -> _Drained:
        kind, path = _zip_kind(info), info.orig_filename
        if info.flag_bits & _ENCRYPTED:
            self._pass.end(DefectKind.UNSAFE_MEMBER, path, "is encrypted")
            return _Drained(0, "", b"")
        if info.flag_bits & _PATCHED:
            raise zipfile.BadZipFile("is a patch to another file")
        if info.compress_type not in _COMPRESSION:
            # Installers promise no other; lzma may ask for 4 GiB before the first byte.
            raise zipfile.BadZipFile(f"is compressed by method {info.compress_type}")
        if kind is MemberKind.FOLDER and info.file_size:
            detail = "is no file and has content"
            self._pass.add_defect(DefectKind.AMBIGUOUS, path, detail)
        stream = self._stream(info)
        keep = _LINK_TARGET if kind is MemberKind.LINK else 0
        drained = _drain(stream, algorithm=algorithm, keep=keep)
        stream.finish()
        return drained

    def _stream(self, info: zipfile.ZipInfo) -> _MemberStream:
        start = self._data.get(info.header_offset)
        if start is None:
            raise zipfile.BadZipFile("has no header where the directory says")
        return _MemberStream(self._file, info, start, self._meter)


class _MemberStream:
    """What comes out of one member of a zip, to its last bit.

    ``zipfile`` stops at the size that the directory says, and looks neither at what
    the stream still holds nor at what lies behind it.
    """

    def __init__(
        self, file: BinaryIO, info: zipfile.ZipInfo, start: int, meter: _Meter
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
            if not self._packed:
                self._packed = self._read_packed(_CHUNK)
            if not self._packed:
                return b""
            chunk = self._inflater.decompress(self._packed, size)
            self._packed = self._inflater.unconsumed_tail
            if chunk:
                return chunk
        return b""


def _is_readable(info: zipfile.ZipInfo) -> bool:
    plain = not info.flag_bits & (_ENCRYPTED | _PATCHED)
    return plain and info.compress_type in _COMPRESSION


_LINK_TARGET = 4096
_ENCRYPTED, _PATCHED = 0x1, 0x20
_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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


class TarReader:
    """A ``.tar.gz`` sdist: one pass from front to back, keeping a few small members."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        filename: str,
        size: int,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._file = file
        self._bounds = bounds
        self._meter = _Meter(size, bounds)
        self._pass = _Pass(filename, Kind.SDIST)
        self.kept: dict[str, bytes] = {}

    def archive(self, keep: Callable[[str], bool] = lambda _: False) -> Archive:
        """Read every member once; those that ``keep`` names stay in ``kept``."""
        path = ""
        headers = _header_type(self._bounds.extended_header)
        try:
            with gzip.GzipFile(fileobj=self._file) as inflated:
                metered = _Metered(inflated, self._meter)
                stream = cast("BinaryIO", metered)
                with tarfile.open(fileobj=stream, mode="r|", tarinfo=headers) as tar:
                    for number, info in enumerate(self._members(tar), start=1):
                        path = info.name
                        if number > self._bounds.members:
                            raise _PastBoundError(f"is member {number}")
                        self._member(tar, info, keep=keep(path))
                    path = ""
                    self._tail(tar)
        except _PastBoundError as error:
            self._pass.end(DefectKind.BOMB, path, error)
        except _SparseMemberError as error:
            self._pass.end(DefectKind.UNSAFE_MEMBER, error.name, "is sparse")
        except _BROKEN_TAR as error:
            self._pass.end(DefectKind.UNREADABLE, path, error)
        return self._pass.archive()

    def _members(self, tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
        """The entries one by one; ``tarfile`` keeps all that it gave, so drop them.

        It skips to the next one in small steps, however far that is said to be.
        """
        behind = 0
        while (info := tar.next()) is not None:
            yield info
            if tar.offset < behind:
                raise tarfile.ReadError("damaged header: a negative size")
            self._meter.check(tar.offset)
            behind = tar.offset
            tar.members.clear()  # type: ignore[attr-defined]

    def _member(
        self, tar: tarfile.TarFile, info: tarfile.TarInfo, *, keep: bool
    ) -> None:
        kind, drained = _tar_kind(info), _Drained(0, "", b"")
        if info.issparse():
            raise _SparseMemberError(info.name)
        if ambiguity := _ambiguity(info):
            self._pass.add_defect(DefectKind.AMBIGUOUS, info.name, ambiguity)
        if kind is MemberKind.FILE:
            stream = cast("_Stream", tar.extractfile(info))
            limit = self._room() if keep else 0
            drained = _drain(stream, keep=limit)
            if keep and drained.size > limit:
                raise _PastBoundError(f"is larger than {limit} bytes")
            if keep:
                self.kept[info.name] = drained.kept
        target = info.linkname if info.issym() or info.islnk() else ""
        self._pass.members.append(Member(info.name, kind, drained.size, target=target))

    def _room(self) -> int:
        """How many bytes more may be kept, over all members."""
        return self._bounds.kept_member - sum(map(len, self.kept.values()))

    def _tail(self, tar: tarfile.TarFile) -> None:
        """Behind the end mark only padding may stand: other readers may read on.

        Reading to the very end is also what makes gzip compare its checksum.
        """
        while chunk := tar.fileobj.read(_CHUNK):
            if chunk.strip(b"\0"):
                detail = "holds data behind the end of the archive"
                self._pass.end(DefectKind.AMBIGUOUS, "", detail)
                return


def _ambiguity(info: tarfile.TarInfo) -> str:
    """Why readers could differ about where this entry ends, empty where they agree."""
    if not info.isreg() and info.size:
        return "is no file and has content"
    # pax gives a size only where the header's field is too small for it.
    if "size" in info.pax_headers and info.size < _PAX_SIZES_FROM:
        return "has one size in its header and another in pax"
    return ""


_PAX_SIZES_FROM = 8 << 30


class _SparseMemberError(Exception):
    """A sparse member: it says how large it is, whatever the archive holds."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _header_type(largest: int) -> type[tarfile.TarInfo]:
    """A header that ends the pass where ``tarfile`` would quietly stop, or fill memory.

    A damaged header in the middle, or the end of the file, is taken for the end of the
    archive by ``tarfile``; an extended header (pax, GNU long name) and the map of a
    sparse file are read into memory whatever their size.
    """

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            if not buf:
                raise tarfile.ReadError("it ends without an end mark")
            try:
                info = super().frombuf(buf, encoding, errors)
            except tarfile.HeaderError as error:
                if bytes(buf).strip(b"\0"):
                    raise tarfile.ReadError(f"damaged header: {error}") from None
                raise
            if info.size < 0:
                raise tarfile.ReadError("damaged header: a negative size")
            if info.type in _EXTENDED and info.size > largest:
                raise _PastBoundError(f"has an extended header of {info.size} bytes")
            if info.type == tarfile.GNUTYPE_SPARSE:
                raise _SparseMemberError(info.name)
            return info

        def _proc_gnusparse_10(self, following: tarfile.TarInfo, *_: object) -> None:
            # The one map that stands in the data; tarfile calls this to read it.
            raise _SparseMemberError(following.name)

    return Header


_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def _tar_kind(info: tarfile.TarInfo) -> MemberKind:
    if info.isdir():
        return MemberKind.FOLDER
    if info.issym():
        return MemberKind.LINK
    if info.islnk():
        return MemberKind.HARD_LINK
    return MemberKind.FILE if info.isfile() else MemberKind.SPECIAL
