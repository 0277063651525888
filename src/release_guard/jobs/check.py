"""``check``: may this set be uploaded, here, now?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.errors import (
    EventError,
    ManifestError,
    NoDistributionsError,
    SourceError,
    UsageError,
)
from release_guard.facts import (
    AgedRelease,
    Archive,
    Attestation,
    AttestedDistribution,
    DescribedArchive,
    DescribedDistribution,
    Distribution,
    DistributionSet,
    Kind,
    Listing,
    Missing,
    ProjectSize,
    Recheck,
    Ref,
    Release,
    RenderedDescription,
    RenderingProblem,
    Sdist,
    SizedDistribution,
    Subject,
    TaggedRelease,
    Upload,
    Wheel,
)
from release_guard.jobs.common import (
    Job,
    Outcome,
    expected_releases,
    report_on,
    simple_url,
)
from release_guard.layouts import is_guess, without_credentials
from release_guard.manifest import Manifest, Part, read_part
from release_guard.policy import IndexPolicy
from release_guard.rulebook import CLOSES_AFTER, LARGEST_PROJECT
from release_guard.sources import ci, dist
from release_guard.sources.attestation import read_attestation
from release_guard.sources.description import rendering_problem
from release_guard.sources.files import read_small
from release_guard.sources.simple import read_listing

__all__ = ["Origin", "check", "check_against", "check_part", "join_parts"]

_FILE_SCOPE: tuple[type[Subject], ...] = (
    Distribution,
    Archive,
    DescribedDistribution,
    DescribedArchive,
    RenderedDescription,
    Wheel,
    Sdist,
)
#: What is made of the index's listing.
_INDEX_SCOPE: tuple[type[Subject], ...] = (Upload, AgedRelease, ProjectSize)
_SET_SCOPE: tuple[type[Subject], ...] = (
    DistributionSet,
    SizedDistribution,
    AttestedDistribution,
    Release,
    TaggedRelease,
    *_INDEX_SCOPE,
)
#: What a part was judged on, and holds no longer.
_READ_ELSEWHERE = tuple(scope for scope in _FILE_SCOPE if scope is not Distribution)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the release comes from, as far as the user says it; ``rehearsal`` is for a
    set that no tag leads to and no index is asked about.
    """

    tag: str = ""
    commit: str = ""
    event: str = ""
    offline: bool = False
    rehearsal: bool = False


@dataclass(slots=True)
class _Facts:
    """The facts as they are gathered."""

    subjects: list[Subject] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def lack(
        self, subject: type[Subject], reason: str, *, needed: bool, hint: str = ""
    ) -> None:
        """Note a subject that could not be built."""
        self.missing.append(Missing(subject, reason, needed, hint))

    def lack_file(self, unread: dist.Unread) -> None:
        """Note a file that could not be read: nothing about it was judged."""
        for subject in _FILE_SCOPE:
            self.lack(subject, unread.reason, needed=True, hint=unread.hint)


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of files, whether read from disk or from parts."""

    whole: DistributionSet
    described: tuple[DescribedDistribution, ...]
    attestations: tuple[Attestation, ...] = ()


def check(job: Job, paths: Sequence[Path], origin: Origin) -> Outcome:
    """Judge a set of distributions; on a pass the outcome holds the manifest.

    Raises ``NoDistributionsError`` where there is nothing to examine.
    """
    started = job.clock.now()
    facts = _Facts()
    found = _read_files(job, paths, facts)
    facts.subjects.append(found.whole)
    return _judge_set(job, found, origin, facts, started)


def check_part(job: Job, paths: Sequence[Path]) -> Outcome:
    """Judge the files of one build job, and leave the set to ``join_parts``."""
    started = job.clock.now()
    facts = _Facts()
    found = _read_files(job, paths, facts)
    for subject in _SET_SCOPE:
        facts.lack(subject, "left to the join of the parts", needed=False)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=(*_FILE_SCOPE, *_SET_SCOPE),
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
    facts = _Facts()
    found = _joined(parts)
    facts.subjects += found.whole.distributions
    facts.subjects.append(found.whole)
    for subject in _READ_ELSEWHERE:
        facts.lack(subject, "judged where the part was made", needed=False)
    return _judge_set(job, found, origin, facts, started)


def check_against(job: Job, paths: Sequence[Path], manifest: Manifest) -> Outcome:
    """Are the files on disk still the ones that were checked?"""
    started = job.clock.now()
    found = dist.find(paths)
    present: list[Distribution] = []
    unread = list(found.unread)
    for item in dist.identify_all(found.distributions):
        if isinstance(item, dist.Unread):
            unread.append(item)
        else:
            present.append(item)
    facts = _Facts()
    attestations = _read_attestations(found, facts)
    whole = DistributionSet(tuple(present))
    unknown = {item.path.name for item in unread}
    expected = tuple(f for f in manifest.files if f.filename not in unknown)
    report = report_on(
        "check",
        job,
        [
            Recheck(expected, tuple(present), found.unknown, found.sidecars),
            *_attested(_Set(whole, (), attestations)),
        ],
        scope=(Recheck, AttestedDistribution),
        missing=[
            *(Missing(Recheck, u.reason, needed=True, hint=u.hint) for u in unread),
            *facts.missing,
        ],
        releases=manifest.releases,
        started=started,
    )
    return Outcome(report)


# --- gathering -----------------------------------------------------------------


def _read_files(job: Job, paths: Sequence[Path], facts: _Facts) -> _Set:
    """Read every file once, and note what could not be read."""
    found = dist.find(paths)
    described: list[DescribedDistribution] = []
    distributions: list[Distribution] = []
    unread = list(found.unread)
    for contents in dist.read_all(found.distributions):
        if isinstance(contents, dist.Unread):
            unread.append(contents)
            continue
        distributions.append(contents.distribution)
        _add_contents(contents, facts, renders=job.policy.on_pypi)
        if contents.metadata is not None:
            file = DescribedDistribution(contents.distribution, contents.metadata)
            described.append(file)
    facts.subjects += described
    _render(job, described, facts)
    attestations = _read_attestations(found, facts)
    kinds = {file.kind for file in distributions}
    for kind, subject in ((Kind.WHEEL, Wheel), (Kind.SDIST, Sdist)):
        if kind not in kinds:
            facts.lack(subject, f"there is no {kind}", needed=False)
    for item in unread:
        facts.lack_file(item)
    names = tuple(item.path.name for item in unread)
    whole = DistributionSet(tuple(distributions), found.sidecars, found.unknown, names)
    return _Set(whole, tuple(described), attestations)


#: A release has one; each may take its time to render.
_MOST_DESCRIPTIONS = 10


def _read_attestations(found: dist.Found, facts: _Facts) -> tuple[Attestation, ...]:
    """The attestations beside the files, and a note of what could not be read."""
    attestations: list[Attestation] = []
    for sidecar, path in found.attestations:
        try:
            attestations.append(read_attestation(path, beside=sidecar.beside))
        except SourceError as error:
            facts.lack(
                AttestedDistribution, error.message, needed=True, hint=error.hint
            )
    return tuple(attestations)


def _attested(found: _Set) -> Iterator[AttestedDistribution]:
    """Each file with its attestations, mostly none."""
    for file in found.whole.distributions:
        mine = (a for a in found.attestations if a.beside == file.filename)
        yield AttestedDistribution(file, tuple(mine))


def _add_contents(contents: dist.Contents, facts: _Facts, *, renders: bool) -> None:
    """Add what was read of one file, and note what was not; ``renders`` says whether
    the index renders descriptions.
    """
    file, archive, metadata = contents.distribution, contents.archive, contents.metadata
    facts.subjects += [file, archive]
    if archive.complete:
        facts.subjects.append(contents.layout)
    else:
        reason = f"{file.filename}: its archive was not read to the end"
        facts.lack(type(contents.layout), reason, needed=True)
        facts.lack(DescribedArchive, reason, needed=True)
    if metadata is None:
        reason = f"{file.filename}: its core metadata was not found"
        for subject in (DescribedDistribution, DescribedArchive):
            facts.lack(subject, reason, needed=True)
        facts.lack(RenderedDescription, reason, needed=renders)
    elif archive.complete:
        facts.subjects.append(DescribedArchive(archive, metadata))


def _render(
    job: Job, described: Iterable[DescribedDistribution], facts: _Facts
) -> None:
    """Add each file's description as the index renders it, each text rendered once."""
    if not job.policy.on_pypi:
        facts.lack(RenderedDescription, "this index renders nothing", needed=False)
        return
    rendered: dict[tuple[str, str], RenderingProblem | None] = {}
    for file in described:
        metadata = file.metadata
        key = metadata.description, metadata.description_content_type
        try:
            if key not in rendered and len(rendered) >= _MOST_DESCRIPTIONS:
                raise SourceError(
                    f"there are more than {_MOST_DESCRIPTIONS} different descriptions",
                    hint="build all files from one commit",
                )
            if key not in rendered:
                rendered[key] = rendering_problem(*key)
        except SourceError as error:
            reason = f"{file.label}: {error.message}"
            facts.lack(RenderedDescription, reason, needed=True, hint=error.hint)
            continue
        subject = RenderedDescription(file.distribution, key[1], rendered[key])
        facts.subjects.append(subject)


def _part(job: Job, path: Path) -> Part:
    """A part that was judged on the terms of this policy."""
    part = read_part(read_small(path, ManifestError), where=str(path))
    if part.terms != job.policy.terms:
        raise ManifestError(
            f"{path}: was judged by another policy than this one",
            hint="check the parts and the join with one policy and one index",
        )
    return part


def _joined(parts: Iterable[Part]) -> _Set:
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
    return _Set(whole, described, tuple(attestations.values()))


def _judge_set(
    job: Job,
    found: _Set,
    origin: Origin,
    facts: _Facts,
    started: float,
) -> Outcome:
    """Build the subjects of the set, judge everything, make the manifest."""
    releases = _releases(found, facts)
    facts.subjects += releases
    ref = _tagged(job, releases, origin, facts)
    listings = _uploads(job, releases, origin, facts)
    facts.subjects += _sized(found.whole.distributions, listings)
    facts.subjects += _attested(found)
    expected = expected_releases(found.whole.distributions, listings)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=(*_FILE_SCOPE, *_SET_SCOPE),
        missing=facts.missing,
        releases=expected,
        to_upload=_to_upload(found, releases, listings),
        started=started,
    )
    manifest = Manifest(
        releases=expected,
        index=job.policy.index.name,
        url="" if job.policy.index.name else _read_at(job.policy.index),
        tag=ref.tag or "" if ref else "",
        commit=ref.commit if ref else "",
    )
    return Outcome(report, manifest if expected else None)


def _releases(found: _Set, facts: _Facts) -> list[Release]:
    """One release for each project that the file names say."""
    files: dict[NormalizedName, list[Distribution]] = defaultdict(list)
    for distribution in found.whole.distributions:
        if distribution.name is not None:
            files[distribution.name.project].append(distribution)
            continue
        for subject in (Release, TaggedRelease, *_INDEX_SCOPE):
            reason = f"{distribution.filename}: its name says no project and version"
            facts.lack(subject, reason, needed=True)
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


def _tagged(
    job: Job, releases: Iterable[Release], origin: Origin, facts: _Facts
) -> Ref | None:
    """Join the releases with the ref that leads to them."""
    required = job.policy.index.require_tag
    environ = {} if origin.rehearsal else job.environ
    try:
        ref = ci.read_ref(
            environ, tag=origin.tag, commit=origin.commit, event=origin.event
        )
    except EventError as error:
        facts.lack(TaggedRelease, error.message, needed=required, hint=error.hint)
        return None
    if ref is None:
        reason = "this is no CI run, and no --tag was given"
        if origin.rehearsal:
            reason = "a rehearsal follows no tag; --tag gives one"
        facts.lack(TaggedRelease, reason, needed=False)
        return None
    facts.subjects += [TaggedRelease(release, ref) for release in releases]
    return ref


def _uploads(
    job: Job, releases: Iterable[Release], origin: Origin, facts: _Facts
) -> dict[NormalizedName, Listing]:
    """Join the releases with what the index lists of their projects now."""
    if origin.offline or origin.rehearsal:
        reason = "a rehearsal asks no index" if origin.rehearsal else "--offline"
        for subject in _INDEX_SCOPE:
            facts.lack(subject, reason, needed=False)
        return {}
    listings: dict[NormalizedName, Listing] = {}
    for release in releases:
        try:
            listing = read_listing(
                job.web, simple_url(job.policy.index), release.project
            )
        except (SourceError, UsageError) as error:
            for subject in _INDEX_SCOPE:
                facts.lack(subject, error.message, needed=True, hint=error.hint)
            continue
        index = job.policy.index
        if not (listing.known or index.simple_url) and is_guess(index.repository_url):
            reason = f"{listing.url}: answers 404, and is only a guess at the index"
            hint = "give its Simple API root: --index-url"
            for subject in _INDEX_SCOPE:
                facts.lack(subject, reason, needed=True, hint=hint)
            continue
        listings[release.project] = listing
        facts.subjects.append(Upload(release, listing))
        _add_age_and_size(job, release, listing, facts)
    return listings


def _add_age_and_size(
    job: Job, release: Release, listing: Listing, facts: _Facts
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


def _sized(
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
    found: _Set,
    releases: Iterable[Release],
    listings: Mapping[NormalizedName, Listing],
) -> tuple[str, ...] | None:
    """The files that the index does not list yet; None where it was not asked."""
    if any(release.project not in listings for release in releases):
        return None
    listed = {file.filename for page in listings.values() for file in page.files}
    names = (distribution.filename for distribution in found.whole.distributions)
    return tuple(name for name in names if name not in listed)
