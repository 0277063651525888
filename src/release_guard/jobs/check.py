"""``check``: may this set be uploaded, here, now?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.derivation import derive
from release_guard.errors import (
    ManifestError,
    NoDistributionsError,
    UsageError,
)
from release_guard.facts import (
    Attestation,
    AttestedDistribution,
    Dependency,
    DescribedDistribution,
    Destination,
    Distribution,
    DistributionSet,
    Ref,
    Release,
    SizedDistribution,
    SourcedCheckout,
    SourcedDistribution,
    Subject,
    TaggedRelease,
    WheelSet,
)
from release_guard.findings import Waived, some
from release_guard.jobs.before import (
    INDEX_SCOPE,
    add_destination,
    add_uploads,
    sized,
    to_upload,
)
from release_guard.jobs.common import (
    Job,
    Outcome,
    expected_releases,
    report_on,
    simple_url,
)
from release_guard.jobs.dependencies import add_dependencies
from release_guard.jobs.files import (
    FILE_SCOPE,
    FileSet,
    attested,
    read_files,
)
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import (
    ORIGIN_SCOPE,
    Origin,
    add_origin,
    find_place,
)
from release_guard.jobs.previous import PREVIOUS_SCOPE, add_previous
from release_guard.jobs.source_tree import SOURCE_SCOPE, add_sources
from release_guard.layouts import without_credentials
from release_guard.manifest import Manifest, Part, read_part
from release_guard.policy import IndexPolicy, Policy
from release_guard.rules import rule_named
from release_guard.rules.base import docs_url
from release_guard.sources.files import read_small
from release_guard.tags import read_ref

__all__ = ["check", "check_part", "join_parts"]

_SET_SCOPE: tuple[type[Subject], ...] = (
    DistributionSet,
    SizedDistribution,
    AttestedDistribution,
    Release,
    *ORIGIN_SCOPE,
    Destination,
    *INDEX_SCOPE,
    *PREVIOUS_SCOPE,
    Dependency,
    WheelSet,
)
_ELSEWHERE = "judged where the part was made"
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


def check_part(job: Job, paths: Sequence[Path], repo: Path | None = None) -> Outcome:
    """Judge the files of one build job, and leave the set to ``join_parts``.

    ``repo`` is the checkout they were built from, where it does not lie around them.
    """
    started = job.clock.now()
    facts = Gathered()
    found = read_files(job, paths, facts)
    add_sources(
        found.paths, find_place(job, Origin(repo=repo, paths=tuple(paths))), facts
    )
    facts.lack_all(_SET_SCOPE, "left to the join of the parts", needed=False)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=(*FILE_SCOPE, *SOURCE_SCOPE, *_SET_SCOPE),
        missing=facts.missing,
        releases=expected_releases(found.whole.distributions, {}),
        started=started,
    )
    whole = found.whole
    part = Part(
        found.described,
        job.policy.terms,
        {
            subject.distribution.filename: subject.commit
            for subject in facts.subjects
            if isinstance(subject, SourcedDistribution)
        },
        report.waived,
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
    facts.lack_all(_READ_ELSEWHERE, _ELSEWHERE, needed=False)
    outcome = _judge_set(job, found, origin, facts, started, parts=parts)
    report = outcome.report
    waived = {
        (item.finding.rule, item.finding.subject, item.finding.message): item
        for part in parts
        for item in part.waived
    }
    return replace(
        outcome, report=replace(report, waived=(*waived.values(), *report.waived))
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
    waived = tuple(_with_docs(item, path) for item in part.waived)
    return replace(part, waived=waived)


def _with_docs(item: Waived, path: Path) -> Waived:
    """What a part says was waived, with the page of its rule."""
    finding = item.finding
    if rule_named(finding.rule) is None:
        raise ManifestError(f"{path}: there is no rule {finding.rule!r:.80}")
    return replace(item, finding=replace(finding, docs=docs_url(finding.rule)))


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
    *,
    parts: Sequence[Part] = (),
) -> Outcome:
    """Build the subjects of the set, judge everything, make the manifest."""
    releases = _releases(found, facts)
    files = tuple(
        attested(job, found, facts, event=origin.event, rehearsal=origin.rehearsal)
    )
    facts.subjects += files
    ref, place = add_origin(job, releases, files, origin, facts)
    if parts:
        _add_compared(parts, ref.commit, facts)
    else:
        add_sources(found.paths, place, facts)
    if origin.rehearsal:
        facts.lack(Destination, "a rehearsal uploads to this machine", needed=False)
    else:
        add_destination(job, facts)
    listings = add_uploads(job, releases, origin, facts)
    facts.subjects += add_previous(job, releases, listings, origin, facts)
    add_dependencies(job, releases, origin, facts)
    facts.subjects += sized(found.whole.distributions, listings)
    expected = expected_releases(found.whole.distributions, listings, found.described)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=(*FILE_SCOPE, *SOURCE_SCOPE, *_SET_SCOPE),
        missing=facts.missing,
        releases=expected,
        to_upload=to_upload(found.whole.distributions, releases, listings),
        derivation=derive(ref, releases, job.policy),
        listings=listings,
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


def _add_compared(parts: Iterable[Part], commit: str, facts: Gathered) -> None:
    """Note what the parts say of the tree that their files were compared with. Another
    than that of the built commit says nothing of this release, and parts of different
    commits are no release at all.
    """
    facts.lack(SourcedCheckout, _ELSEWHERE, needed=False)
    compared = sorted({pair for part in parts for pair in part.compared.items()})
    commits = {told for _, told in compared} | ({commit.lower()} - {""})
    names = {file.label for part in parts for file in part.files}
    left_out = sorted(names - {name for name, _ in compared})
    if left_out:
        reason = f"not compared where the part was made: {some(left_out)}"
        facts.lack(SourcedDistribution, reason, needed=False)
    if len(commits) == 1 and compared:
        (only,) = commits
        by = "" if commit else f", by {only[:12]}: which commit was built is not known"
        facts.lack(SourcedDistribution, _ELSEWHERE + by, needed=False)
    for name, told in compared if len(commits) > 1 else ():
        if told != commit.lower():
            built = f"{commit[:12]} was built" if commit else "others with another"
            reason = f"{name}: compared with the commit {told[:12]}, and {built}"
            hint = "build and check all parts at one commit, that of the release"
            facts.lack(SourcedDistribution, reason, needed=True, hint=hint)


def _releases(found: FileSet, facts: Gathered) -> list[Release]:
    """One release for each project that the file names say."""
    files: dict[NormalizedName, list[Distribution]] = defaultdict(list)
    for distribution in found.whole.distributions:
        if distribution.name is not None:
            files[distribution.name.project].append(distribution)
            continue
        reason = f"{distribution.filename}: its name says no project and version"
        facts.lack_all(
            (Release, TaggedRelease, WheelSet, *INDEX_SCOPE), reason, needed=True
        )
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
