"""What is read in an sdist: its members, and the one PKG-INFO that counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import (
    METADATA,
    SDIST,
    TOP,
    Entry,
    Node,
    gzipped,
    sdist,
    sdist_nodes,
    tar_of,
    within,
    zip_of,
)

from release_guard.facts import DefectKind, Kind, MemberKind, Sdist
from release_guard.sources import dist
from release_guard.sources.dist import Contents

ZIP_SDIST = "demo-1.0.zip"


def read(path: Path) -> Contents:
    with within(10):
        contents = dist.read(path)
    assert isinstance(contents.layout, Sdist)
    assert contents.layout.archive is contents.archive
    return contents


def read_tar(folder: Path, *nodes: Node) -> Contents:
    (folder / SDIST).write_bytes(gzipped(tar_of(*nodes)))
    return read(folder / SDIST)


def read_zip(folder: Path, *entries: Entry) -> Contents:
    (folder / ZIP_SDIST).write_bytes(zip_of(*entries))
    return read(folder / ZIP_SDIST)


def test_a_sound_sdist_gives_every_fact(tmp_path: Path) -> None:
    contents = read(sdist(tmp_path, {"docs/index.md": b"# demo\n"}))
    assert contents.distribution.kind is Kind.SDIST
    assert (contents.archive.complete, contents.archive.defects) == (True, ())
    assert [member.path for member in contents.archive.members] == [
        f"{TOP}/{path}"
        for path in ("PKG-INFO", "pyproject.toml", "demo.py", "docs/index.md")
    ]
    assert contents.metadata is not None
    assert (contents.metadata.name, contents.metadata.version) == ("demo", "1.0")


def test_a_zip_sdist_gives_the_same_facts(tmp_path: Path) -> None:
    entries = [Entry(str(node.name), node.data) for node in sdist_nodes()]
    zipped = read_zip(tmp_path, *entries)
    tarred = read(sdist(tmp_path))
    assert zipped.metadata == tarred.metadata
    assert zipped.archive.members == tarred.archive.members
    assert zipped.archive.kind is Kind.SDIST


PLACES = {
    "in the top folder": ([f"{TOP}/PKG-INFO"], 1),
    "in a folder of another name": (["other/PKG-INFO"], 1),
    "at the top": (["PKG-INFO"], 0),
    "in an egg-info": ([f"{TOP}/demo.egg-info/PKG-INFO"], 0),
    "in both": ([f"{TOP}/PKG-INFO", f"{TOP}/demo.egg-info/PKG-INFO"], 1),
    "in two top folders": ([f"{TOP}/PKG-INFO", "other/PKG-INFO"], 0),
    "under a longer name": ([f"{TOP}/NOT-PKG-INFO"], 0),
    "in other capitals": ([f"{TOP}/pkg-info"], 0),
    "nowhere": ([], 0),
}


@pytest.mark.parametrize("form", ["tar", "zip"])
@pytest.mark.parametrize(("paths", "expected"), PLACES.values(), ids=PLACES.keys())
def test_only_one_pkg_info_of_the_top_folder_counts(
    form: str, paths: list[str], expected: int, tmp_path: Path
) -> None:
    if form == "tar":
        nodes = [Node(path, METADATA) for path in paths]
        contents = read_tar(tmp_path, Node(f"{TOP}/demo.py"), *nodes)
    else:
        entries = [Entry(path, METADATA) for path in paths]
        contents = read_zip(tmp_path, Entry(f"{TOP}/demo.py"), *entries)
    assert (contents.metadata is not None) == bool(expected)


@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_pkg_info_that_stands_there_twice_is_ambiguous(
    form: str, tmp_path: Path
) -> None:
    path = f"{TOP}/PKG-INFO"
    contents = (
        read_tar(tmp_path, Node(path, METADATA), Node(path, b"Name: other\n"))
        if form == "tar"
        else read_zip(tmp_path, Entry(path, METADATA), Entry(path, b"Name: other\n"))
    )
    assert [d.kind for d in contents.archive.defects] == [DefectKind.DUPLICATE]


def test_a_link_in_place_of_pkg_info_is_no_metadata(tmp_path: Path) -> None:
    link = Node(f"{TOP}/PKG-INFO", b"", b"2", "/etc/passwd")
    contents = read_tar(tmp_path, Node(f"{TOP}/demo.py"), link)
    assert contents.metadata is None
    assert contents.archive.members[1].kind is MemberKind.LINK


def test_a_hard_link_to_metadata_is_no_metadata(tmp_path: Path) -> None:
    link = Node(f"{TOP}/PKG-INFO", b"", b"1", f"{TOP}/METADATA")
    contents = read_tar(tmp_path, Node(f"{TOP}/METADATA", METADATA), link)
    assert contents.metadata is None


@pytest.mark.parametrize("count", [1, 40])
def test_pkg_infos_past_the_bound_are_a_bomb(count: int, tmp_path: Path) -> None:
    content = bytes((17 << 20) // count)
    nodes = [Node(f"{number}/PKG-INFO", content) for number in range(count)]
    contents = read_tar(tmp_path, *nodes)
    assert [d.kind for d in contents.archive.defects] == [DefectKind.BOMB]
    assert contents.metadata is None


def test_a_zip_pkg_info_past_the_bound_is_a_bomb(tmp_path: Path) -> None:
    contents = read_zip(tmp_path, Entry(f"{TOP}/PKG-INFO", bytes(17 << 20)))
    assert contents.archive.defects[0].kind is DefectKind.BOMB
    assert contents.metadata is None


SWAPPED = {
    "a zip called tar": (SDIST, zip_of(Entry(f"{TOP}/PKG-INFO", METADATA))),
    "a tar called zip": (ZIP_SDIST, gzipped(tar_of(*sdist_nodes()))),
}


@pytest.mark.parametrize(("name", "content"), SWAPPED.values(), ids=SWAPPED.keys())
def test_an_archive_of_the_other_form_is_none(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    contents = read(tmp_path / name)
    assert [d.kind for d in contents.archive.defects] == [DefectKind.NO_ARCHIVE]
    assert contents.metadata is None
    assert not contents.archive.complete


def test_what_came_before_the_damage_is_still_told(tmp_path: Path) -> None:
    nodes = [*sdist_nodes(), Node("x", checksum=b"123456\0 ")]
    contents = read_tar(tmp_path, *nodes)
    assert not contents.archive.complete
    assert len(contents.archive.members) == 3
    assert contents.metadata is not None
