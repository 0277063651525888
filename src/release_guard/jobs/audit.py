"""``audit``: does every version on the index come from a tag, and obey the policy?

Each project is read and judged by itself, several at a time, and its listing is let go
before another one is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.errors import (
    IndexUnavailableError,
    RepositoryError,
    SourceError,
    UsageError,
)
from release_guard.facts import (
    QUARANTINED,
    AttestedHistory,
    DatedHistory,
    GitTag,
    History,
    Subject,
    TracedHistory,
)
from release_guard.filenames import by_version
from release_guard.findings import Audited, Report, Severity, WaiverUse, some
from release_guard.jobs.common import Job, rules_for, simple_url, step_by_step
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.traces import (
    SILENT,
    KeptRelease,
    Signatures,
    add_traces,
    signatures_of,
)
from release_guard.judge import Judgement, join, judge
from release_guard.sources import forge, git
from release_guard.sources.forge import ForgeRepository
from release_guard.sources.simple import read_listing
from release_guard.sources.tag_list import read_tag_list

__all__ = ["TagFile", "TagFolder", "TagPlace", "Target", "audit", "place_of", "targets"]

S = TypeVar("S")
T = TypeVar("T")

_SCOPE: tuple[type[Subject], ...] = (
    History,
    DatedHistory,
    AttestedHistory,
    TracedHistory,
)


# --- what is audited -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TagFile:
    """A file that lists tags."""

    path: Path

    def __str__(self) -> str:
        """As reports call it."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class TagFolder:
    """A checkout; the working folder may also lie in one."""

    path: Path

    def __str__(self) -> str:
        """As reports call it: a dot says nothing in the log of a CI run."""
        try:
            return str(self.path if self.path.parts else self.path.resolve())
        except OSError:
            return "the working folder"


TagPlace = TagFile | TagFolder | ForgeRepository


@dataclass(frozen=True, slots=True)
class Target:
    """A project, and where its tags are."""

    project: NormalizedName
    tags: TagPlace

    def __str__(self) -> str:
        """As the line of progress calls it."""
        return self.project


#: A word and a colon; the one letter of a drive is none.
_FORGE_LIKE = re.compile(r"[A-Za-z][\w+.-]+:")


def place_of(text: str, base: Path = Path()) -> TagPlace:
    """Where tags are, as it is written: a repository on a forge, a folder or a file,
    relative to ``base``. Raises ``UsageError`` for a forge that is not known.
    """
    if _FORGE_LIKE.match(text):
        return forge.repository_of(text)
    path = base / text
    try:
        return TagFolder(path) if path.is_dir() else TagFile(path)
    except OSError:
        # Whoever reads it tells why it cannot be read.
        return TagFile(path)


def targets(
    wanted: Iterable[tuple[NormalizedName, TagPlace | None]], common: TagPlace
) -> tuple[Target, ...]:
    """Each project once, in the order in which they came first, with its own tags or
    else the common ones. Raises ``UsageError`` where it has its own in two places.
    """
    own: dict[NormalizedName, TagPlace | None] = {}
    for project, place in wanted:
        known = own.setdefault(project, place)
        if known is not None and place not in (None, known):
            raise UsageError(
                f"{project} is to be audited twice, with tags from two places"
            )
        own[project] = known or place
    return tuple(Target(project, place or common) for project, place in own.items())


# --- the job -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Audit:
    """What is the same for each project."""

    job: Job
    index_url: str
    kept: Sequence[KeptRelease]
    signatures: Signatures | None


def audit(
    job: Job,
    wanted: Sequence[Target],
    *,
    kept: Sequence[KeptRelease] = (),
    provenance: bool = False,
    at_a_time: int = 1,
) -> Report:
    """Judge all that an index lists of each project against its tags.

    ``kept`` and, where it is asked for, the ``provenance`` on the index tell of which
    commits releases were built. A project that cannot be read does not stop the others;
    without it there is no pass.
    """
    started = job.clock.now()
    _refuse_foreign(kept, wanted)
    signatures = signatures_of(job) if provenance else None
    common = _Audit(job, simple_url(job.policy.index), kept, signatures)
    places = tuple(dict.fromkeys(target.tags for target in wanted))
    read = _several(
        job, "reading tags", places, partial(_tags_or_error, job), at_a_time
    )
    tags = dict(zip(places, read, strict=True))
    judged = _several(
        job, "auditing project", wanted, partial(_audited, common, tags), at_a_time
    )
    whole = join(
        [judgement for judgement, _ in judged],
        rules=rules_for(_SCOPE),
        policy=job.policy,
        today=job.today,
    )
    rows = tuple(row for _, row in judged)
    return Report(
        command="audit",
        index=job.policy.index.label,
        examined=tuple(row.project for row in rows if row.files),
        rules=len(whole.ran),
        ran=whole.ran,
        findings=whole.findings,
        waived=whole.waived,
        not_run=whole.not_run,
        audited=rows,
        policy=job.policy.where,
        strict=job.policy.strict,
        elapsed=job.clock.now() - started,
    )


def _refuse_foreign(kept: Sequence[KeptRelease], wanted: Sequence[Target]) -> None:
    """Manifests of other projects only were given by mistake."""
    theirs = {release.project for release in kept}
    if theirs and not theirs & {target.project for target in wanted}:
        raise UsageError(
            f"the manifests are of {some(sorted(theirs))}, which is not audited"
        )


def _several(
    job: Job, doing: str, items: Sequence[S], call: Callable[[S], T], at_a_time: int
) -> list[T]:
    """What a call gives for each item, in their order, by several threads."""
    pool = ThreadPoolExecutor(at_a_time)
    names = [str(item) for item in items]
    try:
        return list(step_by_step(job.progress, doing, names, pool.map(call, items)))
    finally:
        # Where one of them failed, or we are stopped, the others need not begin.
        pool.shutdown(wait=False, cancel_futures=True)


# --- one project ---------------------------------------------------------------


def _audited(
    common: _Audit,
    tags: Mapping[TagPlace, tuple[GitTag, ...] | SourceError],
    target: Target,
) -> tuple[Judgement, Audited]:
    """The judgement of one project, and its row in the table."""
    job, facts = common.job, Gathered()
    history = None
    try:
        history = _history(common, target, tags[target.tags])
    except SourceError as error:
        reason = f"{target.project}: {error.message}"
        facts.lack_all(_SCOPE, reason, needed=True, hint=error.hint or _hint(error))
    else:
        _add(history, common, facts)
    judgement = judge(
        facts.subjects,
        rules=[rule for rule in rules_for(_SCOPE) if rule.subject is not WaiverUse],
        policy=job.policy,
        missing=facts.missing,
        today=job.today,
    )
    return judgement, _row(target, history, judgement, strict=job.policy.strict)


def _hint(error: SourceError) -> str:
    """What to do about what says nothing itself."""
    is_passing = isinstance(error, IndexUnavailableError) and error.transient
    return "audit again later" if is_passing else ""


def _history(
    common: _Audit,
    target: Target,
    tags: tuple[GitTag, ...] | SourceError,
) -> History:
    """What the index lists and the tags; raises ``SourceError`` where there is nothing
    to compare, on either side.
    """
    if isinstance(tags, SourceError):
        raise tags
    if not tags:
        raise RepositoryError(
            f"{target.tags}: there are no tags to compare with",
            hint=_WITHOUT_TAGS
            if isinstance(target.tags, TagFolder)
            else "push or list the tags of the releases, or say where others are",
        )
    project = target.project
    listing = read_listing(common.job.web, common.index_url, project)
    if listing.status == QUARANTINED:
        raise SourceError(
            f"{listing.url}: the index has quarantined the project, and offers no file "
            "of it to anybody",
            hint="ask the index why: it does so with what it takes for malware",
        )
    if not listing.known or not listing.files:
        what = "lists no file of it" if listing.known else "does not know it"
        raise SourceError(
            f"{listing.url}: the index {what}",
            hint=f"is {project} its name there? Another index is named by --index or "
            "--index-url",
        )
    versions = by_version(listing)
    if not versions:
        raise SourceError(
            f"{listing.url}: no file of {len(listing.files)} tells a version of it"
        )
    _refuse_high(common.job.policy.baseline_of(project), versions)
    return History(project, listing, tags, versions, common.job.clock.utc())


_WITHOUT_TAGS = "check out with fetch-depth: 0, or give --tags FILE or --forge"


def _refuse_high(baseline: Version | None, versions: Collection[Version]) -> None:
    """Where no version reaches the baseline, everything would be old for ever."""
    if baseline is not None and max(versions) < baseline:
        raise SourceError(
            f"the baseline {baseline} is above all versions that the index lists, of "
            f"which {max(versions)} is the highest: nothing would be an alarm",
            hint="name in the policy the first version that you answer for; where it "
            "is of one of several projects, under projects",
        )


def _add(history: History, common: _Audit, facts: Gathered) -> None:
    """Add the history, and what of it the index tells more."""
    listing = history.listing
    facts.subjects.append(history)
    dated = [file.uploaded is not None for file in listing.files]
    if any(dated):
        facts.subjects.append(DatedHistory(history))
    if not all(dated):
        reason = "the index does not say when files were uploaded (PEP 700)"
        facts.lack(DatedHistory, reason, needed=False)
    attested = [file.provenance is not None for file in listing.files]
    if any(attested):
        facts.subjects.append(AttestedHistory(history))
    if not all(attested):
        needed = common.job.policy.requires_provenance
        facts.lack(AttestedHistory, SILENT, needed=needed)
    add_traces(history, common.kept, common.signatures, facts)


def _row(
    target: Target,
    history: History | None,
    judgement: Judgement,
    *,
    strict: bool,
) -> Audited:
    """The project as the table tells it; its verdict is that of a report of its own."""
    alone = Report(
        command="audit",
        index="",
        examined=(target.project,) if history else (),
        rules=len(judgement.ran),
        findings=judgement.findings,
        not_run=judgement.not_run,
        strict=strict,
    )
    number = Counter(finding.severity for finding in judgement.findings)
    return Audited(
        project=target.project,
        versions=len(history.by_version) if history else 0,
        files=len(history.listing.files) if history else 0,
        tags=len(history.tags) if history else 0,
        errors=number[Severity.ERROR],
        warnings=number[Severity.WARNING],
        notices=number[Severity.NOTICE],
        verdict=alone.verdict,
        tags_from=str(target.tags),
    )


# --- tags ----------------------------------------------------------------------


def _tags_or_error(job: Job, place: TagPlace) -> tuple[GitTag, ...] | SourceError:
    """The tags at a place, or why they cannot be read: others may be."""
    try:
        match place:
            case TagFile(path):
                return read_tag_list(path)
            case TagFolder(path):
                return _of_checkout(job, path, str(place))
            case ForgeRepository():
                return forge.read_tags(job.web, place, job.environ)
    except SourceError as error:
        return error


def _of_checkout(job: Job, folder: Path, shown: str) -> tuple[GitTag, ...]:
    """The tags of the checkout that a folder lies in; ``shown`` is how it is called."""
    try:
        is_there = folder.is_dir()
    except OSError as error:
        raise RepositoryError(f"{shown}: {error.strerror or error}") from None
    if not is_there:
        raise RepositoryError(f"{shown}: is no folder that is there")
    repository = git.find_repository(folder, job.environ)
    if repository is None:
        raise RepositoryError(
            f"{shown}: there is no checkout",
            hint="give --tags FILE, --repo DIR or --forge",
        )
    if not git.is_top(repository) and folder.resolve() != Path.cwd():
        # An empty submodule lies in another project's checkout.
        raise RepositoryError(
            f"{shown}: is no checkout of its own, and lies in another one",
            hint="give the top of a checkout; of projects, one stands on a line",
        )
    if git.is_shallow(repository):
        raise RepositoryError(
            f"{shown}: is a shallow clone, in which tags may be missing",
            hint=_WITHOUT_TAGS,
        )
    return git.dated_tags(repository)
