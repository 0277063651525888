"""What became of a release on an index, in one word: a pure summary of what was seen.

The rules judge, and the policy may let something pass; the state is what is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from release_guard import comparison
from release_guard.facts import Endpoints, Publication, Surroundings

__all__ = ["WAITS", "Published", "State", "state_of"]


class State(StrEnum):
    """What may become of a release, the worst first."""

    UNREADABLE = "unreadable"
    NOT_THIS_INDEX = "not-this-index"
    UNREACHABLE = "unreachable"
    ALTERED = "altered"
    UNEXPECTED = "unexpected"
    YANKED = "yanked"
    CHANGED_ELSEWHERE = "changed-elsewhere"
    MISSING = "missing"
    LATE = "late"
    STALE = "stale"
    METADATA_DIFFERS = "metadata-differs"
    INCONSISTENT = "inconsistent"
    EXACT = "exact"


#: What may pass by itself; nothing else is waited for.
WAITS = frozenset(
    {
        State.UNREACHABLE,
        State.MISSING,
        State.LATE,
        State.STALE,
        State.INCONSISTENT,
    }
)


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one release, how many of its files were listed by the last answer,
    and how often the index was asked.
    """

    project: str
    version: str
    state: State
    listed: int
    expected: int
    looks: int


def state_of(
    publication: Publication,
    surroundings: Surroundings | None = None,
    endpoints: Endpoints | None = None,
) -> State:
    """The first of these that is so; the last is that nothing is wrong."""
    return next(_states(publication, surroundings, endpoints))


def _states(
    publication: Publication,
    surroundings: Surroundings | None,
    endpoints: Endpoints | None,
) -> Iterator[State]:
    release, after = publication.release, publication.after
    if comparison.altered(release, after):
        yield State.ALTERED
    if comparison.unexpected(release, after):
        yield State.UNEXPECTED
    if comparison.yanked(release, after):
        yield State.YANKED
    if surroundings and comparison.moved(surroundings):
        yield State.CHANGED_ELSEWHERE
    missing = comparison.missing(release, after)
    if missing and after.elsewhere:
        yield State.NOT_THIS_INDEX
    if missing:
        is_late = all(file.filename in publication.seen for file in missing)
        yield State.LATE if is_late else State.MISSING
    if comparison.described_otherwise(release, after):
        yield State.METADATA_DIFFERS
    if endpoints and _disagree(endpoints):
        yield State.INCONSISTENT
    yield State.EXACT


def _disagree(endpoints: Endpoints) -> bool:
    first, *others = endpoints.views
    return any(comparison.lag_of(first, other) for other in others)
