"""What became of each release by the last look: its state, what moved on the index, and
what to do next. Pure: everything was seen before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from release_guard.comparison import diff, pairs
from release_guard.errors import IndexUnavailableError, OtherHostError
from release_guard.facts import (
    ExpectedRelease,
    Publication,
    PublishedFile,
    Served,
)
from release_guard.findings import Report, Verdict
from release_guard.jobs.look import Seen, Trouble
from release_guard.next_steps import next_steps
from release_guard.policy import Policy
from release_guard.rules.provenance import is_proven
from release_guard.states import Published, State, state_of

__all__ = ["with_outcome"]

#: What is only said where every file is proven, and nothing was left unread.
_AS_IT_SHOULD_BE = (State.METADATA_DIFFERS, State.INCONSISTENT, State.EXACT)


def with_outcome(
    report: Report,
    seen: Seen,
    releases: Sequence[ExpectedRelease],
    policy: Policy,
    *,
    looks: int,
) -> Report:
    """The report with the states, the diff, and where it is no pass the next steps."""
    publications = {what.release.label: what for what in seen.publications}
    is_unread = any(item.needed for item in report.not_run)
    states = {
        release.label: _state(
            release, publications.get(release.label), seen, is_unread=is_unread
        )
        for release in releases
    }
    published = [
        _published(release, publications.get(release.label), states, looks)
        for release in releases
    ]
    steps = next_steps(
        [(what, states[label]) for label, what in publications.items()],
        policy.index,
        on_pypi=policy.on_pypi,
        unread=[r for r in releases if r.label not in publications],
    )
    return replace(
        report,
        published=tuple(published),
        diff=diff(seen.publications, seen.surroundings, seen.hashed),
        next_steps=() if report.verdict is Verdict.PASS else steps,
    )


def _published(
    release: ExpectedRelease,
    publication: Publication | None,
    states: dict[str, State],
    looks: int,
) -> Published:
    listed = sum(1 for _ in pairs(release, publication.after)) if publication else 0
    return Published(
        release.project,
        str(release.version),
        states[release.label],
        listed,
        len(release.files),
        looks,
    )


def _state(
    release: ExpectedRelease,
    publication: Publication | None,
    seen: Seen,
    *,
    is_unread: bool,
) -> State:
    """The state of a release. An answer that nothing is wrong with is no proof beside
    one that failed, one that no other confirms, or anything needed that was not read.
    """
    troubles = {trouble.project: trouble for trouble in seen.troubles}
    trouble = troubles.get(release.project)
    if publication is None:
        return _state_of_trouble(trouble) if trouble else State.UNREADABLE
    state = _state_of(publication, seen)
    if state not in _AS_IT_SHOULD_BE:
        return state
    if trouble:
        return _state_of_trouble(trouble)
    if seen.is_unconfirmed:
        return State.STALE
    return State.UNPROVEN if is_unread else state


def _state_of(publication: Publication, seen: Seen) -> State:
    """What is so, by all that was seen of the release."""
    project, label = publication.release.project, publication.release.label
    files = {file.filename for file in publication.release.files}
    rest = (s for s in seen.surroundings if s.project == project)
    endpoints = (e for e in seen.endpoints if e.label == label)
    mine = [subject for subject in seen.others if subject.label in files]
    state = state_of(
        publication,
        next(rest, None),
        next(endpoints, None),
        [subject for subject in mine if isinstance(subject, Served)],
    )
    published = [subject for subject in mine if isinstance(subject, PublishedFile)]
    if state in _AS_IT_SHOULD_BE and not all(map(is_proven, published)):
        return State.UNATTESTED
    return state


def _state_of_trouble(trouble: Trouble) -> State:
    """What became of a release of which the last look learned nothing."""
    if trouble.is_stale:
        return State.STALE
    if isinstance(trouble.error, OtherHostError):
        return State.NOT_THIS_INDEX
    if isinstance(trouble.error, IndexUnavailableError):
        return State.UNREACHABLE
    return State.UNREADABLE
