"""Archives as real bytes: what is wrong comes out as a fact, and nothing else does."""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pytest
from archives import (
    SDIST,
    TOP,
    WHEEL,
    Entry,
    Node,
    gzipped,
    long_name,
    patched,
    patched_tarfile,
    pax,
    record_row,
    sdist_nodes,
    swapped,
    tar_of,
    wheel_entries,
    within,
    zip_of,
)

from release_guard.facts import (
    Archive,
    Defect,
    DefectKind,
    Kind,
    Member,
    MemberKind,
)
from release_guard.sources.archive import BOUNDS, Bounds, Pass
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.zip_archive import ZipReader

K = DefectKind
BOMB = DefectKind.BOMB
CHECKSUM = DefectKind.CHECKSUM
COMPRESSION = DefectKind.COMPRESSION
DAMAGED = DefectKind.DAMAGED
DUPLICATE = DefectKind.DUPLICATE
MALFORMED = DefectKind.MALFORMED
NAMESAKE = DefectKind.NAMESAKE
NO_ARCHIVE = DefectKind.NO_ARCHIVE
STREAM_DAMAGED = DefectKind.STREAM

Defects = tuple[tuple[DefectKind, str], ...]


@dataclass(frozen=True)
class Case:
    """An archive, and the facts that must come out."""

    content: bytes
    members: tuple[str, ...]
    defects: Defects = ()
    complete: bool = True
    bounds: Bounds = BOUNDS


def broken(
    content: bytes,
    kind: DefectKind,
    member: str = "",
    *,
    members: tuple[str, ...] = (),
    first: Defects = (),
    bounds: Bounds = BOUNDS,
) -> Case:
    """An archive in which reading ends early, or would have to; ``first`` are the
    defects that were seen before.
    """
    found = (*first, (kind, member))
    return Case(content, members, found, complete=False, bounds=bounds)


def parametrized(cases: Mapping[str, Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def zip_reader(file: BinaryIO, bounds: Bounds = BOUNDS) -> ZipReader:
    size = os.fstat(file.fileno()).st_size
    return ZipReader(file, filename=WHEEL, kind=Kind.WHEEL, size=size, bounds=bounds)


def read_zip(folder: Path, content: bytes, bounds: Bounds = BOUNDS) -> Archive:
    path = folder / WHEEL
    path.write_bytes(content)
    with path.open("rb") as file, within(10):
        return zip_reader(file, bounds).archive()


def read_tar(folder: Path, content: bytes, bounds: Bounds = BOUNDS) -> Archive:
    path = folder / SDIST
    path.write_bytes(content)
    with path.open("rb") as file, within(10):
        reader = TarReader(file, filename=SDIST, size=len(content), bounds=bounds)
        return reader.archive()


def paths(archive: Archive) -> tuple[str, ...]:
    return tuple(member.path for member in archive.members)


def defects(archive: Archive) -> Defects:
    return tuple((defect.kind, defect.member) for defect in archive.defects)


def facts_of(archive: Archive, case: Case) -> Case:
    """The facts in the form of a case."""
    return Case(
        case.content, paths(archive), defects(archive), archive.complete, case.bounds
    )


# --- zip: sound ----------------------------------------------------------------

A = Entry("a.py", b"a" * 200)
B = Entry("b.py", b"bcd" * 99)
AB = ("a.py", "b.py")
ZIP64 = struct.pack("<HHQQ", 1, 16, len(A.data), len(A.body()))


def written_by_zipfile(*, zip64: bool) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a.py", "w", force_zip64=zip64) as member:
            member.write(A.data)
        archive.mkdir("pkg")
    return content.getvalue()


class Pipe(io.BytesIO):
    """What cannot be wound back: ``zipfile`` then writes sizes behind the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


def written_into_a_pipe() -> bytes:
    content = Pipe()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", A.data)
        archive.writestr("b.py", B.data)
    return content.getvalue()


ZIP_SOUND = {
    "deflated and stored": Case(zip_of(A, Entry("b.py", b"b", method=0)), AB),
    "by zipfile": Case(written_by_zipfile(zip64=False), ("a.py", "pkg/")),
    "by zipfile with 64 bit": Case(written_by_zipfile(zip64=True), ("a.py", "pkg/")),
    "64 bit sizes in the directory": Case(
        zip_of(
            Entry(
                "a.py",
                A.data,
                size=0xFFFFFFFF,
                packed_size=0xFFFFFFFF,
                extra=ZIP64,
                local={"size": len(A.data), "packed_size": len(A.body())},
            )
        ),
        ("a.py",),
    ),
    "a 64 bit end record": Case(zip_of(A, B, end64=2), AB),
    "a 64 bit end record without members": Case(zip_of(end64=0), ()),
    "no member": Case(zip_of(), ()),
    "an empty file": Case(zip_of(Entry("a.py")), ("a.py",)),
    "no Unix mode": Case(zip_of(Entry("a.py", b"a", mode=0)), ("a.py",)),
    "a comment at the end": Case(zip_of(A, comment=b"built today"), ("a.py",)),
    "a name outside ASCII": Case(zip_of(Entry("ä.py", b"a")), ("ä.py",)),
    "a folder": Case(zip_of(Entry("pkg/", method=0, mode=0o040755)), ("pkg/",)),
    "a folder of DOS": Case(
        zip_of(Entry("pkg/", method=0, mode=0, attributes=0x10)), ("pkg/",)
    ),
    "a file of DOS": Case(zip_of(Entry("a.py", attributes=0x20)), ("a.py",)),
}


@parametrized(ZIP_SOUND)
def test_a_sound_zip_is_read_to_its_end(case: Case, tmp_path: Path) -> None:
    assert facts_of(read_zip(tmp_path, case.content), case) == case


def test_a_zip_says_its_size_and_to_what_it_unpacks(tmp_path: Path) -> None:
    content = zip_of(A, B, Entry("pkg/", method=0))
    archive = read_zip(tmp_path, content)
    assert (archive.size, archive.unpacked) == (len(content), 200 + 297)


def test_a_zip_unpacks_to_what_its_directory_says(tmp_path: Path) -> None:
    """The sizes of a zip bomb are known before it is read, and of one it is the
    directory that the index adds up.
    """
    content = zip_of(*swapped([A, B], "a.py", size=1 << 31, crc=1))
    assert read_zip(tmp_path, content).unpacked == (1 << 31) + 297


ZIP_STRICT = {
    "by zipfile into a pipe": Case(
        written_into_a_pipe(),
        AB,
        ((K.DESCRIPTOR, "a.py"), (K.DESCRIPTOR, "b.py")),
    ),
    "a member with a comment": Case(
        zip_of(replace(A, comment=b"ours")), ("a.py",), ((K.COMMENT, "a.py"),)
    ),
    "a name in the old encoding": Case(
        zip_of(Entry(b"\x84.py", b"a")), ("ä.py",), ((K.ENCODING, "ä.py"),)
    ),
    "a name in UTF-8 that is not marked": Case(
        zip_of(Entry("ä.py".encode(), b"a")), ("├ñ.py",), ((K.UNMARKED, "├ñ.py"),)
    ),
    "a folder twice": Case(
        zip_of(Entry("pkg/"), Entry("pkg/")), ("pkg/", "pkg/"), ((DUPLICATE, "pkg/"),)
    ),
}


@parametrized(ZIP_STRICT)
def test_what_only_strict_readers_refuse_is_noted_and_read_to_its_end(
    case: Case, tmp_path: Path
) -> None:
    assert facts_of(read_zip(tmp_path, case.content), case) == case


def test_what_came_out_of_a_zip_member_is_hashed_and_measured(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(zip_of(A, Entry("pkg/"), B))
    algorithms = {"a.py": "sha256", "b.py": "sha512", "pkg/": ""}
    with (tmp_path / WHEEL).open("rb") as file:
        archive = zip_reader(file).archive(lambda path: algorithms[path])

    row = record_row("a.py", A.data).strip().split(",")
    assert archive.members[0] == Member("a.py", MemberKind.FILE, 200, row[1])
    assert archive.members[1] == Member("pkg/", MemberKind.FOLDER, 0)
    assert archive.members[2].digest.startswith("sha512=")
    assert len(archive.members[2].digest) == len("sha512=") + 86


def test_nothing_is_hashed_that_nobody_asked_for(tmp_path: Path) -> None:
    assert read_zip(tmp_path, zip_of(A)).members[0].digest == ""


# --- zip: damaged --------------------------------------------------------------

NAMES = tuple(str(entry.name) for entry in wheel_entries())
WHOLE_WHEEL = zip_of(*wheel_entries())
WHOLE_SDIST = gzipped(tar_of(*sdist_nodes()))


@pytest.mark.parametrize("cut", range(0, len(WHOLE_WHEEL), 7))
def test_a_zip_that_is_cut_off_is_none(cut: int, tmp_path: Path) -> None:
    archive = read_zip(tmp_path, WHOLE_WHEEL[:cut])
    assert defects(archive) == ((NO_ARCHIVE, ""),)
    assert not archive.complete


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_checksum_in_any_member_is_seen(name: str, tmp_path: Path) -> None:
    entries = swapped(wheel_entries(), name, crc=1)
    archive = read_zip(tmp_path, zip_of(*entries))
    assert defects(archive) == ((DAMAGED, name),)
    assert not archive.complete
    assert paths(archive) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_corrupted_stream_in_any_member_is_seen(name: str, tmp_path: Path) -> None:
    entry = next(entry for entry in wheel_entries() if entry.name == name)
    packed = b"\xff" * len(entry.body())
    entries = swapped(wheel_entries(), name, packed=packed)
    archive = read_zip(tmp_path, zip_of(*entries))
    assert defects(archive) == ((STREAM_DAMAGED, name),)
    assert not archive.complete


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_ends_early_is_seen(name: str, tmp_path: Path) -> None:
    entry = next(entry for entry in wheel_entries() if entry.name == name)
    entries = swapped(wheel_entries(), name, packed=entry.body()[:-3])
    archive = read_zip(tmp_path, zip_of(*entries))
    assert defects(archive) == ((DAMAGED, name),)
    assert not archive.complete


def entry(**fields: object) -> bytes:
    """A zip of ``a.py``, in which these fields lie, and ``b.py``."""
    return zip_of(*swapped([A, B], "a.py", **fields))


HUGE = (1 << 63) + 5
LONGER = b"a" * 200 + b"import os\n"
FAR_ENTRY = ((K.OTHER_NAME, ""), (K.STRAY_BYTES, ""), (K.STRAY_BYTES, ""))
ZIP_DAMAGED = {
    "an empty file": broken(b"", NO_ARCHIVE),
    "text": broken(b"this is no archive\n" * 20, NO_ARCHIVE),
    "a gzipped tar": broken(WHOLE_SDIST, NO_ARCHIVE),
    "a tar": broken(tar_of(*sdist_nodes()), NO_ARCHIVE),
    "only an end record": broken(zip_of()[:-1], NO_ARCHIVE),
    "a size that is too small": broken(entry(size=100), DAMAGED, "a.py", members=AB),
    "a size that is too large": broken(entry(size=300), DAMAGED, "a.py", members=AB),
    "a size of 0": broken(entry(size=0), DAMAGED, "a.py", members=AB),
    "a stored size that is too large": broken(
        entry(method=0, size=300), DAMAGED, "a.py", members=AB
    ),
    "a packed size that is too small": broken(
        entry(packed_size=3),
        DAMAGED,
        "a.py",
        members=AB,
        first=((K.STRAY_BYTES, ""),),
    ),
    "a packed size of 0": broken(
        entry(packed_size=0),
        DAMAGED,
        "a.py",
        members=AB,
        first=((K.STRAY_BYTES, ""),),
    ),
    "encrypted": broken(entry(flags=1), K.ENCRYPTED, "a.py", members=AB),
    "strongly encrypted": broken(entry(flags=0x41), K.ENCRYPTED, "a.py", members=AB),
    "encrypted strongly alone": broken(
        entry(flags=0x40), K.ENCRYPTED, "a.py", members=AB
    ),
    "a masked directory": broken(entry(flags=0x2000), K.ENCRYPTED, "a.py", members=AB),
    "patched data": broken(entry(flags=0x20), DAMAGED, "a.py", members=AB),
    "bzip2": broken(entry(method=12), COMPRESSION, "a.py", members=AB),
    "lzma": broken(entry(method=14), COMPRESSION, "a.py", members=AB),
    "an unknown method": broken(entry(method=99), COMPRESSION, "a.py", members=AB),
    "a version that nobody reads": broken(entry(version=99), DAMAGED),
    "a name that is no UTF-8": broken(
        zip_of(Entry(b"\xff.py", b"a", flags=0x800)), DAMAGED
    ),
    "half an extra field": broken(entry(extra=b"\1\0\x20\0\0"), DAMAGED),
    "an offset outside the file": broken(
        entry(offset=1 << 30), DAMAGED, "a.py", members=AB, first=FAR_ENTRY
    ),
    "a size outside of everything": broken(
        entry(size=0xFFFFFFFF, extra=struct.pack("<HHQ", 1, 8, HUGE)),
        DAMAGED,
        "a.py",
        members=AB,
        first=((K.OTHER_SIZE, "a.py"),),
    ),
    "a stream longer than both sizes": broken(
        zip_of(Entry("a.py", LONGER, size=200, crc=zlib.crc32(b"a" * 200))),
        DAMAGED,
        "a.py",
        members=("a.py",),
    ),
    "bytes behind a stream": broken(
        entry(packed=A.body() + b"import os\n"), DAMAGED, "a.py", members=AB
    ),
}


@parametrized(ZIP_DAMAGED)
def test_what_is_wrong_with_a_zip_is_a_defect(case: Case, tmp_path: Path) -> None:
    assert facts_of(read_zip(tmp_path, case.content), case) == case


DIRECTORIES = {
    "too small": zip_of(A, B, directory_size=30),
    "from before the file": zip_of(A, B, directory_size=1 << 20),
    "with a hole": WHOLE_WHEEL.replace(b"PK\1\2", b"PK\1\3", 2),
    "with bytes behind it": zip_of(A)[:-22] + b"more" + zip_of(A)[-22:],
    "with bytes behind its 64 bit end": zip_of(A, end64=1, behind64=b"more"),
}


@pytest.mark.parametrize("content", DIRECTORIES.values(), ids=DIRECTORIES.keys())
def test_a_directory_that_cannot_be_read_is_a_defect(
    content: bytes, tmp_path: Path
) -> None:
    """Newer ``zipfile`` takes some of them for no zip at all."""
    archive = read_zip(tmp_path, content)
    assert defects(archive) in [((DAMAGED, ""),), ((NO_ARCHIVE, ""),)]
    assert archive.members == ()
    assert not archive.complete


def test_a_64_bit_locator_that_leads_nowhere_is_a_defect(tmp_path: Path) -> None:
    """Newer ``zipfile`` reads no such zip."""
    locator = b"PK\6\7" + struct.pack("<LQL", 0, 0, 1)
    archive = read_zip(tmp_path, zip_of(A, replace(B, comment=locator)))
    kinds = {defect.kind for defect in archive.defects}
    assert kinds & {K.STRAY_BYTES, DAMAGED, NO_ARCHIVE}


def test_an_offset_outside_of_everything_is_damage(tmp_path: Path) -> None:
    wide = struct.pack("<HHQ", 1, 8, HUGE)
    archive = read_zip(tmp_path, entry(offset=0xFFFFFFFF, extra=wide))
    assert DAMAGED in {defect.kind for defect in archive.defects}
    assert not archive.complete


def test_every_damaged_member_of_a_zip_is_named(tmp_path: Path) -> None:
    content = zip_of(*swapped(swapped([A, B], "a.py", crc=1), "b.py", method=12))
    archive = read_zip(tmp_path, content)
    assert defects(archive) == ((DAMAGED, "a.py"), (COMPRESSION, "b.py"))


# --- zip: two readers, two contents --------------------------------------------

HIDDEN = Entry("hidden.py", b"import os\n")
UNICODE_PATH = struct.pack("<HHBI", 0x7075, 12, 1, zlib.crc32(b"a.py")) + b"evil.py"
SAME_PATH = struct.pack("<HHBI", 0x7075, 9, 1, zlib.crc32(b"a.py")) + b"a.py"


def descriptor(*numbers: int, mark: bytes = b"PK\7\x08") -> bytes:
    """A zip in which ``a.py`` has its sizes behind the data."""
    behind = mark + struct.pack(f"<{len(numbers)}L", *numbers)
    packed = A.body() + behind
    sizes = {"crc": 0, "size": 0, "packed_size": 0}
    says = replace(A, flags=8, packed=packed, packed_size=len(A.body()), local=sizes)
    return zip_of(says, B)


OTHER_DIRECTORY = ((K.OTHER_DIRECTORY, ""),)
OTHER_HEADER = ((K.OTHER_HEADER, "a.py"),)
OTHER_SIZE = ((K.OTHER_SIZE, "a.py"),)
STRAY = ((K.STRAY_BYTES, ""),)
HIDDEN_MEMBER = ((K.OTHER_NAME, ""),)
NO_DESCRIPTOR = ((K.DESCRIPTOR, "a.py"), (K.OTHER_SIZE, "a.py"))
OTHER_FLAGS = ((K.OTHER_HEADER, "a.py"),)


def ambiguous(content: bytes, found: Defects, *members: str) -> Case:
    """A zip that is read to its end, and of which others could read something else."""
    return Case(content, members or AB, found)


ZIP_AMBIGUOUS = {
    "a name twice": ambiguous(
        zip_of(A, B, A), ((DUPLICATE, "a.py"),), "a.py", "b.py", "a.py"
    ),
    "a name twice with other bytes": ambiguous(
        zip_of(A, Entry("a.py", b"other")), ((DUPLICATE, "a.py"),), "a.py", "a.py"
    ),
    "a file and a folder of one name": ambiguous(
        zip_of(A, Entry("a.py/")), ((NAMESAKE, "a.py/"),), "a.py", "a.py/"
    ),
    "a name twice, once with a dot": ambiguous(
        zip_of(A, Entry("./a.py", b"other")),
        ((NAMESAKE, "./a.py"),),
        "a.py",
        "./a.py",
    ),
    "a name twice, once with two slashes": ambiguous(
        zip_of(Entry("demo/a.py", b"a"), Entry("demo//a.py", b"other")),
        ((NAMESAKE, "demo//a.py"),),
        "demo/a.py",
        "demo//a.py",
    ),
    "a file and a member below it": ambiguous(
        zip_of(A, Entry("a.py/b.py")), ((NAMESAKE, "a.py/b.py"),), "a.py", "a.py/b.py"
    ),
    "one zip behind another": ambiguous(
        zip_of(A) + zip_of(B), HIDDEN_MEMBER + OTHER_DIRECTORY, "b.py"
    ),
    "bytes behind the end": ambiguous(zip_of(A) + b"more", ((K.TRAILING, ""),), "a.py"),
    "zeros behind the end": ambiguous(
        zip_of(A) + bytes(100), ((K.TRAILING, ""),), "a.py"
    ),
    "bytes before the start": ambiguous(
        zip_of(A, prefix=b"#!/bin/sh\nexit\n"), STRAY + OTHER_DIRECTORY, "a.py"
    ),
    "a tar before the start": ambiguous(
        zip_of(A, prefix=tar_of(*sdist_nodes())),
        ((K.POLYGLOT, ""), *STRAY, *OTHER_DIRECTORY),
        "a.py",
    ),
    "a member that the directory leaves out": ambiguous(
        zip_of(A, gap=HIDDEN.header() + HIDDEN.body()), HIDDEN_MEMBER, "a.py"
    ),
    "bytes before the directory": ambiguous(zip_of(A, gap=b"more"), STRAY, "a.py"),
    "another name in the header": ambiguous(
        entry(local={"name": b"c.py"}), ((K.OTHER_NAME, "a.py"),)
    ),
    "another name for other readers": ambiguous(
        entry(extra=UNICODE_PATH), OTHER_HEADER
    ),
    "two fields of 64 bit sizes": ambiguous(entry(extra=ZIP64 + ZIP64), OTHER_HEADER),
    "two end records of two counts": ambiguous(
        zip_of(A, B, end64=2, count=1), OTHER_DIRECTORY
    ),
    "two end records of two directories": ambiguous(
        zip_of(A, B, end64=2, directory_size=9), OTHER_DIRECTORY
    ),
    "another name for other readers in the header": ambiguous(
        entry(local={"extra": UNICODE_PATH}), OTHER_HEADER
    ),
    "two other names, of which the first is the same": ambiguous(
        entry(extra=SAME_PATH + UNICODE_PATH), OTHER_HEADER * 2
    ),
    "sizes behind the data that are not there": ambiguous(
        entry(local={"flags": 8}), OTHER_FLAGS + NO_DESCRIPTOR
    ),
    "other sizes behind the data": ambiguous(descriptor(5, 5, 5), NO_DESCRIPTOR),
    "bytes in place of sizes behind the data": ambiguous(
        descriptor(*b"evil", mark=b""), NO_DESCRIPTOR
    ),
    "another encoding of the name in the header": ambiguous(
        entry(local={"flags": 0x800}), OTHER_HEADER
    ),
    "another size in the header": ambiguous(entry(local={"size": 5}), OTHER_SIZE),
    "another size in the 64 bit part of the header": ambiguous(
        entry(
            local={
                "size": 0xFFFFFFFF,
                "packed_size": 0xFFFFFFFF,
                "extra": struct.pack("<HHQQ", 1, 16, 5, 5),
            }
        ),
        OTHER_SIZE,
    ),
    "a 64 bit size in the header that is not there": ambiguous(
        entry(local={"size": 0xFFFFFFFF, "packed_size": 0xFFFFFFFF}), OTHER_SIZE
    ),
    "every checksum in the header": ambiguous(
        entry(local={"crc": 0xFFFFFFFF}), OTHER_HEADER
    ),
    "one member inside another": ambiguous(
        zip_of(
            Entry("a.py", HIDDEN.header() + HIDDEN.body(), method=0),
            replace(HIDDEN, offset=30 + len("a.py")),
        ),
        STRAY + HIDDEN_MEMBER,
        "a.py",
        "hidden.py",
    ),
    "fewer rows than the 64 bit end record says": ambiguous(
        zip_of(A, B, end64=3), OTHER_DIRECTORY * 2
    ),
    "all places shifted": ambiguous(zip_of(A, B, shift=7), OTHER_DIRECTORY),
    "a directory within the comment": ambiguous(
        zip_of(A, comment=zip_of(B)), HIDDEN_MEMBER + OTHER_DIRECTORY, "b.py"
    ),
    "an end record within the comment": Case(
        zip_of(A, comment=zip_of()), (), HIDDEN_MEMBER + OTHER_DIRECTORY
    ),
    "another packed size in the header": ambiguous(
        entry(local={"packed_size": 5}), OTHER_SIZE
    ),
    "another checksum in the header": ambiguous(entry(local={"crc": 5}), OTHER_HEADER),
    "another method in the header": ambiguous(entry(local={"method": 0}), OTHER_HEADER),
    "a folder with content": ambiguous(
        zip_of(Entry("pkg/", b"import os\n")),
        ((K.CONTENT_OF_NO_FILE, "pkg/"),),
        "pkg/",
    ),
    "a file that DOS takes for a folder": ambiguous(
        entry(attributes=0x10), ((K.CONTENT_OF_NO_FILE, "a.py"),)
    ),
    "other flags in the header": ambiguous(entry(local={"flags": 2}), OTHER_FLAGS),
    "encrypted only in the header": ambiguous(entry(local={"flags": 1}), OTHER_FLAGS),
    "fewer rows than the end record says": ambiguous(
        zip_of(A, B, count=3), OTHER_DIRECTORY
    ),
    "more rows than the end record says": ambiguous(
        zip_of(A, B, count=1), OTHER_DIRECTORY
    ),
}


@parametrized(ZIP_AMBIGUOUS)
def test_a_zip_that_two_readers_read_differently_has_a_defect(
    case: Case, tmp_path: Path
) -> None:
    assert facts_of(read_zip(tmp_path, case.content), case) == case


def test_each_repetition_of_a_name_is_named(tmp_path: Path) -> None:
    archive = read_zip(tmp_path, zip_of(A, A, B, A))
    assert defects(archive) == ((DUPLICATE, "a.py"), (DUPLICATE, "a.py"))
    assert archive.complete


# --- zip: members that harm ----------------------------------------------------

HOSTILE_NAMES = {
    "absolute": "/etc/passwd",
    "climbing out": "../../demo.py",
    "climbing out further down": "demo/../../demo.py",
    "a backslash": "demo\\x.py",
    "a drive": "C:/x.py",
    "a line feed": "a\n::error::x",
    "an escape sequence": "\x1b[2Ja",
    "a NUL": "a.py\0.txt",
    "a NUL behind a slash": "a/\0.txt",
    "no name": "",
    "too long for a file system": "x" * 300,
    "too long for the screen": "x/" * 30_000,
    "a direction mark": "a\u202eyp.b",
}


@pytest.mark.parametrize("more", [-1, 0, 1, 100, 65_536, 1 << 20, (1 << 20) + 7])
def test_what_inflates_far_beyond_what_was_read_is_read_to_its_end(
    more: int, tmp_path: Path
) -> None:
    """All that is packed may be read before all that it holds has come out."""
    content = bytes((1 << 20) + more)
    archive = read_zip(tmp_path, zip_of(Entry("x", content), A))
    assert (archive.defects, archive.complete) == ((), True)
    assert archive.members[0].size == len(content)


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES.keys())
def test_a_hostile_name_in_a_zip_comes_out_as_it_stands_there(
    name: str, tmp_path: Path
) -> None:
    archive = read_zip(tmp_path, zip_of(Entry(name), A))
    assert paths(archive) == (name, "a.py")
    assert archive.complete


ZIP_MODES = {
    "device": (0o060644, MemberKind.SPECIAL),
    "character device": (0o020644, MemberKind.SPECIAL),
    "FIFO": (0o010644, MemberKind.SPECIAL),
    "socket": (0o140644, MemberKind.SPECIAL),
    "folder without a slash": (0o040755, MemberKind.SPECIAL),
    "link": (0o120777, MemberKind.LINK),
    "file": (0o100644, MemberKind.FILE),
    "executable": (0o100755, MemberKind.FILE),
}


@pytest.mark.parametrize(("mode", "kind"), ZIP_MODES.values(), ids=ZIP_MODES.keys())
def test_a_zip_entry_is_what_its_mode_says(
    mode: int, kind: MemberKind, tmp_path: Path
) -> None:
    archive = read_zip(tmp_path, zip_of(Entry("x", b"../../etc", mode=mode)))
    target = "../../etc" if kind is MemberKind.LINK else ""
    said = Member("x", kind, 9, target=target, executable=mode == 0o100755)
    assert archive.members == (said,)


def test_a_link_in_a_zip_keeps_a_bounded_part_of_where_it_leads(tmp_path: Path) -> None:
    link = Entry("x", b"/" * 10_000, mode=0o120777)
    member = read_zip(tmp_path, zip_of(link)).members[0]
    assert (member.size, member.target) == (10_000, "/" * 4096)


def test_a_link_in_a_zip_may_lead_to_what_is_no_text(tmp_path: Path) -> None:
    link = Entry("x", b"a\xff", mode=0o120777)
    assert read_zip(tmp_path, zip_of(link)).members[0].target == "a\ufffd"


# --- zip: bounds ---------------------------------------------------------------

BOMB_ENTRY = Entry("bomb", bytes(100_000))
WIDE = [Entry(f"{number:05}.py", extra=bytes(2000)) for number in range(1000)]
ZIP_BOMBS = {
    "a ratio": broken(
        zip_of(A, BOMB_ENTRY, B),
        BOMB,
        "bomb",
        members=("a.py",),
        bounds=Bounds(ratio=10, ratio_from=1000),
    ),
    "a size": broken(
        zip_of(A, BOMB_ENTRY, B),
        BOMB,
        "bomb",
        members=("a.py",),
        bounds=Bounds(unpacked=90_000),
    ),
    "a size over several members": broken(
        zip_of(A, *(Entry(f"{n}", bytes(50_000)) for n in range(3))),
        BOMB,
        "2",
        members=("a.py", "0", "1"),
        bounds=Bounds(unpacked=120_000),
    ),
    "too many members": broken(zip_of(A, B, HIDDEN), BOMB, bounds=Bounds(members=2)),
    "a huge directory": broken(zip_of(*WIDE), BOMB, bounds=Bounds(directory=1 << 20)),
    "a huge end": broken(bytes(70_000), BOMB, bounds=Bounds(directory=60_000)),
}


@parametrized(ZIP_BOMBS)
def test_reading_a_zip_ends_at_a_bound(case: Case, tmp_path: Path) -> None:
    archive = read_zip(tmp_path, case.content, case.bounds)
    assert facts_of(archive, case) == case


def test_a_zip_at_its_bounds_is_sound(tmp_path: Path) -> None:
    content = zip_of(A, B)
    bounds = Bounds(members=2, unpacked=200 + 297, ratio=3, ratio_from=1)
    archive = read_zip(tmp_path, content, bounds)
    assert (archive.complete, archive.defects) == (True, ())


# --- zip: one member -----------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """A zip, and what asking for the text of ``a.py`` gives."""

    content: bytes
    text: bytes | None
    bounds: Bounds = BOUNDS


LZMA_HEAD = b"\x09\x04\x05\x00"
TEXTS = {
    "a sound member": Text(zip_of(B, A), A.data),
    "the first of two": Text(zip_of(A, Entry("a.py", b"other")), A.data),
    "a member that is not there": Text(zip_of(B), None),
    "no archive": Text(b"text", None),
    "a wrong checksum": Text(entry(crc=1), None),
    "a corrupted stream": Text(entry(packed=b"\xff" * 9), None),
    "an encrypted member": Text(entry(flags=1), None),
    "an offset outside of everything": Text(
        entry(offset=0xFFFFFFFF, extra=struct.pack("<HHQ", 1, 8, HUGE)), None
    ),
    "lzma that is none": Text(entry(method=14, packed=b"\xff" * 30), None),
    "lzma with damaged data": Text(
        entry(method=14, packed=LZMA_HEAD + b"]\0\0\x80\0" + b"\xff" * 30), None
    ),
    "lzma with damaged properties": Text(
        entry(method=14, packed=LZMA_HEAD + b"\xff" * 30), None
    ),
    "bzip2 that is none": Text(entry(method=12, packed=b"\xff" * 30), None),
    "a member as large as the bound": Text(
        zip_of(A), A.data, bounds=Bounds(kept_member=200)
    ),
}


@pytest.mark.parametrize("case", TEXTS.values(), ids=TEXTS.keys())
def test_the_text_of_a_member_is_its_bytes_or_nothing(
    case: Text, tmp_path: Path
) -> None:
    (tmp_path / WHEEL).write_bytes(case.content)
    with (tmp_path / WHEEL).open("rb") as file:
        assert zip_reader(file, case.bounds).text("a.py") == case.text


def test_a_member_that_is_too_large_to_keep_is_a_bomb(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(zip_of(A, B))
    bounds = Bounds(kept_member=199)
    with (tmp_path / WHEEL).open("rb") as file:
        reader = zip_reader(file, bounds)
        assert reader.text("a.py") is None
        archive = reader.archive()
    assert defects(archive) == ((BOMB, "a.py"),)
    assert not archive.complete
    assert paths(archive) == AB


def test_the_names_of_a_zip_are_those_of_its_directory(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(zip_of(B, A, Entry("x\0y")))
    with (tmp_path / WHEEL).open("rb") as file:
        assert zip_reader(file).names() == ("b.py", "a.py", "x\0y")


# --- tar: sound ----------------------------------------------------------------

T = Node("demo-1.0/a.py", b"a" * 700)
U = Node("demo-1.0/b.py", b"b" * 10)
TU = ("demo-1.0/a.py", "demo-1.0/b.py")
DEEP = "demo-1.0/" + "deep/" * 40 + "x.py"

TAR_SOUND = {
    "two files": Case(gzipped(tar_of(T, U)), TU),
    "an empty file": Case(gzipped(tar_of(Node("x"))), ("x",)),
    "a folder": Case(gzipped(tar_of(Node("x/", type=b"5"), T)), ("x", TU[0])),
    "a folder of the oldest form": Case(
        gzipped(tar_of(Node("x/", type=b"\0"))), ("x",)
    ),
    "a folder twice": Case(gzipped(tar_of(*[Node("x/", type=b"5")] * 2)), ("x", "x")),
    "a file of the oldest form": Case(
        gzipped(tar_of(Node("x", b"1", type=b"\0"))), ("x",)
    ),
    "a contiguous file": Case(gzipped(tar_of(Node("x", b"1", type=b"7"))), ("x",)),
    "a long name of GNU tar": Case(
        gzipped(tar_of(long_name(DEEP.encode()), T, U)), (DEEP, TU[1])
    ),
    "a long name by pax": Case(
        gzipped(tar_of(pax({"path": DEEP.encode()}), T, U)), (DEEP, TU[1])
    ),
    "a comment for all by pax": Case(
        gzipped(tar_of(pax({"comment": b"0a1b"}, b"g"), T, U)), TU
    ),
    "times and owners by pax": Case(
        gzipped(tar_of(pax({"mtime": b"1.5", "uid": b"70000"}), T)), TU[:1]
    ),
    "a size by pax that the header has as well": Case(
        gzipped(tar_of(pax({"size": b"700"}), T, U)), TU
    ),
    "padding up to a record": Case(gzipped(tar_of(T, U, end=bytes(9216))), TU),
    "a single block at the end": Case(gzipped(tar_of(T, U, end=bytes(512))), TU),
    "zeros behind the gzip stream": Case(gzipped(tar_of(T, U)) + bytes(512), TU),
}


@parametrized(TAR_SOUND)
def test_a_sound_tar_is_read_to_its_end(case: Case, tmp_path: Path) -> None:
    assert facts_of(read_tar(tmp_path, case.content), case) == case


def test_what_came_out_of_a_tar_member_is_measured(tmp_path: Path) -> None:
    archive = read_tar(tmp_path, gzipped(tar_of(T, Node("x/", type=b"5"))))
    assert archive.members == (
        Member("demo-1.0/a.py", MemberKind.FILE, 700),
        Member("x", MemberKind.FOLDER, 0),
    )
    assert (archive.filename, archive.kind) == (SDIST, Kind.SDIST)


def test_a_tar_says_its_size_and_to_what_it_unpacks(tmp_path: Path) -> None:
    content = tar_of(T, U)
    archive = read_tar(tmp_path, gzipped(content))
    assert (archive.size, archive.unpacked) == (len(gzipped(content)), len(content))


# --- tar: damaged --------------------------------------------------------------


@pytest.mark.parametrize("cut", range(0, len(WHOLE_SDIST), 3))
def test_a_gzip_stream_that_is_cut_off_is_a_defect(cut: int, tmp_path: Path) -> None:
    archive = read_tar(tmp_path, WHOLE_SDIST[:cut])
    kind = DAMAGED if cut > 1 else NO_ARCHIVE
    assert [defect.kind for defect in archive.defects] == [kind]
    assert not archive.complete


PLAIN = tar_of(*sdist_nodes(), end=b"")


@pytest.mark.parametrize("cut", [*range(0, len(PLAIN) + 1, 512), 100, 700, 1000])
def test_a_tar_that_is_cut_off_inside_a_whole_gzip_stream_is_a_defect(
    cut: int, tmp_path: Path
) -> None:
    archive = read_tar(tmp_path, gzipped(PLAIN[:cut]))
    (found,) = {defect.kind for defect in archive.defects}
    assert found is NO_ARCHIVE if cut < 512 else found in (DAMAGED, MALFORMED)
    assert not archive.complete


STREAM = gzipped(tar_of(T, U))
NOISE = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(16))
HUGE_MEMBER = Node("x", size=1 << 60)
GNU_SPARSE = {386: b"00000000000\0" * 2, 482: b"\0", 483: b"00000001000\0"}

TAR_DAMAGED = {
    "an empty file": broken(b"", NO_ARCHIVE),
    "text": broken(b"this is no archive\n" * 40, NO_ARCHIVE),
    "a zip": broken(WHOLE_WHEEL, NO_ARCHIVE),
    "a tar that is not compressed": broken(tar_of(T, U), DAMAGED),
    "a tar in bzip2": broken(bz2.compress(tar_of(T, U)), DAMAGED),
    "a tar in xz": broken(lzma.compress(tar_of(T, U)), DAMAGED),
    "text in bzip2": broken(bz2.compress(b"this is no archive\n" * 40), NO_ARCHIVE),
    "gzip of nothing": broken(gzipped(b""), NO_ARCHIVE),
    "gzip of text": broken(gzipped(b"this is no archive\n" * 40), NO_ARCHIVE),
    "gzip of noise": broken(gzipped(NOISE), NO_ARCHIVE),
    "gzip of a zip": broken(gzipped(WHOLE_WHEEL), NO_ARCHIVE),
    "gzip of gzip": broken(gzipped(STREAM), NO_ARCHIVE),
    "a corrupted stream": broken(patched(STREAM, 20, b"\xff" * 20), STREAM_DAMAGED),
    "another compression": broken(patched(STREAM, 2, b"\7"), STREAM_DAMAGED),
    "a damaged header in the middle": broken(
        gzipped(tar_of(T, Node("x", checksum=b"123456\0 "), U)),
        MALFORMED,
        TU[0],
        members=TU[:1],
    ),
    "noise in place of a header": broken(
        gzipped(tar_of(T, end=NOISE) + tar_of(U)),
        MALFORMED,
        TU[0],
        members=TU[:1],
    ),
    "a damaged header at the start": broken(
        gzipped(tar_of(Node("x", checksum=b"123456\0 "), U)), NO_ARCHIVE
    ),
    "no end mark": broken(gzipped(tar_of(T, U, end=b"")), MALFORMED, TU[1], members=TU),
    "half of it in a second gzip stream": broken(
        gzipped(tar_of(T, end=b"")) + gzipped(tar_of(U)),
        MALFORMED,
        TU[0],
        members=TU[:1],
    ),
    "a member that goes on in a second gzip stream": broken(
        gzipped(tar_of(T, U)[:1000]) + gzipped(tar_of(T, U)[1000:]), DAMAGED, TU[0]
    ),
    "a size that is no number": broken(
        gzipped(tar_of(T, Node("x", patches={124: b"9z"}), U)),
        MALFORMED,
        TU[0],
        members=TU[:1],
    ),
    "a size that is read in two ways": broken(
        gzipped(tar_of(T, Node("x", patches={124: b"1 7"}), U)),
        MALFORMED,
        TU[0],
        members=TU[:1],
    ),
    "a prefix without ustar": broken(
        gzipped(tar_of(T, Node("x", patches={257: bytes(8), 345: b"demo"}), U)),
        MALFORMED,
        TU[0],
        members=TU[:1],
    ),
    "a size past the end": broken(
        gzipped(tar_of(T, Node("x", b"1", size=99_999))),
        DAMAGED,
        "x",
        members=TU[:1],
    ),
    "a huge size": broken(
        gzipped(tar_of(T, HUGE_MEMBER)), DAMAGED, "x", members=TU[:1]
    ),
    "a huge size by pax": broken(
        gzipped(tar_of(T, pax({"size": b"9" * 20}), Node("x"))),
        DAMAGED,
        "x",
        members=TU[:1],
    ),
    "a size of a thousand digits by pax": broken(
        gzipped(tar_of(T, pax({"size": b"9" * 1000}), Node("x"))),
        DAMAGED,
        "x",
        members=TU[:1],
    ),
    "an extended header without a member": broken(
        gzipped(tar_of(T, pax({"path": b"x"}))), DAMAGED, TU[0], members=TU[:1]
    ),
}


@parametrized(TAR_DAMAGED)
def test_what_is_wrong_with_a_tar_is_a_defect(case: Case, tmp_path: Path) -> None:
    assert facts_of(read_tar(tmp_path, case.content), case) == case


# Larger than one read, so that members come out before the end does.
LONG_STREAM = gzipped(tar_of(T, U, Node("noise", NOISE * 40)))
DAMAGED_ENDS = {"a wrong checksum": -8, "a wrong length": -4}


@pytest.mark.parametrize("stream", [STREAM, LONG_STREAM], ids=["short", "long"])
@pytest.mark.parametrize("place", DAMAGED_ENDS.values(), ids=DAMAGED_ENDS.keys())
def test_the_end_of_the_gzip_stream_is_compared(
    place: int, stream: bytes, tmp_path: Path
) -> None:
    archive = read_tar(tmp_path, patched(stream, place, b"\0\0\0\0"))
    assert [defect.kind for defect in archive.defects] == [CHECKSUM]
    assert not archive.complete


BEHIND_THE_STREAM = {
    "text": (b"more", K.TRAILING),
    "zeros and text": (bytes(512) + b"more", K.TRAILING),
    "half a stream": (STREAM[:30], K.SECOND_STREAM),
    "a stream": (gzipped(tar_of(U)), K.SECOND_STREAM),
    "a stream of nothing": (gzipped(b""), K.SECOND_STREAM),
    "zeros and a stream": (bytes(512) + STREAM, K.SECOND_STREAM),
}


@pytest.mark.parametrize(
    ("rest", "kind"), BEHIND_THE_STREAM.values(), ids=BEHIND_THE_STREAM.keys()
)
def test_what_lies_behind_the_gzip_stream_is_a_defect(
    rest: bytes, kind: DefectKind, tmp_path: Path
) -> None:
    archive = read_tar(tmp_path, STREAM + rest)
    assert defects(archive) == ((kind, ""),)
    assert paths(archive) == TU


NEGATIVE = {
    "by one": Node("x", size=-1),
    "by a block": Node("x", size=-512),
    "by many blocks": Node("x", size=-51_200),
    "in a long name": Node("x", type=b"L", size=-512),
    "in an extended header": Node("x", type=b"x", size=-1024),
    "of a link": Node("x", type=b"2", link="y", size=-512),
}


@pytest.mark.parametrize("node", NEGATIVE.values(), ids=NEGATIVE.keys())
def test_a_negative_size_is_damage(node: Node, tmp_path: Path) -> None:
    archive = read_tar(tmp_path, gzipped(tar_of(T, node, U)))
    assert [defect.kind for defect in archive.defects] == [MALFORMED]
    assert paths(archive) == TU[:1]
    assert not archive.complete


@pytest.mark.parametrize("size", [b"-1", b"-512", b"-51200"])
def test_a_negative_size_by_pax_is_damage(size: bytes, tmp_path: Path) -> None:
    content = gzipped(tar_of(T, pax({"size": size}), U, Node("x")))
    archive = read_tar(tmp_path, content)
    assert defects(archive) == ((K.HEADERS, TU[0]),)
    assert not archive.complete


@pytest.mark.parametrize("size", [b"-1", b"-512"])
def test_a_negative_size_by_pax_of_the_last_member_hides_nothing(
    size: bytes, tmp_path: Path
) -> None:
    """Newer ``tarfile`` takes the header for the end, and only zeros are behind it."""
    content = gzipped(tar_of(T, pax({"size": size}), Node("x")))
    archive = read_tar(tmp_path, content)
    assert defects(archive) == ((K.HEADERS, TU[0]),)
    assert not archive.complete


NEVER_READ = {
    "an unknown type": Node("x", type=b"Z", size=1 << 60),
    "an unknown type by pax": Node("x", type=b"Z"),
    "a sparse member": Node("x", type=b"S", size=1 << 60, patches=GNU_SPARSE),
}


@pytest.mark.parametrize("node", NEVER_READ.values(), ids=NEVER_READ.keys())
def test_a_huge_size_of_what_is_never_read_does_not_hang(
    node: Node, tmp_path: Path
) -> None:
    header = pax({"size": str(1 << 60).encode()})
    archive = read_tar(tmp_path, gzipped(tar_of(T, header, node)))
    assert archive.defects
    assert not archive.complete


ODD_RECORDS = {
    "an encoding that is none": pax({"hdrcharset": b"\xff"}),
    "an encoding by its name": pax({"hdrcharset": b"BINARY", "path": b"\xff"}),
    "a record without an end": Node("x", b"12 path=abcd", b"x"),
    "a record longer than the header": Node("x", b"999 path=abcd\n", b"x"),
    "a record of no key": Node("x", b"7 =abc\n", b"x"),
    "a length of 5,000 digits": Node("x", b"9" * 5000 + b" path=a\n", b"x"),
    "noise": Node("x", NOISE, b"x"),
    "a time that is none": pax({"mtime": b"nan", "uid": b"1e9"}),
}


@pytest.mark.parametrize("header", ODD_RECORDS.values(), ids=ODD_RECORDS.keys())
def test_odd_pax_records_are_read_or_are_a_defect(header: Node, tmp_path: Path) -> None:
    archive = read_tar(tmp_path, gzipped(tar_of(T, header, U)))
    assert len(archive.members) == 2 or archive.defects
    assert archive.complete or archive.defects


# --- tar: two readers, two contents --------------------------------------------

CONTENT = ((K.CONTENT_OF_NO_FILE, "x"),)
TRAILING = ((K.TRAILING, ""),)
TAR_AMBIGUOUS: dict[str, tuple[bytes, Defects]] = {
    "a name twice": (tar_of(T, U, T), ((DUPLICATE, TU[0]),)),
    "a name twice by pax": (
        tar_of(T, pax({"path": TU[0].encode()}), U),
        ((DUPLICATE, TU[0]),),
    ),
    "a folder and then a file": (
        tar_of(Node("x/", type=b"5"), Node("x")),
        ((DUPLICATE, "x"),),
    ),
    "a file and then a folder": (
        tar_of(Node("x"), Node("x/", type=b"5")),
        ((DUPLICATE, "x"),),
    ),
    "a file and then a link": (
        tar_of(Node("x"), Node("x", b"", b"2", "y")),
        ((DUPLICATE, "x"),),
    ),
    "a name twice, once with a dot": (
        tar_of(Node("x/a.py"), Node("x/./a.py", b"other")),
        ((NAMESAKE, "x/./a.py"),),
    ),
    "a name twice, once with two slashes": (
        tar_of(Node("x/a.py"), Node("x//a.py", b"other")),
        ((NAMESAKE, "x//a.py"),),
    ),
    "a file and a member below it": (
        tar_of(Node("x"), Node("x/a.py")),
        ((NAMESAKE, "x/a.py"),),
    ),
    "a member behind the end": (tar_of(T) + tar_of(U), TRAILING),
    "a member behind one block of zeros": (
        tar_of(T, end=bytes(512)) + tar_of(U),
        TRAILING,
    ),
    "a member far behind the end": (tar_of(T) + bytes(99_328) + tar_of(U), TRAILING),
    "text behind the end": (tar_of(T) + b"more", TRAILING),
    "a folder with content": (
        tar_of(Node("x/", b"", b"5", size=512 * 2), Node("y", b"1")),
        CONTENT,
    ),
    "a hard link with content": (
        tar_of(T, Node("x", b"", b"1", TU[0], size=512 * 2), Node("y", b"1")),
        CONTENT,
    ),
    "a link with content": (
        tar_of(T, Node("x", b"", b"2", "y", size=512 * 2), Node("y", b"1")),
        CONTENT,
    ),
    "one size in the header and another by pax": (
        tar_of(pax({"size": b"1024"}), Node("x", size=0), Node("y", b"1")),
        ((K.OTHER_SIZE, "x"),),
    ),
    "one size for all by pax": (
        tar_of(pax({"size": b"5"}, b"g"), T, U),
        ((K.HEADERS, ""),),
    ),
}


@pytest.mark.parametrize(
    ("content", "found"), TAR_AMBIGUOUS.values(), ids=TAR_AMBIGUOUS.keys()
)
def test_a_tar_that_two_readers_read_differently_has_a_defect(
    content: bytes, found: Defects, tmp_path: Path
) -> None:
    assert defects(read_tar(tmp_path, gzipped(content))) == found


# --- tar: members that harm ----------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../../demo.py",
        "demo/../../demo.py",
        "demo\\x.py",
        "C:/x.py",
        "a\n::error::x",
        "\x1b[2Ja",
        "",
        "x" * 100,
    ],
    ids=repr,
)
def test_a_hostile_name_in_a_tar_comes_out_as_it_stands_there(
    name: str, tmp_path: Path
) -> None:
    archive = read_tar(tmp_path, gzipped(tar_of(Node(name), U)))
    assert paths(archive) == (name, TU[1])
    assert archive.complete


NAMES_BY_HEADERS = {
    "not UTF-8": (tar_of(Node(b"a\xff.py")), "a\udcff.py"),
    "not UTF-8 by pax": (tar_of(pax({"path": b"a\xff.py"}), T), "a\udcff.py"),
    "empty by pax": (tar_of(pax({"path": b""}), T), ""),
    "absolute by pax": (tar_of(pax({"path": b"/etc/passwd"}), T), "/etc/passwd"),
    "climbing out by GNU tar": (tar_of(long_name(b"../x"), T), "../x"),
    "too long by GNU tar": (tar_of(long_name(b"x" * 9000), T), "x" * 9000),
    "absolute by its prefix": (
        tar_of(Node("passwd", patches={345: b"/etc"})),
        "/etc/passwd",
    ),
}


@pytest.mark.parametrize(
    ("content", "name"), NAMES_BY_HEADERS.values(), ids=NAMES_BY_HEADERS.keys()
)
def test_a_name_from_another_header_comes_out_as_it_stands_there(
    content: bytes, name: str, tmp_path: Path
) -> None:
    assert paths(read_tar(tmp_path, gzipped(content))) == (name,)


TAR_TYPES = {
    "link": (b"2", MemberKind.LINK, "../../etc/passwd"),
    "hard link": (b"1", MemberKind.HARD_LINK, "../../etc/passwd"),
    "character device": (b"3", MemberKind.SPECIAL, ""),
    "device": (b"4", MemberKind.SPECIAL, ""),
    "FIFO": (b"6", MemberKind.SPECIAL, ""),
    "unknown type": (b"Z", MemberKind.SPECIAL, ""),
}


@pytest.mark.parametrize(
    ("type_", "kind", "target"), TAR_TYPES.values(), ids=TAR_TYPES.keys()
)
def test_a_tar_member_is_what_its_type_says(
    type_: bytes, kind: MemberKind, target: str, tmp_path: Path
) -> None:
    node = Node("x", b"", type_, "../../etc/passwd")
    archive = read_tar(tmp_path, gzipped(tar_of(node, U)))
    assert archive.members[0] == Member("x", kind, 0, target=target)
    assert paths(archive) == ("x", TU[1])


def test_a_long_link_target_of_gnu_tar_comes_out_whole(tmp_path: Path) -> None:
    content = tar_of(long_name(b"../" * 50, b"K"), Node("x", b"", b"2", "cut"))
    assert read_tar(tmp_path, gzipped(content)).members[0].target == "../" * 50


SPARSE_1_0 = {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0"}
SPARSE = {
    "GNU tar's own": tar_of(T, Node("x", type=b"S", patches=GNU_SPARSE), U),
    "pax 0.0": tar_of(
        T, pax({"GNU.sparse.size": b"9", "GNU.sparse.offset": b"0"}), Node("x"), U
    ),
    "pax 0.1": tar_of(T, pax({"GNU.sparse.map": b"0,9"}), Node("x"), U),
    "pax 1.0": tar_of(T, pax(SPARSE_1_0), Node("x", b"1\n0\n9\n" + bytes(506)), U),
}


@pytest.mark.parametrize("content", SPARSE.values(), ids=SPARSE.keys())
def test_a_sparse_member_is_a_defect(content: bytes, tmp_path: Path) -> None:
    archive = read_tar(tmp_path, gzipped(content))
    assert defects(archive) == ((K.SPARSE, "x"),)
    assert not archive.complete


SPARSE_DAMAGED = {
    "a map that goes on behind the end": tar_of(
        T, Node("x", type=b"S", patches={**GNU_SPARSE, 482: b"\1"}), end=b""
    ),
    "a map that goes on into nothing": tar_of(
        T, Node("x", type=b"S", patches={**GNU_SPARSE, 482: b"\1"})
    ),
    "a map of words": tar_of(T, pax({"GNU.sparse.map": b"a,b"}), Node("x"), U),
    "a size of words": tar_of(T, pax({"GNU.sparse.size": b"many"}), Node("x"), U),
    "a map without numbers": tar_of(T, pax(SPARSE_1_0), Node("x"), U),
    "a map that is longer than the archive": tar_of(
        T, pax(SPARSE_1_0), Node("x", b"9999\n" + b"0\n" * 252), end=b""
    ),
}


@pytest.mark.parametrize("content", SPARSE_DAMAGED.values(), ids=SPARSE_DAMAGED.keys())
def test_a_damaged_sparse_member_is_a_defect_as_well(
    content: bytes, tmp_path: Path
) -> None:
    archive = read_tar(tmp_path, gzipped(content))
    assert {defect.kind for defect in archive.defects} & {K.SPARSE, DAMAGED}
    assert not archive.complete


# --- tar: bounds ---------------------------------------------------------------

SMALL_HEADERS = Bounds(extended_header=2000)
TAR_BOMBS = {
    "a ratio": broken(
        gzipped(tar_of(T, Node("bomb", bytes(100_000)), U)),
        BOMB,
        "bomb",
        members=TU[:1],
        bounds=Bounds(ratio=10, ratio_from=20_000),
    ),
    "a size": broken(
        gzipped(tar_of(T, Node("bomb", bytes(100_000)), U)),
        BOMB,
        "bomb",
        members=TU[:1],
        bounds=Bounds(unpacked=90_000),
    ),
    "padding at the end": broken(
        gzipped(tar_of(T, U, end=bytes(200_000))),
        BOMB,
        members=TU,
        bounds=Bounds(unpacked=90_000),
    ),
    "too many members": broken(
        gzipped(tar_of(T, U, Node("x"))),
        BOMB,
        "x",
        members=TU,
        bounds=Bounds(members=2),
    ),
    "a huge extended header": broken(
        gzipped(tar_of(T, pax({"comment": bytes(2000)}), U)),
        BOMB,
        TU[0],
        members=TU[:1],
        bounds=SMALL_HEADERS,
    ),
    "a huge extended header for all": broken(
        gzipped(tar_of(pax({"comment": bytes(2000)}, b"g"), U)),
        BOMB,
        bounds=SMALL_HEADERS,
    ),
    "a huge extended header of Solaris": broken(
        gzipped(tar_of(pax({"comment": bytes(2000)}, b"X"), U)),
        BOMB,
        bounds=SMALL_HEADERS,
    ),
    "a huge long name": broken(
        gzipped(tar_of(T, long_name(b"x" * 2000), U)),
        BOMB,
        TU[0],
        members=TU[:1],
        bounds=SMALL_HEADERS,
    ),
    "a huge long link target": broken(
        gzipped(tar_of(T, long_name(b"x" * 2000, b"K"), U)),
        BOMB,
        TU[0],
        members=TU[:1],
        bounds=SMALL_HEADERS,
    ),
    "an extended header of a billion bytes": broken(
        gzipped(tar_of(T, Node("x", type=b"x", size=1 << 30))),
        BOMB,
        TU[0],
        members=TU[:1],
    ),
}


@parametrized(TAR_BOMBS)
def test_reading_a_tar_ends_at_a_bound(case: Case, tmp_path: Path) -> None:
    archive = read_tar(tmp_path, case.content, case.bounds)
    assert facts_of(archive, case) == case


CHAINS: Mapping[str, Iterable[Node]] = {
    "long names": [long_name(b"x")] * 3000,
    "extended headers": [pax({"comment": b"x"})] * 3000,
    "extended headers for all": [pax({"comment": b"x"}, b"g")] * 3000,
    "both in turn": [long_name(b"x"), pax({"comment": b"x"})] * 1500,
}


@pytest.mark.parametrize("nodes", CHAINS.values(), ids=CHAINS.keys())
def test_a_chain_of_extended_headers_is_a_defect(
    nodes: Iterable[Node], tmp_path: Path
) -> None:
    archive = read_tar(tmp_path, gzipped(tar_of(T, *nodes, U)))
    assert defects(archive) == ((K.HEADERS, TU[0]),)
    assert not archive.complete


def test_a_sparse_map_does_not_fill_memory(tmp_path: Path) -> None:
    numbers = b"99999999\n" + b"0\n" * (1 << 20)
    content = gzipped(tar_of(T, pax(SPARSE_1_0), Node("x", numbers), U))
    tracemalloc.start()
    try:
        archive = read_tar(tmp_path, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not archive.complete
    assert peak < 16 << 20


BIG = bytes(48 << 20)


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_memory_does_not_grow_with_what_a_bomb_unpacks_to(
    kind: str, tmp_path: Path
) -> None:
    if kind == "zip":
        content = zip_of(Entry("bomb", BIG), A)
        assert len(content) < len(BIG) // 500
    else:
        content = gzipped(tar_of(Node("bomb", BIG), U))
        assert len(content) < len(BIG) // 500
    read = {"zip": read_zip, "tar": read_tar}[kind]
    tracemalloc.start()
    try:
        archive = read(tmp_path, content, Bounds(ratio_from=40 << 20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert defects(archive) == ((BOMB, "bomb"),)
    assert peak < 32 << 20


def test_names_at_the_bound_are_read(tmp_path: Path) -> None:
    link = Node("x", b"", b"2", "y" * 5)
    bounds = Bounds(names=len(TU[0]) + 1 + 5)
    archive = read_tar(tmp_path, gzipped(tar_of(T, link)), bounds)
    assert (archive.complete, archive.defects) == (True, ())


NAMES_PAST = {
    "of members": (U, TU[1]),
    "of what links lead to": (Node("x", b"", b"2", "y" * 12), "x"),
    "of what hard links lead to": (Node("x", b"", b"1", "y" * 12), "x"),
}


@pytest.mark.parametrize(("node", "name"), NAMES_PAST.values(), ids=NAMES_PAST.keys())
def test_names_past_the_bound_end_reading(
    node: Node, name: str, tmp_path: Path
) -> None:
    bounds = Bounds(names=len(TU[0]) + 12)
    archive = read_tar(tmp_path, gzipped(tar_of(T, node, U)), bounds)
    assert defects(archive) == ((BOMB, name),)
    assert paths(archive) == TU[:1]
    assert not archive.complete


def test_long_names_do_not_fill_memory(tmp_path: Path) -> None:
    """Each of these fits its own bound, and packs to next to nothing."""
    nodes = [
        node
        for number in range(150)
        for node in (long_name(b"%03d" % number + b"x" * 260_000), Node("x"))
    ]
    content = gzipped(tar_of(*nodes))
    assert len(content) < 1 << 20
    tracemalloc.start()
    try:
        archive = read_tar(tmp_path, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [defect.kind for defect in archive.defects] == [BOMB]
    assert len(archive.members) < 150
    assert peak < 4 * BOUNDS.names


# --- tar: newer Pythons --------------------------------------------------------


HEADERS = {
    name: case
    for name, case in {**TAR_DAMAGED, **TAR_BOMBS}.items()
    if "header" in name or "long" in name or "mark" in name or "size" in name
}


@parametrized(HEADERS)
def test_every_header_is_looked_at_by_newer_pythons_too(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patched_tarfile(monkeypatch)
    assert facts_of(read_tar(tmp_path, case.content, case.bounds), case) == case


@pytest.mark.parametrize(
    ("content", "found"), TAR_AMBIGUOUS.values(), ids=TAR_AMBIGUOUS.keys()
)
def test_an_ambiguous_tar_is_one_to_newer_pythons_too(
    content: bytes,
    found: Defects,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patched_tarfile(monkeypatch)
    assert defects(read_tar(tmp_path, gzipped(content))) == found


@parametrized(TAR_SOUND)
def test_a_sound_tar_is_sound_to_newer_pythons_too(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patched_tarfile(monkeypatch)
    assert facts_of(read_tar(tmp_path, case.content), case) == case


# --- tar: what is kept ---------------------------------------------------------


def kept(
    folder: Path, *nodes: Node, bounds: Bounds = BOUNDS
) -> tuple[dict[str, bytes], Archive]:
    """What a reader keeps that is asked to keep each ``PKG-INFO``."""
    path = folder / SDIST
    path.write_bytes(gzipped(tar_of(*nodes)))
    with path.open("rb") as file:
        reader = TarReader(
            file, filename=SDIST, size=path.stat().st_size, bounds=bounds
        )
        archive = reader.archive(lambda name: name.endswith("PKG-INFO"))
    return reader.kept, archive


def test_only_what_is_asked_for_is_kept(tmp_path: Path) -> None:
    found, _ = kept(tmp_path, *sdist_nodes({"PKG-INFO": b"Name: demo\n"}))
    assert found == {f"{TOP}/PKG-INFO": b"Name: demo\n"}


def test_a_link_is_not_kept(tmp_path: Path) -> None:
    found, archive = kept(tmp_path, Node("PKG-INFO", b"", b"2", "/etc/passwd"), U)
    assert found == {}
    assert archive.complete


@pytest.mark.parametrize(("count", "size"), [(1, 5000), (3, 1400), (40, 100)], ids=str)
def test_what_is_kept_is_bounded_over_all_members(
    count: int, size: int, tmp_path: Path
) -> None:
    nodes = [Node(f"{number}/PKG-INFO", b"x" * size) for number in range(count)]
    found, archive = kept(tmp_path, *nodes, bounds=Bounds(kept_member=3000))
    assert sum(map(len, found.values())) <= 3000
    assert [defect.kind for defect in archive.defects] == [BOMB]
    assert not archive.complete


def test_what_fits_the_bound_is_kept(tmp_path: Path) -> None:
    nodes = [Node(f"{number}/PKG-INFO", b"x" * 1000) for number in range(3)]
    found, archive = kept(tmp_path, *nodes, bounds=Bounds(kept_member=3000))
    assert len(found) == 3
    assert archive.complete


# --- both: the same place twice ------------------------------------------------

FOLDER, FILE, LINK = MemberKind.FOLDER, MemberKind.FILE, MemberKind.LINK
HARD_LINK, SPECIAL = MemberKind.HARD_LINK, MemberKind.SPECIAL


def found_in(filename: str, *members: tuple[str, MemberKind]) -> Defects:
    """The defects of an archive of these members."""
    seen = Pass(filename, Kind.SDIST, 1000)
    seen.members += [Member(path, kind, 0) for path, kind in members]
    return defects(seen.archive())


NAMESAKES: dict[str, tuple[tuple[tuple[str, MemberKind], ...], Defects]] = {
    "other names": ((("a", FILE), ("b", FILE), ("c", FOLDER)), ()),
    "a file twice": ((("a", FILE), ("a", FILE)), ((DUPLICATE, "a"),)),
    "a file three times": ((("a", FILE),) * 3, ((DUPLICATE, "a"),) * 2),
    "a link twice": ((("a", LINK), ("a", LINK)), ((DUPLICATE, "a"),)),
    "a folder and a file": ((("a", FOLDER), ("a", FILE)), ((DUPLICATE, "a"),)),
    "a file and a folder": ((("a", FILE), ("a/", FOLDER)), ((NAMESAKE, "a/"),)),
    "two spellings of a file": (
        (("a/b", FILE), ("a/./b", FILE), ("a//b", FILE)),
        ((NAMESAKE, "a/./b"), (NAMESAKE, "a//b")),
    ),
    "a spelling that climbs": (
        (("a/b", FILE), ("a/c/../b", FILE)),
        ((NAMESAKE, "a/c/../b"),),
    ),
    "two spellings of a folder": ((("a/", FOLDER), ("./a", FOLDER)), ()),
    "two spellings, the first again": (
        (("a", FILE), ("./a", FILE), ("a", FILE)),
        ((NAMESAKE, "./a"), (DUPLICATE, "a")),
    ),
    "other capitals": ((("a", FILE), ("A", FILE)), ()),
    "a member below a file": (
        (("a", FILE), ("a/b", FILE)),
        ((NAMESAKE, "a/b"),),
    ),
    "a member below a file that comes later": (
        (("a/b", FILE), ("a", FILE)),
        ((NAMESAKE, "a/b"),),
    ),
    "a folder below a file": (
        (("a", FILE), ("a/b/", FOLDER)),
        ((NAMESAKE, "a/b"),),
    ),
    "a member far below a file": (
        (("a", FILE), ("a/b/c/d", FILE)),
        ((NAMESAKE, "a/b/c/d"),),
    ),
    "a member below a link": ((("a", LINK), ("a/b", FILE)), ((NAMESAKE, "a/b"),)),
    "a member below a hard link": (
        (("a", HARD_LINK), ("a/b", FILE)),
        ((NAMESAKE, "a/b"),),
    ),
    "a member below a folder": ((("a/", FOLDER), ("a/b", FILE)), ()),
    "a member below what is special already": (
        (("a", SPECIAL), ("a/b", FILE)),
        (),
    ),
    "names that sort between": (
        (("a", FILE), ("a-b", FILE), ("a.py", FILE), ("a/b", FILE), ("a0", FILE)),
        ((NAMESAKE, "a/b"),),
    ),
    "names that only begin alike": ((("a", FILE), ("ab/c", FILE)), ()),
    "the top": ((("a", FILE), (".", FOLDER)), ()),
    "no name": ((("", FILE), ("a", FILE)), ()),
}


@pytest.mark.parametrize(
    ("members", "expected"), NAMESAKES.values(), ids=NAMESAKES.keys()
)
@pytest.mark.parametrize("filename", [WHEEL, "demo-1.0.zip", SDIST])
def test_what_unpacking_would_write_twice_is_noted(
    filename: str,
    members: tuple[tuple[str, MemberKind], ...],
    expected: Defects,
) -> None:
    assert found_in(filename, *members) == expected


@pytest.mark.parametrize("filename", [WHEEL, "demo-1.0.zip"])
def test_a_folder_stands_in_a_zip_only_once(filename: str) -> None:
    twice = found_in(filename, ("a/", FOLDER), ("a/", FOLDER))
    assert twice == ((DUPLICATE, "a/"),)


def test_a_folder_may_stand_in_a_tar_as_often_as_it_likes() -> None:
    assert found_in(SDIST, *[("a", FOLDER)] * 3) == ()


def test_namesakes_are_looked_for_in_bounded_time() -> None:
    many = [(f"{number:06}" + "/x" * (number % 50), FILE) for number in range(50_000)]
    with within(20):
        assert found_in(WHEEL, *many) == ()
        assert len(found_in(WHEEL, *[("a", FILE)] * 50_000)) == 1_001


# --- both: very many defects ---------------------------------------------------


def noted(*found: DefectKind) -> Archive:
    """The archive after a pass that noted these."""
    seen = Pass(SDIST, Kind.SDIST, 1000)
    for number, kind in enumerate(found):
        seen.note(Defect(kind, f"{number}.py", "is wrong"))
    return seen.archive()


def test_a_thousand_defects_of_a_kind_are_told() -> None:
    archive = noted(*[K.COMMENT] * 1_000)
    assert [d.member for d in archive.defects] == [f"{n}.py" for n in range(1_000)]


def test_of_more_defects_of_a_kind_only_the_number_is_told() -> None:
    archive = noted(*[K.COMMENT] * 1_500)
    assert len(archive.defects) == 1_001
    assert archive.defects[-1] == Defect(K.COMMENT, "", "has 500 more of the kind")


def test_many_defects_of_one_kind_hide_none_of_another() -> None:
    archive = noted(*[K.COMMENT] * 2_000, K.TRAILING, *[K.ENCODING] * 1_001)
    assert Defect(K.TRAILING, "2000.py", "is wrong") in archive.defects
    assert archive.defects[-2:] == (
        Defect(K.COMMENT, "", "has 1000 more of the kind"),
        Defect(K.ENCODING, "", "has 1 more of the kind"),
    )


def test_the_end_of_a_pass_is_told_after_however_many_defects() -> None:
    seen = Pass(SDIST, Kind.SDIST, 1000)
    for _ in range(2_000):
        seen.end(DAMAGED, "a.py", "is damaged")
    archive = seen.archive()
    assert not archive.complete
    assert len(archive.defects) == 1_001


def test_an_error_without_words_is_told_by_its_name() -> None:
    seen = Pass(SDIST, Kind.SDIST, 1000)
    seen.end(DAMAGED, "", EOFError())
    assert seen.archive().defects == (Defect(DAMAGED, "", "EOFError"),)


def test_the_defects_of_a_zip_are_capped(tmp_path: Path) -> None:
    entries = [Entry(f"{number}.py", comment=b"x") for number in range(1_200)]
    archive = read_zip(tmp_path, zip_of(*entries))
    assert len(archive.defects) == 1_001
    assert archive.defects[-1] == Defect(K.COMMENT, "", "has 200 more of the kind")
    assert len(archive.members) == 1_200


def test_the_defects_of_a_tar_are_capped(tmp_path: Path) -> None:
    nodes = [Node(f"{number}", b"", b"5", size=512) for number in range(1_200)]
    content = tar_of(*(replace(node, data=b"") for node in nodes))
    archive = read_tar(tmp_path, gzipped(content))
    assert 0 < len(archive.defects) <= 2_002
    assert [d.member for d in archive.defects].count("") <= 2
