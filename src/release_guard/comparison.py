"""How what an index lists differs from what it should list: the rules tell it, the
states sum it up, and the diff in the report shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from packaging.specifiers import SpecifierSet

from release_guard.facts import (
    Endpoints,
    ExpectedFile,
    ExpectedRelease,
    IndexedFile,
    Listing,
    Publication,
    Served,
    Surroundings,
    View,
)
from release_guard.filenames import may_be_of

__all__ = [
    "Change",
    "DiffLine",
    "Difference",
    "Lag",
    "Move",
    "altered",
    "contradicts",
    "described_otherwise",
    "diff",
    "disagree",
    "lag_of",
    "missing",
    "moved",
    "other_bytes",
    "pairs",
    "served_otherwise",
    "strangers",
    "there_before",
    "unexpected",
    "yanked",
    "yanked_elsewhere",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that an index says of a file, and what it should say."""

    filename: str
    what: str
    expected: str | int
    found: str | int | None


class Change(StrEnum):
    """What may happen to a file between two looks at an index."""

    ADDED = "added"
    GONE = "gone"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Move:
    """A file that changed between two looks, and its sha256 before and after, None
    where it was not there, or had none.
    """

    filename: str
    change: Change
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of the listing's diff: ``+`` came, ``-`` is not there, ``!`` is not what
    it should be, ``=`` is as it was.
    """

    mark: str
    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class Lag:
    """In what an endpoint differs from the one that installers ask, by file names."""

    lacks: tuple[str, ...]
    has: tuple[str, ...]
    other: tuple[str, ...]


# --- a release ------------------------------------------------------------------


def missing(release: ExpectedRelease, after: Listing) -> tuple[ExpectedFile, ...]:
    """The expected files that are not listed."""
    return tuple(f for f in release.files if f.filename not in after.by_name)


def pairs(
    release: ExpectedRelease, after: Listing
) -> Iterator[tuple[ExpectedFile, IndexedFile]]:
    """Each expected file with its listed one, where it is listed."""
    for file in release.files:
        listed = after.by_name.get(file.filename)
        if listed is not None:
            yield file, listed


def altered(release: ExpectedRelease, after: Listing) -> tuple[Difference, ...]:
    """The expected files that are listed with other bytes."""
    return tuple(_altered(release, after))


def _altered(release: ExpectedRelease, after: Listing) -> Iterator[Difference]:
    for file, listed in pairs(release, after):
        # An index may give none: then the file is downloaded before anything passes.
        if listed.sha256 is not None and listed.sha256 != file.sha256:
            yield Difference(file.filename, "sha256", file.sha256, listed.sha256)
        elif listed.size is not None and listed.size != file.size:
            yield Difference(file.filename, "size", file.size, listed.size)


def yanked(release: ExpectedRelease, after: Listing) -> tuple[IndexedFile, ...]:
    """The expected files that are listed as withdrawn (PEP 592)."""
    return tuple(listed for _, listed in pairs(release, after) if listed.yanked)


def unexpected(publication: Publication) -> tuple[IndexedFile, ...]:
    """The listed files of this version that are not expected and were not there before.

    A name that tells no version counts where it begins like one of this version's.
    """
    listed = publication.after.by_name
    came = (listed[filename] for filename in publication.came)
    return tuple(file for file in came if _may_be_of(file, publication.release))


def _may_be_of(listed: IndexedFile, release: ExpectedRelease) -> bool:
    if listed.version is None:
        return may_be_of(listed.filename, release.project, release.version)
    return listed.version == release.version


def there_before(release: ExpectedRelease, after: Listing) -> tuple[str, ...]:
    """The listed files of this version that were there before, and are not expected."""
    expected = {file.filename for file in release.files}
    before = release.before or {}
    return tuple(
        listed.filename
        for listed in after.of(release.version)
        if listed.filename in before and listed.filename not in expected
    )


def described_otherwise(
    release: ExpectedRelease, after: Listing
) -> tuple[Difference, ...]:
    """What the index says of a file's metadata, and the file does not; what either of
    them does not say is no difference.
    """
    return tuple(_described_otherwise(release, after))


def _described_otherwise(
    release: ExpectedRelease, after: Listing
) -> Iterator[Difference]:
    for file, listed in pairs(release, after):
        wanted, told = file.requires_python, listed.requires_python
        if wanted is not None and told is not None and not _is_same(wanted, told):
            yield Difference(file.filename, "Requires-Python", wanted, told)
        digest = file.metadata_sha256
        if digest and listed.metadata_sha256 and listed.metadata_sha256 != digest:
            yield Difference(file.filename, _METADATA, digest, listed.metadata_sha256)


def _is_same(one: str, other: str) -> bool:
    """Whether two version specifiers are one, however they are written."""
    if max(len(one), len(other)) > _LONGEST_SPECIFIER:
        return one == other
    try:
        return SpecifierSet(one) == SpecifierSet(other)
    except ValueError:
        # ``packaging`` raises more than its own error: a number of 5,000 digits is one.
        return one == other


#: No sound one is longer; to parse a hostile one of megabytes takes minutes.
_LONGEST_SPECIFIER = 1_000


def served_otherwise(file: Served) -> tuple[Difference, ...]:
    """What a download gave otherwise than expected, or than the index lists it."""
    return tuple(_served_otherwise(file))


def _served_otherwise(file: Served) -> Iterator[Difference]:
    expected, listed, served = file.expected, file.listed, file.served
    name = expected.filename
    if served.sha256 and served.sha256 != expected.sha256:
        yield Difference(name, "sha256", expected.sha256, served.sha256)
        if served.size != expected.size:
            yield Difference(name, "size", expected.size, served.size)
    told = dict(listed.other_hashes)
    for algorithm, digest in served.other_hashes:
        if told.get(algorithm, digest) != digest:
            yield Difference(name, algorithm, told[algorithm], digest)
    wanted = listed.metadata_sha256 or expected.metadata_sha256
    found = served.metadata_sha256
    if found and wanted and found != wanted:
        yield Difference(name, _METADATA, wanted, found)


_METADATA = "core metadata's sha256"


# --- the rest of the project ----------------------------------------------------


def moved(surroundings: Surroundings) -> tuple[Move, ...]:
    """The files outside of the new releases that changed since the listing before."""
    return tuple(_moved(surroundings))


def _moved(surroundings: Surroundings) -> Iterator[Move]:
    before, after = surroundings.before, surroundings.after.by_name
    for filename in surroundings.changed:
        listed, sha256 = after.get(filename), before[filename]
        if listed is None:
            yield Move(filename, Change.GONE, sha256)
        else:
            yield Move(filename, Change.ALTERED, sha256, listed.sha256)
    for filename in surroundings.came:
        listed = after[filename]
        # Of strangers in the own versions `unexpected` speaks.
        if not any(_may_be_of(listed, release) for release in surroundings.releases):
            yield Move(filename, Change.ADDED, None, listed.sha256)


_SAID = {
    Change.ADDED: ("+", "came, and is of no release of this manifest"),
    Change.GONE: ("-", "was listed before, and is gone"),
    Change.ALTERED: ("!", "has other bytes than before"),
}


def diff(
    publications: Iterable[Publication],
    surroundings: Iterable[Surroundings],
    hashed: Collection[str] = (),
) -> tuple[DiffLine, ...]:
    """What became of the listing: each file of the releases, and what else moved;
    ``hashed`` are the files whose hash was made from a download.
    """
    return (
        *(line for what in publications for line in _of_release(what, hashed)),
        *(line for rest in surroundings for line in _of_the_rest(rest)),
    )


def _of_release(
    publication: Publication, hashed: Collection[str]
) -> Iterator[DiffLine]:
    release, after = publication.release, publication.after
    before = release.before or {}
    wrong = {d.filename: f"has another {d.what}" for d in altered(release, after)}
    for listed in yanked(release, after):
        wrong.setdefault(listed.filename, "is yanked")
    for other in described_otherwise(release, after):
        wrong.setdefault(other.filename, f"is listed with another {other.what}")
    for file in release.files:
        name = file.filename
        how = ", by a download" if name in hashed else ""
        if name not in after.by_name:
            yield DiffLine("-", name, "expected, and not listed")
        elif name in wrong:
            yield DiffLine("!", name, wrong[name])
        elif name in before:
            yield DiffLine("=", name, f"was there already, as expected{how}")
        elif release.before is None:
            yield DiffLine("=", name, f"is listed, as expected{how}")
        else:
            yield DiffLine("+", name, f"as expected{how}")
    for stranger in unexpected(publication):
        yield DiffLine("+", stranger.filename, "nobody expected it")


def _of_the_rest(surroundings: Surroundings) -> Iterator[DiffLine]:
    for move in moved(surroundings):
        mark, says = _SAID[move.change]
        yield DiffLine(mark, move.filename, says)
    apart = surroundings.own.union(surroundings.changed)
    rest = [sha256 for name, sha256 in surroundings.before.items() if name not in apart]
    bare = rest.count(None)
    same, project = len(rest) - bare, surroundings.project
    if same:
        yield DiffLine("=", project, f"{same} other file(s), as they were before")
    if bare:
        says = f"{bare} other file(s) still listed; they had no hash to compare"
        yield DiffLine("=", project, says)


# --- the endpoints of one index --------------------------------------------------


def disagree(endpoints: Endpoints) -> bool:
    """Whether any two endpoints tell the release otherwise."""
    first, *others = endpoints.views
    return contradicts(endpoints) or any(lag_of(first, other) for other in others)


def strangers(endpoints: Endpoints) -> tuple[str, ...]:
    """The files that some endpoint lists of the release and nobody expects: the listing
    that lacks them may be the old one.
    """
    release = endpoints.release
    known = {file.filename for file in release.files} | (release.before or {}).keys()
    listed = {name for view in endpoints.views for name in view.files}
    return tuple(sorted(listed - known))


def other_bytes(endpoints: Endpoints) -> tuple[str, ...]:
    """The expected files that some endpoint lists with another sha256."""
    return tuple(
        file.filename
        for file in endpoints.release.files
        if any(
            view.files.get(file.filename) not in (None, file.sha256)
            for view in endpoints.views
        )
    )


def yanked_elsewhere(endpoints: Endpoints) -> tuple[str, ...]:
    """The expected files that some endpoint marks as withdrawn."""
    marked = {name for view in endpoints.views for name in view.yanked}
    names = (file.filename for file in endpoints.release.files)
    return tuple(name for name in names if name in marked)


def contradicts(endpoints: Endpoints) -> bool:
    """Whether some endpoint says that the release is not as it should be, and not only
    that it is late.
    """
    return bool(
        strangers(endpoints) or other_bytes(endpoints) or yanked_elsewhere(endpoints)
    )


def lag_of(first: View, other: View) -> Lag | None:
    """In what the other view differs from the first; a hash that one of them does not
    give is no difference. None where they agree.
    """
    lag = Lag(
        lacks=tuple(sorted(first.files.keys() - other.files.keys())),
        has=tuple(sorted(other.files.keys() - first.files.keys())),
        other=tuple(
            sorted(
                name
                for name in first.files.keys() & other.files.keys()
                if first.files[name] and other.files[name]
                if first.files[name] != other.files[name]
            )
        ),
    )
    return lag if lag.lacks or lag.has or lag.other else None
