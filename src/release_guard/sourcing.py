"""How a distribution differs from the tree of the commit that it was built from.

Pure: members and tracked files in, frozen values out. Contents are compared by git's
ids first; the bytes of the few files that differ tell how (``differences_of``), because
build tools rewrite some, and those of the few that git does not track whether they only
say the version (``is_version_file``).
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.backends import folders_of, is_made_of, is_named_for
from release_guard.blobs import blob_id
from release_guard.facts import (
    Alteration,
    Archive,
    EntryKind,
    Kind,
    Member,
    MemberKind,
    SourceDifference,
    SourceTree,
    TreeEntry,
)
from release_guard.trees import in_site, is_optional

__all__ = [
    "Comparison",
    "Pair",
    "Placed",
    "Placement",
    "compare",
    "declares",
    "leaves_open",
    "manifests",
    "place",
]

#: A path that no system takes; looking at its folders one by one would take long.
_LONGEST_PATH = 4_096
#: A content that is tracked in more places says nothing of where a project lies.
_MOST_PLACES = 8
#: How many names are looked for by path, and how many places are tried.
_SAMPLES, _MOST_TRIED = 24, 8
#: Of how many top-level names of a wheel each may lie in a place of its own.
_MOST_GROUPS = 64
#: One in so many files must be known for a distribution to be of this repository, or so
#: many be the same: files that were added must not hide the others.
_KNOWN_SHARE, _ENOUGH = 4, 8


# --- where the files would be in the tree -----------------------------------------


@dataclass(frozen=True, slots=True)
class Placed:
    """A file of a distribution: its name inside the project, and the path that the
    tree would have it under. ``blob`` is git's id; of a link, of where it leads to.
    """

    member: Member
    name: str
    path: str
    blob: str
    is_link: bool = False


@dataclass(frozen=True)
class Placement:
    """The files of a distribution in a tree; ``folder`` is where the project lies, with
    a slash at its end, or empty. ``known`` of the files are there, or their contents,
    and ``same`` have the bytes that are tracked under their paths.
    """

    kind: Kind
    files: tuple[Placed, ...]
    folder: str
    known: int
    same: int

    @property
    def is_of_tree(self) -> bool:
        """Whether so many files are known that the others can be judged."""
        is_share = self.known * _KNOWN_SHARE >= len(self.files)
        return self.known > 0 and (is_share or self.same >= _ENOUGH)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths that the tree would have the files under."""
        return frozenset(file.path for file in self.files)


@dataclass(frozen=True, slots=True)
class _File:
    """A file, and the group whose files lie in one place of the tree together."""

    member: Member
    name: str
    group: str
    blob: str
    is_link: bool


def place(archive: Archive, tree: SourceTree) -> Placement:
    """Find the files in the tree: an sdist's in one folder, those of each top-level
    name of a wheel in one. That is where most of them are, with the same bytes or, if
    that tells too little, under the same names.
    """
    files = list(_files(archive))
    groups: dict[str, list[_File]] = {}
    for file in files:
        groups.setdefault(file.group, []).append(file)
    if len(groups) > _MOST_GROUPS:
        folders = dict.fromkeys(groups, _folder(files, tree))
    else:
        folders = {group: _folder(mine, tree) for group, mine in groups.items()}
    largest = max(groups, key=lambda group: len(groups[group]), default="")
    placed = tuple(
        Placed(f.member, f.name, folders[f.group] + f.name, f.blob, f.is_link)
        for f in files
    )
    inside = _submodules(tree)
    known = sum(
        file.path in tree.by_path
        or file.blob in tree.by_blob
        or _is_below(file.path, inside)
        for file in placed
    )
    same = sum(
        entry.blob == file.blob != _EMPTY
        for file in placed
        if (entry := tree.by_path.get(file.path))
    )
    return Placement(archive.kind, placed, folders.get(largest, ""), known, same)


def _files(archive: Archive) -> Iterator[_File]:
    """The files and links of an archive, named as they are inside the project."""
    members = {member.path: member for member in archive.members}
    top = _top_folder(archive)
    for member in archive.members:
        source, is_link = member, member.kind is MemberKind.LINK
        if member.kind is MemberKind.HARD_LINK:
            source = members.get(member.target, member)
        blob = _blob(member.target) if is_link else source.blob
        path = member.path.removeprefix("./")
        if source.kind not in (MemberKind.FILE, MemberKind.LINK):
            continue
        if archive.kind is Kind.SDIST:
            yield _File(member, path.removeprefix(top), "", blob, is_link)
        elif (said := _in_wheel(path)) is not None:
            yield _File(member, *said, blob, is_link)


def _top_folder(archive: Archive) -> str:
    """The folder that an sdist has everything in, with a slash at its end."""
    first = archive.members[0].path.removeprefix("./") if archive.members else ""
    return first.partition("/")[0] + "/"


def _in_wheel(path: str) -> tuple[str, str] | None:
    """A wheel's file as it is named inside the project, and its group; None for the
    wheel's own metadata.
    """
    if site := in_site(path):
        top, slash, _ = site.partition("/")
        return site, top if slash else ""
    top, _, inside = path.partition("/")
    if not (top.endswith(".data") and inside):
        return None
    scheme, _, name = inside.partition("/")
    return name, f"{top}/{scheme}/{name.partition('/')[0]}"


def _blob(target: str) -> str:
    """The id that git gives to where a link leads to."""
    return blob_id(target.encode("utf-8", "surrogateescape"))


def _folder(files: Sequence[_File], tree: SourceTree) -> str:
    """The folder of the tree that most of the files are in, with a slash at its end."""
    found: Counter[str] = Counter()
    for file in files:
        entries = tree.by_blob.get(file.blob, ())
        if len(entries) <= _MOST_PLACES:
            found.update(_above(entry.path, file.name) for entry in entries)
    found.pop(_NOWHERE, None)
    tried = [folder for folder, _ in found.most_common(_MOST_TRIED)]
    best = max(tried, key=lambda f: _fit(f, files, tree), default="")
    if 5 * _present(best, files, tree) < 4 * len(files):
        # Changed everywhere, as line endings are: go by the names.
        tried += [folder for folder, _ in _by_name(files, tree)]
        best = max(tried, key=lambda f: _fit(f, files, tree), default="")
    return best


#: A path that ends otherwise than a name is in no folder with it.
_NOWHERE = "\0"


def _above(path: str, name: str) -> str:
    """What stands before a name in a path: a folder, or nothing at all."""
    if path == name:
        return ""
    return path[: -len(name)] if path.endswith(f"/{name}") else _NOWHERE


def _by_name(files: Sequence[_File], tree: SourceTree) -> list[tuple[str, int]]:
    """Folders that have some of the files, by their names alone, and how many."""
    names = [file.name for file in files if len(file.name) < _LONGEST_PATH]
    # The deeper a name, the more it says.
    names.sort(key=lambda name: -name.count("/"))
    wanted: dict[str, list[str]] = {}
    for name in names[:_SAMPLES]:
        wanted.setdefault(posixpath.basename(name), []).append(name)
    found: Counter[str] = Counter()
    for entry in tree.entries:
        for name in wanted.get(posixpath.basename(entry.path), ()):
            found[_above(entry.path, name)] += 1
    found.pop(_NOWHERE, None)
    return found.most_common(_MOST_TRIED)


def _present(folder: str, files: Sequence[_File], tree: SourceTree) -> int:
    return sum(folder + file.name in tree.by_path for file in files)


def _fit(folder: str, files: Sequence[_File], tree: SourceTree) -> tuple[int, int]:
    """How well the files fit into a folder, by names and then by bytes; of equals, the
    one nearest to the top.
    """
    score = 0
    for file in files:
        entry = tree.by_path.get(folder + file.name)
        if entry is not None:
            score += 5 if entry.blob == file.blob else 3
    return score, -len(folder)


def _submodules(tree: SourceTree) -> frozenset[str]:
    return frozenset(e.path for e in tree.entries if e.kind is EntryKind.SUBMODULE)


def _is_below(path: str, folders: Collection[str]) -> bool:
    """Whether a path lies in one of the folders."""
    if not folders or len(path) > _LONGEST_PATH:
        return False
    return any(folder in folders for folder in folders_of(path))


# --- whether the tree is the project's --------------------------------------------

_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py")
_NAME = re.compile(r"""(?m)^[ \t]*name[ \t]*=[ \t]*["']?([A-Za-z0-9._-]{1,200})""")


def manifests(tree: SourceTree) -> Iterator[TreeEntry]:
    """The files of a tree that may say the name of a project."""
    for entry in tree.entries:
        if posixpath.basename(entry.path) in _MANIFESTS:
            yield entry


def declares(content: bytes, project: NormalizedName) -> bool:
    """Whether a pyproject.toml, setup.cfg or setup.py gives a project this name."""
    text = content.decode("utf-8", "replace")
    return any(canonicalize_name(name) == project for name in _NAME.findall(text))


def leaves_open(contents: Mapping[str, bytes]) -> bool:
    """Whether the manifests at the top of a tree, by their names, are those of one
    project, and do not say its name: setup.py finds it out.
    """
    setup = contents.get("setup.py", b"")
    others = (text for name, text in contents.items() if name != "setup.py")
    is_named = any(_NAME.search(text.decode("utf-8", "replace")) for text in others)
    return bool(_CALLED.search(setup)) and not is_named and not _GIVEN.search(setup)


_CALLED = re.compile(rb"\bsetup\(")
_GIVEN = re.compile(rb"""\bname["']?[ \t]*[=:][ \t]*\w?["']""", re.IGNORECASE)


# --- the comparison ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A file, and the tracked one under its path with another content."""

    file: Placed
    entry: TreeEntry


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the ids tell; ``certain`` needs no look at the bytes. ``missing`` are paths
    of the tree.
    """

    compared: int
    pairs: tuple[Pair, ...]
    strangers: tuple[Placed, ...]
    certain: tuple[SourceDifference, ...]
    missing: tuple[str, ...]


def compare(
    placement: Placement,
    tree: SourceTree,
    *,
    backend: str,
    links: Mapping[str, str],
    has_modes: bool,
    manifest: TreeEntry | None = None,
    needed: Collection[str] = (),
) -> Comparison:
    """Compare by git's ids. ``links`` says where the tree's links lead to, by their
    paths, and ``has_modes`` whether the archive keeps execute bits; ``manifest`` is the
    project's pyproject.toml, which maturin moves to the top, and ``needed`` are paths
    beside it that a build needs where they are tracked.
    """
    inside = _submodules(tree)
    compared = 0
    told: list[Placed | Pair | SourceDifference] = []
    for file in placement.files:
        entry = tree.by_path.get(file.path)
        if entry is None or entry.kind is EntryKind.SUBMODULE:
            is_explained = _is_explained(file, placement, tree, inside, backend)
            if not is_explained:
                told.append(_paired(file, manifest) or file)
            continue
        compared += 1
        if file.is_link or entry.kind is EntryKind.LINK:
            told += _of_links(file, entry, tree, links)
        elif file.blob != entry.blob and not _is_moved(file, tree):
            told.append(_paired(file, manifest) or Pair(file, entry))
        if has_modes and (how := _mode(file, entry)):
            told.append(_difference(file, entry, how))
    missing: Iterator[str] = iter(())
    if placement.kind is Kind.SDIST:
        names = {*needed, *_manifests(backend)}
        missing = _missing(placement, tree, {placement.folder + n for n in names})
    return Comparison(
        compared,
        pairs=tuple(item for item in told if isinstance(item, Pair)),
        strangers=tuple(item for item in told if isinstance(item, Placed)),
        certain=tuple(item for item in told if isinstance(item, SourceDifference)),
        missing=tuple(missing),
    )


def _paired(file: Placed, manifest: TreeEntry | None) -> Pair | None:
    """The project's manifest beside the one at the top of the sdist."""
    if manifest is None or file.name != "pyproject.toml":
        return None
    return Pair(file, manifest)


def _is_moved(file: Placed, tree: SourceTree) -> bool:
    """Whether a file at the top is another one of the tree: maturin takes readme and
    licence of a crate there, where the workspace has its own.
    """
    is_plain = "/" not in file.name and not file.name.endswith(_PYTHON)
    return is_plain and file.blob in tree.by_blob


def _of_links(
    file: Placed, entry: TreeEntry, tree: SourceTree, links: Mapping[str, str]
) -> Iterator[Placed | Pair | SourceDifference]:
    """What differs where one side, or both, is a link."""
    if entry.kind is not EntryKind.LINK:
        if not _leads_to_same(file, entry, tree):
            yield _difference(file, entry, Alteration.CONTENT)
    elif file.is_link:
        if file.blob != entry.blob:
            yield _difference(file, entry, Alteration.CONTENT)
    elif file.blob == entry.blob:
        yield _difference(file, entry, Alteration.LINK)
    elif file.blob not in tree.by_blob:
        # Backends store what a link leads to.
        path = _followed(entry.path, tree, links)
        target = tree.by_path.get(path)
        if target is not None and target.kind is not EntryKind.SUBMODULE:
            yield Pair(file, target)
        elif target is None and not _is_below(path, _submodules(tree)):
            yield file


def _difference(file: Placed, entry: TreeEntry, how: Alteration) -> SourceDifference:
    return SourceDifference(file.member.path, entry.path, how)


def _mode(file: Placed, entry: TreeEntry) -> Alteration | None:
    was, found = entry.kind is EntryKind.EXECUTABLE, file.member.executable
    is_file = entry.kind is not EntryKind.LINK and file.member.kind is MemberKind.FILE
    if was == found or not is_file:
        return None
    return Alteration.NOT_EXECUTABLE if was else Alteration.EXECUTABLE


def _leads_to_same(file: Placed, entry: TreeEntry, tree: SourceTree) -> bool:
    """Whether a link in the distribution leads to the tracked bytes."""
    path = posixpath.join(posixpath.dirname(file.path), file.member.target)
    target = tree.by_path.get(posixpath.normpath(path))
    return target is not None and target.blob == entry.blob


def _followed(path: str, tree: SourceTree, links: Mapping[str, str]) -> str:
    """The path that a link leads to, which may be none of the tree."""
    for _ in range(_MOST_STEPS):
        step = posixpath.join(posixpath.dirname(path), links.get(path, "/"))
        path = posixpath.normpath(step)
        entry = tree.by_path.get(path)
        if entry is None or entry.kind is not EntryKind.LINK:
            break
    return path


#: Links that lead to links; systems follow 40.
_MOST_STEPS = 40


#: The content of most ``__init__.py`` and every ``py.typed`` tells nothing.
_EMPTY = _blob("")
#: What setuptools puts into the sdist of a project without one: known by its id, so
#: that the archive need not be read again for it.
_BARE_SETUP_CFG = _blob("[egg_info]\ntag_build = \ntag_date = 0\n\n")


def _is_explained(
    file: Placed,
    placement: Placement,
    tree: SourceTree,
    submodules: Collection[str],
    backend: str,
) -> bool:
    """Whether an untracked file comes from a build tool, from elsewhere in the tree, or
    from a submodule, of which the tree tells nothing.
    """
    if len(file.path) > _LONGEST_PATH:
        return False
    if file.blob in tree.by_blob or _is_below(file.path, submodules):
        return True
    if placement.kind is Kind.SDIST and (
        is_named_for(file.name, backend)
        or (file.name, file.blob) == ("setup.cfg", _BARE_SETUP_CFG)
    ):
        return True
    return is_made_of(file.path, tree.by_path, placement.paths)


# --- what an sdist lacks ----------------------------------------------------------

_PYTHON = (".py", ".pyi", ".pyx", ".pxd", ".pxi")
_NATIVE = (
    *(".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".m", ".mm"),
    *(".cu", ".f", ".f90", ".rs", ".s", ".asm"),
)


def _manifests(backend: str) -> tuple[str, ...]:
    """What a build with this backend reads, where the project has it."""
    is_setuptools = backend == "" or backend.startswith("setuptools")
    return _MANIFESTS if is_setuptools else ("pyproject.toml",)


def _missing(
    placement: Placement, tree: SourceTree, needed: Collection[str]
) -> Iterator[str]:
    """The tracked modules that lie in a package, and the sources that lie in a folder,
    of which the sdist has others; and what is needed.
    """
    siblings = {
        (posixpath.dirname(file.path), family)
        for file in placement.files
        if file.path in tree.by_path and (family := _family(file.path))
    }
    for entry in tree.entries:
        path = entry.path
        if not path.startswith(placement.folder) or path in placement.paths:
            continue
        if entry.kind is EntryKind.SUBMODULE or len(path) > _LONGEST_PATH:
            continue
        folder, family = posixpath.dirname(path), _family(path)
        is_module = (
            family == _NATIVE or f"{folder}/__init__.py" in tree.by_path
        ) and not _is_apart(path.removeprefix(placement.folder))
        if path in needed or ((folder, family) in siblings and is_module):
            yield path


def _family(path: str) -> tuple[str, ...]:
    """Which kind of source a file is, empty for none."""
    if posixpath.basename(path) == "py.typed" or path.endswith(_PYTHON):
        return _PYTHON
    return _NATIVE if path.endswith(_NATIVE) else ()


def _is_apart(name: str) -> bool:
    """Whether a file is none that users get: a test, an example, a tool."""
    return "/" not in name or is_optional(name)
