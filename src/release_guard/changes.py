"""What changes between a release and the last one before it, as values.

Pure. What is not known of either side is None, and never "nothing": a release whose
wheel was not read has not lost its modules.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import (
    CoreMetadata,
    Inventory,
    Kind,
    LastRelease,
    Successor,
)
from release_guard.filenames import kind_of
from release_guard.platforms import ANY, Family, families_of
from release_guard.requirements import Wanted, spelled_specifiers, wanted_of

__all__ = [
    "Changes",
    "ContentsChanges",
    "DependencyChange",
    "MetadataChanges",
    "Moved",
    "Way",
    "changes_of",
    "likeness",
    "lost_typing",
    "requires_python_of",
]


@dataclass(frozen=True, slots=True)
class Moved:
    """What is there now and was not, and what was there and is not; both sorted."""

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


class Way(StrEnum):
    """What became of a dependency."""

    ADDED = "added"
    REMOVED = "removed"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DependencyChange:
    """A dependency as it was and as it is, empty where it is not there."""

    way: Way
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MetadataChanges:
    """What changes in the core metadata."""

    dependencies: tuple[DependencyChange, ...] = ()
    extras: Moved = Moved()

    def __bool__(self) -> bool:
        return bool(self.dependencies or self.extras)


@dataclass(frozen=True, slots=True)
class ContentsChanges:
    """What changes in a wheel: the names that can be imported, entry points, written
    ``group: name`` (None where those of one side cannot be read), the ``.pth`` files,
    and what type checkers no longer find.
    """

    top_level: Moved = Moved()
    entry_points: Moved | None = Moved()
    path_files: Moved = Moved()
    typing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.top_level or self.entry_points or self.path_files or self.typing
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes for users; None where one side of it is not known.

    ``counts`` and ``sizes`` are those of the files of a kind, before and now, the sizes
    in bytes and only where all are known. ``families`` are those of the wheels, and
    ``requires_python`` is what it was and is, where that is not the same.
    """

    counts: Mapping[Kind, tuple[int, int]]
    sizes: Mapping[Kind, tuple[int, int]]
    families: Moved
    requires_python: tuple[str, str] | None = None
    metadata: MetadataChanges | None = None
    contents: ContentsChanges | None = None

    def __bool__(self) -> bool:
        """Whether anything but the sizes changed."""
        counted = any(before != now for before, now in self.counts.values())
        return bool(
            counted
            or self.families
            or self.requires_python
            or self.metadata
            or self.contents
        )


def changes_of(successor: Successor) -> Changes:
    """What changes from the last release to this one."""
    last = successor.last
    before = {file.filename: file.size for file in last.files}
    now = dict(successor.files)
    sides = {kind: (_of_kind(kind, before), _of_kind(kind, now)) for kind in Kind}
    sizes = {kind: (_sum(was), _sum(is_)) for kind, (was, is_) in sides.items()}
    return Changes(
        counts={kind: (len(was), len(is_)) for kind, (was, is_) in sides.items()},
        sizes={
            kind: (was, is_)
            for kind, (was, is_) in sizes.items()
            if was is not None and is_ is not None
        },
        families=_moved(_families(before), _families(now)),
        requires_python=_requires_python(last, successor.metadata),
        metadata=_metadata(last.metadata, successor.metadata),
        contents=_contents(last.inventory, successor.inventory),
    )


def requires_python_of(last: LastRelease) -> str | None:
    """The Requires-Python of a release: as the index says it of a file, or as that
    file's metadata does. Empty is "it has none", None that nobody says it.
    """
    said = (file.requires_python for file in last.files)
    found = next((text for text in said if text is not None), None)
    if found is None and last.metadata is not None:
        return last.metadata.requires_python
    return found


def likeness(filename: str) -> tuple[Kind | None, frozenset[Family]]:
    """What two files have in common that are the same but for the release: both are
    sdists, or wheels for the same systems and Pythons.
    """
    return kind_of(filename), families_of(filename)


# --- files -----------------------------------------------------------------------


def _of_kind(kind: Kind, files: Mapping[str, int | None]) -> list[int | None]:
    """The sizes of the files of a kind."""
    return [size for name, size in files.items() if kind_of(name) is kind]


def _sum(sizes: Iterable[int | None]) -> int | None:
    known = list(sizes)
    if None in known:
        return None
    return sum(size for size in known if size is not None)


def _families(names: Iterable[str]) -> set[str]:
    return {str(family) for name in names for family in families_of(name)}


def _moved(before: Iterable[str], now: Iterable[str]) -> Moved:
    was, is_ = set(before), set(now)
    return Moved(tuple(sorted(is_ - was)), tuple(sorted(was - is_)))


# --- metadata --------------------------------------------------------------------


def _requires_python(
    last: LastRelease, metadata: CoreMetadata | None
) -> tuple[str, str] | None:
    before = requires_python_of(last)
    if before is None or metadata is None:
        return None
    now = metadata.requires_python
    same = spelled_specifiers(before) == spelled_specifiers(now)
    return None if same else (before, now)


def _metadata(
    before: CoreMetadata | None, now: CoreMetadata | None
) -> MetadataChanges | None:
    if before is None or now is None:
        return None
    extras = _moved(_extras(before), _extras(now))
    dependencies = _dependencies(before.requires_dist, now.requires_dist)
    return MetadataChanges(tuple(dependencies), extras)


def _extras(metadata: CoreMetadata) -> set[str]:
    return set(map(canonicalize_name, metadata.provides_extra))


def _dependencies(
    before: Iterable[str], now: Iterable[str]
) -> Iterator[DependencyChange]:
    """What became of each dependency: by project, those of extras last."""
    was, is_ = _spelled(before), _spelled(now)
    lost = _by_project(text for key, text in was.items() if key not in is_)
    gained = _by_project(text for key, text in is_.items() if key not in was)
    way = _way if len(was.keys() ^ is_.keys()) <= _MOST_COMPARED else _changed
    changes = [
        change
        for project in sorted(lost.keys() | gained.keys())
        for change in _of_project(lost.get(project, {}), gained.get(project, {}), way)
    ]
    changes.sort(key=lambda change: "extra ==" in (change.after or change.before))
    yield from changes


def _spelled(texts: Iterable[str]) -> dict[str, str]:
    """Requirements for people, by the one spelling in which they are compared."""
    wanted = ((text, wanted_of(text)) for text in sorted(texts))
    return dict((str(one), one.text) if one else (text, text) for text, one in wanted)


#: The texts of requirements, by what they are of and when they hold.
_Texts = dict[tuple[str, str, str], list[str]]


def _by_project(texts: Iterable[str]) -> dict[str, _Texts]:
    """Requirements by project. What is none stands for itself."""
    found: dict[str, _Texts] = defaultdict(lambda: defaultdict(list))
    for text in sorted(texts):
        wanted = wanted_of(text)
        if wanted is None:
            found[text][text, "", ""].append(text)
        else:
            key = wanted.what, wanted.marker, wanted.url
            found[wanted.name][key].append(text)
    return found


def _of_project(
    lost: _Texts, gained: _Texts, way: Callable[[str, str], Way]
) -> Iterator[DependencyChange]:
    """The changes of one project: what is of the same and holds as before is one
    requirement that changed; so are one that went and one that came.
    """
    went: list[str] = []
    came: list[str] = []
    for key in sorted(lost.keys() | gained.keys()):
        before, after = lost.get(key, []), gained.get(key, [])
        if len(before) == len(after) == 1:
            yield DependencyChange(way(*before, *after), *before, *after)
        else:
            went += before
            came += after
    if len(went) == len(came) == 1:
        yield DependencyChange(Way.CHANGED, *went, *came)
    else:
        yield from (DependencyChange(Way.REMOVED, text, "") for text in went)
        yield from (DependencyChange(Way.ADDED, "", text) for text in came)


def _way(before: str, after: str) -> Way:
    """Whether fewer or more versions fit than before, tried with all versions that are
    named, and those next to them.
    """
    was, is_ = wanted_of(before), wanted_of(after)
    if was is None or is_ is None:
        return Way.CHANGED
    if len(was.specifiers) + len(is_.specifiers) > _MOST_CLAUSES:
        return Way.CHANGED
    tried = set(_tried(was, is_))
    fitted, fits = set(was.fitting(tried)), set(is_.fitting(tried))
    if fits < fitted:
        return Way.TIGHTENED
    return Way.LOOSENED if fits > fitted else Way.CHANGED


def _changed(_before: str, _after: str) -> Way:
    return Way.CHANGED


#: So many are compared version by version, which takes time.
_MOST_COMPARED = 500
#: No sound requirement has more; each is tried with each.
_MOST_CLAUSES = 20


def _tried(*wanted: Wanted) -> Iterator[Version]:
    """The versions at which requirements begin and end, and those around them."""
    yield Version("0")
    yield Version("9999!0")
    for _, said in (clause for one in wanted for clause in one.clauses):
        text = said.removesuffix(".*")
        try:
            yield Version(text)
            base = Version(text).base_version
            yield from (Version(base + end) for end in ("a0", "", ".post1", ".1"))
            begin, _, last = base.rpartition(".")
            if last.isdecimal() and int(last):
                yield Version(f"{begin}.{int(last) - 1}.9999" if begin else base)
        except ValueError:
            continue


# --- contents --------------------------------------------------------------------


def _contents(
    before: Inventory | None, now: Inventory | None
) -> ContentsChanges | None:
    if before is None or now is None or not (before.is_whole and now.is_whole):
        return None
    was, is_ = before.entry_points, now.entry_points
    return ContentsChanges(
        _moved(_names(before), _names(now)),
        None if was is None or is_ is None else _moved(was, is_),
        _moved(_path_files(before), _path_files(now)),
        lost_typing(before, now),
    )


def _names(inventory: Inventory) -> set[str]:
    """The names that a wheel lets people import: folders with a module somewhere below,
    or of a compiled package, and modules at the top.
    """
    with_modules = {_top(path) for path in inventory.sources if path.endswith(".py")}
    found = set()
    for top in inventory.tops:
        folder = top.removesuffix("/")
        if folder != top and (folder in with_modules or _is_compiled(inventory)):
            found.add(folder)
        elif folder == top and top.endswith(_MODULES):
            found.add(top.partition(".")[0])
    # What auditwheel and delvewheel put beside a package.
    return {name for name in found if not name.endswith((".libs", ".dylibs"))}


_MODULES = (".py", ".so", ".pyd")


def _is_compiled(inventory: Inventory) -> bool:
    """Whether it is a wheel for some systems only."""
    families = families_of(inventory.filename)
    return any(family.platform != ANY for family in families)


def _path_files(inventory: Inventory) -> set[str]:
    """The ``.pth`` files; some have the version in their names."""
    version = inventory.filename.split("-")[1]
    return {
        found.member.rpartition("/")[2].replace(version, "*")
        for found in inventory.path_configurations
    }


def lost_typing(before: Inventory, now: Inventory) -> tuple[str, ...]:
    """What type checkers found in the one wheel and do not in the other: the marker of
    a package (PEP 561) that still has modules, and all stubs of a compiled package,
    but for those of modules whose source is there.
    """
    if not (before.is_whole and now.is_whole):
        return ()
    is_ = set(now.sources)
    modules = sorted(path for path in is_ if path.endswith(".py"))
    markers = {path for path in before.sources if path.endswith("/py.typed")} - is_
    lost = {path for path in markers if _is_folder_of(path.rpartition("/")[0], modules)}
    if _is_compiled(before) and _is_compiled(now):
        folders = {top.removesuffix("/") for top in now.tops if top.endswith("/")}
        bare = folders - {_top(path) for path in is_ if path.endswith(".pyi")}
        stubs = (path for path in before.sources if path.endswith(".pyi"))
        lost |= {p for p in stubs if _top(p) in bare and p.removesuffix("i") not in is_}
    return tuple(sorted(lost))


def _top(path: str) -> str:
    """The folder at the top that a path lies in, the path itself where in none."""
    return path.partition("/")[0]


def _is_folder_of(folder: str, paths: Sequence[str]) -> bool:
    """Whether one of the paths, which are sorted, lies below a folder."""
    place = bisect_left(paths, f"{folder}/")
    return place < len(paths) and paths[place].startswith(f"{folder}/")
