"""``check --against``: right before the upload, are these the files that were checked,
and what of them does the index still lack?
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.comparison import unexpected
from release_guard.errors import EventError
from release_guard.facts import (
    AttestedDistribution,
    Destination,
    Distribution,
    DistributionSet,
    Listing,
    Missing,
    Publication,
    Recheck,
    RecheckedRun,
    Release,
    Trigger,
    WheelSet,
)
from release_guard.findings import Report
from release_guard.jobs.before import (
    INDEX_SCOPE,
    add_destination,
    add_uploads,
    to_upload,
)
from release_guard.jobs.common import Job, report_on, step_by_step
from release_guard.jobs.files import FileSet, attested, read_attestations
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Origin
from release_guard.manifest import Manifest
from release_guard.sources import dist
from release_guard.sources.ci import read_trigger

__all__ = ["check_against"]


def check_against(
    job: Job,
    paths: Sequence[Path],
    manifest: Manifest,
    origin: Origin,
    *,
    knows_index: bool = True,
) -> Report:
    """Are the files on disk still the ones that were checked, and checked for this run?
    The index is asked once more: a run that broke off may have uploaded some of them.

    Where the manifest's index is not known here, nothing says what may lead to it,
    where it takes uploads and what it lists.
    """
    started = job.clock.now()
    found = dist.find(paths)
    present: list[Distribution] = []
    unread = list(found.unread)
    for item in step_by_step(
        job.progress,
        "reading file",
        [path.name for path in found.distributions],
        dist.identify_all(found.distributions),
        lambda read: 0 if isinstance(read, dist.Unread) else read.size,
    ):
        if isinstance(item, dist.Unread):
            unread.append(item)
        else:
            present.append(item)
    facts = Gathered()
    releases, listings = _releases(present), {}
    if knows_index:
        # The publish job is where an uploader's variables stand.
        add_destination(job, facts)
        listings = add_uploads(job, releases, origin, facts)
    else:
        reason = "the manifest's index is not known here: check the policy out"
        scope = (Trigger, Destination, *INDEX_SCOPE)
        facts.lack_all(scope, reason, needed=False)
    _add_run(job, manifest, origin, facts, knows_index=knows_index)
    attestations = read_attestations(job, found, facts)
    whole = DistributionSet(tuple(present), found.sidecars)
    unknown = {item.path.name for item in unread}
    expected = tuple(f for f in manifest.files if f.filename not in unknown)
    files = FileSet(whole, (), attestations)
    facts.subjects += attested(job, files, facts, event=origin.event)
    # The matrix was judged with the metadata, which is not read again.
    again = (fact for fact in facts.subjects if not isinstance(fact, WheelSet))
    return report_on(
        "check",
        job,
        [
            Recheck(
                *(expected, tuple(present), found.unknown, found.sidecars),
                _strangers(manifest, listings),
            ),
            *again,
        ],
        scope=(
            *(Recheck, RecheckedRun, Trigger, AttestedDistribution, Destination),
            *INDEX_SCOPE,
        ),
        missing=[
            *(Missing(Recheck, u.reason, needed=True, hint=u.hint) for u in unread),
            *facts.missing,
        ],
        releases=manifest.releases,
        to_upload=to_upload(present, releases, listings) if knows_index else None,
        started=started,
    )


def _strangers(
    manifest: Manifest, listings: Mapping[NormalizedName, Listing]
) -> tuple[str, ...]:
    """The files of the manifest's versions that came to the index since it was made."""
    return tuple(
        listed.filename
        for release in manifest.releases
        if release.project in listings and release.before is not None
        for listed in unexpected(Publication(release, listings[release.project]))
    )


def _releases(present: Iterable[Distribution]) -> list[Release]:
    """One release for each project; a file without a valid name is not among those
    that were checked, and is told as such.
    """
    files: dict[NormalizedName, list[Distribution]] = defaultdict(list)
    for file in present:
        if file.name is not None:
            files[file.name.project].append(file)
    return [Release(project, tuple(mine), ()) for project, mine in files.items()]


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
