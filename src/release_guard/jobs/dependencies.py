"""What the index lists of the projects that a release depends on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName

from release_guard.errors import SourceError, UsageError
from release_guard.facts import Dependency, Release
from release_guard.findings import Advance, some
from release_guard.jobs.common import Job, simple_url
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Origin
from release_guard.policy import DependencyCheck
from release_guard.requirements import wanted_of
from release_guard.sources.simple import read_listing

__all__ = ["add_dependencies"]

#: How many projects the index is asked for, and for how long, in seconds.
_MOST = {DependencyCheck.PINS: 40, DependencyCheck.ALL: 400}
_SECONDS = {DependencyCheck.PINS: 60.0, DependencyCheck.ALL: 300.0}


def add_dependencies(
    job: Job, releases: Sequence[Release], origin: Origin, facts: Gathered
) -> None:
    """Join each release with what the index lists of what it requires: of what it pins,
    or of all, as the policy says. Only what the policy asks for by name is needed.
    """
    check = job.policy.dependencies
    is_needed = check is DependencyCheck.ALL
    wanted = {release.project: _wanted(release, check) for release in releases}
    reason = _why_not(job, origin, wanted)
    if reason:
        facts.lack(Dependency, reason, needed=False)
        return
    versions = {release.project: release.versions for release in releases}
    projects = sorted({name for mine in wanted.values() for name in mine})
    deadline = job.clock.now() + _SECONDS[check]
    strangers: list[str] = []
    asked = projects[: _MOST[check]]
    for number, project in enumerate(asked, 1):
        job.progress(Advance("looking up requirement", project, number, len(asked)))
        left = deadline - job.clock.now()
        if left <= 0:
            reason = f"the time was up before {project} was looked up"
            facts.lack(Dependency, reason, needed=is_needed)
            break
        try:
            web = job.web.within(left)
            listing = read_listing(web, simple_url(job.policy.index), project)
        except (SourceError, UsageError) as error:
            facts.lack(Dependency, error.message, needed=is_needed, hint=error.hint)
            continue
        if not listing.known:
            strangers.append(project)
        facts.subjects += [
            Dependency(release, mine[project], listing, versions.get(project, ()))
            for release in releases
            if project in (mine := wanted[release.project])
        ]
    if strangers and is_needed and not job.policy.on_pypi:
        reason = (
            f"{len(strangers)} of the required projects are not on this index, and "
            f"may be on another one: {some(strangers)}"
        )
        facts.lack(Dependency, reason, needed=False)
    if len(projects) > _MOST[check]:
        reason = f"{len(projects)} projects are required; {_MOST[check]} were looked up"
        facts.lack(Dependency, reason, needed=is_needed)


def _why_not(job: Job, origin: Origin, wanted: Mapping[NormalizedName, object]) -> str:
    """Why the index is not asked, empty where it is."""
    if job.policy.dependencies is DependencyCheck.NONE:
        return "the policy says check-dependencies: none"
    if not any(wanted.values()):
        is_all = job.policy.dependencies is DependencyCheck.ALL
        return f"no dependency is {'left to an index' if is_all else 'pinned'}"
    if origin.rehearsal:
        return "a rehearsal asks no index"
    if origin.offline:
        return "--offline"
    if not job.policy.index.is_release:
        return "the index is not for releases: what they need may be elsewhere"
    return ""


def _wanted(
    release: Release, check: DependencyCheck
) -> dict[NormalizedName, tuple[str, ...]]:
    """The requirements of a release that are looked up, by project."""
    found: dict[NormalizedName, dict[str, None]] = defaultdict(dict)
    texts = {text for file in release.described for text in file.metadata.requires_dist}
    for text in sorted(texts):
        wanted = wanted_of(text)
        if wanted is None or wanted.url:
            continue
        if check is DependencyCheck.ALL or wanted.is_pin:
            found[wanted.name][text] = None
    return {name: tuple(texts) for name, texts in found.items()}
