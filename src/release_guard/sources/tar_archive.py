"""Gzipped tars: one pass from front to back, keeping a few small members."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Sequence
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
    Stream,
    drain,
)
from release_guard.sources.gzip_stream import GzipError, GzipStream
from release_guard.sources.obfuscation import bytes_to_scan, obfuscator_of
from release_guard.sources.observer import Observer, needed, show
from release_guard.sources.signatures import is_gzip, is_tar, is_zip
from release_guard.sources.tar_headers import (
    AmbiguousHeaderError,
    HeaderError,
    SparseMemberError,
    header_type,
)

__all__ = ["TarReader"]

_BROKEN_TAR = (
    tarfile.TarError,
    GzipError,
    EOFError,
    OSError,
    ValueError,
    # A chain of extended headers, which tarfile reads one inside the other.
    RecursionError,
)
#: The first size that a header's own field cannot hold.
_PAX_SIZES_FROM = 8 << 30


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
        self._meter = Meter(size, bounds)
        self._pass = Pass(filename, Kind.SDIST, size)
        self._names = 0
        #: The member that is being read, empty between and behind them.
        self._at = ""
        self.kept: dict[str, bytes] = {}

    def archive(
        self,
        keep: Callable[[str], bool] = lambda _: False,
        observers: Sequence[Observer] = (),
        *,
        blobs: bool = False,
    ) -> Archive:
        """Read every member once, before the eyes of the observers; those that ``keep``
        names stay in ``kept``, and ``blobs`` asks for git's ids as well.
        """
        if is_zip(self._file) and is_tar(self._file):
            self._pass.add_defect(DefectKind.POLYGLOT, "", "is a zip and a tar")
        if not is_gzip(self._file):
            kind = DefectKind.DAMAGED if is_tar(self._file) else DefectKind.NO_ARCHIVE
            self._pass.end(kind, "", "is no gzip")
            return self._pass.archive()
        self._file.seek(0)
        stream = GzipStream(self._file, self._meter)
        try:
            self._read(stream, keep, observers, blobs=blobs)
            if rest := stream.rest():
                kind, detail = rest
                self._pass.add_defect(kind, "", detail)
        except PastBoundError as error:
            self._pass.end(DefectKind.BOMB, self._at, error)
        except AmbiguousHeaderError as error:
            self._pass.end(DefectKind.HEADERS, self._at, error)
        except SparseMemberError as error:
            self._pass.end(DefectKind.SPARSE, error.name, "is sparse")
        except _BROKEN_TAR as error:
            self._pass.end(self._kind_of(error), self._at, error)
        self._pass.unpacked = self._meter.unpacked
        return self._pass.archive()

    def _read(
        self,
        stream: GzipStream,
        keep: Callable[[str], bool],
        observers: Sequence[Observer],
        *,
        blobs: bool,
    ) -> None:
        """Read the members one by one, and what stands behind the last."""
        headers = header_type(self._bounds.extended_header)
        file = cast("BinaryIO", stream)
        with tarfile.open(fileobj=file, mode="r|", tarinfo=headers) as tar:
            for number, info in enumerate(self._members(tar), start=1):
                self._at = info.name
                if number > self._bounds.members:
                    raise PastBoundError(f"is member {number}")
                self._member(tar, info, observers, keep=keep(info.name), blobs=blobs)
            self._at = ""
            self._tail(tar)

    def _kind_of(self, error: Exception) -> DefectKind:
        """What an error says of the file."""
        if isinstance(error, HeaderError):
            is_first = not self._pass.members
            return DefectKind.NO_ARCHIVE if is_first else DefectKind.MALFORMED
        if isinstance(error, GzipError):
            return error.kind
        return DefectKind.DAMAGED

    def _members(self, tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
        """The entries one by one; ``tarfile`` keeps all that it gave, so drop them.

        It skips to the next one in small steps, however far that is said to be.
        """
        while (info := tar.next()) is not None:
            if refused := _LOCAL_ALONE & tar.pax_headers.keys():
                told = ", ".join(sorted(refused))
                raise AmbiguousHeaderError(f"has a global header that gives {told}")
            yield info
            self._meter.check(tar.offset)
            tar.members.clear()  # type: ignore[attr-defined]

    def _member(
        self,
        tar: tarfile.TarFile,
        info: tarfile.TarInfo,
        observers: Sequence[Observer],
        *,
        keep: bool,
        blobs: bool,
    ) -> None:
        """Read one member; of a file that is kept, no observer needs the content."""
        kind, drained = _tar_kind(info), Drained(0, "", b"")
        if info.issparse() or any(k.startswith("GNU.sparse") for k in info.pax_headers):
            raise SparseMemberError(info.name)
        if _names_folder(info) and kind is not MemberKind.FOLDER:
            detail = "is no folder, and its name ends with a slash"
            self._pass.add_defect(DefectKind.CONTENT_OF_NO_FILE, info.name, detail)
        if ambiguity := _ambiguity(info):
            self._pass.add_defect(ambiguity[0], info.name, ambiguity[1])
        if kind is MemberKind.FILE:
            stream = cast("Stream", tar.extractfile(info))
            wanted = needed(observers, info.name, info.size)
            limit = self._room() if keep else max(bytes_to_scan(info.name), wanted)
            drained = drain(stream, keep=limit, blob_of=info.size if blobs else None)
            if keep and drained.size > limit:
                raise PastBoundError(f"is larger than {limit} bytes")
            if keep:
                # Of two, which archive-ambiguous speaks of, the first.
                self.kept.setdefault(info.name, drained.kept)
            said, size = info.size, drained.size
            show(observers, info.name, drained.kept, said=said, size=size)
        target = info.linkname if info.issym() or info.islnk() else ""
        self._names += len(info.name) + len(target)
        if self._names > self._bounds.names:
            raise PastBoundError(f"has names of over {self._bounds.names} characters")
        hidden = "" if keep else obfuscator_of(info.name, drained.kept, drained.size)
        member = Member(
            info.name,
            kind,
            drained.size,
            target=target,
            obfuscator=hidden,
            blob=drained.blob,
            executable=kind is MemberKind.FILE and bool(info.mode & 0o111),
        )
        self._pass.members.append(member)

    def _room(self) -> int:
        """How many bytes more may be kept, over all members."""
        return self._bounds.kept_member - sum(map(len, self.kept.values()))

    def _tail(self, tar: tarfile.TarFile) -> None:
        """Behind the end mark only padding may stand: other readers may read on.

        Reading to the very end is also what makes gzip compare its checksum.
        """
        while chunk := tar.fileobj.read(CHUNK):
            if chunk.strip(b"\0"):
                detail = "holds data behind the end of the archive"
                self._pass.end(DefectKind.TRAILING, "", detail)
                return


def _ambiguity(info: tarfile.TarInfo) -> tuple[DefectKind, str] | None:
    """Why readers could differ about where this entry ends, None where they agree."""
    if not info.isreg() and info.size:
        return DefectKind.CONTENT_OF_NO_FILE, "is no file and has content"
    # Where the header's field is large enough, pax may repeat it, as some backends do.
    said = getattr(info, "header_size", info.size)
    if "size" in info.pax_headers and info.size < _PAX_SIZES_FROM and said != info.size:
        return DefectKind.OTHER_SIZE, "has one size in its header and another in pax"
    return None


def _names_folder(info: tarfile.TarInfo) -> bool:
    """Whether a name ends with a slash; ``tarfile`` strips the one that pax gives."""
    return info.name.endswith("/") or info.pax_headers.get("path", "").endswith("/")


#: What a global extended header must not say: readers differ about whom it is for.
_LOCAL_ALONE = frozenset({"path", "linkpath", "size", "hdrcharset"})


def _tar_kind(info: tarfile.TarInfo) -> MemberKind:
    if info.isdir():
        return MemberKind.FOLDER
    if info.issym():
        return MemberKind.LINK
    if info.islnk():
        return MemberKind.HARD_LINK
    return MemberKind.FILE if info.isfile() else MemberKind.SPECIAL
