"""A list of tags: each line is a tag, or the reason why the list is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_guard.errors import RepositoryError
from release_guard.facts import GitTag
from release_guard.sources.tag_list import read_tag_list

SHA = "1" * 40


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "tags.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "tags"),
    {
        "tags": (b"v1.0\nv1.1\n", [("v1.0", ""), ("v1.1", "")]),
        "tags with commits": (
            f"v1.0 {SHA}\nv1.1\t{SHA}".encode(),
            [("v1.0", SHA), ("v1.1", SHA)],
        ),
        "empty lines and line ends": (b"\r\n v1.0 \r\n\n", [("v1.0", "")]),
        "full refs": (b"refs/tags/pkg/v1.0\n", [("pkg/v1.0", "")]),
        "nothing": (b"", []),
        "what other readers take for a line end": (
            "v1.0\x0b\nv1\u2028.1".encode(),
            None,
        ),
    }.values(),
)
def test_each_line_is_a_tag(
    content: bytes, tags: list[tuple[str, str]] | None, tmp_path: Path
) -> None:
    path = _written(tmp_path, content)
    if tags is None:
        with pytest.raises(RepositoryError, match="line 2"):
            read_tag_list(path)
        return
    assert read_tag_list(path) == tuple(GitTag(*tag) for tag in tags)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"v1.0 abc\n", "line 1 is 'v1.0 abc', expected a tag"),
        (f"v1.0\nv1.1 {SHA} {SHA}\n".encode(), "line 2 is"),
        (b"\xff\xfe\n", "is not in UTF-8"),
    ],
)
def test_another_line_is_an_error(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=said):
        read_tag_list(_written(tmp_path, content))


def test_no_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not there"):
        read_tag_list(tmp_path / "tags.txt")
