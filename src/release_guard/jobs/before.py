"""The index as it is before the upload, and where the upload will go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.utils import NormalizedName

from release_guard.errors import IndexUnavailableError, SourceError, UsageError
from release_guard.facts import (
    AgedRelease,
    Destination,
    Distribution,
    Listing,
    ProjectSize,
    Release,
    SizedDistribution,
    Subject,
    Upload,
    WheelSet,
)
from release_guard.findings import Advance
from release_guard.jobs.common import Job, simple_url, with_hashes, without_hash
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Origin
from release_guard.layouts import is_guess
from release_guard.rulebook import CLOSES_AFTER, LARGEST_PROJECT
from release_guard.sources.simple import read_listing
from release_guard.sources.upload_urls import read_destination

__all__ = ["INDEX_SCOPE", "add_destination", "add_uploads", "sized", "to_upload"]

#: What is made of the index's listing.
INDEX_SCOPE: tuple[type[Subject], ...] = (Upload, AgedRelease, ProjectSize)

#: How long the downloads of files without a hash may take, of all together.
_SECONDS = 600.0


def add_uploads(
    job: Job, releases: Sequence[Release], origin: Origin, facts: Gathered
) -> dict[NormalizedName, Listing]:
    """Join the releases with what the index lists of their projects now. Wheels that
    the policy declares are judged without it.
    """
    declared = {r.project for r in releases if job.policy.wheels_of(r.project)}
    facts.subjects += [WheelSet(r) for r in releases if r.project in declared]
    all_declared = len(declared) == len(releases)
    scope = INDEX_SCOPE if all_declared else (*INDEX_SCOPE, WheelSet)
    if origin.offline or origin.rehearsal:
        reason = "a rehearsal asks no index" if origin.rehearsal else "--offline"
        facts.lack_all(scope, reason, needed=False)
        return {}
    deadline = job.clock.now() + _SECONDS
    listings: dict[NormalizedName, Listing] = {}
    for release in releases:
        job.progress(Advance("asking the index about", release.project))
        try:
            listing = read_listing(
                job.web, simple_url(job.policy.index), release.project
            )
        except (SourceError, UsageError) as error:
            facts.lack_all(scope, error.message, needed=True, hint=error.hint)
            continue
        index = job.policy.index
        if not (listing.known or index.simple_url) and is_guess(index.upload_url):
            reason = f"{listing.url}: answers 404, and is only a guess at the index"
            hint = "give its Simple API root: --index-url"
            facts.lack_all(scope, reason, needed=True, hint=hint)
            continue
        try:
            listing = _hashed(job, release, listing, deadline)
        except SourceError as error:
            facts.lack_all(scope, error.message, needed=True, hint=error.hint)
            continue
        listings[release.project] = listing
        facts.subjects.append(Upload(release, listing))
        if release.project not in declared:
            facts.subjects.append(WheelSet(release, listing))
        _add_age_and_size(job, release, listing, facts)
    return listings


def _hashed(job: Job, release: Release, listing: Listing, deadline: float) -> Listing:
    """The listing with a hash of the files that would be uploaded once more: where the
    index gives no sha256, what it serves is downloaded. Raises ``SourceError`` where
    that cannot be had, or not before the deadline: nothing is known of its bytes.
    """
    home = simple_url(job.policy.index)
    names = {file.filename for file in release.distributions}
    hashes: dict[str, str] = {}
    bare = without_hash(listing, names)
    for file in bare:
        left = deadline - job.clock.now()
        if left <= 0:
            raise IndexUnavailableError(
                f"{listing.url}: gives no sha256, and {len(bare) - len(hashes)} of "
                f"{len(bare)} files could not be downloaded in {_SECONDS:.0f} seconds",
                hint="leave files that are uploaded already out of the set",
                transient=True,
            )
        hashes[file.filename] = job.web.within(left).digest(file.url, home=home).sha256
    return with_hashes(listing, hashes)


def to_upload(
    distributions: Iterable[Distribution],
    releases: Iterable[Release],
    listings: Mapping[NormalizedName, Listing],
) -> tuple[str, ...] | None:
    """The files that the index does not list yet; None where it was not asked."""
    if any(release.project not in listings for release in releases):
        return None
    listed = {file.filename for page in listings.values() for file in page.files}
    return tuple(d.filename for d in distributions if d.filename not in listed)


def add_destination(job: Job, facts: Gathered) -> None:
    """Add where the upload will go, as the options and this machine say it."""
    policy = job.policy
    try:
        destination = read_destination(
            job.environ, repository_url=policy.upload_url, index_name=policy.index.name
        )
    except SourceError as error:
        facts.lack(Destination, error.message, needed=True, hint=error.hint)
    else:
        facts.subjects.append(destination)


def _add_age_and_size(
    job: Job, release: Release, listing: Listing, facts: Gathered
) -> None:
    """Add what PyPI's limits are about: how old the release is, how large the project.

    What the index does not say leaves the question open, unless what it says is enough.
    """
    if not job.policy.on_pypi:
        for subject in (AgedRelease, ProjectSize):
            facts.lack(subject, "this index has no such limit", needed=False)
        return
    now = job.clock.utc()
    new = [d for d in release.distributions if d.filename not in listing.by_name]
    for version in release.versions:
        listed = listing.of(version)
        times = [file.uploaded for file in listed if file.uploaded is not None]
        created = min(times, default=None)
        is_closed = created is not None and created + CLOSES_AFTER < now
        names = tuple(d.filename for d in new if d.name and d.name.version == version)
        if names and len(times) < len(listed) and not is_closed:
            reason = f"{listing.url}: does not say when all files of {version} came"
            facts.lack(AgedRelease, reason, needed=True)
            continue
        facts.subjects.append(
            AgedRelease(release.project, version, created, names, now)
        )
    sizes = [file.size for file in listing.files if file.size is not None]
    size = ProjectSize(release.project, sum(sizes), sum(d.size for d in new))
    is_proven = not new or size.held + size.new > LARGEST_PROJECT
    if len(sizes) < len(listing.files) and not is_proven:
        reason = f"{listing.url}: does not say how large all its files are"
        facts.lack(ProjectSize, reason, needed=True)
    else:
        facts.subjects.append(size)


def sized(
    distributions: Iterable[Distribution],
    listings: Mapping[NormalizedName, Listing],
) -> Iterator[SizedDistribution]:
    """Each file, and the largest that the index has taken for its project."""
    for file in distributions:
        listing = listings.get(file.name.project) if file.name else None
        if listing is None:
            yield SizedDistribution(file)
            continue
        taken = max((listed.size or 0 for listed in listing.files), default=0)
        yield SizedDistribution(file, taken)
