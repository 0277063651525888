"""What a set must know of the contents of its files goes through parts to the join."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import sdist, wheel

from release_guard.cli import main


def test_a_join_tells_of_contents_what_a_check_of_the_files_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist, parts = tmp_path / "dist", tmp_path / "parts"
    for folder in (dist, parts):
        folder.mkdir()
    files = [
        wheel(dist, {"tests/__init__.py": b"", "demo.pth": b"import os\n"}),
        sdist(dist, {"LICENSE": b""}),
    ]
    for number, file in enumerate(files):
        part = str(parts / f"part-{number}.json")
        main(["check", "--part", "--offline", "--manifest", part, str(file)])
    capsys.readouterr()

    told = []
    for paths in ([str(dist)], [str(part) for part in sorted(parts.iterdir())]):
        manifest = str(tmp_path / "manifest.json")
        code = main(["check", "--offline", "--manifest", manifest, *paths])
        out = capsys.readouterr().out
        told.append((code, [rule in out for rule in _RULES]))

    assert told == [(1, [True] * 3)] * 2


_RULES = ("top-level-unexpected", "path-configuration", "wheel-sdist-content")
