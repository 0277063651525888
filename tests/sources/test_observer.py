"""What looks at members while an archive is read: who sees what, and git's ids."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from release_guard.facts import Archive, Kind
from release_guard.sources.observer import Observer
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.zip_archive import ZipReader

FILES = {
    "demo-1.0/demo/__init__.py": b"import demo.other\n",
    "demo-1.0/empty": b"",
    "demo-1.0/large.bin": bytes(range(256)) * 20_000,
}


@dataclass
class Recorder:
    """An observer that wants the begin of what ends in one of these ways."""

    ends: tuple[str, ...]
    most: int
    seen: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def wants(self, path: str, size: int) -> int:
        return min(self.most, size) if path.endswith(self.ends) else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        self.seen[path] = content, size


def zipped(*observers: Observer, blobs: bool = False) -> Archive:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in FILES.items():
            archive.writestr(path, content)
    size = len(packed.getvalue())
    reader = ZipReader(packed, filename="x.zip", kind=Kind.SDIST, size=size)
    return reader.archive(observers=observers, blobs=blobs)


def tarred(*observers: Observer, blobs: bool = False) -> Archive:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in FILES.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    file = gzip.compress(packed.getvalue())
    reader = TarReader(io.BytesIO(file), filename="x.tar.gz", size=len(file))
    return reader.archive(observers=observers, blobs=blobs)


Read = Callable[..., Archive]
READERS = pytest.mark.parametrize("read", [zipped, tarred], ids=["zip", "tar"])


@READERS
def test_each_observer_sees_as_much_as_it_wants_and_the_size(read: Read) -> None:
    source, begin = Recorder((".py",), 1 << 20), Recorder((".bin", "empty"), 100)

    assert read(source, begin).complete

    module, large = FILES["demo-1.0/demo/__init__.py"], FILES["demo-1.0/large.bin"]
    assert source.seen == {"demo-1.0/demo/__init__.py": (module, len(module))}
    assert begin.seen.keys() == {"demo-1.0/large.bin"}
    content, size = begin.seen["demo-1.0/large.bin"]
    assert (content[:100], size) == (large[:100], len(large))


@READERS
def test_a_files_id_is_the_one_that_git_gives(read: Read, tmp_path: Path) -> None:
    told = {member.path: member.blob for member in read(blobs=True).members}

    for path, content in FILES.items():
        (tmp_path / "file").write_bytes(content)
        command = ["git", "hash-object", "--no-filters", "file"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        assert told[path] == done.stdout.decode().strip()


@READERS
def test_no_id_is_made_where_nobody_asks(read: Read) -> None:
    assert {member.blob for member in read().members} == {""}
