"""How a version stands to those that an index lists: newest, series, likely step.

Pure: versions and listings in, answers out. Versions are compared without their local
part, since ``1.0+cpu`` and ``1.0+cu118`` are one version built twice (PEP 440). What
can be read in two ways is left alone: whoever is asked too often stops reading.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise, repeat, takewhile

from packaging.version import Version

from release_guard.facts import IndexedFile, LastRelease, Listing

__all__ = [
    "Doubt",
    "Jump",
    "Listed",
    "Outranked",
    "jump_of",
    "last_release",
    "listed_of",
    "newest_of",
    "outranked_by",
    "previous_release",
    "public",
]

_Numbers = Sequence[int]


@dataclass(frozen=True, slots=True)
class Listed:
    """The versions of a project, lowest first, each once and without its local part.

    ``yanked`` are those of which every file is yanked (PEP 592): they count as
    listed, and no installer takes them unasked.
    """

    versions: tuple[Version, ...]
    yanked: frozenset[Version] = frozenset()

    @property
    def offered(self) -> tuple[Version, ...]:
        """Those that are not yanked, lowest first."""
        return tuple(v for v in self.versions if v not in self.yanked)


def listed_of(files: Iterable[tuple[Version, bool]]) -> Listed:
    """The history that files tell, each by its version and whether it is yanked."""
    yanked: dict[Version, bool] = {}
    for version, is_yanked in files:
        listed = public(version)
        yanked[listed] = yanked.get(listed, True) and is_yanked
    gone = frozenset(version for version, is_yanked in yanked.items() if is_yanked)
    return Listed(tuple(sorted(yanked)), gone)


def newest_of(versions: Iterable[Version]) -> Version | None:
    """What an installer takes that is asked for no version and no pre-releases: the
    highest final or post version, and a pre-release only where there is none.
    """
    return max(versions, key=lambda v: (not v.is_prerelease, v), default=None)


def public(version: Version) -> Version:
    """The version without its local part."""
    return version if version.local is None else Version(version.public)


def previous_release(version: Version, history: Listed) -> Version | None:
    """The release that a version is to be compared with, None where there is none.

    It is the highest final or post version below it that is offered: so that of the
    same series, for a patch of an old one. Before a pre-release it is the highest of
    the same release, where it has any: 2.0rc1 before 2.0rc2. Where nothing else is
    below, it is a pre-release of another.
    """
    version = public(version)
    below = [listed for listed in history.offered if listed < version]
    if version.is_prerelease:
        release = version.epoch, _trimmed(version.release)
        same = [v for v in below if (v.epoch, _trimmed(v.release)) == release]
        if same:
            return same[-1]
    return newest_of(below)


def last_release(version: Version, listing: Listing) -> LastRelease | None:
    """The release before a version that an index lists, with its files that are not
    yanked; None where there is none.
    """
    files: dict[Version, list[IndexedFile]] = {}
    for file in listing.files:
        if file.version is not None:
            mine = files.setdefault(public(file.version), [])
            mine += [] if file.yanked else [file]
    history = listed_of((v, not offered) for v, offered in files.items())
    found = previous_release(version, history)
    return None if found is None else LastRelease(found, tuple(files[found]))


# --- lower than what is there --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outranked:
    """``by`` is a listed version of the same series that is higher.

    ``series`` is how the versions of the series begin, such as ``1.4``; empty where
    the whole project is the series. ``is_lowest`` says that nothing lower is listed,
    in a project that has one epoch and one first number.
    """

    by: Version
    series: str
    is_lowest: bool


def outranked_by(version: Version, history: Listed) -> Outranked | None:
    """The newest of the version's series where that is higher, else None; None too for
    a version that is listed.

    The series are the listed versions that share the most leading numbers with it, at
    most all but its last: 1.4.3 is of 1.4 where 1.4 has any, else of 1, else of the
    project. A final version is compared with finals only, as installers prefer it to
    every pre-release. A post-release of a listed version is compared with the other
    post-releases of that version only.
    """
    version = public(version)
    if version in history.versions:
        return None
    base = _base(version)
    if version.post is not None and base in map(_base, history.versions):
        series = version.base_version
        rivals = [v for v in history.offered if v.post is not None and _base(v) == base]
    else:
        series, members = _series(version, history)
        rivals = [
            v
            for v in members
            if v not in history.yanked
            and (version.is_prerelease or not v.is_prerelease)
        ]
    by = max(rivals, default=None)
    if by is None or by < version:
        return None
    majors = {_numbers(v)[:2] for v in history.versions}
    is_lowest = len(majors) == 1 and version < history.versions[0]
    return Outranked(by, series, is_lowest)


def _series(version: Version, history: Listed) -> tuple[str, list[Version]]:
    """How the versions begin that share most with this one, and those versions."""
    own = _numbers(version)[:-1]
    shared = [_shared(own, _numbers(v)) for v in history.versions]
    most = max(shared, default=0)
    members = zip(shared, history.versions, strict=True)
    return _dotted(own[:most]), [v for count, v in members if count == most]


def _shared(own: _Numbers, other: _Numbers) -> int:
    """How many leading numbers are the same; one that is not there is 0."""
    pairs = zip(own, chain(other, repeat(0)), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _base(version: Version) -> tuple[object, ...]:
    """What a version is, or would be, a post-release of."""
    return version.epoch, _trimmed(version.release), version.pre


# --- an unlikely step ----------------------------------------------------------


class Doubt(StrEnum):
    """Why a step is unlikely."""

    EPOCH = "another epoch"
    LARGE = "a large step"
    YEAR = "a year, where there was none"
    ZERO = "a zero left out"
    DIGITS = "a dev number with digits too many"


@dataclass(frozen=True, slots=True)
class Jump:
    """An unlikely step from the ``predecessor``: a number went from ``before`` to
    ``after``.

    ``meant`` is what may have been meant, where the digits tell.
    """

    doubt: Doubt
    predecessor: Version
    before: int
    after: int
    meant: Version | None = None


def jump_of(version: Version, history: Listed) -> Jump | None:
    """The step to a version where it is unlikely, else None; None too for a version
    that is listed.

    The step counts from the highest listed version below, and is unlikely where

    - the first number that changes grows by nine or more, by more than a twentieth of
      what it was, and by more than it ever did in this project, unless it reads as a
      month or a day;
    - one of the numbers would follow only with a zero before it: 5.1.0 after 0.5.0;
    - a dev number is at least two digits longer than any before, and those have four;
    - the epoch is not the one of the newest.
    """
    version = public(version)
    newest = newest_of(history.offered)
    if newest is None or version in history.versions:
        return None
    if version.epoch != newest.epoch:
        other = _respelled(version, (newest.epoch, *version.release))
        meant = None if other in history.versions else other
        return Jump(Doubt.EPOCH, newest, newest.epoch, version.epoch, meant)
    below = bisect_left(history.versions, version)
    predecessor = history.versions[below - 1] if below else None
    if predecessor is None or predecessor.epoch != version.epoch:
        return None
    return _longer_dev_number(version, predecessor, history) or _larger_step(
        version, predecessor, history
    )


def _longer_dev_number(
    version: Version, predecessor: Version, history: Listed
) -> Jump | None:
    longest = max((v.dev for v in history.offered if v.dev is not None), default=0)
    if version.dev is None or longest < _LEAST_LONG_NUMBER:
        return None
    if len(str(version.dev)) - len(str(longest)) < _TOO_MANY_DIGITS:
        return None
    return Jump(Doubt.DIGITS, predecessor, longest, version.dev)


#: Below, a count of commits may well grow by two digits between two releases; from
#: here on, and for a date, it does not.
_LEAST_LONG_NUMBER = 1_000
_TOO_MANY_DIGITS = 2


def _larger_step(
    version: Version, predecessor: Version, history: Listed
) -> Jump | None:
    size = max(len(version.release), len(predecessor.release))
    new, old = _padded(version.release, size), _padded(predecessor.release, size)
    place = _first_difference(new, old)
    if place is None or _is_next(new, old):
        return None
    before, after = old[place], new[place]
    if after - before >= _LEAST_STEP and after - before > before // _SMALL_PART:
        if _reads_as_month_or_day(new, place, history):
            return None
        if after - before <= _largest_step(place, history):
            return None
        doubt = Doubt.YEAR if after in _YEARS else Doubt.LARGE
    else:
        with_zero = _trimmed((*new[:place], 0, *new[place:]))
        if len(with_zero) > max(_USUAL_LENGTH, len(predecessor.release)):
            return None
        if not _follows(with_zero, predecessor):
            return None
        doubt = Doubt.ZERO
    meant = _meant(version, predecessor, place)
    return Jump(doubt, predecessor, before, after, meant)


#: A dot that is left out makes at least this step: 1.0.2 to 10.3.
_LEAST_STEP = 9
#: The steps of what counts builds grow with it.
_SMALL_PART = 20
#: A zero is missed only where the release does not become longer than usual by it.
_USUAL_LENGTH = 3


def _largest_step(place: int, history: Listed) -> int:
    """The largest step that the project made at this place of the release."""
    largest = 0
    for lower, higher in pairwise(history.offered):
        if lower.epoch == higher.epoch:
            size = max(len(lower.release), len(higher.release))
            new, old = _padded(higher.release, size), _padded(lower.release, size)
            if _first_difference(new, old) == place:
                largest = max(largest, new[place] - old[place])
    return largest


# --- calendars -----------------------------------------------------------------

_YEARS = range(1990, 2101)
#: Calendar versions came up in 2012; lower numbers are mostly no years.
_SHORT_YEARS = range(12, 51)


def _reads_as_month_or_day(release: _Numbers, place: int, history: Listed) -> bool:
    """Whether a number stands behind a year, in a project whose versions behind years
    all have a month there (24.11, 2024.11.30), or a month and a day (2024.1130).
    """
    if place == 0 or not _is_year(release[0]):
        return False
    dated = [v.release for v in history.offered if _is_year(v.release[0])]
    seconds = [numbers[1] for numbers in (release, *dated) if len(numbers) > 1]
    if all(number <= _MONTHS for number in seconds):
        return place == 1 or release[place] <= _DAYS
    return place == 1 and all(map(_is_month_and_day, seconds))


def _is_year(number: int) -> bool:
    return number in _YEARS or number in _SHORT_YEARS


def _is_month_and_day(number: int) -> bool:
    month, day = divmod(number, 100)
    return 1 <= month <= _MONTHS and 1 <= day <= _DAYS


_MONTHS = 12
_DAYS = 31

# --- what may have been meant --------------------------------------------------


def _meant(version: Version, predecessor: Version, place: int) -> Version | None:
    """The version that follows the predecessor, and that a slip of the keys makes of
    this one.
    """
    for slip in _slips(version.release, place):
        if _follows(slip, predecessor):
            size = max(len(_trimmed(slip)), len(predecessor.release))
            return _respelled(version, (version.epoch, *_padded(slip, size)[:size]))
    return None


def _slips(release: tuple[int, ...], place: int) -> Iterator[tuple[int, ...]]:
    """The releases of which this may be a slip: a zero left out before the number at
    this place, a dot left out of it, a digit too many in it.
    """
    padded = _padded(release, place + 1)
    begin, number, rest = padded[:place], padded[place], padded[place + 1 :]
    yield *begin, 0, number, *rest
    text = str(number)
    for cut in range(1, len(text) if len(text) <= _LONGEST_SLIP else 0):
        if text[cut] != "0" or cut == len(text) - 1:
            yield *begin, int(text[:cut]), int(text[cut:]), *rest
    for cut in range(len(text) if 1 < len(text) <= _LONGEST_SLIP else 0):
        yield *begin, int(text[:cut] + text[cut + 1 :]), *rest


#: In digits. Longer numbers are dates or counts.
_LONGEST_SLIP = 9


def _follows(release: _Numbers, predecessor: Version) -> bool:
    """Whether a release is the next one, or the one that a pre-release was of."""
    is_final_of = _trimmed(release) == _trimmed(predecessor.release)
    return _is_next(release, predecessor.release) or (
        is_final_of and predecessor.is_prerelease
    )


def _is_next(new: _Numbers, old: _Numbers) -> bool:
    """Whether one number is one more than it was, and those behind it are 0."""
    size = max(len(new), len(old))
    new, old = _padded(new, size), _padded(old, size)
    place = _first_difference(new, old)
    return (
        place is not None and new[place] == old[place] + 1 and not any(new[place + 1 :])
    )


# --- numbers -------------------------------------------------------------------


def _numbers(version: Version) -> tuple[int, ...]:
    """The epoch and the numbers of the release, as many as are spelled."""
    return version.epoch, *version.release


def _dotted(numbers: _Numbers) -> str:
    """An epoch and a release as they are spelled; empty where there are no more than
    an epoch.
    """
    epoch, release = numbers[:1], numbers[1:]
    prefix = f"{epoch[0]}!" if release and epoch[0] else ""
    return prefix + ".".join(map(str, release))


def _respelled(version: Version, numbers: _Numbers) -> Version:
    """The version with another epoch and release, and its own kind: rc1, .dev2."""
    suffix = str(version).removeprefix(version.base_version)
    return Version(_dotted(numbers) + suffix)


def _padded(numbers: _Numbers, size: int) -> tuple[int, ...]:
    return *numbers, *[0] * (size - len(numbers))


def _trimmed(release: _Numbers) -> tuple[int, ...]:
    size = next((n for n in range(len(release), 1, -1) if release[n - 1]), 1)
    return tuple(release[:size])


def _first_difference(new: _Numbers, old: _Numbers) -> int | None:
    pairs = enumerate(zip(new, old, strict=True))
    return next((place for place, (a, b) in pairs if a != b), None)
