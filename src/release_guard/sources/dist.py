"""The files that are to be uploaded: found under the given paths, and read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from release_guard.errors import NoDistributionsError, SourceError, UsageError
from release_guard.facts import (
    Archive,
    CoreMetadata,
    Distribution,
    Kind,
    Sdist,
    Sidecar,
    SidecarKind,
    UnknownFile,
    Wheel,
)
from release_guard.filenames import distribution as named
from release_guard.filenames import kind_of
from release_guard.sources.sdist import read_sdist
from release_guard.sources.wheel import read_wheel

__all__ = [
    "Contents",
    "Found",
    "Unread",
    "find",
    "identify",
    "identify_all",
    "read",
    "read_all",
]

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

_CHUNK = 1 << 20
_SIDECARS = {
    ".attestation": SidecarKind.ATTESTATION,
    ".asc": SidecarKind.SIGNATURE,
    ".sig": SidecarKind.SIGNATURE,
    ".sigstore": SidecarKind.SIGNATURE,
    ".sigstore.json": SidecarKind.SIGNATURE,
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A path that was given and could not be read; the others can still be judged."""

    path: Path
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under the given paths, by kind; nothing has been opened yet."""

    distributions: tuple[Path, ...]
    sidecars: tuple[Sidecar, ...]
    unknown: tuple[UnknownFile, ...]
    unread: tuple[Unread, ...] = ()
    attestations: tuple[tuple[Sidecar, Path], ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that one pass over one distribution saw.

    ``metadata`` is None where the archive has none that can be read.
    """

    distribution: Distribution
    archive: Archive
    layout: Wheel | Sdist
    metadata: CoreMetadata | None


def find(paths: Sequence[Path]) -> Found:
    """The files under ``paths``; a folder's dot files are left out, as build tools
    leave a ``.gitignore`` there. Nothing there at all is ``NoDistributionsError``.
    """
    files: dict[Path, Path] = {}
    unread: list[Unread] = []
    for path in paths:
        try:
            # The same file by two ways is one; a link beside its target is another.
            files |= {f.parent.resolve() / f.name: f for f in _under(path)}
        except SourceError as error:
            unread.append(Unread(path, error.message, error.hint))
    distributions, sidecars, unknown, attestations = [], [], [], []
    for path in sorted(files.values(), key=lambda path: path.name):
        try:
            what = _what(path)
        except OSError as error:
            unread.append(Unread(path, f"{path}: {error.strerror or error}"))
            continue
        if what:
            unknown.append(UnknownFile(path.name, what))
        elif sidecar := _sidecar(path.name):
            sidecars.append(sidecar)
            if sidecar.kind is SidecarKind.ATTESTATION:
                attestations.append((sidecar, path))
        elif kind_of(path.name):
            distributions.append(path)
        else:
            what = "no wheel, no .tar.gz and no .zip"
            unknown.append(UnknownFile(path.name, what))
    if not files:
        raise NoDistributionsError(
            "; ".join(item.reason for item in unread),
            hint="build distributions first: python -m build",
        )
    _refuse_namesakes([*distributions, *(Path(s.filename) for s in sidecars)])
    return Found(
        tuple(distributions),
        tuple(sidecars),
        tuple(unknown),
        tuple(unread),
        tuple(attestations),
    )


def read_all(paths: Iterable[Path]) -> Iterator[Contents | Unread]:
    """Each distribution, read on every core, in the order of ``paths``."""
    return _each(read, paths)


def identify_all(paths: Iterable[Path]) -> Iterator[Distribution | Unread]:
    """Each distribution's name and hash, in the order of ``paths``."""
    return _each(identify, paths)


def _each(
    read_one: Callable[[Path, threading.Event], T], paths: Iterable[Path]
) -> Iterator[T | Unread]:
    """All of them; who is interrupted, or wants no more, waits for none of the rest."""
    stopped = threading.Event()

    def attempt(path: Path) -> T | Unread:
        try:
            return read_one(path, stopped)
        except SourceError as error:
            return Unread(path, error.message, error.hint)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool, _set_at_the_end(stopped):
        yield from pool.map(attempt, paths)


@contextlib.contextmanager
def _set_at_the_end(stopped: threading.Event) -> Iterator[None]:
    try:
        yield
    finally:
        stopped.set()


class _Stoppable(io.FileIO):
    """A file that is read until somebody says that its content is wanted no more."""

    def __init__(self, path: Path, stopped: threading.Event | None) -> None:
        super().__init__(path, "rb")
        self._stopped = stopped

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self._stopped is not None and self._stopped.is_set():
            raise SourceError("the reading was stopped")
        return super().readinto(buffer)


def _open(path: Path, stopped: threading.Event | None) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Stoppable(path, stopped)))


def read(path: Path, stopped: threading.Event | None = None) -> Contents:
    """A distribution: its hash, and then, from the system's cache, what is in it.

    A zip's table is at its end, so that one pass cannot do both. It ends early, by
    ``SourceError``, once ``stopped`` is set.
    """
    try:
        with _open(path, stopped) as file:
            before = os.fstat(file.fileno())
            distribution = _identify(path.name, file)
            file.seek(0)
            reader = read_wheel if distribution.kind is Kind.WHEEL else read_sdist
            archive, layout, metadata = reader(file, distribution)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceError(f"{path}: changed while it was read")
    return Contents(distribution, archive, layout, metadata)


def identify(path: Path, stopped: threading.Event | None = None) -> Distribution:
    """A distribution's name and hash, without a look inside."""
    try:
        with _open(path, stopped) as file:
            return _identify(path.name, file)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error


def _identify(filename: str, file: BinaryIO) -> Distribution:
    hasher, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        hasher.update(chunk)
        size += len(chunk)
    return named(filename, size=size, sha256=hasher.hexdigest())


def _what(path: Path) -> str:
    """What stands there if it is no file; a link that leads nowhere is none."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "a link that leads nowhere"
    if stat.S_ISREG(mode):
        return ""
    return "a folder" if stat.S_ISDIR(mode) else "no regular file"


def _under(path: Path) -> list[Path]:
    """A file, or the entries of a folder; raises where there is nothing."""
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return [path]
        entries = sorted(e for e in path.iterdir() if e.name[:1] != ".")
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file or folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{path}: {reason}") from error
    if not entries:
        raise SourceError(f"{path}: the folder is empty")
    return entries


def _sidecar(filename: str) -> Sidecar | None:
    """``X.publish.attestation``, ``X.asc`` and the like, and the X they speak of."""
    for suffix, kind in _SIDECARS.items():
        if filename.endswith(suffix):
            beside = filename.removesuffix(suffix)
            if kind is SidecarKind.ATTESTATION:
                # PEP 740 names no form; publishers write the predicate in between.
                beside = _without_predicate(beside)
            return Sidecar(filename, kind, beside)
    return None


def _without_predicate(name: str) -> str:
    if kind_of(name):
        return name
    stem, _, _predicate = name.rpartition(".")
    return stem or name


def _refuse_namesakes(paths: Iterable[Path]) -> None:
    """An index knows a file by its name alone: two of one name cannot be one set."""
    seen: dict[str, Path] = {}
    for path in paths:
        if path.name in seen:
            raise UsageError(
                f"two files have the name {path.name}: {seen[path.name]} and {path}",
                hint="give one of them",
            )
        seen[path.name] = path
