"""What the rest of a set must know of the contents of one file, by names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from release_guard.facts import (
    Archive,
    EntryPoints,
    Inventory,
    MemberKind,
    PathConfiguration,
)
from release_guard.trees import in_prefix, in_site

__all__ = ["EggInfo", "inventory_of_sdist", "inventory_of_wheel"]

#: How many names of one file are told, and how long all of them may be.
_MOST, _MOST_TOPS, _LONGEST = 50_000, 1_000, 4 << 20
_LICENSE = re.compile(r"(?:un)?licen[cs]e|copying|copyright", re.IGNORECASE)


class EggInfo:
    """Keeps the entry points that setuptools writes into an sdist, in the ``.egg-info``
    at the top or below ``src``. ``entry_points`` is None where there is none of these,
    or more than one.
    """

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def wants(self, path: str, size: int) -> int:
        """All of a small entry_points.txt, and a bit of what stands beside it."""
        found = _EGG_INFO.fullmatch(path)
        if not found or len(self._contents) > _MOST_EGG_INFOS:
            return 0
        return 1 if found[2] == "PKG-INFO" else min(size, _LARGEST_ENTRY_POINTS)

    def see(self, path: str, content: bytes, size: int) -> None:
        """Keep it; one that is too large says what nobody knows."""
        folder, _, name = path.rpartition("/")
        if name == "PKG-INFO":
            self._contents.setdefault(folder, b"")
        else:
            self._contents[folder] = content if size == len(content) else b"?"

    @property
    def entry_points(self) -> bytes | None:
        """The content of entry_points.txt, empty where setuptools had none to write."""
        contents = list(self._contents.values())
        return contents[0] if len(contents) == 1 else None


_EGG_INFO = re.compile(r"[^/]+/((?:src/)?[^/]+\.egg-info)/(PKG-INFO|entry_points\.txt)")
_MOST_EGG_INFOS, _LARGEST_ENTRY_POINTS = 10, 1 << 20


def inventory_of_wheel(
    archive: Archive,
    entry_points: EntryPoints | None,
    path_configurations: Iterable[PathConfiguration],
) -> Inventory | None:
    """What a wheel installs; None where its archive was not read to the end."""
    files = _files(archive)
    installed = [site for path in files if (site := in_site(path))]
    # What goes there by the prefix is seen by all others, and compared with nothing.
    seen = [*installed, *(site for path in files if (site := in_prefix(path)))]
    tops = dict.fromkeys(_top(path) for path in seen)
    return _inventory(
        archive,
        tops,
        installed,
        # One in a package is shown to whoever has the package.
        licenses=sum(map(_is_license, files)),
        entry_points=entry_points or EntryPoints(),
        path_configurations=tuple(path_configurations),
    )


def inventory_of_sdist(
    archive: Archive, entry_points: EntryPoints | None
) -> Inventory | None:
    """What is in an sdist, below its top folder; None where its archive was not read to
    the end.
    """
    files = [path.partition("/")[2] for path in _files(archive)]
    tops = dict.fromkeys(_top(path) for path in files)
    return _inventory(
        archive,
        tops,
        files,
        licenses=sum(_LICENSE.match(path) is not None for path in files),
        entry_points=entry_points,
    )


def _inventory(
    archive: Archive,
    tops: Iterable[str],
    paths: Iterable[str],
    *,
    licenses: int,
    entry_points: EntryPoints | None,
    path_configurations: tuple[PathConfiguration, ...] = (),
) -> Inventory | None:
    """The facts, as many as may be told."""
    if not archive.complete:
        return None
    first = tuple(islice(tops, _MOST_TOPS + 1))
    sources = tuple(islice(filter(_is_source, paths), _MOST + 1))
    entries = entry_points.entries if entry_points else ()
    names = tuple(f"{entry.group}: {entry.name}" for entry in entries)
    is_whole = len(first) <= _MOST_TOPS
    if len(sources) > _MOST or sum(map(len, (*first, *sources, *names))) > _LONGEST:
        sources, names, is_whole = (), (), False
    is_said = entry_points is not None and not entry_points.problem
    return Inventory(
        archive.filename,
        first[:_MOST_TOPS],
        sources,
        licenses=licenses,
        entry_points=names if is_said else None,
        path_configurations=path_configurations,
        is_whole=is_whole,
    )


def _files(archive: Archive) -> list[str]:
    return [m.path for m in archive.members if m.kind is not MemberKind.FOLDER]


def _top(path: str) -> str:
    """The name at the top; a folder's ends with a slash."""
    top, slash, _ = path.partition("/")
    return top + slash


def _is_source(path: str) -> bool:
    """Whether it is a module, a stub, or the marker of types (PEP 561)."""
    return path.endswith((".py", ".pyi", "/py.typed"))


def _is_license(path: str) -> bool:
    return any(map(_LICENSE.match, path.split("/")[-2:]))
