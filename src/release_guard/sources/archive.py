"""What reading an archive of either kind has in common: bounds, and what a pass saw.

Archives are streamed, bounded, and never extracted. What is damaged or past a
bound becomes a ``Defect``, a fact for the rules.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from release_guard import blobs
from release_guard.facts import (
    Archive,
    Defect,
    DefectKind,
    Kind,
    Member,
    MemberKind,
    is_zip_name,
)

__all__ = [
    "BOUNDS",
    "CHUNK",
    "Bounds",
    "Drained",
    "Meter",
    "Pass",
    "PastBoundError",
    "Stream",
    "drain",
    "record_digest",
]

#: How much is read at a time, in bytes.
CHUNK = 1 << 20


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
    extended_header: int = 1 << 18
    names: int = 32 << 20


BOUNDS = Bounds()


class Stream(Protocol):
    """Something that gives bytes until there are none left."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""


class PastBoundError(Exception):
    """Reading went past one of the bounds; the text says which."""


@dataclass(slots=True)
class Meter:
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
            raise PastBoundError(f"unpacks to more than {self.bounds.unpacked} bytes")
        if size > max(self.bounds.ratio_from, self.bounds.ratio * self.packed):
            raise PastBoundError(
                f"unpacks to more than {self.bounds.ratio} times its own size"
            )


@dataclass(slots=True)
class Pass:
    """What one pass has collected."""

    filename: str
    kind: Kind
    size: int
    members: list[Member] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    complete: bool = True
    unpacked: int = 0
    _noted: Counter[DefectKind] = field(default_factory=Counter)

    def note(self, defect: Defect) -> None:
        """Note a defect; of very many of one kind only how many there are."""
        self._noted[defect.kind] += 1
        if self._noted[defect.kind] <= _MOST_DEFECTS:
            self.defects.append(defect)

    def add_defect(self, kind: DefectKind, member: str, detail: object) -> None:
        """Note a defect."""
        self.note(Defect(kind, member, str(detail) or type(detail).__name__))

    def end(self, kind: DefectKind, member: str, detail: object) -> None:
        """Note a defect behind which nothing can be read."""
        self.add_defect(kind, member, detail)
        self.complete = False

    def _find_namesakes(self) -> None:
        """Note the names of which unpacking keeps one: the same place twice, and a file
        with something below it.
        """
        seen: dict[str, MemberKind] = {}
        exact: set[str] = set()
        is_zip = is_zip_name(self.filename)
        for member in self.members:
            name = posixpath.normpath(member.path)
            kinds = {seen.get(name), member.kind}
            is_folder_again = kinds == {MemberKind.FOLDER}
            # Of a folder only a zip's directory may not tell twice.
            if member.path in exact and (is_zip or not is_folder_again):
                detail = "stands there more than once"
                self.add_defect(DefectKind.DUPLICATE, member.path, detail)
            elif name in seen and not is_folder_again:
                detail = "stands there more than once, in two spellings"
                self.add_defect(DefectKind.NAMESAKE, member.path, detail)
            seen[name] = member.kind
            exact.add(member.path)
        # What lies below a name comes right behind it, but for names like "a-b" below
        # "a": so it is looked up, not looked for.
        names = sorted(seen)
        for name, kind in seen.items():
            below = f"{name}/"
            at = bisect_left(names, below)
            if kind in _NO_FOLDERS and at < len(names) and names[at].startswith(below):
                detail = f"lies below the {kind} {name!r:.300}"
                self.add_defect(DefectKind.NAMESAKE, names[at], detail)

    def archive(self) -> Archive:
        """The facts, once the pass is over."""
        self._find_namesakes()
        for kind, count in self._noted.items():
            if count > _MOST_DEFECTS:
                more = count - _MOST_DEFECTS
                self.defects.append(Defect(kind, "", f"has {more} more of the kind"))
        return Archive(
            filename=self.filename,
            kind=self.kind,
            members=tuple(self.members),
            defects=tuple(self.defects),
            complete=self.complete,
            size=self.size,
            unpacked=self.unpacked,
        )


_MOST_DEFECTS = 1_000
_NO_FOLDERS = (MemberKind.FILE, MemberKind.LINK, MemberKind.HARD_LINK)


def record_digest(algorithm: str, digest: bytes) -> str:
    """A digest in RECORD's form: ``sha256=`` and unpadded base64url."""
    text = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    return f"{algorithm}={text}"


@dataclass(frozen=True, slots=True)
class Drained:
    """What came out of one member."""

    size: int
    digest: str
    kept: bytes
    blob: str = ""


def drain(
    stream: Stream, *, algorithm: str = "", keep: int = 0, blob_of: int | None = None
) -> Drained:
    """Read a stream to its end, keeping at most its first ``keep`` bytes.

    ``blob_of`` is the size that the stream should have: with it, the id that git gives
    to a file of this content is told too.
    """
    hasher = hashlib.new(algorithm) if algorithm else None
    namer = None if blob_of is None else blobs.namer(blob_of)
    size, kept = 0, bytearray()
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if hasher:
            hasher.update(chunk)
        if namer:
            namer.update(chunk)
        if len(kept) < keep:
            kept += chunk[: keep - len(kept)]
    digest = record_digest(algorithm, hasher.digest()) if hasher else ""
    blob = namer.hexdigest() if namer and size == blob_of else ""
    return Drained(size, digest, bytes(kept), blob)
