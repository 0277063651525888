"""Git's ids, as git itself makes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from release_guard.blobs import algorithm_of, blob_id, namer


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("content", [b"", b"a = 1\n", b"\0\xff" * 70_000])
def test_an_id_is_the_one_of_git(
    content: bytes, algorithm: str, tmp_path: Path
) -> None:
    words = ["git", "init", "--quiet", f"--object-format={algorithm}"]
    subprocess.run(words, cwd=tmp_path, check=True)
    done = subprocess.run(
        ["git", "hash-object", "--stdin"],
        cwd=tmp_path,
        input=content,
        capture_output=True,
        check=True,
    )
    said = done.stdout.decode().strip()

    assert blob_id(content, algorithm) == said
    assert algorithm_of(said) == algorithm
    hasher = namer(len(content), algorithm)
    for start in range(0, len(content), 1_000):
        hasher.update(content[start : start + 1_000])
    assert hasher.hexdigest() == said
