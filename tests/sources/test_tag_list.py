"""A list of tags: each line is a tag, or the reason why the list is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from release_guard.errors import RepositoryError
from release_guard.facts import GitTag
from release_guard.sources import tag_list
from release_guard.sources.tag_list import read_tag_list

SHA = "1" * 40
SHA256 = "2" * 64
DAY = datetime(2026, 1, 31, tzinfo=UTC)


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "tags.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "tags"),
    {
        "tags": ("v1.0\nv1.1\n", [GitTag("v1.0", ""), GitTag("v1.1", "")]),
        "tags with commits": (
            f"v1.0 {SHA}\nv1.1\t{SHA256}",
            [GitTag("v1.0", SHA), GitTag("v1.1", SHA256)],
        ),
        "tags with days": ("v1.0 2026-01-31", [GitTag("v1.0", "", made=DAY)]),
        "tags with commits and days": (
            f"v1.0 {SHA} 2026-01-31\nv1.1\n",
            [GitTag("v1.0", SHA, made=DAY), GitTag("v1.1", "")],
        ),
        "empty lines and line ends": ("\r\n v1.0 \r\n\n", [GitTag("v1.0", "")]),
        "full refs": ("refs/tags/pkg/v1.0\n", [GitTag("pkg/v1.0", "")]),
        "tags that look like commits and days": (
            f"{SHA}\n2026-01-31 2026-01-31\n",
            [GitTag(SHA, ""), GitTag("2026-01-31", "", made=DAY)],
        ),
        "nothing": ("", []),
        "a byte order mark": ("\ufeffv1.0\n", [GitTag("v1.0", "")]),
    }.values(),
)
def test_each_line_is_a_tag(content: str, tags: list[GitTag], tmp_path: Path) -> None:
    path = _written(tmp_path, content.encode())

    assert read_tag_list(path) == tuple(tags)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("v1.0 abc\n", "line 1 is 'v1.0 abc', expected a tag"),
        (f"v1.0\nv1.1 {SHA} {SHA}\n", "line 2 is"),
        (f"v1.0 2026-01-31 {SHA}\n", "line 1 is"),
        (f"v1.0 {SHA} 2026-01-31 2026-01-31\n", "line 1 is"),
        (f"v1.0 {SHA.upper()[:-1]}A\n", "line 1 is"),
        ("v1.0 2026-02-30\n", "line 1 is"),
        ("v1.0 20260131\n", "line 1 is"),
        ("v1.0 2026-01-31T00:00\n", "line 1 is"),
        ("v1.0 yesterday\n", "line 1 is"),
        ("v1.0\nv1.1\nv1.0\n", "line 3 has 'v1.0' again"),
        (f"v1.0 {SHA}\nrefs/tags/v1.0 {SHA256}\n", "line 2 has 'v1.0' again"),
        (f"v1.0\nv1{'.1' * 500}\n", "line 2: a tag of more than 1000 characters"),
        # What other readers take for a line end.
        ("v1.0\x0b\nv1\u2028.1", "line 2 is"),
    ],
)
def test_another_line_is_an_error(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=said):
        read_tag_list(_written(tmp_path, content.encode()))


def test_a_list_without_an_end_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_list, "_MOST", 2)
    assert len(read_tag_list(_written(tmp_path, b"v1\nv2\n"))) == 2

    with pytest.raises(RepositoryError, match="has more than 2 tags"):
        read_tag_list(_written(tmp_path, b"v1\nv2\nv3\n"))


def test_another_encoding_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not in UTF-8"):
        read_tag_list(_written(tmp_path, b"\xff\xfe\n"))


def test_no_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not there"):
        read_tag_list(tmp_path / "tags.txt")
