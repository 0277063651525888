"""``verify``: does the index list exactly these files, and did nothing else move?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.errors import (
    IndexUnavailableError,
    NoDistributionsError,
    SourceError,
    UsageError,
)
from release_guard.facts import (
    DistributionSet,
    ExpectedRelease,
    IndexedFile,
    Listing,
    Missing,
    Publication,
    Subject,
    Surroundings,
)
from release_guard.findings import Look, Report, Severity
from release_guard.jobs.common import Job, expected_releases, report_on, simple_url
from release_guard.layouts import without_credentials
from release_guard.manifest import Manifest
from release_guard.rules.publication import published_missing
from release_guard.sources import dist
from release_guard.sources.simple import read_listing
from release_guard.sources.web import Web

__all__ = ["Expectation", "expected_of_files", "verify"]

#: The pauses between two looks, in seconds; the last one stays.
_PAUSES = (2.0, 4.0, 8.0, 15.0, 30.0)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to be verified; ``given`` is set where it came from files on disk.

    ``no_before`` says why there is no listing of the index before the upload.
    """

    manifest: Manifest
    given: DistributionSet | None = None
    no_before: str = "the manifest holds no listing of the index before the upload"


@dataclass(frozen=True, slots=True)
class _Index:
    """The index that is asked, and the hashes of what it served without one."""

    web: Web
    url: str
    hashes: dict[str, str] = field(default_factory=dict)

    def listing(
        self, project: NormalizedName, releases: Sequence[ExpectedRelease]
    ) -> Listing:
        """The listing, with a hash of each expected file.

        Where the index gives no sha256 the file is downloaded, once, and hashed:
        without one nothing is known of its bytes.
        """
        listing = read_listing(self.web, self.url, project)
        expected = {file.filename for release in releases for file in release.files}
        files = tuple(
            replace(file, sha256=self._sha256(file))
            if file.sha256 is None and file.filename in expected
            else file
            for file in listing.files
        )
        return replace(listing, files=files)

    def _sha256(self, file: IndexedFile) -> str:
        if file.url not in self.hashes:
            served = self.web.digest(file.url, home=self.url)
            self.hashes[file.url] = served.sha256
        return self.hashes[file.url]


@dataclass(slots=True)
class _Facts:
    """What one look saw."""

    subjects: list[Subject] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    troubles: list[SourceError] = field(default_factory=list)
    listed: int = 0


def expected_of_files(paths: Sequence[Path]) -> Expectation:
    """The expectation that files on disk make, for a release that was published by
    other means; only their names and hashes count.
    """
    found = dist.find(paths)
    for unread in found.unread:
        raise NoDistributionsError(unread.reason)
    present = tuple(dist.identify(path) for path in found.distributions)
    for file in present:
        if file.name is None:
            raise UsageError(f"{file.filename}: is no valid name: {file.name_error}")
    if not present:
        where = ", ".join(map(str, paths))
        raise NoDistributionsError(f"{where}: there are no distributions")
    releases = expected_releases(present, {})
    given = DistributionSet(present, found.sidecars, found.unknown)
    return Expectation(Manifest(releases), given)


def verify(
    job: Job,
    expectation: Expectation,
    *,
    timeout: float,
    progress: Callable[[Look], None] = lambda _: None,
) -> Report:
    """Look at the index until it lists what is expected, or the time is up.

    Only lateness waits, and what may pass by itself (a 503, a time-out); whatever else
    is wrong ends it at once. ``timeout`` is in seconds.
    """
    index = _Index(job.web, simple_url(job.policy.index))
    expectation = _for_this_index(expectation, job)
    started = job.clock.now()
    number = 0
    while True:
        number += 1
        elapsed = job.clock.now() - started
        facts = _look(expectation, index, elapsed)
        report = report_on(
            "verify",
            job,
            facts.subjects,
            scope=_scope(expectation),
            missing=facts.missing,
            releases=expectation.manifest.releases,
            started=started,
        )
        left = timeout - report.elapsed
        pause = _PAUSES[min(number, len(_PAUSES)) - 1]
        wait = min(pause, left) if _may_pass(report, facts) else 0.0
        expected = len(expectation.manifest.files)
        trouble = facts.troubles[0].message if facts.troubles else ""
        progress(
            Look(number, facts.listed, expected, report.elapsed, trouble, max(wait, 0))
        )
        if wait <= 0:
            return report
        job.clock.sleep(wait)


def _scope(expectation: Expectation) -> tuple[type[Subject], ...]:
    if expectation.given is None:
        return (Publication, Surroundings)
    return (DistributionSet, Publication, Surroundings)


def _may_pass(report: Report, facts: _Facts) -> bool:
    """Whether waiting can help: something is late, and nothing is wrong."""
    late = {published_missing.id}
    wrong = [
        finding
        for finding in report.findings
        if finding.severity is Severity.ERROR and finding.rule not in late
    ]
    stuck = [
        trouble
        for trouble in facts.troubles
        if not (isinstance(trouble, IndexUnavailableError) and trouble.transient)
    ]
    is_late = any(finding.rule in late for finding in report.findings)
    return not wrong and not stuck and (is_late or bool(facts.troubles))


def _look(expectation: Expectation, index: _Index, elapsed: float) -> _Facts:
    """Ask the index once for each project, and build the subjects."""
    facts = _Facts()
    if expectation.given is not None:
        facts.subjects.append(expectation.given)
    by_project: dict[NormalizedName, list[ExpectedRelease]] = {}
    for release in expectation.manifest.releases:
        by_project.setdefault(release.project, []).append(release)
    for project, releases in by_project.items():
        try:
            listing = index.listing(project, releases)
        except SourceError as error:
            facts.troubles.append(error)
            for subject in (Publication, Surroundings):
                facts.missing.append(
                    Missing(subject, error.message, needed=True, hint=error.hint)
                )
            continue
        facts.subjects += [Publication(r, listing, elapsed) for r in releases]
        names = {file.filename for release in releases for file in release.files}
        listed = names & listing.by_name.keys()
        facts.listed += len(listed)
        if not listed:
            # Whatever the policy makes of published-missing: nothing was verified.
            reason = f"{listing.url}: lists none of the expected files"
            facts.missing.append(Missing(Publication, reason, needed=True))
        before = releases[0].before
        if before is None:
            why = Missing(Surroundings, expectation.no_before, needed=False)
            facts.missing.append(why)
        else:
            rest = Surroundings(project, tuple(releases), before, listing)
            facts.subjects.append(rest)
    return facts


def _is_of(manifest: Manifest, job: Job) -> bool:
    """Whether the manifest was made for the index that is asked now."""
    index = job.policy.index
    if manifest.index or index.name:
        return manifest.index == index.name
    here = without_credentials(simple_url(index))
    return manifest.url.rstrip("/") == here.rstrip("/")


def _for_this_index(expectation: Expectation, job: Job) -> Expectation:
    """The expectation without a listing of another index: what is listed there
    excuses nothing here.
    """
    manifest = expectation.manifest
    has_listing = any(release.before is not None for release in manifest.releases)
    if not has_listing or _is_of(manifest, job):
        return expectation
    releases = tuple(replace(release, before=None) for release in manifest.releases)
    other = manifest.index or manifest.url
    return replace(
        expectation,
        manifest=replace(manifest, releases=releases),
        no_before=f"the manifest's listing is of {other}",
    )
