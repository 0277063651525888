"""A second look into a distribution: the bytes of a few of its files.

The first look knows git's id of each file. Where one of them is not what it should be,
its bytes tell why, and only then they are read: few files of few distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from release_guard.blobs import blob_id
from release_guard.errors import SourceError
from release_guard.facts import Kind, is_zip_name
from release_guard.filenames import kind_of
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.zip_archive import ZipReader

__all__ = ["read_members"]

#: Of what is kept over all, in bytes.
_MOST = 128 << 20


def read_members(path: Path, wanted: Mapping[str, str]) -> Mapping[str, bytes]:
    """The contents of files of a distribution, by their names; ``wanted`` says which
    content each had at the first look, by git's id (SHA-1). One that has another by now
    is left out, and so is what is past a bound. Raises ``SourceError`` where the file
    cannot be read.
    """
    keeper = _Keeper(wanted)
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if is_zip_name(path.name):
                kind = kind_of(path.name) or Kind.SDIST
                zipped = ZipReader(file, filename=path.name, kind=kind, size=size)
                zipped.archive(observers=(keeper,))
            else:
                TarReader(file, filename=path.name, size=size).archive(
                    observers=(keeper,)
                )
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    return keeper.found


class _Keeper:
    """Keeps the wanted files, as long as there is room."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        self._wanted = wanted
        self._left = _MOST
        self.found: dict[str, bytes] = {}

    def wants(self, path: str, size: int) -> int:
        """All of a wanted file."""
        return size if path in self._wanted and size <= self._left else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        """Keep a file that is the one that was asked for."""
        if size == len(content) and blob_id(content) == self._wanted[path]:
            self._left -= len(content)
            self.found.setdefault(path, content)
