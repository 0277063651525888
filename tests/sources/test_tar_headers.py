"""The headers of a tar, read as strictly as the strictest of its readers."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from archives import (
    SDIST,
    Node,
    gzipped,
    long_name,
    patched_tarfile,
    pax,
    tar_of,
    within,
)

from release_guard.facts import Archive, DefectKind, MemberKind
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.tar_headers import HeaderError, header_type

K = DefectKind

T = Node("demo-1.0/a.py", b"a" * 700)
U = Node("demo-1.0/b.py", b"b" * 10)
T_NAME, U_NAME = "demo-1.0/a.py", "demo-1.0/b.py"
END = bytes(1024)


@pytest.fixture(params=["as it is", "patched"], autouse=True)
def _tarfile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test by this Python's ``tarfile``, and by one that is patched."""
    if request.param == "patched":
        patched_tarfile(monkeypatch)


def read(folder: Path, *nodes: Node) -> Archive:
    path = folder / SDIST
    path.write_bytes(gzipped(tar_of(*nodes)))
    with path.open("rb") as file, within(10):
        size = path.stat().st_size
        return TarReader(file, filename=SDIST, size=size).archive()


def names(archive: Archive) -> list[str]:
    return [member.path for member in archive.members]


def found(archive: Archive) -> list[tuple[DefectKind, str]]:
    return [(defect.kind, defect.member) for defect in archive.defects]


# --- several headers before one member -----------------------------------------

PATH = pax({"path": b"x.py"})
NAME, LINK = long_name(b"y.py"), long_name(b"z" * 120, b"K")
COMMENT = pax({"comment": b"0a1b"}, b"g")
SOUND = {
    "none": ([], U_NAME),
    "pax": ([PATH], "x.py"),
    "pax without records": ([pax({})], U_NAME),
    "a long name": ([NAME], "y.py"),
    "a long name and a long target": ([NAME, LINK], "y.py"),
    "a long target and a long name": ([LINK, NAME], "y.py"),
    "pax for all": ([COMMENT], U_NAME),
    "pax for all, and pax": ([COMMENT, PATH], "x.py"),
    "pax for all, and a long name": ([COMMENT, NAME], "y.py"),
}


@pytest.mark.parametrize(("nodes", "name"), SOUND.values(), ids=SOUND.keys())
def test_extended_headers_that_leave_no_choice_are_sound(
    nodes: list[Node], name: str, tmp_path: Path
) -> None:
    archive = read(tmp_path, T, *nodes, U)
    assert (names(archive), found(archive)) == ([T_NAME, name], [])
    assert archive.complete


def test_each_member_has_extended_headers_of_its_own(tmp_path: Path) -> None:
    archive = read(tmp_path, PATH, T, NAME, U, COMMENT, PATH, Node("w"), LINK, T)
    assert names(archive)[:2] == ["x.py", "y.py"]
    assert {kind for kind, _ in found(archive)} == {K.DUPLICATE}
    assert archive.complete


CHOICES = {
    "pax twice": [PATH, pax({"path": b"evil.py"})],
    "pax twice, of other fields": [PATH, pax({"mtime": b"1"})],
    "pax for all twice": [COMMENT, COMMENT],
    "a long name twice": [NAME, long_name(b"evil.py")],
    "a long target twice": [LINK, LINK],
    "pax and a long name": [PATH, NAME],
    "a long name and pax": [NAME, PATH],
    "a long target and pax": [LINK, pax({"mtime": b"1"})],
    "pax, pax for all and a long name": [PATH, COMMENT, NAME],
    "Solaris' own": [pax({"path": b"x.py"}, b"X")],
    "Solaris' own and pax": [pax({"path": b"x.py"}, b"X"), PATH],
}


@pytest.mark.parametrize("nodes", CHOICES.values(), ids=CHOICES.keys())
def test_extended_headers_of_which_readers_choose_end_the_pass(
    nodes: list[Node], tmp_path: Path
) -> None:
    archive = read(tmp_path, T, *nodes, U)
    assert (names(archive), found(archive)) == ([T_NAME], [(K.HEADERS, T_NAME)])
    assert not archive.complete


# --- the records of pax --------------------------------------------------------


def raw(records: bytes) -> Node:
    """An extended header of these bytes."""
    return Node("PaxHeader", records, b"x")


ODD = {
    "a length of 0": raw(b"0 path=x\n"),
    "a length that is too short": raw(b"8 path=x\n"),
    "a length that is too long": raw(b"11 path=x\n"),
    "a length far behind the header": raw(b"999 path=x\n"),
    "a length that is negative": raw(b"-9 path=x\n"),
    "a length with a sign": raw(b"+9 path=x\n"),
    "a length with a zero before it": raw(b"09 path=x\n"),
    "a length with a space before it": raw(b" 9 path=x\n"),
    "a length of 5,000 digits": raw(b"9" * 5000 + b" path=x\n"),
    "no length": raw(b"path=x\n"),
    "no space": raw(b"8path=x\n"),
    "no key": raw(b"6 =abc\n"[:5] + b"\n"),
    "no equals sign": raw(b"8 pathx\n"),
    "a line feed in the key": raw(b"10 pa\nth=x\n"),
    "no line feed at the end": raw(b"9 path=xy"),
    "a record and half a record": raw(b"9 path=x\n10 link"),
    "bytes behind the records": raw(b"9 path=x\nmore"),
    "a NUL between the records": raw(b"9 path=x\n\0" + b"9 path=y\n"),
    "a key twice": raw(b"9 path=x\n9 path=y\n"),
    "a key twice with one value": raw(b"9 path=x\n9 path=x\n"),
    "another key twice": raw(b"11 mtime=1\n11 mtime=2\n"),
    "a NUL in a path": pax({"path": b"x.py\0.txt"}),
    "a NUL in a target": pax({"linkpath": b"x\0y"}),
    "a NUL in a size": pax({"size": b"5\0"}),
    "a size with a sign": pax({"size": b"+700"}),
    "a size that is negative": pax({"size": b"-1"}),
    "a size with a fraction": pax({"size": b"700.0"}),
    "a size with a space": pax({"size": b" 700"}),
    "a size that is empty": pax({"size": b""}),
    "noise": raw(bytes(range(1, 256)) * 3),
}


@pytest.mark.parametrize("node", ODD.values(), ids=ODD.keys())
def test_records_that_readers_take_differently_end_the_pass(
    node: Node, tmp_path: Path
) -> None:
    archive = read(tmp_path, T, node, U)
    assert (names(archive), found(archive)) == ([T_NAME], [(K.HEADERS, T_NAME)])
    assert not archive.complete


RECORDS = {
    "many": pax({f"KEY.{n}": b"x" for n in range(500)}),
    "a length that grows by its own digits": pax({"comment": b"x" * 89}),
    "a line feed in a value": pax({"comment": b"a\nb"}),
    "an equals sign in a value": pax({"comment": b"a=b"}),
    "an empty value": pax({"comment": b""}),
    "a NUL in another value": pax({"SCHILY.xattr.user.x": b"a\0b"}),
    "a value that is no UTF-8": pax({"SCHILY.xattr.user.x": b"\xff\xfe"}),
    "a size that the header has as well": pax({"size": b"10"}),
    "padding": raw(b"11 mtime=1\n" + bytes(30)),
}


@pytest.mark.parametrize("node", RECORDS.values(), ids=RECORDS.keys())
def test_sound_records_are_read(node: Node, tmp_path: Path) -> None:
    archive = read(tmp_path, T, node, U)
    assert (names(archive), found(archive)) == ([T_NAME, U_NAME], [])
    assert archive.complete


FOR_ALL = {
    "a path": {"path": b"x.py"},
    "a target": {"linkpath": b"x.py"},
    "a size": {"size": b"10"},
    "an encoding": {"hdrcharset": b"BINARY"},
}


@pytest.mark.parametrize("records", FOR_ALL.values(), ids=FOR_ALL.keys())
def test_what_only_one_member_can_have_is_not_given_to_all(
    records: dict[str, bytes], tmp_path: Path
) -> None:
    archive = read(tmp_path, pax(records, b"g"), T, U)
    assert (names(archive), found(archive)) == ([], [(K.HEADERS, "")])
    assert not archive.complete
    archive = read(tmp_path, T, pax(records, b"g"), U)
    assert (names(archive), found(archive)) == ([T_NAME], [(K.HEADERS, T_NAME)])


# --- the header itself ---------------------------------------------------------

SLASHES = {
    "by pax": [pax({"path": b"demo-1.0/x/"}), Node("x", b"1")],
    "by GNU tar": [long_name(b"demo-1.0/x/"), Node("x", b"1")],
    "in a link": [Node("x/", b"", b"2", "y")],
    "in a contiguous file": [Node("x/", b"1", b"7")],
    "in a plain file": [Node("x/", b"1")],
}


@pytest.mark.parametrize("nodes", SLASHES.values(), ids=SLASHES.keys())
def test_a_name_with_a_slash_at_its_end_is_a_folder_or_a_defect(
    nodes: list[Node], tmp_path: Path
) -> None:
    archive = read(tmp_path, T, *nodes, U)
    assert [kind for kind, _ in found(archive)] == [K.CONTENT_OF_NO_FILE]
    assert archive.complete


def test_a_file_of_the_oldest_form_with_a_slash_is_a_folder(tmp_path: Path) -> None:
    archive = read(tmp_path, Node("x/", type=b"\0"))
    assert [member.kind for member in archive.members] == [MemberKind.FOLDER]
    assert found(archive) == []


SIZES = {
    "octal": b"%011o\0" % 10,
    "octal with a space": b"%010o \0" % 10,
    "octal in spaces": b"%12o" % 10,
    "octal without an end": b"%012o" % 10,
    "base 256": b"\x80" + bytes(10) + b"\n",
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_a_size_that_all_readers_take_alike_is_sound(
    size: bytes, tmp_path: Path
) -> None:
    archive = read(tmp_path, Node("x", b"b" * 10, patches={124: size}), U)
    assert (names(archive), found(archive)) == (["x", U_NAME], [])
    assert archive.members[0].size == 10


ODD_SIZES = {
    "digits behind a NUL": b"12\0" + b"7" * 9,
    "digits behind a space": b"12 7".ljust(12, b"\0"),
    "digits of base 10": b"18".ljust(12, b"\0"),
    "a sign": b"-12".ljust(12, b"\0"),
    "a plus": b"+12".ljust(12, b"\0"),
    "an underscore": b"1_2".ljust(12, b"\0"),
    "hex": b"0x12".ljust(12, b"\0"),
    "a tab": b"\t12".ljust(12, b"\0"),
    "a negative number of base 256": b"\xff" * 12,
}


@pytest.mark.parametrize("size", ODD_SIZES.values(), ids=ODD_SIZES.keys())
def test_a_size_that_readers_take_differently_ends_the_pass(
    size: bytes, tmp_path: Path
) -> None:
    archive = read(tmp_path, T, Node("x", b"b" * 10, patches={124: size}), U)
    assert (names(archive), found(archive)) == ([T_NAME], [(K.MALFORMED, T_NAME)])
    assert not archive.complete


def test_every_way_to_a_header_looks_at_it() -> None:
    headers = header_type(1000)
    sound, damaged = T.blocks()[:512], Node("x", checksum=b"123456\0 ").blocks()
    assert headers.frombuf(sound, "utf-8", "strict").name == T_NAME
    with pytest.raises(HeaderError, match="damaged header"):
        headers.frombuf(damaged, "utf-8", "strict")
    with pytest.raises(HeaderError, match="without an end mark"):
        headers.frombuf(b"", "utf-8", "strict")
    with pytest.raises(tarfile.HeaderError):
        headers.frombuf(bytes(512), "utf-8", "strict")


def test_what_tarfile_writes_is_sound(tmp_path: Path) -> None:
    for number, form in enumerate((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)):
        path = tmp_path / f"{number}.tar.gz"
        with tarfile.open(path, "w:gz", format=form) as tar:
            for name in ("a", "ä" * 80, "long/" * 60 + "x"):
                info = tarfile.TarInfo(name)
                info.size, info.mtime = 3, 1.5
                tar.addfile(info, io.BytesIO(b"abc"))
                link = tarfile.TarInfo(f"{name}.link")
                link.type, link.linkname = tarfile.SYMTYPE, name
                tar.addfile(link)
        with path.open("rb") as file:
            size = path.stat().st_size
            archive = TarReader(file, filename=path.name, size=size).archive()
        assert found(archive) == []
        assert len(archive.members) == 6
