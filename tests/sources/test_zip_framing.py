"""Where the records of a zip lie, and whether its front and its end say the same."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from archives import WHEEL, Entry, patched, within, zip_of

from release_guard.facts import Archive, Defect, DefectKind, Kind
from release_guard.sources.zip_archive import ZipReader

K = DefectKind

DATA = b"a" * 200
A = Entry("a.py", DATA)
STORED = Entry("a.py", DATA, method=0)
B = Entry("b.py", b"bcd" * 99)
FULL = 0xFFFFFFFF

#: What a local header says instead of the directory.
Says = dict[str, int | bytes]


def read(folder: Path, content: bytes) -> Archive:
    path = folder / WHEEL
    path.write_bytes(content)
    with path.open("rb") as file, within(10):
        size = os.fstat(file.fileno()).st_size
        reader = ZipReader(file, filename=WHEEL, kind=Kind.WHEEL, size=size)
        return reader.archive()


def kinds(archive: Archive) -> list[DefectKind]:
    return [defect.kind for defect in archive.defects]


def field(kind: int, content: bytes) -> bytes:
    """One extra field."""
    return struct.pack("<2H", kind, len(content)) + content


def sizes(*values: int) -> bytes:
    """An extra field of 64 bit sizes."""
    return field(1, struct.pack(f"<{len(values)}Q", *values))


def unicode_name(name: bytes, of: bytes = b"a.py") -> bytes:
    """Info-ZIP's extra field for a name."""
    return field(0x7075, struct.pack("<BL", 1, zlib.crc32(of)) + name)


def local(entry: Entry = A, **says: int | bytes) -> bytes:
    """A zip in which the local header of the first of two members says something."""
    return zip_of(replace(entry, local=says), B)


# --- sizes behind the data -----------------------------------------------------

PACKED, CRC = len(A.body()), zlib.crc32(DATA)
MARK = b"PK\7\x08"
DESCRIPTORS = {
    "32 bit with a mark": MARK + struct.pack("<3L", CRC, PACKED, 200),
    "32 bit without a mark": struct.pack("<3L", CRC, PACKED, 200),
    "64 bit with a mark": MARK + struct.pack("<L2Q", CRC, PACKED, 200),
    "64 bit without a mark": struct.pack("<L2Q", CRC, PACKED, 200),
}


def behind_the_data(descriptor: bytes, *, last: bool = False) -> bytes:
    """A zip that was written to a pipe: its front knows no sizes."""
    zeros = {"crc": 0, "size": 0, "packed_size": 0}
    packed = A.body() + descriptor
    piped = replace(A, flags=8, packed=packed, packed_size=PACKED, local=zeros)
    return zip_of(B, piped) if last else zip_of(piped, B)


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
@pytest.mark.parametrize("form", DESCRIPTORS.values(), ids=DESCRIPTORS.keys())
def test_sizes_behind_the_data_are_noted(
    form: bytes, last: bool, tmp_path: Path
) -> None:
    archive = read(tmp_path, behind_the_data(form, last=last))
    assert archive.defects == (
        Defect(K.DESCRIPTOR, "a.py", "has its sizes behind its data"),
    )
    assert archive.complete


WRONG_DESCRIPTORS = {
    "another checksum": MARK + struct.pack("<3L", CRC ^ 1, PACKED, 200),
    "another packed size": MARK + struct.pack("<3L", CRC, PACKED + 1, 200),
    "another size": MARK + struct.pack("<L2Q", CRC, PACKED, 201),
    "sizes in the other order": MARK + struct.pack("<3L", CRC, 200, PACKED),
    "another mark": b"PK\7\x09" + struct.pack("<3L", CRC, PACKED, 200),
    "half of it": struct.pack("<2L", CRC, PACKED),
    "a byte more": struct.pack("<3L", CRC, PACKED, 200) + b"\0",
    "more than any has": MARK + struct.pack("<L2Q", CRC, PACKED, 200) + b"more",
    "nothing": b"",
}


@pytest.mark.parametrize(
    "form", WRONG_DESCRIPTORS.values(), ids=WRONG_DESCRIPTORS.keys()
)
def test_other_sizes_behind_the_data_are_a_defect_of_their_own(
    form: bytes, tmp_path: Path
) -> None:
    archive = read(tmp_path, behind_the_data(form))
    assert kinds(archive) == [K.DESCRIPTOR, K.OTHER_SIZE]


# --- names ---------------------------------------------------------------------

NAMES = {
    "in the old encoding": (Entry(b"\x84.py"), [K.ENCODING]),
    "in UTF-8 that is not marked": (Entry("ä.py".encode()), [K.UNMARKED]),
    "in UTF-8": (Entry("ä.py"), []),
    "in ASCII that is marked as UTF-8": (Entry("a.py", flags=0x800), []),
    "marked only in the front": (
        Entry("a.py", local={"flags": 0x800}),
        [K.OTHER_HEADER],
    ),
    "marked only at the end": (
        Entry("a.py", flags=0x800, local={"flags": 0}),
        [K.OTHER_HEADER],
    ),
    "of other bytes, marked only at the end": (
        Entry("ä.py", local={"flags": 0}),
        [K.OTHER_NAME, K.OTHER_HEADER, K.UNMARKED],
    ),
    "another one in front": (Entry("a.py", local={"name": b"b.py"}), [K.OTHER_NAME]),
    "none in front": (Entry("a.py", local={"name": b""}), [K.OTHER_NAME]),
    "cut off at a NUL in front": (
        Entry("a.py\0.txt", local={"name": b"a.py"}),
        [K.OTHER_NAME],
    ),
    "in other capitals in front": (
        Entry("a.py", local={"name": b"A.py"}),
        [K.OTHER_NAME],
    ),
}


@pytest.mark.parametrize(("entry", "expected"), NAMES.values(), ids=NAMES.keys())
def test_a_name_that_readers_take_differently_is_noted(
    entry: Entry, expected: list[DefectKind], tmp_path: Path
) -> None:
    archive = read(tmp_path, zip_of(entry))
    assert kinds(archive) == expected
    assert {d.member for d in archive.defects} <= {m.path for m in archive.members}


UNICODE_NAMES = {
    "the same": (unicode_name(b"a.py"), []),
    "another one": (unicode_name(b"evil.py"), [K.OTHER_HEADER]),
    "another one, of another name": (
        unicode_name(b"evil.py", of=b"x"),
        [K.OTHER_HEADER],
    ),
    "none": (unicode_name(b""), [K.OTHER_HEADER]),
    "no place for one": (field(0x7075, b"\1"), [K.OTHER_HEADER]),
}


@pytest.mark.filterwarnings("ignore:Empty unicode path")
@pytest.mark.parametrize("place", ["front", "end"])
@pytest.mark.parametrize(
    ("extra", "expected"), UNICODE_NAMES.values(), ids=UNICODE_NAMES.keys()
)
def test_a_name_in_an_extra_field_must_be_the_same(
    extra: bytes, expected: list[DefectKind], place: str, tmp_path: Path
) -> None:
    content = local(extra=extra) if place == "front" else zip_of(A, B)
    if place == "end":
        content = zip_of(replace(A, extra=extra), B)
    archive = read(tmp_path, content)
    # Newer ``zipfile`` reads no directory with half a name.
    assert kinds(archive) in (expected, [K.DAMAGED] if place == "end" else expected)


def test_a_name_in_the_front_that_is_not_in_utf8_is_noted(tmp_path: Path) -> None:
    archive = read(tmp_path, local(extra=unicode_name(b"\xff.py")))
    assert K.ENCODING in kinds(archive)


def test_a_name_that_is_not_in_utf8_hides_no_other(tmp_path: Path) -> None:
    """Readers that pass over the one in front take the one at the end."""
    says = {"extra": unicode_name(b"\xff.py")}
    entry = replace(A, extra=unicode_name(b"evil.py"), local=says)
    archive = read(tmp_path, zip_of(entry, B))
    assert set(kinds(archive)) == {K.ENCODING, K.OTHER_HEADER}


def test_a_name_at_the_end_that_is_not_in_utf8_is_another_name(tmp_path: Path) -> None:
    """Of another file's name: strict readers pass over it, as it is not this one's."""
    extra = unicode_name(b"\xff.py", of=b"x")
    archive = read(tmp_path, zip_of(replace(A, extra=extra), B))
    assert kinds(archive) == [K.OTHER_HEADER]


# --- extra fields --------------------------------------------------------------

SOUND_LENGTHS = {0, 8, 16, 24, 28}


@pytest.mark.parametrize("length", range(41))
@pytest.mark.parametrize("stored", [True, False], ids=["stored", "deflated"])
def test_a_field_of_64_bit_sizes_has_one_of_five_lengths(
    stored: bool, length: int, tmp_path: Path
) -> None:
    entry = STORED if stored else A
    packed = len(entry.body())
    content = struct.pack("<2Q", 200, packed).ljust(length, b"\0")[:length]
    archive = read(tmp_path, local(entry, extra=field(1, content)))
    is_sound = length in SOUND_LENGTHS and (stored or length != 8)
    # Of an odd field it is no matter whether a size can be taken from it.
    found = set(kinds(archive)) - (set() if is_sound else {K.OTHER_SIZE})
    assert found == (set() if is_sound else {K.ODD_EXTRA})


ODD_FIELDS = {
    "a byte": b"\0",
    "half a header": field(0x9999, b"")[:3],
    "sizes of 5 bytes": field(1, bytes(5)),
}
BESIDE: dict[str, tuple[Says, DefectKind]] = {
    "another size": ({"size": 5}, K.OTHER_SIZE),
    "another packed size": ({"packed_size": 5}, K.OTHER_SIZE),
    "two other sizes": ({"size": 5, "packed_size": 5}, K.OTHER_SIZE),
    "another checksum": ({"crc": 5}, K.OTHER_HEADER),
    "another name": ({"name": b"c.py"}, K.OTHER_NAME),
}


@pytest.mark.parametrize("extra", ODD_FIELDS.values(), ids=ODD_FIELDS.keys())
@pytest.mark.parametrize(("says", "kind"), BESIDE.values(), ids=BESIDE.keys())
def test_an_odd_extra_field_hides_nothing_else(
    says: Says, kind: DefectKind, extra: bytes, tmp_path: Path
) -> None:
    """It is strict readers' business; what it stands beside is everybody's."""
    archive = read(tmp_path, local(A, extra=extra, **says))
    assert set(kinds(archive)) == {K.ODD_EXTRA, kind}


EMPTY_SIZES: dict[str, Says] = {
    "a full size": {"size": FULL},
    "a full packed size": {"packed_size": FULL},
    "both": {"size": FULL, "packed_size": FULL},
}


@pytest.mark.parametrize("says", EMPTY_SIZES.values(), ids=EMPTY_SIZES.keys())
def test_an_empty_field_of_sizes_that_is_referred_to_is_odd(
    says: Says, tmp_path: Path
) -> None:
    archive = read(tmp_path, local(A, extra=field(1, b""), **says))
    assert set(kinds(archive)) | {K.OTHER_SIZE} == {K.ODD_EXTRA, K.OTHER_SIZE}


CUT_OFF = {
    "a byte": b"\1",
    "two bytes": b"\1\0",
    "three bytes": b"\x99\x99\0",
    "a byte behind a whole one": field(0x9999, b"abc") + b"\0",
    "three zeros": bytes(3),
    "a length without content": struct.pack("<2H", 0x9999, 1),
    "a length that is too long": struct.pack("<2H", 0x9999, 4) + b"abc",
    "sizes that are cut off": struct.pack("<2H", 1, 16) + bytes(15),
    "a name that is cut off": unicode_name(b"a.py")[:-1],
    "the longest length": struct.pack("<2H", 0x9999, 0xFFFF),
}


@pytest.mark.parametrize("extra", CUT_OFF.values(), ids=CUT_OFF.keys())
def test_an_extra_field_that_is_cut_off_is_odd(extra: bytes, tmp_path: Path) -> None:
    archive = read(tmp_path, local(extra=extra))
    assert kinds(archive) == [K.ODD_EXTRA]
    assert archive.complete


SOUND_EXTRAS = {
    "an unknown kind": field(0x9999, b"abc"),
    "an unknown kind twice": field(0x9999, b"abc") * 2,
    "an empty one": field(0x9999, b""),
    "four zeros": bytes(4),
    "times and owners": field(0x5455, bytes(5)) + field(0x7875, bytes(11)),
    "the most there is place for": field(0x9999, bytes(0xFFFF - 4)),
}


@pytest.mark.parametrize("extra", SOUND_EXTRAS.values(), ids=SOUND_EXTRAS.keys())
def test_an_extra_field_that_nobody_reads_is_sound(
    extra: bytes, tmp_path: Path
) -> None:
    assert kinds(read(tmp_path, local(extra=extra))) == []


SAME_SIZES = sizes(200, PACKED)
TWICE = {
    "the same sizes": (SAME_SIZES * 2, [K.TWICE_EXTRA]),
    "other sizes behind them": (SAME_SIZES + sizes(5, 5), [K.TWICE_EXTRA]),
    "other sizes before them": (
        sizes(5, 5) + SAME_SIZES,
        [K.OTHER_SIZE, K.TWICE_EXTRA],
    ),
    "sizes, and none": (SAME_SIZES + field(1, b""), [K.TWICE_EXTRA]),
    "the same name": (unicode_name(b"a.py") * 2, [K.TWICE_EXTRA]),
    "another name behind it": (
        unicode_name(b"a.py") + unicode_name(b"b.py"),
        [K.OTHER_HEADER, K.TWICE_EXTRA],
    ),
    "three names": (unicode_name(b"a.py") * 3, [K.TWICE_EXTRA]),
    "two of each": (
        (SAME_SIZES + unicode_name(b"a.py")) * 2,
        [K.TWICE_EXTRA, K.TWICE_EXTRA],
    ),
}


@pytest.mark.parametrize(("extra", "expected"), TWICE.values(), ids=TWICE.keys())
def test_an_extra_field_that_stands_twice_in_front_is_noted(
    extra: bytes, expected: list[DefectKind], tmp_path: Path
) -> None:
    assert kinds(read(tmp_path, local(extra=extra))) == expected


@pytest.mark.parametrize(
    "extra", [SAME_SIZES, unicode_name(b"a.py")], ids=["sizes", "name"]
)
def test_an_extra_field_that_stands_twice_at_the_end_is_another_header(
    extra: bytes, tmp_path: Path
) -> None:
    """Strict readers look at the front only, lenient ones take either."""
    archive = read(tmp_path, zip_of(replace(A, extra=extra * 2), B))
    assert kinds(archive) == [K.OTHER_HEADER]
    assert "0x" in archive.defects[0].detail


# --- sizes in front ------------------------------------------------------------

BOTH: Says = {"size": FULL, "packed_size": FULL}
SIZES: dict[str, tuple[Entry, Says, list[DefectKind]]] = {
    "as they are": (A, {}, []),
    "in 64 bit": (A, {**BOTH, "extra": SAME_SIZES}, []),
    "in 64 bit, with an offset": (
        A,
        {**BOTH, "extra": sizes(200, PACKED, 0)},
        [],
    ),
    "in both forms": (A, {"extra": SAME_SIZES}, []),
    "of a stored member in 64 bit": (
        STORED,
        {**BOTH, "extra": sizes(200, 200)},
        [],
    ),
    "of a stored member, one in 64 bit": (
        STORED,
        {"size": FULL, "extra": sizes(200)},
        [],
    ),
    "of a stored member, the packed one in 64 bit": (
        STORED,
        {"packed_size": FULL, "extra": sizes(200)},
        [],
    ),
    "another size": (A, {"size": 201}, [K.OTHER_SIZE]),
    "another packed size": (A, {"packed_size": PACKED + 1}, [K.OTHER_SIZE]),
    "none": (A, {"size": 0, "packed_size": 0}, [K.OTHER_SIZE]),
    "another size in 64 bit": (
        A,
        {**BOTH, "extra": sizes(201, PACKED)},
        [K.OTHER_SIZE],
    ),
    "another packed size in 64 bit": (
        A,
        {**BOTH, "extra": sizes(200, 5)},
        [K.OTHER_SIZE],
    ),
    "another packed size in 64 bit that only some read": (
        A,
        {"extra": sizes(200, PACKED + 1)},
        [K.OTHER_SIZE],
    ),
    "another size in 64 bit that nobody reads": (A, {"extra": sizes(5, PACKED)}, []),
    "in 64 bit in the other order": (
        A,
        {**BOTH, "extra": sizes(PACKED, 200)},
        [K.OTHER_SIZE],
    ),
    "in 64 bit that are not there": (A, BOTH, [K.OTHER_SIZE]),
    "of which one is not there": (
        STORED,
        {**BOTH, "extra": sizes(200)},
        [K.OTHER_SIZE],
    ),
    "of a stored member, another one in 64 bit": (
        STORED,
        {"extra": sizes(201)},
        [K.OTHER_SIZE],
    ),
}


@pytest.mark.parametrize(
    ("entry", "says", "expected"), SIZES.values(), ids=SIZES.keys()
)
def test_sizes_in_front_are_those_of_the_directory(
    entry: Entry,
    says: Says,
    expected: list[DefectKind],
    tmp_path: Path,
) -> None:
    archive = read(tmp_path, local(entry, **says))
    assert set(kinds(archive)) == set(expected)
    assert archive.complete


def test_sizes_of_64_bit_at_the_end_are_read(tmp_path: Path) -> None:
    says: Says = {"size": 200, "packed_size": PACKED, "extra": b""}
    entry = Entry(
        "a.py", DATA, size=FULL, packed_size=FULL, extra=SAME_SIZES, local=says
    )
    archive = read(tmp_path, zip_of(entry, B))
    assert kinds(archive) == []
    assert archive.unpacked == 200 + 297


# --- what lies between the records ---------------------------------------------

HIDDEN = Entry("hidden.py", b"import os\n")
MEMBER = HIDDEN.header() + HIDDEN.body()
WHOLE_B = B.header() + B.body()


def between(gap: bytes) -> bytes:
    """A zip with something between its two members."""
    offset = len(A.header() + A.body() + gap)
    return zip_of(
        replace(A, packed=A.body() + gap, packed_size=PACKED, local={}),
        replace(B, offset=offset),
    )


def before(gap: bytes) -> bytes:
    """A zip with something before its first member, and right places."""
    first = replace(A, offset=len(gap))
    content = zip_of(first, prefix=gap)
    start = len(gap + A.header() + A.body())
    return patched(content, -6, struct.pack("<L", start))


GAPS: dict[str, Callable[[bytes], bytes]] = {
    "before the first member": before,
    "between two members": between,
    "before the directory": lambda gap: zip_of(A, B, gap=gap),
}


@pytest.mark.parametrize("make", GAPS.values(), ids=GAPS.keys())
def test_a_member_that_the_directory_does_not_list_is_another_name(
    make: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    archive = read(tmp_path, make(MEMBER))
    assert kinds(archive) == [K.OTHER_NAME]
    assert archive.defects[0].member == ""
    assert "does not list" in archive.defects[0].detail
    assert archive.complete


JUNK = {
    "a byte": b"\0",
    "text": b"more",
    "zeros": bytes(100),
    "half a mark": b"PK\3",
    "sizes that belong to nothing": MARK + bytes(12),
    "an end record": b"PK\5\6" + bytes(18),
    "a row of a directory": b"PK\1\2" + bytes(42),
    "a member, and a byte before it": b"\0" + MEMBER,
}


@pytest.mark.parametrize("make", GAPS.values(), ids=GAPS.keys())
@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_bytes_that_belong_to_no_record_are_stray(
    junk: bytes, make: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    archive = read(tmp_path, make(junk))
    assert kinds(archive) == [K.STRAY_BYTES]
    assert str(len(junk)) in archive.defects[0].detail


def test_two_rows_of_one_member_overlap(tmp_path: Path) -> None:
    content = zip_of(A, replace(A, name="c.py", offset=0), B)
    found = set(kinds(read(tmp_path, content)))
    assert found >= {K.STRAY_BYTES, K.OTHER_NAME}


# --- the directory -------------------------------------------------------------

#: Where the fields of the last row lie, counted from the end of a zip.
LAST_ROW = -22 - 46 - len("b.py")
LENGTHS = {"name": LAST_ROW + 28, "extra": LAST_ROW + 30, "comment": LAST_ROW + 32}


@pytest.mark.parametrize("more", [1, 8, 22, 0x7FFF, 0xFF00])
@pytest.mark.parametrize("place", LENGTHS.values(), ids=LENGTHS.keys())
def test_a_last_row_that_goes_on_behind_the_directory_is_a_defect(
    place: int, more: int, tmp_path: Path
) -> None:
    """``zipfile`` cuts it off there; who reads row by row comes to another end."""
    content = zip_of(A, B)
    (length,) = struct.unpack_from("<H", content, len(content) + place)
    archive = read(tmp_path, patched(content, place, struct.pack("<H", length + more)))
    is_comment = place == LENGTHS["comment"]
    assert kinds(archive) == [K.COMMENT if is_comment else K.CUT_DIRECTORY]


def test_the_comment_of_any_member_is_noted(tmp_path: Path) -> None:
    content = zip_of(replace(A, comment=b"ours"), replace(B, comment=b"\0"))
    archive = read(tmp_path, content)
    assert archive.defects == (
        Defect(K.COMMENT, "a.py", "has a comment"),
        Defect(K.COMMENT, "b.py", "has a comment"),
    )


def test_a_comment_of_the_whole_is_sound(tmp_path: Path) -> None:
    assert kinds(read(tmp_path, zip_of(A, comment=b"x" * 0xFFFF))) == []


# --- the end -------------------------------------------------------------------

DISK, DIRECTORY_DISK, ON_DISK, COUNT, PLACE, COMMENT = -18, -16, -14, -12, -6, -2
ENDS = {
    "another count on this disk": (ON_DISK, b"\1\0", [K.OTHER_COUNT]),
    "no member on this disk": (ON_DISK, b"\0\0", [K.OTHER_COUNT]),
    "another count": (COUNT, b"\3\0", [K.OTHER_COUNT, K.OTHER_DIRECTORY]),
    "two other counts": (ON_DISK, b"\3\0\3\0", [K.OTHER_DIRECTORY]),
    "another disk": (DISK, b"\1\0", [K.SEVERAL_DISKS]),
    "another disk of the directory": (DIRECTORY_DISK, b"\1\0", [K.SEVERAL_DISKS]),
    "two disks that do not exist": (DISK, b"\xff" * 4, [K.SEVERAL_DISKS]),
    "a comment that is not there": (COMMENT, b"\1\0", [K.TRAILING]),
    "a comment longer than everything": (COMMENT, b"\xff\xff", [K.TRAILING]),
}


@pytest.mark.parametrize(("place", "says", "expected"), ENDS.values(), ids=ENDS.keys())
def test_an_end_record_that_tells_of_another_directory_is_a_defect(
    place: int, says: bytes, expected: list[DefectKind], tmp_path: Path
) -> None:
    archive = read(tmp_path, patched(zip_of(A, B), place, says))
    # Newer ``zipfile`` takes some of them for no zip.
    assert kinds(archive) in (expected, [K.NO_ARCHIVE])
    assert bool(archive.members) == archive.complete


def test_an_end_record_with_another_place_is_a_defect(tmp_path: Path) -> None:
    archive = read(tmp_path, patched(zip_of(A, B), PLACE, b"\1\0\0\0"))
    assert K.OTHER_DIRECTORY in kinds(archive)


#: Where the fields of the 64 bit end record and its locator lie, counted from the end.
LENGTH64, DISK64, DIRECTORY_DISK64, ON_DISK64 = -94, -82, -78, -74
COUNT64, SIZE64, PLACE64 = -66, -58, -50
LOCATOR_DISK, LOCATOR_PLACE, LOCATOR_DISKS = -38, -34, -26
ENDS_64 = {
    "another count on this disk": (ON_DISK64, struct.pack("<Q", 1)),
    "another count": (COUNT64, struct.pack("<Q", 3)),
    "another size": (SIZE64, struct.pack("<Q", 1)),
    "another place": (PLACE64, struct.pack("<Q", 1)),
    "a place behind everything": (PLACE64, b"\xff" * 8),
    "another disk": (DISK64, struct.pack("<L", 1)),
    "another disk of the directory": (DIRECTORY_DISK64, struct.pack("<L", 1)),
    "one of two counts that refers to it": (ON_DISK, b"\xff\xff"),
    "the other of two counts that refers to it": (COUNT, b"\xff\xff"),
    "a locator to the start": (LOCATOR_PLACE, bytes(8)),
    "a locator a byte before it": (LOCATOR_PLACE, None),
    "a locator to behind everything": (LOCATOR_PLACE, b"\xff" * 8),
    "a locator to another disk": (LOCATOR_DISK, struct.pack("<L", 1)),
    "a locator of several disks": (LOCATOR_DISKS, struct.pack("<L", 2)),
}


@pytest.mark.parametrize(("place", "says"), ENDS_64.values(), ids=ENDS_64.keys())
def test_a_64_bit_end_that_tells_of_another_directory_is_a_defect(
    place: int, says: bytes | None, tmp_path: Path
) -> None:
    content = zip_of(A, B, end64=2)
    says = says or struct.pack("<Q", len(content) - 98 - 1)
    assert read(tmp_path, patched(content, place, says)).defects


@pytest.mark.parametrize("disks", [(1, 1), (0, 2), (7, 7)], ids=str)
@pytest.mark.parametrize("place", [1 << 63, (1 << 64) - 1, (1 << 63) - 1])
def test_a_locator_to_behind_everything_on_another_disk_is_a_defect(
    place: int, disks: tuple[int, int], tmp_path: Path
) -> None:
    """``zipfile`` opens none of these, and no file has such a place."""
    disk, count = disks
    locator = struct.pack("<LQL", disk, place, count)
    content = patched(zip_of(A, B, end64=2), LOCATOR_DISK, locator)
    archive = read(tmp_path, content)
    assert kinds(archive) in ([K.DAMAGED], [K.NO_ARCHIVE])
    assert not archive.complete


def test_a_locator_that_leads_into_a_member_is_a_defect(tmp_path: Path) -> None:
    """Who follows it reads another directory than who looks right before it."""
    end = zip_of(A, end64=1)[-98:-42]
    content = zip_of(Entry("a.txt", end, method=0), end64=1)
    place = struct.pack("<Q", content.index(end))
    assert read(tmp_path, patched(content, LOCATOR_PLACE, place)).defects


@pytest.mark.parametrize("length", [44, 45, 60, 1 << 20])
def test_a_locator_in_the_last_row_that_leads_into_a_member_is_a_defect(
    length: int, tmp_path: Path
) -> None:
    """A second directory may hide in a member: that is more than strict readers'
    business.
    """
    hidden = b"PK\6\6" + struct.pack("<Q2H2L4Q", length, 45, 45, 0, 0, 1, 1, 50, 50)
    locator = b"PK\6\7" + struct.pack("<LQL", 0, 30 + len("a.txt"), 1)
    holder = Entry("a.txt", hidden, method=0)
    archive = read(tmp_path, zip_of(holder, replace(B, extra=field(0x9999, locator))))
    strict = {K.COMMENT, K.ODD_EXTRA}
    assert set(kinds(archive)) - strict


def test_a_64_bit_end_in_place_of_full_fields_is_sound(tmp_path: Path) -> None:
    content = patched(zip_of(A, B, end64=2), DISK, b"\xff" * 16)
    assert kinds(read(tmp_path, content)) == []


def test_an_end_record_with_more_in_it_is_extensible(tmp_path: Path) -> None:
    content = zip_of(A, B, end64=2)
    archive = read(tmp_path, patched(content, LENGTH64, struct.pack("<Q", 45)))
    # Newer ``zipfile`` takes it for no zip.
    assert K.EXTENSIBLE in kinds(archive) or kinds(archive) == [K.NO_ARCHIVE]


def test_an_end_record_with_data_of_its_own_is_extensible(tmp_path: Path) -> None:
    content = zip_of(A, B, end64=2, behind64=b"more")
    at = len(content) - 98 - len(b"more") + 4
    archive = read(tmp_path, patched(content, at, struct.pack("<Q", 48)))
    assert {K.EXTENSIBLE, K.DAMAGED, K.NO_ARCHIVE} & set(kinds(archive))


TRAILING = {"a byte": b"\0", "zeros": bytes(1000), "text": b"more", "a line": b"\n"}


@pytest.mark.parametrize("more", TRAILING.values(), ids=TRAILING.keys())
@pytest.mark.parametrize("comment", [b"", b"ours"], ids=["bare", "with a comment"])
def test_data_behind_the_end_is_a_defect(
    comment: bytes, more: bytes, tmp_path: Path
) -> None:
    archive = read(tmp_path, zip_of(A, B, comment=comment) + more)
    assert kinds(archive) == [K.TRAILING]
    assert archive.complete
