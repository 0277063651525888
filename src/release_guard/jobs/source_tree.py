"""What `check` compares with the tree of the commit: sdists, pure wheels, the checkout.

None of it is needed for a pass: a publish job need not have the checkout. What could
not be compared is listed with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from packaging.version import Version

from release_guard.alterations import (
    LARGEST_VERSION_FILE,
    alteration,
    is_bare_setup_cfg,
    is_pointer,
    is_version_file,
)
from release_guard.backends import backend_of, build_modules
from release_guard.errors import GitTimeoutError, RepositoryError, SourceError
from release_guard.facts import (
    EntryKind,
    Kind,
    Sdist,
    SourcedCheckout,
    SourcedDistribution,
    SourceDifference,
    SourceTree,
    Subject,
    TreeEntry,
    Wheel,
    is_zip_name,
)
from release_guard.findings import some
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Place
from release_guard.sources.git import Repository
from release_guard.sources.members import read_members
from release_guard.sources.tree import (
    conversions,
    ignored,
    left_out,
    read_blobs,
    read_checkout,
    read_tree,
)
from release_guard.sourcing import (
    Comparison,
    Pair,
    Placed,
    Placement,
    compare,
    declares,
    leaves_open,
    manifests,
    place,
)

__all__ = ["SOURCE_SCOPE", "add_sources"]

SOURCE_SCOPE: tuple[type[Subject], ...] = (SourcedDistribution, SourcedCheckout)

#: Of a file whose bytes tell how it differs, and of one that git LFS keeps, in bytes.
_LARGEST, _LARGEST_STORED = 2 << 20, 64 << 20
#: How many links and manifests of a tree are read.
_MOST_LINKS, _MOST_MANIFESTS = 2_000, 500
#: Of where a link leads to, in bytes.
_LONGEST_LINK = 4_096
#: Git's ids of members are SHA-1; those of a repository by SHA-256 are others.
_SHA1_LENGTH = 40


def add_sources(paths: Mapping[str, Path], where: Place, facts: Gathered) -> None:
    """Add the comparisons with the commit's tree; ``paths`` are those of the files."""
    repository = where.repository
    if repository is None:
        facts.lack_all(SOURCE_SCOPE, where.reason, needed=False, hint=where.hint)
        return
    try:
        tree = read_tree(repository, where.commit)
    except RepositoryError as error:
        facts.lack_all(SOURCE_SCOPE, error.message, needed=False, hint=error.hint)
        return
    _add_checkout(repository, tree, where, facts)
    layouts = [
        layout
        for layout in facts.subjects
        if isinstance(layout, Sdist | Wheel) and _has_ids(layout)
    ]
    if not layouts:
        reason = "there is no sdist and no pure wheel that was read"
        facts.lack(SourcedDistribution, reason, needed=False)
    for layout in layouts:
        name = layout.distribution.filename
        slow: list[GitTimeoutError] = []
        try:
            found = _sourced(repository, tree, layout, paths[name], slow)
        except SourceError as error:
            reason = f"{name}: {error.message}"
            facts.lack(SourcedDistribution, reason, needed=False, hint=error.hint)
        else:
            facts.subjects.append(found)
        for late in slow[:1]:
            reason = f"{name}: compared without patterns: {late.message}"
            facts.lack(SourcedDistribution, reason, needed=False, hint=late.hint)


def _has_ids(layout: Sdist | Wheel) -> bool:
    """Whether git's ids of the members were asked for: not of compiled wheels."""
    is_sdist = layout.archive.kind is Kind.SDIST
    return is_sdist or any(member.blob for member in layout.archive.members)


def _add_checkout(
    repository: Repository, tree: SourceTree, where: Place, facts: Gathered
) -> None:
    if where.head != where.commit:
        reason = (
            f"the checkout is at {where.head[:12] or 'no commit'}, not at the built "
            f"commit {where.commit[:12]}"
        )
        facts.lack(SourcedCheckout, reason, needed=False)
        return
    try:
        checkout = read_checkout(repository, tree)
    except RepositoryError as error:
        facts.lack(SourcedCheckout, error.message, needed=False, hint=error.hint)
        return
    facts.subjects.append(checkout)
    for paths, why in (
        (checkout.converted, "have what only a filter or an encoding could compare"),
        (checkout.unread, "are too large to be read"),
    ):
        if paths:
            told = some([f"{path!r:.200}" for path in paths])
            reason = f"of the tracked files, {len(paths)} {why}: {told}"
            facts.lack(SourcedCheckout, reason, needed=False)


# --- one distribution ---------------------------------------------------------------


def _sourced(
    repository: Repository,
    tree: SourceTree,
    layout: Sdist | Wheel,
    path: Path,
    slow: list[GitTimeoutError],
) -> SourcedDistribution:
    """A distribution beside the tree. Raises ``SourceError`` where they cannot be
    compared, and where the tree is another project's. Where the commit's patterns take
    git too long, which goes to ``slow``, they excuse nothing.
    """
    if any(len(entry.blob) != _SHA1_LENGTH for entry in tree.entries[:1]):
        raise RepositoryError("the repository names its files by SHA-256, not by SHA-1")
    placement = place(layout.archive, tree)
    if not placement.is_of_tree and not _is_declared(repository, tree, layout):
        raise RepositoryError(
            f"its files are not those of this repository: of {len(placement.files)} "
            f"the commit {tree.commit[:12]} has {placement.known}",
            hint="where it was built from another checkout, give that one: --repo",
        )
    manifest, backend = _manifest(repository, tree, placement.folder, layout)
    compared = compare(
        placement,
        tree,
        backend=backend,
        links=_links(repository, tree),
        has_modes=not is_zip_name(layout.distribution.filename),
        manifest=manifest,
        needed=_needed(repository, tree, placement, backend),
    )
    looked = _look(repository, compared, path)
    name = layout.distribution.name
    version = name.version if name else None
    untracked = {
        file.member.path: file.path
        for file in compared.strangers
        if not _only_says(file, looked, version)
    }
    nothing: frozenset[str] = frozenset()
    none: Mapping[str, Mapping[str, str]] = {}
    strange, lacking = list(untracked.values()), compared.missing
    on_purpose = _in_time(lambda: ignored(repository, tree, strange), nothing, slow)
    kept_out = _in_time(lambda: left_out(repository, tree, lacking), nothing, slow)
    pairs = [pair.entry.path for pair in compared.pairs]
    attributes = _in_time(lambda: conversions(repository, tree, pairs), none, slow)
    altered = _altered(compared.pairs, looked, attributes, version, backend)
    return SourcedDistribution(
        distribution=layout.distribution,
        commit=tree.commit,
        folder=placement.folder.rstrip("/"),
        compared=compared.compared,
        differences=(*compared.certain, *altered),
        untracked=tuple(m for m, path in untracked.items() if path not in on_purpose),
        ignored=tuple(m for m, path in untracked.items() if path in on_purpose),
        missing=tuple(path for path in compared.missing if path not in kept_out),
    )


_T = TypeVar("_T")


def _in_time(ask: Callable[[], _T], instead: _T, slow: list[GitTimeoutError]) -> _T:
    """What is asked for, ``instead`` where git takes too long over it."""
    try:
        return ask()
    except GitTimeoutError as error:
        slow.append(error)
        return instead


def _altered(
    pairs: Sequence[Pair],
    looked: _Looked,
    attributes: Mapping[str, Mapping[str, str]],
    version: Version | None,
    backend: str,
) -> Iterator[SourceDifference]:
    """The pairs whose difference is not one that build tools make, or git does where it
    checks out files of these ``attributes``.
    """
    for pair in pairs:
        member = pair.file.member.path
        how = alteration(
            pair.file.name,
            looked.members.get(member),
            looked.blobs.get(pair.entry.blob),
            version=version,
            backend=backend,
            checked_out=attributes.get(pair.entry.path, {}),
            is_script=".data/scripts/" in member,
        )
        if how is not None:
            yield SourceDifference(member, pair.entry.path, how)


def _needed(
    repository: Repository, tree: SourceTree, placement: Placement, backend: str
) -> frozenset[str]:
    """The modules beside the manifest that the setup.py of the sdist needs, and a
    backend of the project's own.
    """
    own = f"import {backend.partition(':')[0]}".encode()
    path = f"{placement.folder}setup.py"
    entry = tree.by_path.get(path) if path in placement.paths else None
    if entry is None or entry.kind is EntryKind.SUBMODULE:
        return build_modules(own)
    blobs = read_blobs(repository, [entry.blob], largest=_LARGEST)
    return build_modules(own) | build_modules(blobs.get(entry.blob, b""))


def _is_declared(
    repository: Repository, tree: SourceTree, layout: Sdist | Wheel
) -> bool:
    """Whether a manifest in the tree has the name of the distribution's project, or
    those at its top have none.
    """
    if any(True for _ in _declaring(repository, tree, layout)):
        return True
    tops = {e.path: e.blob for e in manifests(tree) if "/" not in e.path}
    blobs = read_blobs(repository, tops.values(), largest=_LARGEST)
    return leaves_open({path: blobs.get(blob, b"") for path, blob in tops.items()})


def _declaring(
    repository: Repository, tree: SourceTree, layout: Sdist | Wheel
) -> Iterator[tuple[TreeEntry, str]]:
    """The manifests that have the name of the project, and what they hold."""
    name = layout.distribution.name
    entries = list(islice(manifests(tree), _MOST_MANIFESTS))
    blobs = read_blobs(repository, (e.blob for e in entries), largest=_LARGEST)
    for entry in entries:
        content = blobs.get(entry.blob, b"")
        if name is not None and declares(content, name.project):
            yield entry, content.decode("utf-8", "replace")


def _manifest(
    repository: Repository, tree: SourceTree, folder: str, layout: Sdist | Wheel
) -> tuple[TreeEntry | None, str]:
    """The project's pyproject.toml, and the build backend that it names: the one in the
    project's folder, but where another has its name, as a crate of a workspace may.
    """
    name = layout.distribution.name
    entry = tree.by_path.get(f"{folder}pyproject.toml")
    content = b""
    if entry is not None and entry.kind is not EntryKind.SUBMODULE:
        blobs = read_blobs(repository, [entry.blob], largest=_LARGEST)
        content = blobs.get(entry.blob, b"")
    if not (name and declares(content, name.project)):
        for declaring, text in _declaring(repository, tree, layout):
            if declaring.path.endswith("/pyproject.toml"):
                return declaring, backend_of(text)
    return entry, backend_of(content.decode("utf-8", "replace"))


def _links(repository: Repository, tree: SourceTree) -> Mapping[str, str]:
    """Where the links of a tree lead to, by their paths."""
    entries = (entry for entry in tree.entries if entry.kind is EntryKind.LINK)
    links = list(islice(entries, _MOST_LINKS))
    blobs = read_blobs(repository, (link.blob for link in links), largest=_LONGEST_LINK)
    return {
        link.path: blobs[link.blob].decode("utf-8", "surrogateescape")
        for link in links
        if link.blob in blobs
    }


@dataclass(frozen=True, slots=True)
class _Looked:
    """The contents that were read: of members by their paths, of blobs by their ids."""

    members: Mapping[str, bytes]
    blobs: Mapping[str, bytes]


def _look(repository: Repository, compared: Comparison, path: Path) -> _Looked:
    """Read what differs on both sides, and what may only say a version. The archive is
    read again, so only where there is any.
    """
    blobs = read_blobs(
        repository, (pair.entry.blob for pair in compared.pairs), largest=_LARGEST
    )
    wanted = {}
    for pair in compared.pairs:
        stored = is_pointer(blobs.get(pair.entry.blob, b""))
        if pair.file.member.size <= (_LARGEST_STORED if stored else _LARGEST):
            wanted[pair.file.member.path] = pair.file.blob
    wanted |= {
        file.member.path: file.blob
        for file in compared.strangers
        if file.member.size <= LARGEST_VERSION_FILE and not file.is_link
    }
    return _Looked(read_members(path, wanted) if wanted else {}, blobs)


def _only_says(file: Placed, looked: _Looked, version: Version | None) -> bool:
    """Whether a file only says the version of the release, or nothing."""
    content = looked.members.get(file.member.path)
    if content is None:
        return False
    is_version = version is not None and is_version_file(file.name, content, version)
    return is_version or is_bare_setup_cfg(file.name, content)
