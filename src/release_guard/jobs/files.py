"""The files of a set: each read once, and a note of what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from release_guard.errors import SourceError
from release_guard.facts import (
    Archive,
    Attestation,
    AttestedDistribution,
    DescribedArchive,
    DescribedDistribution,
    Distribution,
    DistributionSet,
    EntryPointTargets,
    ImportedModules,
    Kind,
    NativeWheel,
    RenderedDescription,
    RenderingProblem,
    Sdist,
    SearchedDistribution,
    SidecarKind,
    Signers,
    Subject,
    VersionedModules,
    Wheel,
)
from release_guard.findings import Advance
from release_guard.jobs.common import Job, step_by_step
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.provenance import expected_signers
from release_guard.sources import dist
from release_guard.sources.attestation import Verify, read_attestation
from release_guard.sources.description import rendering_problem
from release_guard.sources.provenance import load_verifier
from release_guard.trees import top_in_source

__all__ = [
    "FILE_SCOPE",
    "FileSet",
    "attested",
    "read_all",
    "read_attestations",
    "read_files",
]

#: What is made of one file.
FILE_SCOPE: tuple[type[Subject], ...] = (
    Distribution,
    Archive,
    DescribedDistribution,
    DescribedArchive,
    RenderedDescription,
    Wheel,
    Sdist,
    VersionedModules,
    SearchedDistribution,
    NativeWheel,
    ImportedModules,
    EntryPointTargets,
)


@dataclass(frozen=True, slots=True)
class FileSet:
    """A set of files, whether read from disk or from parts; ``paths`` says where each
    lies, by its name, and is empty where the bytes are elsewhere.
    """

    whole: DistributionSet
    described: tuple[DescribedDistribution, ...]
    attestations: tuple[Attestation, ...] = ()
    paths: Mapping[str, Path] = field(default_factory=dict)


def read_files(job: Job, paths: Sequence[Path], facts: Gathered) -> FileSet:
    """Read every file once, and note what could not be read."""
    found = dist.find(paths)
    described: list[DescribedDistribution] = []
    distributions: list[Distribution] = []
    targets: list[EntryPointTargets] = []
    unread = list(found.unread)
    for contents in read_all(found.distributions, job.progress):
        if isinstance(contents, dist.Unread):
            unread.append(contents)
            continue
        distributions.append(contents.distribution)
        _add_contents(contents, facts, renders=job.policy.on_pypi)
        layout, metadata = contents.layout, contents.metadata
        if metadata is not None:
            described.append(
                DescribedDistribution(layout.distribution, metadata, layout.inventory)
            )
        if isinstance(layout, Wheel) and layout.archive.complete:
            requires = metadata.requires_dist if metadata else ()
            targets.append(
                EntryPointTargets(layout.distribution, layout.dangling, requires)
            )
    facts.subjects += described
    facts.subjects += (_beside_sdist(mine, described) for mine in targets)
    _render(job, described, facts)
    attestations = read_attestations(job, found, facts)
    kinds = {file.kind for file in distributions}
    for subject, kind in _KIND_OF.items():
        if kind not in kinds:
            facts.lack(subject, f"there is no {kind}", needed=False)
    for item in unread:
        _lack_file(facts, item)
    names = tuple(item.path.name for item in unread)
    whole = DistributionSet(tuple(distributions), found.sidecars, found.unknown, names)
    paths_by_name = {path.name: path for path in found.distributions}
    return FileSet(whole, tuple(described), attestations, paths_by_name)


#: What only files of one kind are.
_KIND_OF: Mapping[type[Subject], Kind] = {
    Wheel: Kind.WHEEL,
    Sdist: Kind.SDIST,
    NativeWheel: Kind.WHEEL,
    ImportedModules: Kind.WHEEL,
    EntryPointTargets: Kind.WHEEL,
}


def read_all(
    paths: Sequence[Path], progress: Callable[[Advance], None]
) -> Iterator[dist.Contents | dist.Unread]:
    """Each distribution, read on every core, with word of how far that is."""
    return step_by_step(
        progress,
        "reading file",
        [path.name for path in paths],
        dist.read_all(paths),
        lambda read: 0 if isinstance(read, dist.Unread) else read.distribution.size,
    )


def read_attestations(
    job: Job, found: dist.Found, facts: Gathered
) -> tuple[Attestation, ...]:
    """The attestations beside the files, verified where the libraries for it are
    installed, and a note of what could not be read.
    """
    attestations: list[Attestation] = []
    verify = _verify(job, facts) if found.attestations else None
    for sidecar, path in found.attestations:
        try:
            attestations.append(
                read_attestation(path, beside=sidecar.beside, verify=verify)
            )
        except SourceError as error:
            facts.lack(
                AttestedDistribution, error.message, needed=True, hint=error.hint
            )
    return tuple(attestations)


def _verify(job: Job, facts: Gathered) -> Verify | None:
    """What verifies attestations; None, and a note, where there is nothing."""
    try:
        return load_verifier().verify
    except SourceError as error:
        needed = job.policy.requires_provenance
        facts.lack(AttestedDistribution, error.message, needed=needed, hint=error.hint)
        return None


def _lack_file(facts: Gathered, unread: dist.Unread) -> None:
    """Note a file that could not be read: nothing about it was judged."""
    facts.lack_all(FILE_SCOPE, unread.reason, needed=True, hint=unread.hint)


def attested(
    job: Job,
    found: FileSet,
    facts: Gathered,
    *,
    event: str = "",
    rehearsal: bool = False,
) -> Iterator[AttestedDistribution]:
    """Each file with its attestations, mostly none, and who may have signed them;
    ``event`` is the path of a payload of GitHub's. A file whose attestations could not
    be read is noted already, and left out; so is one without any in a rehearsal: a
    pull request cannot sign.
    """
    signers = _signers(job, found, facts, event)
    names = {file.filename for file in found.whole.distributions}
    sidecars = (s for s in found.whole.sidecars if s.kind is SidecarKind.ATTESTATION)
    attested = names & {sidecar.beside for sidecar in sidecars}
    for file in found.whole.distributions:
        mine = tuple(a for a in found.attestations if a.beside == file.filename)
        if mine or not (rehearsal or file.filename in attested):
            others = len(attested - {file.filename})
            yield AttestedDistribution(file, mine, signers, others)
    if rehearsal:
        reason = "a rehearsal is not signed"
        facts.lack(AttestedDistribution, reason, needed=False)


def _signers(job: Job, found: FileSet, facts: Gathered, event: str) -> Signers | None:
    """Who may have signed the attestations, if there are any; a note of what is not
    known of them.
    """
    needed = job.policy.requires_provenance
    unread = [a for a in found.attestations if not a.problem and a.verified is None]
    if unread:
        reason = f"the signature of {unread[0].filename} was not verified"
        facts.lack(AttestedDistribution, reason, needed=needed)
    if not found.attestations:
        return None
    try:
        return expected_signers(job, event=event)
    except SourceError as error:
        facts.lack(AttestedDistribution, error.message, needed=needed, hint=error.hint)
        return None


def _add_contents(contents: dist.Contents, facts: Gathered, *, renders: bool) -> None:
    """Add what was read of one file, and note what was not; ``renders`` says whether
    the index renders descriptions.
    """
    file, archive, metadata = contents.distribution, contents.archive, contents.metadata
    facts.subjects += [file, archive]
    if isinstance(contents.layout, Wheel):
        _add_source(contents.layout, facts)
    if archive.complete:
        layout = contents.layout
        facts.subjects += [
            layout,
            SearchedDistribution(file, layout.credentials, layout.unsearched),
        ]
    else:
        reason = f"{file.filename}: its archive was not read to the end"
        facts.lack(type(contents.layout), reason, needed=True)
        facts.lack(SearchedDistribution, reason, needed=True)
        facts.lack(DescribedArchive, reason, needed=True)
        # Whether they agree is a warning, and no reason to decide nothing.
        facts.lack(VersionedModules, reason, needed=False)
    if metadata is None:
        reason = f"{file.filename}: its core metadata was not found"
        for subject in (DescribedDistribution, DescribedArchive):
            facts.lack(subject, reason, needed=True)
        facts.lack(RenderedDescription, reason, needed=renders)
        facts.lack(VersionedModules, reason, needed=False)
    elif archive.complete:
        said = contents.layout.static_versions
        facts.subjects += [
            DescribedArchive(archive, metadata),
            VersionedModules(file, metadata.version, said),
        ]


def _add_source(wheel: Wheel, facts: Gathered) -> None:
    """Add what the source of a wheel asks for, and note what could not be read of it:
    that is no reason to decide nothing.
    """
    file, is_whole = wheel.distribution, wheel.archive.complete
    if is_whole:
        facts.subjects.append(ImportedModules(file, wheel.unresolved_imports))
    unread = () if is_whole else ("its archive was not read to the end",)
    if is_whole and not wheel.has_more_binaries:
        native = NativeWheel(file, wheel.binaries, wheel.wheel_file)
        facts.subjects.append(native)
    else:
        reason = "holds more binaries than are read"
        reason = reason if is_whole else "its archive was not read to the end"
        facts.lack(NativeWheel, f"{file.filename}: {reason}", needed=True)
    for subject, reasons in (
        (ImportedModules, (*unread, *wheel.unread_imports)),
        (EntryPointTargets, (*unread, *wheel.unread_targets)),
    ):
        for reason in reasons:
            facts.lack(subject, f"{file.filename}: {reason}", needed=False)


def _beside_sdist(
    targets: EntryPointTargets, files: Iterable[DescribedDistribution]
) -> EntryPointTargets:
    """Where entry points lead, with what the project's sdist holds the source of."""
    name = targets.distribution.name
    sources = (
        path
        for file in files
        if targets.dangling and name and file.inventory
        if file.distribution.kind is Kind.SDIST
        if file.distribution.name and file.distribution.name.project == name.project
        for path in file.inventory.sources
    )
    return replace(targets, in_sdist=frozenset(map(top_in_source, sources)))


#: A release has one; each may take its time to render.
_MOST_DESCRIPTIONS = 10


def _render(
    job: Job, described: Iterable[DescribedDistribution], facts: Gathered
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
