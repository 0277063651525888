"""What every job needs: who is asked, what day it is, and how a report is made."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import TypeVar

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.errors import UsageError
from release_guard.facts import (
    CoreMetadata,
    DescribedDistribution,
    Distribution,
    ExpectedFile,
    ExpectedRelease,
    IndexedFile,
    Kind,
    Listing,
    Missing,
    Subject,
)
from release_guard.findings import Advance, Report, Step, WaiverUse
from release_guard.judge import judge
from release_guard.layouts import simple_url_of
from release_guard.manifest import Manifest, Part
from release_guard.matrix import Matrix, matrix_of, wheels_before, wheels_listed
from release_guard.policy import IndexPolicy, Policy
from release_guard.rules import RULES
from release_guard.rules.base import AnyRule
from release_guard.sources.credentials import Home, Wallet
from release_guard.sources.web import Web

__all__ = [
    "Clock",
    "Job",
    "Outcome",
    "expected_releases",
    "report_on",
    "rules_for",
    "simple_url",
    "step_by_step",
    "web_of",
    "with_hashes",
    "without_hash",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as a job sees it, in seconds, and the hour; tests give others."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    utc: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """What a job is given besides its own arguments."""

    policy: Policy
    environ: Mapping[str, str] = field(default_factory=dict)
    web: Web = field(default_factory=lambda: Web({}))
    clock: Clock = Clock()
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    progress: Callable[[Advance], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and what is to be written where it is a pass."""

    report: Report
    writes: Manifest | Part | None = None


def step_by_step(
    progress: Callable[[Advance], None],
    doing: str,
    names: Sequence[str],
    results: Iterable[T],
    size_of: Callable[[T], int] = lambda _: 0,
) -> Iterator[T]:
    """All of the results, and word of each while it is waited for: there is one for
    each name, in this order, of so many bytes.
    """
    waited_for, size = iter(results), 0
    for number, name in enumerate(names, 1):
        progress(Advance(doing, name, number, len(names), size))
        for result in islice(waited_for, 1):
            size += size_of(result)
            yield result
    # Progress may be wrong, but nothing is lost by it.
    yield from waited_for


def expected_releases(
    distributions: Iterable[Distribution],
    listings: Mapping[NormalizedName, Listing],
    described: Iterable[DescribedDistribution] = (),
) -> tuple[ExpectedRelease, ...]:
    """The files that the index must list: a release for each project and version.

    Files without a valid name are left to ``filename-invalid``. Where a project's
    listing is not there, neither is the release's ``before``; what a file's metadata
    says is known of those that are ``described``.
    """
    metadata = {file.label: file.metadata for file in described}
    files: dict[tuple[NormalizedName, Version], list[ExpectedFile]] = defaultdict(list)
    for file in distributions:
        if file.name is not None:
            expected = _expected(file, metadata.get(file.filename))
            files[file.name.project, file.name.version].append(expected)
    before = {
        project: {file.filename: file.sha256 for file in listing.files}
        for project, listing in listings.items()
    }
    serials = {project: listing.serial for project, listing in listings.items()}
    return tuple(
        ExpectedRelease(
            *(project, version, tuple(mine)), before.get(project), serials.get(project)
        )
        for (project, version), mine in sorted(files.items())
    )


def _expected(file: Distribution, metadata: CoreMetadata | None) -> ExpectedFile:
    """A file as the index must list it; only of wheels it serves the metadata."""
    expected = ExpectedFile(file.filename, file.kind, file.size, file.sha256)
    if metadata is None:
        return expected
    is_wheel = file.kind is Kind.WHEEL
    return replace(
        expected,
        requires_python=metadata.requires_python,
        metadata_sha256=metadata.sha256 if is_wheel else None,
    )


def without_hash(listing: Listing, names: Collection[str]) -> list[IndexedFile]:
    """Those of these files that the index lists without a sha256: nothing is known of
    their bytes before they are downloaded.
    """
    return [f for f in listing.files if f.sha256 is None and f.filename in names]


def with_hashes(listing: Listing, hashes: Mapping[str, str]) -> Listing:
    """The listing with the sha256 of files that were downloaded, by name."""
    files = (
        replace(file, sha256=hashes.get(file.filename, file.sha256))
        for file in listing.files
    )
    return replace(listing, files=tuple(files)) if hashes else listing


def simple_url(index: IndexPolicy) -> str:
    """Where the index is read: as declared, or as its upload URL's layout says."""
    if index.simple_url:
        return index.simple_url
    derived = simple_url_of(index.upload_url)
    if derived is None:
        raise UsageError(
            f"where {index.label} is read does not follow from its upload URL",
            hint="give its Simple API root: --index-url, or simple-url in the policy",
        )
    return derived


def web_of(policy: Policy, environ: Mapping[str, str]) -> Web:
    """A way to ask the policy's index, and nobody else, with its credentials."""
    index = policy.index

    def home() -> Home:
        # Not before something is asked: twine, which knows where, is slow to import.
        return Home(simple_url(index), index.name, index.upload_url)

    return Web(environ, Wallet(environ, home))


def report_on(
    command: str,
    job: Job,
    subjects: Sequence[Subject],
    *,
    scope: Sequence[type[Subject]],
    missing: Sequence[Missing],
    releases: tuple[ExpectedRelease, ...] = (),
    to_upload: tuple[str, ...] | None = None,
    derivation: tuple[Step, ...] = (),
    listings: Mapping[NormalizedName, Listing] | None = None,
    started: float,
) -> Report:
    """Judge the subjects by the rules of a job's scope. ``listings`` are those of the
    index before the upload, as far as it was asked. Raises ``TypeError`` for a subject
    beyond the scope: its rules would be left out, and nobody told.
    """
    beyond = {type(subject) for subject in subjects} - set(scope)
    if beyond:
        names = ", ".join(sorted(subject.__name__ for subject in beyond))
        raise TypeError(f"{names}: beyond the scope of {command}")
    judgement = judge(
        subjects,
        rules=rules_for(scope),
        policy=job.policy,
        missing=missing,
        today=job.today,
    )
    return Report(
        command=command,
        index=job.policy.index.label,
        releases=releases,
        examined=tuple(dict.fromkeys(subject.label for subject in subjects)),
        rules=len(judgement.ran),
        ran=judgement.ran,
        findings=judgement.findings,
        waived=judgement.waived,
        not_run=judgement.not_run,
        to_upload=to_upload,
        derivation=derivation,
        matrices=tuple(_matrices(releases, listings or {})),
        policy=job.policy.where,
        strict=job.policy.strict,
        elapsed=job.clock.now() - started,
    )


def _matrices(
    releases: Iterable[ExpectedRelease], listings: Mapping[NormalizedName, Listing]
) -> Iterator[Matrix]:
    """The wheels of each release, beside those of the last one where it is known. What
    is listed of a version already is part of it.
    """
    for release in releases:
        listing = listings.get(release.project, Listing(release.project, "", ()))
        last, before = wheels_before(release.version, listing)
        matrix = matrix_of(
            release.project,
            str(release.version),
            {file.filename for file in release.files}
            | {*wheels_listed(release.version, listing)},
            previous=str(last) if last else "",
            before=before,
        )
        if matrix is not None:
            yield matrix


def rules_for(scope: Sequence[type[Subject]]) -> tuple[AnyRule, ...]:
    """The rules of a job's scope, and those of waivers."""
    subjects = (*scope, WaiverUse)
    return tuple(rule for rule in RULES if rule.subject in subjects)
