"""Small files that are read whole: manifests and parts."""

from __future__ import annotations

from pathlib import Path

from release_guard.errors import SourceError

__all__ = ["read_small"]

_LARGEST = 64 << 20


def read_small(path: Path, error: type[SourceError]) -> bytes:
    """A file's bytes, up to 64 MiB; whatever is in the way raises ``error``."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not there"
            raise error(f"{path}: {what}")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as problem:
        raise error(f"{path}: {problem.strerror or problem}") from None
    if len(content) > _LARGEST:
        raise error(f"{path}: is larger than {_LARGEST} bytes")
    return content
