"""What is read in a wheel: its .dist-info folder, RECORD, WHEEL and METADATA."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from archives import (
    INFO,
    METADATA,
    WHEEL,
    Entry,
    record_row,
    swapped,
    wheel,
    wheel_entries,
    within,
    zip_of,
)
from packaging.tags import parse_tag

from release_guard.facts import DefectKind, Record, RecordEntry, Wheel, WheelFile
from release_guard.sources import dist
from release_guard.sources.dist import Contents
from release_guard.sources.wheel import parse_record, parse_wheel_file

HASH = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


def read(path: Path) -> tuple[Contents, Wheel]:
    with within(10):
        contents = dist.read(path)
    assert isinstance(contents.layout, Wheel)
    return contents, contents.layout


def read_entries(
    folder: Path, *entries: Entry, name: str = WHEEL
) -> tuple[Contents, Wheel]:
    (folder / name).write_bytes(zip_of(*entries))
    return read(folder / name)


# --- the whole -----------------------------------------------------------------


def test_a_sound_wheel_gives_every_fact(tmp_path: Path) -> None:
    contents, layout = read(wheel(tmp_path, {"demo/data.bin": bytes(9)}))
    assert layout.info_folders == (INFO,)
    assert layout.info_folder == INFO
    assert layout.wheel_file == WheelFile("1.0", parse_tag("py3-none-any"))
    assert layout.archive is contents.archive
    assert layout.distribution is contents.distribution
    assert contents.metadata is not None
    assert (contents.metadata.name, contents.metadata.version) == ("demo", "1.0")
    assert (contents.archive.complete, contents.archive.defects) == (True, ())


def test_each_member_is_hashed_as_its_row_is(tmp_path: Path) -> None:
    rows = record_row("demo.py", b"") + "strong.py,sha512=x,1\nweak.py,md5=x,1\n"
    members = {"strong.py": b"1", "weak.py": b"1", "unlisted.py": b"1"}
    contents, _ = read(wheel(tmp_path, members, RECORD=rows.encode()))
    hashed = {m.path: m.digest.partition("=")[0] for m in contents.archive.members}
    assert hashed == {
        "demo.py": "sha256",
        "strong.py": "sha512",
        "weak.py": "sha256",
        "unlisted.py": "sha256",
        f"{INFO}/METADATA": "sha256",
        f"{INFO}/WHEEL": "sha256",
        f"{INFO}/RECORD": "sha256",
    }


def test_every_row_of_a_sound_record_agrees_with_its_member(tmp_path: Path) -> None:
    contents, layout = read(wheel(tmp_path, {"demo/ä b,c.txt": b"1"}))
    # A comma needs quotes, which a plain row has not.
    assert layout.record is not None
    members = {member.path: member for member in contents.archive.members}
    for entry in layout.record.entries[:1]:
        assert members[entry.path].digest == entry.digest
        assert members[entry.path].size == entry.size


# --- the .dist-info folder -----------------------------------------------------

FOLDERS = {
    "the one of the name": ([INFO], INFO),
    "another spelling": (["Demo-1.0.0.dist-info"], "Demo-1.0.0.dist-info"),
    "only another project's": (["other-2.0.dist-info"], "other-2.0.dist-info"),
    "two, of which one belongs": ([INFO, "other-2.0.dist-info"], INFO),
    "two, and neither belongs": (
        ["demo-2.0.dist-info", "other-1.0.dist-info"],
        None,
    ),
    "two without a version": (["demo.dist-info", "x.dist-info"], None),
    "none": ([], None),
}


@pytest.mark.parametrize(("folders", "chosen"), FOLDERS.values(), ids=FOLDERS.keys())
def test_the_info_folder_is_the_one_that_the_name_asks_for(
    folders: list[str], chosen: str | None, tmp_path: Path
) -> None:
    entries = [Entry(f"{folder}/METADATA", METADATA) for folder in folders]
    contents, layout = read_entries(tmp_path, Entry("demo.py"), *entries)
    assert layout.info_folders == tuple(sorted(folders))
    assert layout.info_folder == chosen
    assert (contents.metadata is None) == (chosen is None)


def test_two_folders_that_both_belong_are_both_told(tmp_path: Path) -> None:
    folders = ("Demo-1.0.dist-info", "demo-1.0.dist-info")
    entries = [Entry(f"{folder}/METADATA", METADATA) for folder in folders]
    _, layout = read_entries(tmp_path, *entries)
    assert layout.info_folders == folders


def test_a_name_that_is_none_still_gives_the_only_folder(tmp_path: Path) -> None:
    _, layout = read_entries(tmp_path, *wheel_entries(), name="demo-1.0-x.whl")
    assert layout.distribution.name is None
    assert layout.info_folder == INFO


def test_a_vendored_folder_further_down_is_no_matter(tmp_path: Path) -> None:
    vendored = Entry("demo/_vendor/rich-1.0.dist-info/METADATA", b"Name: rich\n")
    contents, layout = read_entries(tmp_path, vendored, *wheel_entries())
    assert layout.info_folders == (INFO,)
    assert contents.metadata is not None
    assert contents.metadata.name == "demo"


def test_a_file_that_is_called_like_a_folder_is_none(tmp_path: Path) -> None:
    _, layout = read_entries(tmp_path, Entry("demo-1.0.dist-info", b"x"))
    assert layout.info_folders == ()


# --- what is not there, or not readable ----------------------------------------


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_a_file_that_is_not_there_is_none(name: str, tmp_path: Path) -> None:
    entries = [e for e in wheel_entries() if e.name != f"{INFO}/{name}"]
    contents, layout = read_entries(tmp_path, *entries)
    found = {
        "METADATA": contents.metadata,
        "WHEEL": layout.wheel_file,
        "RECORD": layout.record,
    }
    assert found.pop(name) is None
    assert None not in found.values()


UNREADABLE_FILES: dict[str, dict[str, object]] = {
    "a wrong checksum": {"crc": 1},
    "a corrupted stream": {"packed": b"\xff" * 20},
    "encryption": {"flags": 1},
    "bzip2": {"method": 12},
    "lzma that is none": {"method": 14, "packed": b"\xff" * 30},
    "damaged lzma": {
        "method": 14,
        "packed": b"\x09\x04\x05\0]\0\0\x80\0" + b"\xff" * 9,
    },
    "lzma with damaged properties": {
        "method": 14,
        "packed": b"\x09\x04\x05\0" + b"\xff" * 30,
    },
    "an offset outside the file": {"offset": 1 << 30},
}


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
@pytest.mark.parametrize(
    "fields", UNREADABLE_FILES.values(), ids=UNREADABLE_FILES.keys()
)
def test_a_file_that_cannot_be_read_is_a_defect(
    name: str, fields: dict[str, object], tmp_path: Path
) -> None:
    path = f"{INFO}/{name}"
    contents, _ = read_entries(tmp_path, *swapped(wheel_entries(), path, **fields))
    kinds = {defect.kind: defect.member for defect in contents.archive.defects}
    # What lies about its place makes the archive ambiguous as well.
    kinds.pop(DefectKind.AMBIGUOUS, None)
    assert list(kinds.values()) == [path]
    assert not contents.archive.complete


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_a_file_that_is_too_large_to_keep_is_a_bomb(name: str, tmp_path: Path) -> None:
    large = b"X: y\n" * (1 + (16 << 20) // 5)
    contents, _ = read(wheel(tmp_path, None, **{name: large}))
    kinds = {(d.kind, d.member) for d in contents.archive.defects}
    assert (DefectKind.BOMB, f"{INFO}/{name}") in kinds
    assert not contents.archive.complete


def test_a_link_in_place_of_metadata_is_no_metadata(tmp_path: Path) -> None:
    entries = swapped(wheel_entries(), f"{INFO}/METADATA", mode=0o120777)
    contents, _ = read_entries(tmp_path, *entries)
    assert contents.metadata is None


def test_a_wheel_that_is_no_zip_has_no_facts_but_its_defect(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"no zip")
    contents, layout = read(tmp_path / WHEEL)
    assert contents.metadata is None
    assert layout.info_folders == ()
    assert [d.kind for d in contents.archive.defects] == [DefectKind.UNREADABLE]


# --- RECORD --------------------------------------------------------------------

RECORDS = {
    "three columns": (f"a.py,{HASH},0\n", [("a.py", HASH, 0)]),
    "no hash and no size": ("a/RECORD,,\n", [("a/RECORD", "", None)]),
    "two columns": (f"a.py,{HASH}\n", [("a.py", HASH, None)]),
    "one column": ("a.py\n", [("a.py", "", None)]),
    "nothing": ("", []),
    "empty lines": ("\n\na.py,,\n\n", [("a.py", "", None)]),
    "Windows line ends": (
        "a.py,,\r\nb.py,,1\r\n",
        [("a.py", "", None), ("b.py", "", 1)],
    ),
    "quotes": ('"a,b.py",,3\n', [("a,b.py", "", 3)]),
    "quotes in quotes": ('"a""b.py",,3\n', [('a"b.py', "", 3)]),
    "a line feed in quotes": ('"a\nb.py",,3\n', [("a\nb.py", "", 3)]),
    "backslashes": ("a\\b\\c.py,,1\n", [("a/b/c.py", "", 1)]),
    "letters outside ASCII": ("ä.py,,1\n", [("ä.py", "", 1)]),
    "another algorithm": ("a.py,md5=00,1\n", [("a.py", "md5=00", 1)]),
    "padding": (f"a.py,{HASH}=,0\n", [("a.py", f"{HASH}=", 0)]),
    "a path twice": ("a.py,,1\na.py,,2\n", [("a.py", "", 1), ("a.py", "", 2)]),
    "a size of 4,000 digits": (
        f"a.py,,{'9' * 4000}\n",
        [("a.py", "", int("9" * 4000))],
    ),
    "leading zeros": ("a.py,,007\n", [("a.py", "", 7)]),
}


@pytest.mark.parametrize(("text", "rows"), RECORDS.values(), ids=RECORDS.keys())
def test_record_is_read_as_rows(
    text: str, rows: list[tuple[str, str, int | None]]
) -> None:
    assert parse_record(text.encode()) == Record(tuple(RecordEntry(*r) for r in rows))


BAD_RECORDS = {
    "not UTF-8": b"\xff.py,,1\n",
    "UTF-16": "a.py,,1\n".encode("utf-16"),
    "a size that is no number": b"a.py,,many\n",
    "a negative size": b"a.py,,-1\n",
    "a size with a sign": b"a.py,,+1\n",
    "a size with an underscore": b"a.py,,1_0\n",
    "a size with a space": b"a.py,, 1\n",
    "a size in other digits": "a.py,,\u0663\n".encode(),
    "a raised digit": "a.py,,\u00b2\n".encode(),
    "a size of 5,000 digits": b"a.py,," + b"9" * 5000 + b"\n",
    "a field without an end": b'"' + b"a" * 200_000,
}


@pytest.mark.parametrize("content", BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_a_record_that_cannot_be_read_says_why(content: bytes) -> None:
    record = parse_record(b"sound.py,,1\n" + content)
    assert record.problem
    assert record.entries == ()


# --- WHEEL ---------------------------------------------------------------------

ANY = parse_tag("py3-none-any")
WHEEL_FILES = {
    "one tag": ("Wheel-Version: 1.0\nTag: py3-none-any\n", "1.0", ANY),
    "two tags": (
        "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n",
        "1.0",
        parse_tag("py2.py3-none-any"),
    ),
    "a compressed set": (
        "Wheel-Version: 1.0\nTag: cp311-abi3-manylinux1_x86_64.manylinux2014_x86_64\n",
        "1.0",
        parse_tag("cp311-abi3-manylinux1_x86_64.manylinux2014_x86_64"),
    ),
    "Windows line ends": (
        "Wheel-Version: 1.0\r\nTag: py3-none-any\r\n",
        "1.0",
        ANY,
    ),
    "other capitals": ("WHEEL-VERSION: 1.0\ntag: Py3-None-Any\n", "1.0", ANY),
    "spaces around": ("Wheel-Version:  1.0\nTag:   py3-none-any  \n", "1.0", ANY),
    "a newer version": ("Wheel-Version: 9.0\nTag: py3-none-any\n", "9.0", ANY),
    "no tag": ("Wheel-Version: 1.0\n", "1.0", frozenset()),
    "nothing": ("", "", frozenset()),
    "tags behind an empty line": (
        "Wheel-Version: 1.0\n\nTag: py3-none-any\n",
        "1.0",
        frozenset(),
    ),
    "a byte order mark": ("\ufeffTag: py3-none-any\n", "", frozenset()),
    "letters outside ASCII": (
        "Generator: ä\nWheel-Version: 1.0\nTag: py3-none-any\n",
        "1.0",
        ANY,
    ),
}


@pytest.mark.parametrize(
    ("text", "version", "tags"), WHEEL_FILES.values(), ids=WHEEL_FILES.keys()
)
def test_wheel_is_read_as_headers(
    text: str, version: str, tags: frozenset[object]
) -> None:
    found = parse_wheel_file(text.encode())
    assert (found.wheel_version, found.tags, found.problem) == (version, tags, "")


def compressed(*counts: int, letter: str = "a") -> bytes:
    """A tag whose parts have so many alternatives."""
    parts = (".".join(f"{letter}{n}" for n in range(count)) for count in counts)
    return b"Wheel-Version: 1.0\nTag: " + "-".join(parts).encode() + b"\n"


BAD_WHEEL_FILES = {
    "not UTF-8": b"Tag: py3-none-any\nX: \xff\n",
    "UTF-16": "Tag: py3-none-any\n".encode("utf-16"),
    "a tag of two parts": b"Tag: py3-none\n",
    "a tag of four parts": b"Tag: py3-none-any-x\n",
    "an empty tag": b"Tag:\n",
    "an empty part": b"Tag: py3--any\n",
    "a set that would fill memory": compressed(400, 400, 400),
    "a set of many parts": compressed(*[2] * 200),
    "many sets": b"".join(compressed(1, 90, 90, letter=x) for x in "abc"),
}


@pytest.mark.parametrize(
    "content", BAD_WHEEL_FILES.values(), ids=BAD_WHEEL_FILES.keys()
)
def test_a_wheel_file_that_cannot_be_read_says_why(content: bytes) -> None:
    with within(10):
        found = parse_wheel_file(content)
    assert found.problem
    assert found == replace(WheelFile(), problem=found.problem)
