"""What to do next about a release that is not on the index as it should be: a table of
states, each with what a tired maintainer does now and what users see meanwhile.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from release_guard.comparison import missing, pairs
from release_guard.facts import (
    QUARANTINED,
    ExpectedFile,
    ExpectedRelease,
    Kind,
    Publication,
)
from release_guard.findings import NextStep
from release_guard.layouts import PUBLIC_INDEXES, management_url, without_credentials
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
    def label(self) -> str:
        """How reports call the release."""
        return self.publication.label

    @property
    def lacking(self) -> tuple[ExpectedFile, ...]:
        """The expected files that are not listed."""
        return missing(self.publication.release, self.publication.after)

    @property
    def count(self) -> str:
        """How many of the expected files are not listed."""
        return f"{len(self.lacking)} of {len(self.publication.release.files)} file(s)"

    @property
    def place(self) -> str:
        """Where the release is managed, as well as it is known."""
        release = self.publication.release
        url = management_url(self.index.upload_url, release.project, release.version)
        return f"at {url}" if self.on_pypi and url else "on the index"

    @property
    def withdraw(self) -> str:
        """How the release is taken back; not every index can yank."""
        return f"yank it {self.place}" if self.on_pypi else "yank or delete it"


def next_steps(
    states: Sequence[tuple[Publication, State]],
    index: IndexPolicy,
    *,
    on_pypi: bool,
    unread: Sequence[ExpectedRelease] = (),
) -> tuple[NextStep, ...]:
    """What to do for each release that is not exact, in the order of doing it.

    ``on_pypi`` says whether the index applies PyPI's rules, and of the releases that
    are ``unread`` the last look learned nothing.
    """
    cases = [_Case(what, state, index, on_pypi) for what, state in states]
    told = (_step(step) for case in cases for step in _STEPS[case.state](case))
    return (*told, *(NextStep(_open(release.label)) for release in unread))


#: A step in words, or one with the command for it.
_Told = str | NextStep


def _step(told: _Told) -> NextStep:
    return NextStep(told) if isinstance(told, str) else told


def _open(label: str) -> str:
    return (
        f"{label}: nothing is proven, neither that it is there nor that it is not; "
        "upload nothing, and verify again once the index answers"
    )


def _undecided(case: _Case) -> Iterator[str]:
    yield _open(case.label)


def _nothing(_: _Case) -> Iterator[str]:
    """All is well."""
    return iter(())


# --- what is not there ----------------------------------------------------------


def _missing(case: _Case) -> Iterator[_Told]:
    if case.publication.after.status == QUARANTINED:
        yield (
            f"{case.label}: the index holds the project back; ask its administrators "
            "why, and upload nothing"
        )
        yield "meanwhile nobody can install the project"
        return
    files = (shlex.quote(f"dist/{file.filename}") for file in case.lacking)
    yield NextStep(
        f"{case.label}: {case.count} are not listed; where the upload's log says that "
        "they went out, verify again later, else upload just those:",
        (f"{_upload(case.index)} {' '.join(files)}",),
    )
    closes = _closes(case)
    if closes is not None:
        yield f"the release takes files until {closes:%Y-%m-%d %H:%M} UTC"
    yield f"meanwhile {_meanwhile(case)}"


def _upload(index: IndexPolicy) -> str:
    """The command that uploads to the index, up to the files; never to another one."""
    if index.repository_url:
        url = shlex.quote(without_credentials(index.repository_url))
        return f"twine upload --repository-url {url}"
    if index.name in PUBLIC_INDEXES:
        return f"twine upload --repository {index.name}"
    return "twine upload --repository-url UPLOAD_URL"


def _closes(case: _Case) -> datetime | None:
    """When PyPI takes no more files of the release, UTC; None where nobody says when
    its first file came.
    """
    listed = case.publication.after.of(case.publication.release.version)
    times = [file.uploaded for file in listed if file.uploaded is not None]
    if not case.on_pypi or not times or len(times) < len(listed):
        return None
    return min(times) + CLOSES_AFTER


def _meanwhile(case: _Case) -> str:
    """What users get as long as the files are not there."""
    publication = case.publication
    there = {file.kind for file, _ in pairs(publication.release, publication.after)}
    kinds = {file.kind for file in case.lacking}
    if not publication.after.files:
        return "nobody can install the project"
    if not there:
        return "users get the release before"
    if Kind.WHEEL not in kinds:
        return "who builds from source gets the release before"
    if Kind.SDIST in there:
        return "users without their wheel build from the sdist"
    return "users without their wheel get the release before"


def _late(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: the upload went out, and one of the index's caches is old; "
        "upload nothing, and verify again with more time: --timeout 1800"
    )
    yield "meanwhile some users get the release, and some the one before"


def _unreachable(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: not all that is listed can be downloaded; verify again later, "
        "and tell the index's administrators if it stays"
    )
    yield "meanwhile some installations fail"


def _not_this_index(case: _Case) -> Iterator[_Told]:
    after = case.publication.after
    yield (
        f"{case.label}: {after.url} does not have the project, and sends on to "
        f"{after.elsewhere}; if the upload went there, verify with that index: --index"
    )
    yield from _missing(case)


# --- what is there and should not be --------------------------------------------


def _altered(case: _Case) -> Iterator[str]:
    yield f"{case.label}: {case.withdraw}, and find out who uploaded these bytes"
    yield "if nobody knows, read the index's log of uploads, and revoke the tokens"
    again = ": no file name can be used again" if case.on_pypi else ""
    yield f"then release the next version{again}"
    yield "meanwhile users install these bytes; who pins hashes gets an error"


def _unexpected(case: _Case) -> Iterator[str]:
    yield f"{case.label}: find out which run, or who, uploaded what is too much"
    yield f"if nobody knows, {case.withdraw}, and revoke the tokens"
    yield from _lacking_too(case)
    yield "meanwhile installers whose platform it fits may choose that file"


def _yanked(case: _Case) -> Iterator[str]:
    yield f"{case.label}: ask who yanked it and why; a yank is taken back {case.place}"
    yield from _lacking_too(case)
    yield "meanwhile installers pass it over, unless they are told this version"


def _elsewhere(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: find out who changed the rest of the project, before anybody "
        "releases again"
    )
    yield "where it was a release of your own, check anew, and verify by that manifest"
    yield "where the index lists other indexes' files too, say inherits: true of it"
    yield from _lacking_too(case)


def _lacking_too(case: _Case) -> Iterator[str]:
    if case.publication.after.status == QUARANTINED:
        yield "the index holds the project back: upload nothing"
    elif case.lacking:
        yield f"{case.count} are not listed either: upload them once that is clear"


# --- what is there, and lacks a proof, or is told otherwise ------------------------


def _unattested(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: find out which run, or who, uploaded the files that nothing "
        "proves to be of the publishing workflow"
    )
    yield f"if nobody knows, {case.withdraw}, and revoke the tokens"
    yield (
        "an uploaded file cannot be attested later: publish the next version by "
        "trusted publishing"
    )
    yield "meanwhile installers take the files: few look at attestations"


def _unproven(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: the index lists the expected files, and not all that was asked "
        "for beyond that could be judged: see what was not run, and why"
    )
    yield "upload nothing; mend that, and verify again"


def _described(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: compare what the index says with the files' own metadata; what "
        "was uploaded first may have decided it"
    )
    yield "where it matters, release the next version"
    yield "meanwhile installers go by what the index says"


def _inconsistent(case: _Case) -> Iterator[str]:
    yield (
        f"{case.label}: verify again later, and tell the index's administrators if it "
        "stays"
    )
    yield "meanwhile who asks the other endpoint sees something else"


_STEPS: Mapping[State, Callable[[_Case], Iterator[_Told]]] = {
    State.UNREADABLE: _undecided,
    State.UNREACHABLE: _unreachable,
    State.STALE: _undecided,
    State.NOT_THIS_INDEX: _not_this_index,
    State.ALTERED: _altered,
    State.UNEXPECTED: _unexpected,
    State.YANKED: _yanked,
    State.CHANGED_ELSEWHERE: _elsewhere,
    State.MISSING: _missing,
    State.LATE: _late,
    State.UNATTESTED: _unattested,
    State.UNPROVEN: _unproven,
    State.METADATA_DIFFERS: _described,
    State.INCONSISTENT: _inconsistent,
    State.EXACT: _nothing,
}
