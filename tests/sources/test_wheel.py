"""What is read in a wheel: its .dist-info folder, RECORD, WHEEL and METADATA."""

from __future__ import annotations

import importlib.metadata
from dataclasses import astuple, replace
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

from release_guard.facts import (
    DefectKind,
    EntryPoint,
    EntryPoints,
    Record,
    RecordEntry,
    Wheel,
    WheelFile,
)
from release_guard.sources import dist
from release_guard.sources.dist import Contents
from release_guard.sources.wheel import (
    parse_entry_points,
    parse_record,
    parse_wheel_file,
)

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
    assert layout.wheel_file == WheelFile(
        "1.0", parse_tag("py3-none-any"), is_purelib=True
    )
    assert layout.archive is contents.archive
    assert layout.distribution is contents.distribution
    assert contents.metadata is not None
    assert (contents.metadata.name, contents.metadata.version) == ("demo", "1.0")
    assert (contents.archive.complete, contents.archive.defects) == (True, ())
    assert layout.entry_points is None


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
        assert str(members[entry.path].size) == entry.size


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


DAMAGED = DefectKind.DAMAGED
COMPRESSION = DefectKind.COMPRESSION
UNREADABLE_FILES: dict[str, tuple[dict[str, object], DefectKind]] = {
    "a wrong checksum": ({"crc": 1}, DAMAGED),
    "a corrupted stream": ({"packed": b"\xff" * 20}, DefectKind.STREAM),
    "encryption": ({"flags": 1}, DefectKind.ENCRYPTED),
    "bzip2": ({"method": 12}, COMPRESSION),
    "lzma that is none": ({"method": 14, "packed": b"\xff" * 30}, COMPRESSION),
    "damaged lzma": (
        {"method": 14, "packed": b"\x09\x04\x05\0]\0\0\x80\0" + b"\xff" * 9},
        COMPRESSION,
    ),
    "lzma with damaged properties": (
        {"method": 14, "packed": b"\x09\x04\x05\0" + b"\xff" * 30},
        COMPRESSION,
    ),
    "an offset outside the file": ({"offset": 1 << 30}, DAMAGED),
}


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
@pytest.mark.parametrize(
    ("fields", "kind"), UNREADABLE_FILES.values(), ids=UNREADABLE_FILES.keys()
)
def test_a_file_that_cannot_be_read_is_a_defect(
    name: str, fields: dict[str, object], kind: DefectKind, tmp_path: Path
) -> None:
    path = f"{INFO}/{name}"
    contents, _ = read_entries(tmp_path, *swapped(wheel_entries(), path, **fields))
    kinds = {defect.kind: defect.member for defect in contents.archive.defects}
    if "offset" in fields:
        # What lies about its place leaves a hole as well.
        assert kinds.pop(DefectKind.STRAY_BYTES, "") == ""
        assert kinds.pop(DefectKind.OTHER_NAME, "") == ""
    assert kinds == {kind: path}
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
    assert [d.kind for d in contents.archive.defects] == [DefectKind.NO_ARCHIVE]


# --- RECORD --------------------------------------------------------------------

RECORDS = {
    "three columns": (f"a.py,{HASH},0\n", [("a.py", HASH, "0")]),
    "no hash and no size": ("a/RECORD,,\n", [("a/RECORD", "", "")]),
    "nothing": ("", []),
    "Windows line ends": (
        "a.py,,\r\nb.py,,1\r\n",
        [("a.py", "", ""), ("b.py", "", "1")],
    ),
    "quotes": ('"a,b.py",,3\n', [("a,b.py", "", "3")]),
    "quotes in quotes": ('"a""b.py",,3\n', [('a"b.py', "", "3")]),
    "a line feed in quotes": ('"a\nb.py",,3\n', [("a\nb.py", "", "3")]),
    "an empty line in quotes": ('"a\n\nb.py",,3\n', [("a\n\nb.py", "", "3")]),
    "backslashes": ("a\\b\\c.py,,1\n", [("a/b/c.py", "", "1")]),
    "letters outside ASCII": ("ä.py,,1\n", [("ä.py", "", "1")]),
    "another algorithm": ("a.py,md5=00,1\n", [("a.py", "md5=00", "1")]),
    "padding": (f"a.py,{HASH}=,0\n", [("a.py", f"{HASH}=", "0")]),
    "a path twice": ("a.py,,1\na.py,,2\n", [("a.py", "", "1"), ("a.py", "", "2")]),
    "a line of commas": (",,\n", [("", "", "")]),
}


@pytest.mark.parametrize(("text", "rows"), RECORDS.values(), ids=RECORDS.keys())
def test_record_is_read_as_rows(text: str, rows: list[tuple[str, str, str]]) -> None:
    assert parse_record(text.encode()) == Record(tuple(RecordEntry(*r) for r in rows))


COLUMNS = {
    "one": ("a.py\n", RecordEntry("a.py", "", "", 1)),
    "one that is a space": (" \n", RecordEntry(" ", "", "", 1)),
    "two": (f"a.py,{HASH}\n", RecordEntry("a.py", HASH, "", 2)),
    "three": (f"a.py,{HASH},0\n", RecordEntry("a.py", HASH, "0", 3)),
    "four": (f"a.py,{HASH},0,x\n", RecordEntry("a.py", HASH, "0", 4)),
}


@pytest.mark.parametrize(("text", "entry"), COLUMNS.values(), ids=COLUMNS.keys())
def test_a_row_says_how_many_columns_it_has(text: str, entry: RecordEntry) -> None:
    assert parse_record(text.encode()) == Record((entry,))


SIZES = {
    "leading zeros": "007",
    "4,000 digits": "9" * 4000,
    "5,000 digits": "9" * 5000,
    "no number": "many",
    "a negative number": "-1",
    "a sign": "+1",
    "an underscore": "1_0",
    "a space": " 1",
    "other digits": "\u0663",
    "a raised digit": "\u00b2",
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_a_size_is_what_is_written_there(size: str) -> None:
    """A rule compares it; two spellings of one number are not the same."""
    found = parse_record(f"sound.py,,1\na.py,,{size}\n".encode())
    assert [entry.size for entry in found.entries] == ["1", size]
    assert found.problem == ""


EMPTY_LINES = {
    "none": ("a.py,,\nb.py,,\n", 0),
    "none, and no line end": ("a.py,,\nb.py,,", 0),
    "one at the start": ("\na.py,,\nb.py,,\n", 1),
    "one in the middle": ("a.py,,\n\nb.py,,\n", 1),
    "one at the end": ("a.py,,\nb.py,,\n\n", 1),
    "several": ("\n\na.py,,\n\nb.py,,\n\n\n", 5),
    "one with Windows line ends": ("a.py,,\r\n\r\nb.py,,\r\n", 1),
    "one by a doubled carriage return": ("a.py,,\r\r\nb.py,,\r\n", 1),
}


@pytest.mark.parametrize(
    ("text", "count"), EMPTY_LINES.values(), ids=EMPTY_LINES.keys()
)
def test_empty_lines_of_record_are_counted(text: str, count: int) -> None:
    rows = (RecordEntry("a.py", "", ""), RecordEntry("b.py", "", ""))
    assert parse_record(text.encode()) == Record(rows, empty_lines=count)


BAD_RECORDS = {
    "not UTF-8": b"\xff.py,,1\n",
    "UTF-16": "a.py,,1\n".encode("utf-16"),
    "a field without an end": b'"' + b"a" * 200_000,
    "more rows than an archive has members": b"a\n" * 200_001,
}


@pytest.mark.parametrize("content", BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_a_record_that_cannot_be_read_says_why(content: bytes) -> None:
    record = parse_record(b"sound.py,,1\n" + content)
    assert record.problem
    assert record == Record((), problem=record.problem)


# --- entry points --------------------------------------------------------------


def installed(folder: Path, text: str) -> list[tuple[str, str, str]] | None:
    """The entry points as installers see them, None where they break."""
    (folder / "entry_points.txt").write_bytes(text.encode())
    try:
        found = importlib.metadata.Distribution.at(folder).entry_points
    except (TypeError, ValueError):
        return None
    return sorted((e.group, e.name, e.value) for e in found)


ENTRY_POINTS: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "a script": (
        "[console_scripts]\ndemo = demo:main\n",
        [("console_scripts", "demo", "demo:main")],
    ),
    "no spaces": (
        "[gui_scripts]\ndemo=demo:main\n",
        [("gui_scripts", "demo", "demo:main")],
    ),
    "several groups": (
        "[console_scripts]\na = x:y\n\n[demo.plugins]\nb = x\nc = x:y [extra]\n",
        [
            ("console_scripts", "a", "x:y"),
            ("demo.plugins", "b", "x"),
            ("demo.plugins", "c", "x:y [extra]"),
        ],
    ),
    "capitals": (
        "[Console_Scripts]\nDemo = Demo:Main\ndemo = demo:main\n",
        [
            ("Console_Scripts", "Demo", "Demo:Main"),
            ("Console_Scripts", "demo", "demo:main"),
        ],
    ),
    "a percent sign": (
        "[console_scripts]\ndemo = %(x)s:%%\n",
        [("console_scripts", "demo", "%(x)s:%%")],
    ),
    "a colon in a name": ("[a]\nx:y = z\n", [("a", "x:y", "z")]),
    "spaces in a name": ("[a]\nx y = z\n", [("a", "x y", "z")]),
    "a slash in a name": (
        "[console_scripts]\n../demo = x:y\n",
        [("console_scripts", "../demo", "x:y")],
    ),
    "no value": ("[a]\nx =\n", [("a", "x", "")]),
    "an equals sign in a value": ("[a]\nx = y=z\n", [("a", "x", "y=z")]),
    "comments": (
        "# one\n[a]\n# three\nx = y # no comment\n",
        [("a", "x", "y # no comment")],
    ),
    "Windows line ends": ("[a]\r\nx = y\r\n", [("a", "x", "y")]),
    "letters outside ASCII": ("[ä]\nö = ü\n", [("ä", "ö", "ü")]),
    "an empty group": ("[a]\n", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(
    ("text", "entries"), ENTRY_POINTS.values(), ids=ENTRY_POINTS.keys()
)
def test_entry_points_are_read_as_an_ini_file(
    text: str, entries: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    expected = EntryPoints(tuple(EntryPoint(*entry) for entry in entries))
    assert parse_entry_points(text.encode()) == expected
    assert installed(tmp_path, text) == sorted(entries)


OTHERWISE: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "a default for every group": (
        "[DEFAULT]\na b = x\n[console_scripts]\nc = y\n",
        [("console_scripts", "a b", "x"), ("console_scripts", "c", "y")],
    ),
    "a value over two lines": ("[a]\nx = y\n  z\n", [("a", "x", "y\nz")]),
    "a value over two lines, of which one is empty": (
        "[a]\nx = y\n\n  z\n",
        [("a", "x", "y\n\nz")],
    ),
    "a comment behind a semicolon": ("[a]\n; two\nx = y\n", [("a", "x", "y")]),
    "an entry point in a comment": ("[a]\n; b = c\nx = y\n", [("a", "x", "y")]),
    "a line that Unicode ends": ("[a]\nx = y\x0bz = w\n", [("a", "x", "y\x0bz = w")]),
    "text behind a group": ("[a] b\nx = y\n", [("a", "x", "y")]),
}


@pytest.mark.parametrize(("text", "entries"), OTHERWISE.values(), ids=OTHERWISE.keys())
def test_entry_points_that_installers_see_otherwise_differ(
    text: str, entries: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    found = parse_entry_points(text.encode())
    assert found.differs
    assert sorted(map(astuple, found.entries)) == entries
    assert installed(tmp_path, text) != entries


BAD_ENTRY_POINTS = {
    "not UTF-8": b"[a]\nx = \xff\n",
    "UTF-16": "[a]\nx = y\n".encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf[a]\nx = y\n",
    "no group": b"x = y\n",
    "a name without a value": b"[a]\nx\n",
    "a colon in place of an equals sign": b"[a]\nx: y\n",
    "a name twice": b"[a]\nx = y\nx = z\n",
    "a group twice": b"[a]\nx = y\n[a]\nz = y\n",
    "a group without an end": b"[a\nx = y\n",
    "no name": b"[a]\n= y\n",
    "JSON": b'{"console_scripts": {}}',
}


@pytest.mark.parametrize(
    "content", BAD_ENTRY_POINTS.values(), ids=BAD_ENTRY_POINTS.keys()
)
def test_entry_points_that_cannot_be_read_say_why(content: bytes) -> None:
    found = parse_entry_points(content)
    assert found.problem
    assert found.entries == ()


def test_a_wheel_has_the_entry_points_of_its_info_folder(tmp_path: Path) -> None:
    members = {
        f"{INFO}/entry_points.txt": b"[console_scripts]\ndemo = demo:main\n",
        "demo/entry_points.txt": b"[console_scripts]\nother = x:y\n",
    }
    _, layout = read(wheel(tmp_path, members))
    script = EntryPoint("console_scripts", "demo", "demo:main")
    assert layout.entry_points == EntryPoints((script,))


def test_entry_points_that_cannot_be_unpacked_are_a_defect(tmp_path: Path) -> None:
    path = f"{INFO}/entry_points.txt"
    entries = swapped(wheel_entries({path: b"[a]\nx = y\n"}), path, crc=1)
    contents, layout = read_entries(tmp_path, *entries)
    assert layout.entry_points is None
    found = [(d.kind, d.member) for d in contents.archive.defects]
    assert found == [(DAMAGED, path)]


LONG_ENTRY_POINTS = {
    "many names": b"[a]\n" + b"".join(b"x%d = y\n" % n for n in range(20_000)),
    "many groups": b"".join(b"[a%d]\nx = y\n" % n for n in range(5_000)),
    "a value of many lines": b"[a]\nx = y\n" + b"  z\n" * 100_000,
    "many errors": b"[a]\n" + b"x\n" * 100_000,
    "some errors": b"[a]\n" + b"x\n" * 5_000,
    "a line that is very long": b"[a]\n" + b"x" * (1 << 20) + b"\n",
    "a group that is very long": b"[" + b"x" * (1 << 20) + b"]\n" * 2,
}


@pytest.mark.parametrize(
    "content", LONG_ENTRY_POINTS.values(), ids=LONG_ENTRY_POINTS.keys()
)
def test_many_entry_points_are_read_in_bounded_time(content: bytes) -> None:
    with within(10):
        found = parse_entry_points(content)
    assert found.entries or found.problem
    assert len(found.problem) < 10_000


def test_a_default_for_many_groups_does_not_fill_memory() -> None:
    """A thousand names for each of a thousand groups, in a file of 20 kB."""
    names = b"".join(b"x%d = y\n" % number for number in range(1_000))
    groups = b"".join(b"[a%d]\n" % number for number in range(1_000))
    with within(20):
        found = parse_entry_points(b"[DEFAULT]\n" + names + groups)
    assert found.problem
    assert found.entries == ()


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
