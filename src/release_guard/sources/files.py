"""Small files: read whole within a bound, and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from release_guard.errors import ReleaseGuardError, SourceError

__all__ = ["read_small", "remove_file", "write_whole"]

_LARGEST = 64 << 20


def read_small(
    path: Path, error: type[ReleaseGuardError], *, largest: int = _LARGEST
) -> bytes:
    """A file's bytes, at most ``largest``; whatever is in the way raises ``error``."""
    try:
        if not path.is_file():
            raise error(f"{path}: {_instead(path)}")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as problem:
        raise error(f"{path}: {_reason(problem)}") from None
    if len(content) > largest:
        raise error(f"{path}: is larger than {largest} bytes")
    return content


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it.

    A link in its place is replaced, not followed: it may have come with an artifact or
    a checkout, and lead to the log that a runner obeys. What is no file (a terminal, a
    pipe) is written to as it is.
    """
    try:
        is_special = path.exists() and not path.is_file() and not path.is_dir()
        if is_special and not _is_somebodys_link(path):
            _write_through(path, text)
            return
        with contextlib.ExitStack() as undo:
            with tempfile.NamedTemporaryFile(
                "w",
                encoding="utf-8",
                errors="backslashreplace",
                dir=path.parent,
                delete=False,
            ) as file:
                draft = Path(file.name)
                undo.callback(draft.unlink, missing_ok=True)
                file.write(text)
            draft.chmod(0o644)
            draft.replace(path)
    except OSError as problem:
        raise SourceError(f"{path}: {_reason(problem)}") from problem


def _is_somebodys_link(path: Path) -> bool:
    """Whether a path is a link, and none of the system's own, as ``/dev/stdout`` is."""
    return path.is_symlink() and path.absolute().parts[1] not in ("dev", "proc")


def _write_through(path: Path, text: str) -> None:
    """Write to a device, or to a pipe that somebody reads; one without a reader would
    wait for ever.
    """
    # Windows has no such flag, and its devices do not wait.
    at_once = getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, os.O_WRONLY | at_once)
    if at_once:
        os.set_blocking(handle, True)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)


def remove_file(path: Path) -> None:
    """Remove a file or a link, if there is one; anything else stays."""
    try:
        if path.is_symlink() or path.is_file():
            path.unlink()
    except OSError as problem:
        raise SourceError(f"{path}: {_reason(problem)}") from problem


def _instead(path: Path) -> str:
    if path.is_dir():
        return "is a folder"
    return "is no regular file" if path.exists() else "is not there"


def _reason(problem: Exception) -> str:
    return getattr(problem, "strerror", None) or str(problem)
