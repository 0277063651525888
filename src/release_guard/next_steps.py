"""What to do next about a release that is not on the index as it should be: a table of
states, each with what a tired maintainer does now and what users see meanwhile.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from release_guard.comparison import missing, pairs
from release_guard.facts import Kind, Publication
from release_guard.layouts import management_url, without_credentials
from release_guard.policy import IndexPolicy
from release_guard.rulebook import CLOSES_AFTER
from release_guard.states import State

__all__ = ["next_steps"]


@dataclass(frozen=True, slots=True)
class _Case:
    """One release, what became of it, and the index."""

    publication: Publication
    state: State
    index: IndexPolicy
    on_pypi: bool

    @property
    def yank_at(self) -> str:
        """Where a release is yanked, as well as it is known."""
        release = self.publication.release
        url = management_url(self.index.upload_url, release.project, release.version)
        return f"at {url}" if self.on_pypi and url else "on the index"


def next_steps(
    states: Sequence[tuple[Publication, State]], index: IndexPolicy, *, on_pypi: bool
) -> tuple[str, ...]:
    """What to do for each release that is not exact, in the order of doing it."""
    cases = [_Case(what, state, index, on_pypi) for what, state in states]
    steps = (step for case in cases for step in _STEPS.get(case.state, _none)(case))
    return tuple(dict.fromkeys(steps))


def _none(_: _Case) -> Iterator[str]:
    return iter(())


# --- what is not there ----------------------------------------------------------


def _missing(case: _Case) -> Iterator[str]:
    release = case.publication.release
    lacking = missing(release, case.publication.after)
    names = [file.filename for file in lacking]
    yield (
        f"{release.label}: {len(names)} of {len(release.files)} file(s) are not "
        "listed; look for them in the upload's log, and upload just those:"
    )
    files = " ".join(shlex.quote(f"dist/{name}") for name in names)
    yield f"  {_upload(case.index)} {files}"
    closes = _closes(case)
    if closes:
        yield f"the release takes files until {closes:%Y-%m-%d %H:%M} UTC"
    yield from _meanwhile(case, {file.kind for file in lacking})


def _upload(index: IndexPolicy) -> str:
    """The command that uploads to the index, up to the files."""
    if not index.repository_url:
        named = "" if index.name in ("", "pypi") else f" --repository {index.name}"
        return f"twine upload{named}"
    return f"twine upload --repository-url {without_credentials(index.repository_url)}"


def _closes(case: _Case) -> datetime | None:
    """When PyPI takes no more files of the release; None where that is not known."""
    listed = case.publication.after.of(case.publication.release.version)
    times = [file.uploaded for file in listed if file.uploaded is not None]
    return min(times) + CLOSES_AFTER if times and case.on_pypi else None


def _meanwhile(case: _Case, kinds: set[Kind]) -> Iterator[str]:
    """What users get as long as these kinds of file are not there."""
    publication = case.publication
    there = {file.kind for file, _ in pairs(publication.release, publication.after)}
    if not there:
        yield "meanwhile users get the release before"
    elif Kind.WHEEL in kinds and Kind.SDIST in there:
        yield "meanwhile users without their wheel build from the sdist"
    elif Kind.WHEEL in kinds:
        yield "meanwhile users without their wheel get an older release"
    else:
        yield "meanwhile who builds from source gets an older release"


def _late(case: _Case) -> Iterator[str]:
    yield (
        f"{case.publication.release.label}: the upload went out, and one of the "
        "index's caches is old; upload nothing, verify again later:"
    )
    yield "  release-guard verify --timeout 1800"
    yield "meanwhile some users get the release, and some the one before"


# --- what is there and should not be --------------------------------------------


def _altered(case: _Case) -> Iterator[str]:
    label = case.publication.release.label
    yield f"{label}: yank it {case.yank_at}, and find out who uploaded these bytes"
    yield "revoke the tokens and look at the index's log of uploads, if nobody knows"
    yield (
        "meanwhile users install these bytes; who pins hashes gets an error. A file's "
        "name cannot be used again: release the next version"
    )


def _unexpected(case: _Case) -> Iterator[str]:
    label = case.publication.release.label
    yield f"{label}: find out which run, or who, uploaded the file that is too much"
    yield f"if nobody knows, yank the release {case.yank_at}, and revoke the tokens"
    yield "meanwhile installers whose platform it fits may choose that file"


def _yanked(case: _Case) -> Iterator[str]:
    label = case.publication.release.label
    yield f"{label}: ask who yanked it and why; a yank is taken back {case.yank_at}"
    yield "meanwhile installers pass it over, but for exact pins"


def _elsewhere(case: _Case) -> Iterator[str]:
    yield (
        f"{case.publication.release.label} itself is there; find out who changed the "
        "rest of the project, before anybody releases again"
    )
    yield "where the index lists other indexes' files too, say inherits: true of it"


_STEPS: Mapping[State, Callable[[_Case], Iterator[str]]] = {
    State.MISSING: _missing,
    State.NOT_THIS_INDEX: _missing,
    State.LATE: _late,
    State.ALTERED: _altered,
    State.UNEXPECTED: _unexpected,
    State.YANKED: _yanked,
    State.CHANGED_ELSEWHERE: _elsewhere,
}
