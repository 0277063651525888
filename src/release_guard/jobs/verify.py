"""``verify``: does the index list exactly these files, and did nothing else move?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from release_guard.comparison import contradicts, disagree
from release_guard.errors import (
    NoDistributionsError,
    SourceError,
    UsageError,
)
from release_guard.facts import (
    DescribedDistribution,
    DistributionSet,
    Endpoints,
    Missing,
    Publication,
    PublishedFile,
    Served,
    Subject,
    Surroundings,
)
from release_guard.findings import Advance, Look, Report, Severity
from release_guard.jobs.common import Job, expected_releases, report_on, simple_url
from release_guard.jobs.files import read_all
from release_guard.jobs.look import Index, Seen, Trouble
from release_guard.jobs.outcome import with_outcome
from release_guard.jobs.provenance import published_files
from release_guard.layouts import without_credentials
from release_guard.manifest import Manifest
from release_guard.policy import Policy
from release_guard.rules.publication import index_inconsistent, published_missing
from release_guard.sources import dist

__all__ = ["Expectation", "Proof", "expected_of_files", "verify"]

#: The pauses between two looks, in seconds; the last one stays.
_PAUSES = (2.0, 4.0, 8.0, 15.0, 30.0)
#: What waiting may mend.
_LATE = frozenset({published_missing.id, index_inconsistent.id})
#: In place of a pause: this was the last look.
_NO_MORE = -1.0


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to be verified; ``given`` is set where it came from files on disk.

    ``no_before`` says why there is no listing of the index before the upload.
    """

    manifest: Manifest
    given: DistributionSet | None = None
    no_before: str = "the manifest holds no listing of the index before the upload"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is asked for beyond the listing: the served bytes. Whether attestations are
    is the policy's to say.
    """

    download: bool = False


def expected_of_files(
    paths: Sequence[Path], progress: Callable[[Advance], None] = lambda _: None
) -> Expectation:
    """The expectation that files on disk make, for a release that was published by
    other means: their names, their hashes, and what their metadata says.
    """
    found = dist.find(paths)
    for unread in found.unread:
        raise NoDistributionsError(unread.reason)
    present, described = [], []
    for contents in read_all(found.distributions, progress):
        if isinstance(contents, dist.Unread):
            raise NoDistributionsError(contents.reason, hint=contents.hint)
        file = contents.distribution
        if file.name is None:
            raise UsageError(f"{file.filename}: is no valid name: {file.name_error}")
        present.append(file)
        if contents.metadata is not None:
            described.append(DescribedDistribution(file, contents.metadata))
    if not present:
        where = ", ".join(map(str, paths))
        raise NoDistributionsError(f"{where}: there are no distributions")
    releases = expected_releases(present, {}, described)
    given = DistributionSet(tuple(present), found.sidecars, found.unknown)
    no_before = "there is no manifest, and so no listing before the upload"
    return Expectation(Manifest(releases), given, no_before)


def verify(
    job: Job,
    expectation: Expectation,
    *,
    timeout: float,
    proof: Proof = Proof(),
    progress: Callable[[Look], None] = lambda _: None,
) -> Report:
    """Look at the index until it lists what is expected, or the time is up.

    Only lateness waits, and what may pass by itself (a 503, a time-out); whatever else
    is wrong ends it at once. Where several caches may answer, two looks in turn must
    see the same. ``timeout`` is in seconds; a request that is under way when it ends
    may take its own time-out beyond it.
    """
    watch = _Watch(job, _for_this_index(expectation, job), timeout, proof)
    while True:
        report, wait = watch.step()
        report = watch.told(report)
        listed = sum(published.listed for published in report.published)
        expected = len(expectation.manifest.files)
        progress(
            Look(
                watch.looks,
                listed,
                expected,
                report.elapsed,
                watch.waits_for,
                max(wait, 0),
            )
        )
        if wait < 0:
            return report
        job.clock.sleep(wait)


@dataclass(slots=True)
class _Watch:
    """One run of looks at an index.

    ``believed`` is what the last look saw where that would pass: where several caches
    may answer, another one must see the same. ``waits_for`` is what the next look is
    for.
    """

    job: Job
    expectation: Expectation
    timeout: float
    proof: Proof
    looks: int = 0
    believed: tuple[object, ...] | None = None
    waits_for: str = ""
    index: Index = field(init=False)
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        now = self.job.clock.now()
        self.index = Index(self.job, now, now + self.timeout)

    def step(self) -> tuple[Report, float]:
        """Look once: the report, and how long to wait for the next look, in seconds;
        less than none where this was the last one.
        """
        self.looks += 1
        self.waits_for = ""
        self.seen = seen = self.index.look(
            self.expectation.manifest.releases,
            number=self.looks,
            no_before=self.expectation.no_before,
        )
        report = self._judged(seen, _not_behind(self.job.policy, self.proof))
        if _is_wrong(report, seen):
            return report, _NO_MORE
        if _is_late(report, seen):
            self.believed = None
            return self._late(report, seen)
        if self._is_agreed(seen):
            return self._behind(seen)
        return self._unconfirmed(seen)

    def _is_agreed(self, seen: Seen) -> bool:
        """Whether one cache has said it all, or two answers have said the same."""
        one = not (self.job.policy.on_pypi or self.index.is_cached)
        return one or self.believed == seen.fingerprint

    def _unconfirmed(self, seen: Seen) -> tuple[Report, float]:
        """The report of a look that no other has confirmed yet: no pass."""
        left = self.index.deadline - self.job.clock.now()
        first = self.believed is None
        self.believed = seen.fingerprint
        self.waits_for = "a second answer that says the same"
        seen.is_unconfirmed = True
        seen.missing.append(
            Missing(
                Publication,
                f"no two answers in turn said the same in {self.looks} look(s), and a "
                "cache may be old",
                needed=True,
                hint="verify again, and give it more time: --timeout",
            )
        )
        report = self._judged(seen, _not_behind(self.job.policy, self.proof))
        if first:
            # A second answer costs one request: it is asked for even if time is up.
            return report, min(_PAUSES[0], max(left, 0.0))
        return report, min(self._usual_pause, left) if left > 0 else _NO_MORE

    @property
    def _usual_pause(self) -> float:
        return _PAUSES[min(self.looks, len(_PAUSES)) - 1]

    def _late(self, report: Report, seen: Seen) -> tuple[Report, float]:
        """Wait for what is late, or tell at the end what is late, what is missing."""
        wait = self._pause(seen)
        if wait > 0:
            return report, wait
        self.index.tell_late(seen)
        behind = _not_behind(self.job.policy, self.proof)
        return self._judged(seen, behind), _NO_MORE

    def _pause(self, seen: Seen) -> float:
        """How long to wait, in seconds: nobody is asked before they want to be asked
        again, and not at all where that is after the deadline.
        """
        self.waits_for = seen.troubles[0].error.message if seen.troubles else ""
        left = self.index.deadline - self.job.clock.now()
        asked = max((trouble.pause for trouble in seen.troubles), default=0.0)
        if left <= 0 or asked > left:
            return _NO_MORE
        return min(max(self._usual_pause, asked), left)

    # --- what stands behind the listing -------------------------------------------

    def _behind(self, seen: Seen) -> tuple[Report, float]:
        """Look at what stands behind a listing that is as it should be: the other
        endpoints, and where these agree, or time is up, bytes and attestations.
        """
        self.index.add_endpoints(seen)
        if any(_lags(endpoints) for endpoints in seen.endpoints):
            wait = self._pause(seen)
            if wait > 0:
                behind = _not_behind(self.job.policy, self.proof)
                self.waits_for = "another endpoint that lags behind"
                return self._judged(seen, behind), wait
        self._add_proof(seen)
        report = self._judged(seen)
        if seen.troubles and not _is_wrong(report, seen):
            return report, self._pause(seen)
        return report, _NO_MORE

    def _add_proof(self, seen: Seen) -> None:
        """Add the served bytes and the attestations, as far as they are asked for."""
        self.index.add_served(seen, all_files=self.proof.download)
        if not any(isinstance(subject, Served) for subject in seen.others):
            needed = self.proof.download
            seen.missing.append(Missing(Served, _NOT_DOWNLOADED, needed=needed))
        if not self.job.policy.requires_provenance:
            reason = "neither the policy nor --provenance asks for attestations"
            seen.missing.append(Missing(PublishedFile, reason, needed=False))
            return
        for publication in seen.publications:
            release = publication.release
            try:
                job = replace(self.job, web=self.index.page())
                commit = self.expectation.manifest.commit
                files, lacking = published_files(
                    job, release, publication.after, commit=commit
                )
            except SourceError as error:
                seen.troubles.append(Trouble(release.project, error))
                seen.lack(PublishedFile, error, needed=True)
            else:
                seen.others += files
                seen.missing += lacking

    # --- the report ---------------------------------------------------------------

    def _judged(self, seen: Seen, also: Sequence[Missing] = ()) -> Report:
        given = self.expectation.given
        return report_on(
            "verify",
            self.job,
            [*([given] if given else []), *seen.subjects],
            scope=_SCOPE if given is None else (DistributionSet, *_SCOPE),
            missing=[*seen.missing, *also],
            releases=self.expectation.manifest.releases,
            started=self.index.started,
        )

    def told(self, report: Report) -> Report:
        """The report with what became of each release by the last look."""
        releases = self.expectation.manifest.releases
        policy = self.job.policy
        return with_outcome(report, self.seen, releases, policy, looks=self.looks)


_SCOPE: tuple[type[Subject], ...] = (
    Publication,
    Surroundings,
    Served,
    Endpoints,
    PublishedFile,
)
_NOT_DOWNLOADED = "no file was downloaded: --download does it"


def _not_behind(policy: Policy, proof: Proof) -> list[Missing]:
    """What is not looked at as long as the listing is not as it should be."""
    reason = "the listing is not, or not yet, as it should be"
    return [
        Missing(Endpoints, reason, needed=False),
        Missing(Served, reason, needed=proof.download),
        Missing(PublishedFile, reason, needed=policy.requires_provenance),
    ]


def _lags(endpoints: Endpoints) -> bool:
    """Whether waiting may make the endpoints agree: wrong bytes do not get right."""
    return disagree(endpoints) and not contradicts(endpoints)


def _is_wrong(report: Report, seen: Seen) -> bool:
    """Whether something is wrong that no waiting mends."""
    return any(not trouble.may_pass for trouble in seen.troubles) or any(
        finding.severity is Severity.ERROR and finding.rule not in _LATE
        for finding in report.findings
    )


def _is_late(report: Report, seen: Seen) -> bool:
    """Whether something is late, or could not be read this time."""
    late = any(finding.rule in _LATE for finding in report.findings)
    return late or bool(seen.troubles)


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
    releases = tuple(
        replace(release, before=None, serial=None) for release in manifest.releases
    )
    other = manifest.index or manifest.url
    return replace(
        expectation,
        manifest=replace(manifest, releases=releases),
        no_before=f"the manifest's listing is of {other}",
    )
