"""The wheels of a release, platforms by interpreters, beside those of the last one.

Pure: file names in, answers out. What a wheel of the stable ABI serves is each Python
from its floor on, so that a move to it, or back, is told only where somebody loses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice, pairwise

from packaging.version import Version

from release_guard.facts import IndexedFile, Listing
from release_guard.platforms import (
    ANY,
    PURE,
    STABLE,
    Family,
    Interpreter,
    Reach,
    by_number,
    interpreter_of,
    reaches_of,
)
from release_guard.succession import last_release

__all__ = [
    "MOST_WHEELS",
    "Losses",
    "Mark",
    "Matrix",
    "Row",
    "holes",
    "is_replaced",
    "losses",
    "matrix_of",
    "own_pythons",
    "wheels_before",
    "wheels_listed",
]

#: Of one release; an index could list a hundred thousand. Real ones have up to 175. One
#: more stands for all that are left out.
MOST_WHEELS = 2_000
#: How large a picture may become. Of 60 real projects the largest are 23 by 11 and 15
#: by 14.
_MOST_ROWS, _MOST_COLUMNS = 40, 30
#: How long a label may be, in characters; the longest real one has 26.
_LONGEST_LABEL = 40
#: How many systems a row names: the generations of one libc, mostly one or two.
_MOST_SYSTEMS = 3


# --- what is compared ----------------------------------------------------------


def wheels_before(
    version: Version, listing: Listing
) -> tuple[Version | None, tuple[str, ...]]:
    """The last release before a version, None where there is none, and its wheels: of
    several local versions those of the same one, if there are any.
    """
    last = last_release(version, listing)
    if last is None:
        return None, ()
    same = [f for f in last.files if f.version and f.version.local == version.local]
    return last.version, _wheels(same or last.files)


def wheels_listed(version: Version, listing: Listing) -> tuple[str, ...]:
    """The wheels that an index lists of a version and that are not yanked."""
    return _wheels(listing.of(version))


def _wheels(files: Iterable[IndexedFile]) -> tuple[str, ...]:
    names = [file.filename for file in files if not file.yanked]
    if len(names) > MOST_WHEELS:
        # Many builds of one wheel must not hide another one.
        names = list({tuple(name.rsplit("-", 3)[1:]): name for name in names}.values())
    return tuple(islice(filter(reaches_of, names), MOST_WHEELS + 1))


# --- what is gone --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Losses:
    """What the wheels of the last release served, and those of this one do not.

    ``platforms`` have no wheel any more, ``interpreters`` none on any platform, and
    ``cells`` are the interpreters that are gone on one platform and not on all.
    ``retired`` are those of the ``interpreters`` that made place for a newer one, and
    of which no Requires-Python can tell: another implementation, or one without GIL.
    ``wheels`` is what each wheel of the last release served.
    """

    platforms: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wheels: tuple[frozenset[Family], ...] = ()

    def had(
        self, interpreters: Collection[str] = (), platforms: Collection[str] = ()
    ) -> int:
        """How many wheels the last release had for any of these; empty is any."""
        pythons, systems = frozenset(interpreters), frozenset(platforms)
        return sum(
            any(
                (not pythons or family.interpreter in pythons)
                and (not systems or family.platform in systems)
                for family in families
            )
            for families in self.wheels
        )


def is_replaced(family: Family, gained: Collection[Family]) -> bool:
    """Whether a wheel that is new in a release serves what a family did: one for the
    stable ABI, for any interpreter, or for any platform.
    """
    wider = (PURE, family.interpreter, *_stable_abi_of(family.interpreter))
    return any(
        Family(interpreter, platform) in gained
        for interpreter in wider
        for platform in (family.platform, ANY)
    )


def _stable_abi_of(interpreter: str) -> tuple[str, ...]:
    """The stable ABI whose wheels run with an interpreter: with CPython alone, and
    without the GIL it is another one (PEP 803).
    """
    said = interpreter_of(interpreter)
    if said is None or said.kind != "cp":
        return ()
    return (STABLE[said.is_free],)


def losses(
    before: Iterable[str], now: Iterable[str], allows: Callable[[Interpreter], bool]
) -> Losses:
    """What the wheels among the files ``before`` served and those among ``now`` do not.

    What is lost to a Python that the release no longer ``allows`` is no loss.
    """
    old = {name: reaches_of(name) for name in before}
    new = {name: reaches_of(name) for name in now}
    newest = _newest([*old.values(), *new.values()])
    was, here = (_served(wheels.values(), newest) for wheels in (old, new))
    gained = here - was
    lost = {
        family
        for family in was - here
        if not is_replaced(family, gained) and _is_allowed(family, allows)
    }
    platforms = {family.platform for family in here}
    interpreters = {family.interpreter for family in here}
    newest_of = _newest_of_kinds(interpreters)
    retired = {
        interpreter
        for interpreter in {family.interpreter for family in lost} - interpreters
        if _is_retired(interpreter, newest_of)
    }
    gone = {
        family.platform
        for family in lost
        if family.platform not in platforms and family.interpreter not in retired
    }
    lost = {family for family in lost if family.platform not in gone}
    cells: dict[str, list[str]] = defaultdict(list)
    for family in sorted(lost):
        if family.interpreter in interpreters:
            cells[family.platform].append(family.interpreter)
    absent = {family.interpreter for family in lost} - interpreters
    return Losses(
        tuple(sorted(gone)),
        tuple(sorted(absent, key=_by_age)),
        tuple(sorted(absent & retired, key=_by_age)),
        {
            platform: tuple(sorted(mine, key=_by_age))
            for platform, mine in cells.items()
        },
        tuple(frozenset(_served([reaches], newest)) for reaches in old.values()),
    )


def _served(wheels: Iterable[Iterable[Reach]], newest: int) -> set[Family]:
    """What wheels serve: of the stable ABI, each Python 3 from its floor to the newest
    that any wheel names.
    """
    served: set[Family] = set()
    for reach in (reach for wheel in wheels for reach in wheel):
        floor = interpreter_of(reach.floor)
        if reach.family.interpreter not in STABLE or floor is None:
            served.add(reach.family)
            continue
        end = "t" if reach.family.interpreter == STABLE[1] else ""
        for minor in range(floor.minor, max(newest, floor.minor) + 1):
            served.add(Family(f"cp3{minor}{end}", reach.family.platform))
    return served


def _newest(wheels: Iterable[Iterable[Reach]]) -> int:
    """The newest Python 3 that any wheel names, by its minor number."""
    said = (interpreter_of(reach.floor) for wheel in wheels for reach in wheel)
    return max(
        (i.minor for i in said if i and (i.kind, i.major) == ("cp", 3)), default=0
    )


def _is_allowed(family: Family, allows: Callable[[Interpreter], bool]) -> bool:
    """Whether the release is still meant for the Python of a family."""
    said = interpreter_of(family.interpreter)
    return said is None or family.interpreter == PURE or allows(said)


_Kind = tuple[str, bool]


def _newest_of_kinds(interpreters: Iterable[str]) -> dict[_Kind, Interpreter]:
    """The newest interpreter of each kind."""
    known = sorted(filter(None, map(interpreter_of, interpreters)))
    return {(said.kind, said.is_free): said for said in known}


def _is_retired(interpreter: str, newest_of: Mapping[_Kind, Interpreter]) -> bool:
    """Whether a newer interpreter of the same kind is there; of CPython with the GIL
    Requires-Python tells.
    """
    mine = interpreter_of(interpreter)
    if mine is None or (mine.kind == "cp" and not mine.is_free):
        return False
    newest = newest_of.get((mine.kind, mine.is_free))
    return newest is not None and newest > mine


# --- what is not there yet -----------------------------------------------------


def holes(before: Iterable[str], now: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The interpreters that are new in a release and not on every platform on which
    the one before them of the same kind is, with those platforms.
    """
    was = {reach.family.interpreter for name in before for reach in reaches_of(name)}
    new = {reach.family for name in now for reach in reaches_of(name)}
    on: dict[str, set[str]] = defaultdict(set)
    for family in new:
        on[family.interpreter].add(family.platform)
    known = sorted(
        (said, name) for name in on if (said := interpreter_of(name)) is not None
    )
    pure = {family.platform for family in new if family.interpreter in (PURE, *STABLE)}
    found = {}
    for (before_it, earlier), (said, name) in pairwise(known):
        is_next = (before_it.kind, before_it.is_free) == (said.kind, said.is_free)
        lacking = on[earlier] - on[name] - pure
        if is_next and name not in was and lacking:
            found[name] = tuple(sorted(lacking))
    return found


def own_pythons(names: Iterable[str]) -> tuple[frozenset[str], bool]:
    """The Pythons that have a wheel of their own (CPython with the GIL), and whether
    there are wheels for any later one too.
    """
    reaches = [reach for name in names for reach in reaches_of(name)]
    is_open = any(reach.family.interpreter in (PURE, *STABLE) for reach in reaches)
    said = (interpreter_of(reach.family.interpreter) for reach in reaches)
    own = {i.python for i in said if i and i.kind == "cp" and not i.is_free}
    return frozenset(own), is_open


# --- the picture ---------------------------------------------------------------


class Mark(StrEnum):
    """What a release has for an interpreter on a platform, beside the one before it."""

    THERE = "there"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Row:
    """A platform: a mark for each interpreter, None for nothing, and the oldest systems
    that its wheels are for.
    """

    platform: str
    cells: tuple[Mark | None, ...]
    systems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """The wheels of a release; ``previous`` is the one that it is held against, empty
    where nobody looked or there is none.

    ``more_interpreters`` and ``more_platforms`` are how many were left out.
    """

    project: str
    version: str
    previous: str
    interpreters: tuple[str, ...]
    rows: tuple[Row, ...]
    more_interpreters: int = 0
    more_platforms: int = 0


def matrix_of(
    project: str,
    version: str,
    now: Iterable[str],
    *,
    previous: str = "",
    before: Iterable[str] = (),
) -> Matrix | None:
    """The picture of the wheels among the files ``now``, marked by those ``before``;
    None where they are all for every platform and every Python, or there are none.
    """
    new = [reach for name in now for reach in reaches_of(name)]
    old = [reach for name in before for reach in reaches_of(name)]
    cells = {_cell(reach) for reach in (*new, *old)}
    if not cells - {(PURE, ANY)}:
        return None
    was, here = ({_cell(reach) for reach in reaches} for reaches in (old, new))
    systems: dict[str, set[str]] = defaultdict(set)
    for reach in new or old:
        if reach.system:
            systems[reach.family.platform].add(reach.system)
    columns = sorted({interpreter for interpreter, _ in cells}, key=_by_age)
    platforms = sorted({platform for _, platform in cells}, key=_by_system)
    rows = tuple(
        Row(
            platform[:_LONGEST_LABEL],
            tuple(
                _mark((column, platform), was, here, is_compared=bool(previous))
                for column in columns[:_MOST_COLUMNS]
            ),
            tuple(sorted(systems[platform], key=by_number)[:_MOST_SYSTEMS]),
        )
        for platform in platforms[:_MOST_ROWS]
    )
    return Matrix(
        project,
        version,
        previous,
        tuple(column[:_LONGEST_LABEL] for column in columns[:_MOST_COLUMNS]),
        rows,
        max(len(columns) - _MOST_COLUMNS, 0),
        max(len(platforms) - _MOST_ROWS, 0),
    )


def _cell(reach: Reach) -> tuple[str, str]:
    """The column and the row of a family: of the stable ABI each floor has its own."""
    family = reach.family
    if family.interpreter in STABLE:
        return f"{reach.floor}-{family.interpreter}", family.platform
    return family.interpreter, family.platform


def _mark(
    cell: tuple[str, str],
    was: Collection[tuple[str, str]],
    here: Collection[tuple[str, str]],
    *,
    is_compared: bool,
) -> Mark | None:
    if cell in here:
        return Mark.NEW if is_compared and cell not in was else Mark.THERE
    return Mark.GONE if cell in was else None


#: The order of columns and rows: what most people use comes first.
_KINDS = ("cp", "pp", "graalpy")
_PLATFORMS = ("any", "linux", "musllinux", "macosx", "win", "ios", "android", "wasm")


def _by_age(interpreter: str) -> tuple[int, bool, int, int, str]:
    """The order of interpreters: kind by kind, the stable ABI behind CPython's own."""
    python, _, abi = interpreter.partition("-")
    said = interpreter_of(python)
    if said is None or said.kind not in _KINDS:
        return len(_KINDS), False, 0, 0, interpreter
    is_free = said.is_free or abi == STABLE[1]
    return _KINDS.index(said.kind), is_free, said.major, said.minor, interpreter


def _by_system(platform: str) -> tuple[int, str]:
    """The order of platforms: system by system."""
    system = platform.partition("_")[0].rstrip("0123456789")
    place = _PLATFORMS.index(system) if system in _PLATFORMS else len(_PLATFORMS)
    return place, platform
