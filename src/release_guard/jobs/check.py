"""``check``: may this set be uploaded, here, now?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.derivation import derive
from release_guard.errors import (
    EventError,
    ManifestError,
    NoDistributionsError,
    SourceError,
    UsageError,
)
from release_guard.facts import (
    Attestation,
    AttestedDistribution,
    DescribedDistribution,
    Destination,
    Distribution,
    DistributionSet,
    Listing,
    Missing,
    Recheck,
    RecheckedRun,
    Ref,
    Release,
    SizedDistribution,
    Subject,
    TaggedRelease,
    Trigger,
)
from release_guard.jobs.before import INDEX_SCOPE, add_uploads, sized
from release_guard.jobs.common import (
    Job,
    Outcome,
    expected_releases,
    report_on,
    simple_url,
)
from release_guard.jobs.files import (
    FILE_SCOPE,
    FileSet,
    attested,
    read_attestations,
    read_files,
)
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import ORIGIN_SCOPE, Origin, add_origin
from release_guard.layouts import without_credentials
from release_guard.manifest import Manifest, Part, read_part
from release_guard.policy import IndexPolicy, Policy
from release_guard.sources import dist
from release_guard.sources.ci import read_trigger
from release_guard.sources.files import read_small
from release_guard.sources.upload_urls import read_destination
from release_guard.tags import read_ref

__all__ = ["check", "check_against", "check_part", "join_parts"]

_SET_SCOPE: tuple[type[Subject], ...] = (
    DistributionSet,
    SizedDistribution,
    AttestedDistribution,
    Release,
    *ORIGIN_SCOPE,
    Destination,
    *INDEX_SCOPE,
)
#: What a part was judged on, and holds no longer.
_READ_ELSEWHERE = tuple(scope for scope in FILE_SCOPE if scope is not Distribution)


def check(job: Job, paths: Sequence[Path], origin: Origin) -> Outcome:
    """Judge a set of distributions; on a pass the outcome holds the manifest.

    Raises ``NoDistributionsError`` where there is nothing to examine.
    """
    started = job.clock.now()
    facts = Gathered()
    found = read_files(job, paths, facts)
    facts.subjects.append(found.whole)
    return _judge_set(job, found, origin, facts, started)


def check_part(job: Job, paths: Sequence[Path]) -> Outcome:
    """Judge the files of one build job, and leave the set to ``join_parts``."""
    started = job.clock.now()
    facts = Gathered()
    found = read_files(job, paths, facts)
    facts.lack_all(_SET_SCOPE, "left to the join of the parts", needed=False)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=(*FILE_SCOPE, *_SET_SCOPE),
        missing=facts.missing,
        releases=expected_releases(found.whole.distributions, {}),
        started=started,
    )
    whole = found.whole
    part = Part(
        found.described,
        job.policy.terms,
        whole.sidecars,
        whole.unknown,
        found.attestations,
    )
    return Outcome(report, part)


def join_parts(job: Job, paths: Sequence[Path], origin: Origin) -> Outcome:
    """Judge the whole set from the parts that ``check_part`` wrote, without bytes."""
    started = job.clock.now()
    parts = [_part(job, path) for path in paths]
    facts = Gathered()
    found = _joined(parts)
    facts.subjects += found.whole.distributions
    facts.subjects.append(found.whole)
    facts.lack_all(_READ_ELSEWHERE, "judged where the part was made", needed=False)
    return _judge_set(job, found, origin, facts, started)


def check_against(
    job: Job,
    paths: Sequence[Path],
    manifest: Manifest,
    origin: Origin,
    *,
    knows_index: bool = True,
) -> Outcome:
    """Are the files on disk still the ones that were checked, and checked for this run?

    Where the manifest's index is not known here, nothing says what may lead to it, and
    where it takes uploads.
    """
    started = job.clock.now()
    found = dist.find(paths)
    present: list[Distribution] = []
    unread = list(found.unread)
    for item in dist.identify_all(found.distributions):
        if isinstance(item, dist.Unread):
            unread.append(item)
        else:
            present.append(item)
    facts = Gathered()
    if knows_index:
        # The publish job is where an uploader's variables stand.
        _add_destination(job, facts)
    else:
        reason = "the manifest's index is not known here: check the policy out"
        facts.lack_all((Trigger, Destination), reason, needed=False)
    _add_run(job, manifest, origin, facts, knows_index=knows_index)
    attestations = read_attestations(job, found, facts)
    whole = DistributionSet(tuple(present))
    files = FileSet(whole, (), attestations)
    unknown = {item.path.name for item in unread}
    expected = tuple(f for f in manifest.files if f.filename not in unknown)
    report = report_on(
        "check",
        job,
        [
            Recheck(expected, tuple(present), found.unknown, found.sidecars),
            *attested(job, files, facts, event=origin.event),
            *facts.subjects,
        ],
        scope=(Recheck, RecheckedRun, Trigger, AttestedDistribution, Destination),
        missing=[
            *(Missing(Recheck, u.reason, needed=True, hint=u.hint) for u in unread),
            *facts.missing,
        ],
        releases=manifest.releases,
        started=started,
    )
    return Outcome(report)


def _add_run(
    job: Job, manifest: Manifest, origin: Origin, facts: Gathered, *, knows_index: bool
) -> None:
    """Add what started this run, and what it is of beside what the manifest is of."""
    try:
        trigger = read_trigger(job.environ, event=origin.event)
    except EventError as error:
        needed = job.policy.index.asks_for_event
        facts.lack_all(
            (Trigger, RecheckedRun), error.message, needed=needed, hint=error.hint
        )
        return
    if trigger is not None and knows_index:
        facts.subjects.append(trigger)
    elif trigger is None:
        reason = "no CI system that is known here started this run"
        facts.lack(Trigger, reason, needed=False)
    if trigger is None and not (origin.tag or origin.commit):
        facts.lack(RecheckedRun, reason, needed=False)
        return
    said = trigger or Trigger("", "")
    facts.subjects.append(
        RecheckedRun(
            tag=manifest.tag,
            commit=manifest.commit,
            releases=len(manifest.releases),
            run_tag=origin.short_tag or said.tag,
            run_commit=origin.commit or said.commit,
        )
    )


# --- gathering -----------------------------------------------------------------


def _part(job: Job, path: Path) -> Part:
    """A part that was judged on the terms of this policy."""
    part = read_part(read_small(path, ManifestError), where=str(path))
    if part.terms != job.policy.terms:
        raise ManifestError(
            f"{path}: was judged by another policy than this one",
            hint="check the parts and the join with one policy and one index",
        )
    return part


def _joined(parts: Iterable[Part]) -> FileSet:
    """One set of all parts; one file in two parts must be the same file."""
    files: dict[str, DescribedDistribution] = {}
    attestations: dict[str, Attestation] = {}
    sidecars, unknown = {}, {}
    for part in parts:
        for file in part.files:
            name = file.distribution.filename
            if files.setdefault(name, file) != file:
                raise UsageError(f"two parts hold {name}, and it is not the same file")
        sidecars.update({sidecar.filename: sidecar for sidecar in part.sidecars})
        unknown.update({stray.filename: stray for stray in part.unknown})
        for attestation in part.attestations:
            name = attestation.filename
            if attestations.setdefault(name, attestation) != attestation:
                raise UsageError(f"two parts hold {name}, and it is not the same file")
    if not files:
        raise NoDistributionsError("the parts hold no distribution")
    described = tuple(files[name] for name in sorted(files))
    distributions = tuple(file.distribution for file in described)
    whole = DistributionSet(
        distributions, tuple(sidecars.values()), tuple(unknown.values())
    )
    return FileSet(whole, described, tuple(attestations.values()))


def _judge_set(
    job: Job,
    found: FileSet,
    origin: Origin,
    facts: Gathered,
    started: float,
) -> Outcome:
    """Build the subjects of the set, judge everything, make the manifest."""
    releases = _releases(found, facts)
    facts.subjects += releases
    files = tuple(attested(job, found, facts, event=origin.event))
    facts.subjects += files
    ref = add_origin(job, releases, files, origin, facts)
    if origin.rehearsal:
        facts.lack(Destination, "a rehearsal uploads to this machine", needed=False)
    else:
        _add_destination(job, facts)
    listings = add_uploads(job, releases, origin, facts)
    facts.subjects += sized(found.whole.distributions, listings)
    expected = expected_releases(found.whole.distributions, listings, found.described)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=(*FILE_SCOPE, *_SET_SCOPE),
        missing=facts.missing,
        releases=expected,
        to_upload=_to_upload(found, releases, listings),
        derivation=derive(ref, releases, job.policy),
        started=started,
    )
    manifest = Manifest(
        releases=expected,
        index=job.policy.index.name,
        url="" if job.policy.index.name else _read_at(job.policy.index),
        tag=_tag_of(ref, releases, job.policy),
        commit=ref.commit,
    )
    return Outcome(report, manifest if expected else None)


def _releases(found: FileSet, facts: Gathered) -> list[Release]:
    """One release for each project that the file names say."""
    files: dict[NormalizedName, list[Distribution]] = defaultdict(list)
    for distribution in found.whole.distributions:
        if distribution.name is not None:
            files[distribution.name.project].append(distribution)
            continue
        reason = f"{distribution.filename}: its name says no project and version"
        facts.lack_all((Release, TaggedRelease, *INDEX_SCOPE), reason, needed=True)
    metadata = {file.distribution.filename: file for file in found.described}
    return [
        Release(
            project,
            tuple(mine),
            tuple(metadata[f.filename] for f in mine if f.filename in metadata),
            found.whole.unread,
        )
        for project, mine in sorted(files.items())
    ]


def _add_destination(job: Job, facts: Gathered) -> None:
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


def _tag_of(ref: Ref, releases: Iterable[Release], policy: Policy) -> str:
    """The tag that is named, else the first that says the version of each release;
    empty where there is none: each of several projects may have one of its own.
    """
    if ref.tag is not None:
        return ref.tag
    said = [
        {
            reading.tag
            for reading in read_ref(ref, release.project, policy)
            if reading.version in release.versions
        }
        for release in releases
    ]
    return min(set[str].intersection(*said), default="") if said else ""


def _read_at(index: IndexPolicy) -> str:
    """Where an index without a name is read, as a manifest may hold it; empty where
    it does not follow from what was said.
    """
    try:
        return without_credentials(simple_url(index))
    except UsageError:
        return ""


# --- what comes of it ----------------------------------------------------------


def _to_upload(
    found: FileSet,
    releases: Iterable[Release],
    listings: Mapping[NormalizedName, Listing],
) -> tuple[str, ...] | None:
    """The files that the index does not list yet; None where it was not asked."""
    if any(release.project not in listings for release in releases):
        return None
    listed = {file.filename for page in listings.values() for file in page.files}
    names = (distribution.filename for distribution in found.whole.distributions)
    return tuple(name for name in names if name not in listed)
