"""A list of projects: each line is one, or the reason why the list is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_guard.errors import SourceError, UsageError
from release_guard.sources.projects_file import read_projects_file


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "projects.txt"
    path.write_bytes(content)
    return path


def test_each_line_is_a_project_and_perhaps_where_its_tags_are(tmp_path: Path) -> None:
    content = (
        b"\xef\xbb\xbf# ours\r\n"
        b"Demo_Cli\n"
        b"\n"
        b"  demo\tgithub:org/demo   # the main one\n"
        b"other   folder with blanks/a#b \n"
        b"last\n"
    )

    read = read_projects_file(_written(tmp_path, content))

    assert [(line.project, line.tags, line.number) for line in read] == [
        ("demo-cli", "", 2),
        ("demo", "github:org/demo", 4),
        ("other", "folder with blanks/a#b", 5),
        ("last", "", 6),
    ]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"demo\n-demo\n", UsageError, "line 2: expected the name of a project"),
        (b"demo/other\n", UsageError, "line 1: expected the name of a project"),
        ("d\xe9mo\n".encode(), UsageError, "line 1: expected the name of a project"),
        (b"", SourceError, "names no project"),
        (b"# demo\n\n", SourceError, "names no project"),
        (b"\xff\n", SourceError, "is not in UTF-8"),
        (b"demo\rother\r", UsageError, "line 1: holds a character that is no text"),
        (b"demo\x0cother\n", UsageError, "line 1: holds a character that is no text"),
        ("demo\u2028other".encode(), UsageError, "line 1: holds a character that"),
        (b"a" * (1 << 20) + b"a", SourceError, "is larger than"),
    ],
)
def test_another_file_is_an_error(
    content: bytes, error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said):
        read_projects_file(_written(tmp_path, content))


def test_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        read_projects_file(tmp_path / "projects.txt")
