"""Code that nobody can read is known by the marks of the tools that made it so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from archives import SDIST, TOP, WHEEL, Entry, Node, gzipped, tar_of, zip_of

from release_guard.facts import Archive, Kind
from release_guard.sources.obfuscation import bytes_to_scan, obfuscator_of
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.zip_archive import ZipReader

LARGEST = 5 << 20
# In halves: whoever scans this file is not to take it for what it tests.
ARMOR, FRAME = b"__pyarmor", b" PYE FILE---"
CALL = ARMOR + b"__(__name__, __file__,"
PYARMOR = b"from pytransform import x\n" + CALL + b" b'\\x50')\n"
BEGIN, END = b"---BEGIN" + FRAME, b"---END" + FRAME
SOURCEDEFENDER = b"\n".join((BEGIN, b"ZnJvbSA=", END))

HIDDEN = {
    "PyArmor's call": (CALL, "PyArmor"),
    "PyArmor's enter": (ARMOR + b"_enter__(1)", "PyArmor"),
    "PyArmor's exit": (ARMOR + b"_exit__(1)", "PyArmor"),
    "PyArmor's assert": (b"x = " + ARMOR + b"_assert__(y)", "PyArmor"),
    "PyArmor's bcc": (b"x." + ARMOR + b"_bcc__", "PyArmor"),
    "PyArmor's mark in the middle of a word": (b"a" + ARMOR + b"_enter__b", "PyArmor"),
    "PyArmor's mark behind another one": (
        ARMOR + b"_other__ " + ARMOR + b"_exit__",
        "PyArmor",
    ),
    "SourceDefender's frame": (SOURCEDEFENDER, "SourceDefender"),
    "SourceDefender's frame in one line": (BEGIN + END, "SourceDefender"),
    "SourceDefender's frame the other way round": (END + BEGIN, "SourceDefender"),
    "both": (SOURCEDEFENDER + PYARMOR, "PyArmor"),
}


@pytest.mark.parametrize(("content", "tool"), HIDDEN.values(), ids=HIDDEN.keys())
def test_the_tool_is_known_by_its_marks(content: bytes, tool: str) -> None:
    assert obfuscator_of("demo/x.py", content, len(content)) == tool


READABLE = {
    "nothing": b"",
    "source": b"answer = 42\n",
    "PyArmor by name": b"# we do not use pyarmor\nimport pyarmor\n",
    "PyArmor's call with other arguments": ARMOR + b"__(1, 2, 3)",
    "PyArmor's call with another space": ARMOR + b"__(__name__,  __file__,",
    "PyArmor's call in capitals": PYARMOR.upper(),
    "PyArmor's mark cut off": ARMOR + b"_enter_",
    "another word that begins like PyArmor's": ARMOR + b"_version__ = 9",
    "only the begin of SourceDefender": BEGIN,
    "only the end of SourceDefender": END,
    "SourceDefender's frame in lower case": SOURCEDEFENDER.lower(),
}


@pytest.mark.parametrize("content", READABLE.values(), ids=READABLE.keys())
def test_what_only_speaks_of_a_tool_is_readable(content: bytes) -> None:
    assert obfuscator_of("demo/x.py", content, len(content)) == ""


PATHS = {
    "demo/x.py": True,
    "demo/x.pye": True,
    "x.PY": True,
    "x.Pye": True,
    "demo/x.tar.py": True,
    "demo/x.pyi": False,
    "demo/x.pyx": False,
    "demo/x.pyc": False,
    "demo/x.txt": False,
    "demo/x.py.txt": False,
    "demo/xpy": False,
    "demo/x.py/": False,
    "demo": False,
}


@pytest.mark.parametrize(("path", "is_looked_at"), PATHS.items(), ids=PATHS.keys())
def test_only_python_source_is_looked_at(path: str, is_looked_at: bool) -> None:
    assert bool(obfuscator_of(path, PYARMOR, len(PYARMOR))) is is_looked_at
    assert bool(bytes_to_scan(path)) is is_looked_at


@pytest.mark.parametrize(("size", "tool"), [(LARGEST, "PyArmor"), (LARGEST + 1, "")])
def test_a_file_over_5_mib_is_passed_over(size: int, tool: str) -> None:
    assert obfuscator_of("x.py", PYARMOR, size) == tool


def test_enough_is_kept_to_see_the_whole_of_what_is_looked_at() -> None:
    assert bytes_to_scan("x.py") >= LARGEST


# --- in archives ---------------------------------------------------------------


def of_zip(folder: Path, *entries: Entry) -> Archive:
    path = folder / WHEEL
    path.write_bytes(zip_of(*entries))
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        reader = ZipReader(file, filename=WHEEL, kind=Kind.WHEEL, size=size)
        return reader.archive()


def of_tar(folder: Path, *nodes: Node) -> Archive:
    path = folder / SDIST
    path.write_bytes(gzipped(tar_of(*nodes)))
    with path.open("rb") as file:
        reader = TarReader(file, filename=SDIST, size=path.stat().st_size)
        return reader.archive(keep=lambda name: name.endswith("PKG-INFO"))


def test_a_member_of_a_zip_says_what_hides_it(tmp_path: Path) -> None:
    archive = of_zip(
        tmp_path,
        Entry("a.py", PYARMOR),
        Entry("b.pye", SOURCEDEFENDER, method=0),
        Entry("c.py", b"answer = 42\n"),
        Entry("d.txt", PYARMOR),
    )
    found = [member.obfuscator for member in archive.members]
    assert found == ["PyArmor", "SourceDefender", "", ""]


def test_a_member_of_a_tar_says_what_hides_it(tmp_path: Path) -> None:
    archive = of_tar(
        tmp_path,
        Node(f"{TOP}/PKG-INFO", PYARMOR),
        Node(f"{TOP}/a.py", PYARMOR),
        Node(f"{TOP}/b.pye", SOURCEDEFENDER),
        Node(f"{TOP}/c.py", b"", b"1", f"{TOP}/a.py"),
        Node(f"{TOP}/d.txt", PYARMOR),
    )
    found = [member.obfuscator for member in archive.members]
    assert found == ["", "PyArmor", "SourceDefender", "", ""]


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_mark_at_the_very_end_of_a_large_member_is_seen(
    form: str, tmp_path: Path
) -> None:
    noise = os.urandom(1 << 16) * (LARGEST >> 16)
    largest = noise[: LARGEST - len(PYARMOR)] + PYARMOR
    larger = largest + b"\n"
    if form == "zip":
        archive = of_zip(tmp_path, Entry("a.py", largest), Entry("b.py", larger))
    else:
        archive = of_tar(tmp_path, Node("a.py", largest), Node("b.py", larger))
    assert [member.obfuscator for member in archive.members] == ["PyArmor", ""]


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_marks_that_are_spread_over_two_members_hide_none(
    form: str, tmp_path: Path
) -> None:
    if form == "zip":
        archive = of_zip(tmp_path, Entry("a.py", BEGIN), Entry("b.py", END))
    else:
        archive = of_tar(tmp_path, Node("a.py", BEGIN), Node("b.py", END))
    assert [member.obfuscator for member in archive.members] == ["", ""]


def test_this_file_has_no_mark_of_its_own() -> None:
    """It is in the sdist, which an index scans."""
    content = Path(__file__).read_bytes()
    assert obfuscator_of(__file__, content, len(content)) == ""
