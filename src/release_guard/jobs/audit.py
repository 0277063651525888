"""``audit``: does every version on the index come from a tag, and obey the policy?"""

from __future__ import annotations

from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.errors import RepositoryError, SourceError
from release_guard.facts import GitTag, History
from release_guard.filenames import by_version
from release_guard.findings import Report
from release_guard.jobs.common import Job, report_on, simple_url
from release_guard.sources import git
from release_guard.sources.simple import read_listing

__all__ = ["audit", "tags_of"]


def audit(job: Job, project: NormalizedName, tags: tuple[GitTag, ...]) -> Report:
    """Judge all that an index lists of a project against its tags.

    Raises ``SourceError`` where there is nothing to compare, on either side.
    """
    started = job.clock.now()
    if not tags:
        raise RepositoryError(
            "there are no tags to compare with",
            hint="check out with fetch-depth: 0, or give --tags FILE",
        )
    listing = read_listing(job.web, simple_url(job.policy.index), project)
    if not listing.known or not listing.files:
        what = "lists no file of it" if listing.known else "does not know it"
        raise SourceError(f"{listing.url}: the index {what}", hint="compare the name")
    return report_on(
        "audit",
        job,
        [History(project, listing, tags, by_version(listing))],
        scope=(History,),
        missing=(),
        started=started,
    )


def tags_of(job: Job, folder: Path) -> tuple[GitTag, ...]:
    """The tags of the checkout that a folder lies in."""
    repository = git.find_repository(folder, job.environ)
    if repository is None:
        raise RepositoryError(
            f"{folder}: there is no checkout", hint="give --tags FILE, or --repo DIR"
        )
    return git.tags(repository)
