"""Repositories, and distributions that were, or were not, built from them."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import forge
from archives import Entry, zip_of

from release_guard.facts import SourcedDistribution
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Place
from release_guard.jobs.source_tree import add_sources
from release_guard.sources import dist
from release_guard.sources.git import Repository, commit_of, find_repository

__all__ = [
    "LICENSE",
    "Executable",
    "Files",
    "Link",
    "commit",
    "gathered",
    "opened",
    "place_of",
    "repository",
    "sdist",
    "sourced",
    "told",
    "wheel_of",
    "write",
]

LICENSE = "Permission is hereby granted, free of charge, to any person.\n"


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Executable:
    """A file that may be executed."""

    content: str


Content = str | bytes | Link | Executable
Files = Mapping[str, Content]


def write(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
            continue
        path.write_bytes(_bytes(content))
        path.chmod(0o755 if isinstance(content, Executable) else 0o644)


def _bytes(content: Content) -> bytes:
    if isinstance(content, Executable):
        content = content.content
    assert not isinstance(content, Link)
    return content if isinstance(content, bytes) else content.encode()


def repository(folder: Path, files: Files, tag: str = "v1.0") -> forge.Repository:
    """A repository whose first commit with files is tagged."""
    made = forge.Repository(folder)
    commit(made, files)
    made.tag(tag)
    return made


def commit(made: forge.Repository, files: Files) -> str:
    """Commit files to what there is; the id of the commit."""
    write(made.folder, files)
    made.git("add", "--all", "--force")
    return made.commit("Change")


def sdist(folder: Path, files: Files, name: str = "demo", version: str = "1.0") -> Path:
    """An sdist that holds the files and a PKG-INFO, as any backend would write it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}.tar.gz"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with tarfile.open(path, "w:gz") as archive:
        for inside, content in {"PKG-INFO": metadata, **files}.items():
            info = tarfile.TarInfo(f"{name}-{version}/{inside}")
            if isinstance(content, Link):
                info.type, info.linkname = tarfile.SYMTYPE, content.target
                archive.addfile(info)
                continue
            data = _bytes(content)
            info.size = len(data)
            info.mode = 0o755 if isinstance(content, Executable) else 0o644
            archive.addfile(info, io.BytesIO(data))
    return path


def wheel_of(
    folder: Path, files: Files, name: str = "demo", version: str = "1.0"
) -> Path:
    """A pure wheel that holds the files."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    said = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    members: dict[str, Content] = dict(files)
    members |= {f"{info}/METADATA": metadata, f"{info}/WHEEL": said}
    entries = [Entry(name, _bytes(content)) for name, content in members.items()]
    path.write_bytes(zip_of(*entries, Entry(f"{info}/RECORD", b"")))
    return path


# --- the comparison -----------------------------------------------------------------


def opened(made: forge.Repository) -> Repository:
    """The repository as the package reads it."""
    found = find_repository(made.folder, dict(os.environ))
    assert found is not None
    return found


def place_of(made: forge.Repository) -> Place:
    """The commit that is checked out."""
    found = opened(made)
    head = commit_of(found, "HEAD") or ""
    return Place(found, head, head)


def gathered(made: forge.Repository, *paths: Path) -> Gathered:
    """What is gathered of distributions beside the commit that is checked out."""
    facts = Gathered()
    for path in paths:
        facts.subjects.append(dist.read(path).layout)
    add_sources({path.name: path for path in paths}, place_of(made), facts)
    return facts


def sourced(made: forge.Repository, path: Path) -> SourcedDistribution:
    """A distribution beside the commit that is checked out."""
    facts = gathered(made, path)
    found = [s for s in facts.subjects if isinstance(s, SourcedDistribution)]
    assert len(found) == 1, facts.missing
    return found[0]


def told(findings: list[dict[str, Any]]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Rule, severity and paths of what a report says of source."""
    return [
        (f["rule"], f["severity"], tuple(f["evidence"].get("paths", ())))
        for f in findings
        if f["rule"].startswith(("source-", "tree-"))
    ]
