"""What became of a release on an index, in one word: a pure summary of what was seen.

The rules judge, and the policy may let something pass; the state is what is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from release_guard import comparison
from release_guard.facts import (
    ARCHIVED,
    QUARANTINED,
    Endpoints,
    Publication,
    Served,
    Surroundings,
)

__all__ = ["Published", "State", "state_of"]


class State(StrEnum):
    """What may become of a release; of several that are so, the first is told.

    The first three, and perhaps the fourth, are of a look that learned nothing.
    ``UNPROVEN`` is a listing that is as it should be, where not all that was asked for
    beyond it could be judged; ``UNATTESTED``, where it was, and files are not what
    their attestations should say. The others are what ``state_of`` says.
    """

    UNREADABLE = "unreadable"
    UNREACHABLE = "unreachable"
    STALE = "stale"
    NOT_THIS_INDEX = "not-this-index"
    ALTERED = "altered"
    UNEXPECTED = "unexpected"
    YANKED = "yanked"
    CHANGED_ELSEWHERE = "changed-elsewhere"
    MISSING = "missing"
    LATE = "late"
    UNATTESTED = "unattested"
    UNPROVEN = "unproven"
    METADATA_DIFFERS = "metadata-differs"
    INCONSISTENT = "inconsistent"
    EXACT = "exact"


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
    served: Sequence[Served] = (),
) -> State:
    """The first of these that is so; the last is that nothing is wrong.

    ``served`` is what was downloaded of its files, mostly nothing.
    """
    return next(_states(publication, surroundings, endpoints, served))


def _states(
    publication: Publication,
    surroundings: Surroundings | None,
    endpoints: Endpoints | None,
    served: Sequence[Served],
) -> Iterator[State]:
    release, after = publication.release, publication.after
    if after.elsewhere:
        yield State.NOT_THIS_INDEX
    if comparison.altered(release, after) or _is_altered(served, endpoints):
        yield State.ALTERED
    if comparison.unexpected(publication) or _has_strangers(endpoints):
        yield State.UNEXPECTED
    if comparison.yanked(release, after) or _is_yanked(endpoints):
        yield State.YANKED
    if after.status == ARCHIVED or (surroundings and comparison.moved(surroundings)):
        yield State.CHANGED_ELSEWHERE
    yield from _lacking(publication, served)
    if comparison.described_otherwise(release, after):
        yield State.METADATA_DIFFERS
    if endpoints and comparison.disagree(endpoints):
        yield State.INCONSISTENT
    yield State.EXACT


def _is_altered(served: Iterable[Served], endpoints: Endpoints | None) -> bool:
    """Whether other bytes were served, or are listed by another endpoint."""
    listed = endpoints is not None and bool(comparison.other_bytes(endpoints))
    return listed or any(comparison.served_otherwise(file) for file in served)


def _has_strangers(endpoints: Endpoints | None) -> bool:
    return endpoints is not None and bool(comparison.strangers(endpoints))


def _is_yanked(endpoints: Endpoints | None) -> bool:
    return endpoints is not None and bool(comparison.yanked_elsewhere(endpoints))


def _lacking(publication: Publication, served: Iterable[Served]) -> Iterator[State]:
    """What is not listed, or is listed and cannot be had."""
    missing = comparison.missing(publication.release, publication.after)
    is_late = all(file.filename in publication.seen for file in missing)
    if not is_late or publication.after.status == QUARANTINED:
        yield State.MISSING
    if missing:
        yield State.LATE
    if any(file.served.problem for file in served):
        yield State.UNREACHABLE
